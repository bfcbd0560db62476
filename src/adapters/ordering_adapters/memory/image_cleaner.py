"""
A check of uploaded images by size and by their first bytes, keeping them as they are.

It proves that a file begins as a JPEG, PNG or HEIC does, not that it is one, and it leaves in the file what a
camera wrote into it. Cleaning for real takes a library for images and is another adapter of the port.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ordering_core.errors import InvalidFile
from ordering_core.ports.image_cleaner import CleanImage, ImageCleaner


LARGEST: Final = 10_000_000
"""Bytes of the largest image that is kept; a photo of a card by a telephone has 2 to 5 million."""

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff")


def _is_png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n")


def _is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS


_KINDS: Final[tuple[tuple[str, Callable[[bytes], bool]], ...]] = (
    ("image/jpeg", _is_jpeg),
    ("image/png", _is_png),
    ("image/heic", _is_heic),
)


class MemoryImageCleaner(ImageCleaner):
    """Lets JPEG, PNG and HEIC of at most *largest* bytes pass."""

    def __init__(self, *, largest: int = LARGEST) -> None:
        self._largest = largest

    def clean(self, content: bytes, /) -> CleanImage:
        if not content:
            raise InvalidFile("FILE_EMPTY", "the file is empty; please choose the photo again")
        if len(content) > self._largest:
            raise InvalidFile(
                "FILE_TOO_LARGE",
                f"the file has {len(content):,} bytes and {self._largest:,} are allowed; "
                "please send a smaller photo",
            )
        for media_type, begins in _KINDS:
            if begins(content):
                return CleanImage(content, media_type)
        raise InvalidFile(
            "FILE_NOT_AN_IMAGE", "the file is no JPEG, PNG or HEIC image; please send a photo of the card"
        )
