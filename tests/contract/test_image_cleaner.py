"""The image cleaner in memory keeps its contract."""

import pytest

from ordering_adapters.memory.image_cleaner import LARGEST, MemoryImageCleaner
from ordering_core.testing.contracts.image_cleaner import ImageCleanerContract


class TestMemoryImageCleaner(ImageCleanerContract):
    @pytest.fixture
    def cleaner(self) -> MemoryImageCleaner:
        return MemoryImageCleaner()

    @property
    def images(self) -> dict[str, bytes]:
        return {
            "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100),
            "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100),
            "image/heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100),
        }

    @property
    def largest(self) -> int:
        return LARGEST
