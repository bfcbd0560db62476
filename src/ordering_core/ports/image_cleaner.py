"""Making an uploaded image safe to keep."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

import attrs

from ordering_core.domain.representation import shown


@attrs.frozen
class CleanImage:
    """An image that may be kept, and what it is."""

    content: bytes = attrs.field(repr=False)
    media_type: str

    __repr__ = shown


class ImageCleaner(Protocol):
    """Checks what a customer uploaded and returns what may be kept."""

    @abstractmethod
    def clean(self, content: bytes, /) -> CleanImage:
        """
        Return the image to keep; the upload's file name and claimed type are never believed.

        Raises:
            InvalidFile: It is empty, too large, or no image of an accepted kind.

        """
        ...
