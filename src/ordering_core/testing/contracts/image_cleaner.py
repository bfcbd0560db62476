"""Uploaded images: kept under what they are, or refused with a way out."""

from __future__ import annotations

import abc

import pytest

from ordering_core.errors import InvalidFile
from ordering_core.ports.image_cleaner import ImageCleaner


class ImageCleanerContract(abc.ABC):
    """Uploaded images."""

    @pytest.fixture
    @abc.abstractmethod
    def cleaner(self) -> ImageCleaner:
        """Return the cleaner under test."""

    @property
    @abc.abstractmethod
    def images(self) -> dict[str, bytes]:
        """Small images that are accepted, by the media type under which they are kept."""

    @property
    @abc.abstractmethod
    def largest(self) -> int:
        """The number of bytes above which nothing is accepted."""

    def test_accepted_images_are_kept_under_what_they_are(self, cleaner: ImageCleaner) -> None:
        assert self.images
        for media_type, content in self.images.items():
            clean = cleaner.clean(content)
            assert clean.media_type == media_type
            assert clean.content

    def test_cleaning_what_is_clean_keeps_its_kind(self, cleaner: ImageCleaner) -> None:
        for content in self.images.values():
            once = cleaner.clean(content)
            assert cleaner.clean(once.content).media_type == once.media_type

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xff",
            b"residence card",
            b"GIF89a" + bytes(100),
            b"%PDF-1.7\n",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"PK\x03\x04" + bytes(100),
            b"\x00" * 100,
            b"\x00\x00\x00\x18ftypmp42" + bytes(100),
        ],
        ids=["empty", "one byte", "text", "gif", "pdf", "svg", "zip", "zeros", "video"],
    )
    def test_anything_else_is_refused_with_a_code_and_a_way_out(
        self, cleaner: ImageCleaner, content: bytes
    ) -> None:
        with pytest.raises(InvalidFile) as refused:
            cleaner.clean(content)
        assert refused.value.code
        assert refused.value.remedy

    def test_what_is_too_large_is_refused_however_it_begins(self, cleaner: ImageCleaner) -> None:
        for content in self.images.values():
            with pytest.raises(InvalidFile) as refused:
                cleaner.clean(content + bytes(self.largest + 1 - len(content)))
            assert refused.value.code
            assert refused.value.remedy

    def test_empty_too_large_and_no_image_are_told_apart(self, cleaner: ImageCleaner) -> None:
        codes: set[str] = set()
        for content in (b"", b"residence card", bytes(self.largest + 1)):
            with pytest.raises(InvalidFile) as refused:
                cleaner.clean(content)
            codes.add(refused.value.code)
        assert len(codes) == 3
