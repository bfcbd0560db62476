"""Reading the bodies of requests: one kind each, of bounded size, and all of it before anything is done."""

from __future__ import annotations

from typing import Final

from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException

from ordering_core.domain.drafts import AddressDraft, Draft
from ordering_entrypoints.http.auth import ApiRequest
from ordering_entrypoints.wire import (
    FieldError,
    WireError,
    parse_json,
    structure_address,
    structure_draft,
    structure_reason,
)
from ordering_entrypoints.wire.completions import CompletionReport, structure_completions


JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"

DOCUMENT_PART: Final = "file"
"""The part of an upload that holds the image."""


class UnsupportedMediaType(Exception):
    """The body is of another kind than *wanted*."""

    def __init__(self, wanted: str) -> None:
        """Remember what was wanted."""
        super().__init__(wanted)
        self.wanted = wanted


def draft(request: ApiRequest, raw: bytes) -> Draft:
    """Return the draft that the body spells."""
    return structure_draft(_json(request, raw))


def address(request: ApiRequest, raw: bytes) -> AddressDraft:
    """Return the address that the body spells."""
    return structure_address(_json(request, raw))


def completions(
    request: ApiRequest, raw: bytes
) -> tuple[tuple[CompletionReport, ...], tuple[FieldError, ...]]:
    """Return the completions that the body lists, and what is wrong with others in it."""
    return structure_completions(_json(request, raw))


def reason(request: ApiRequest, raw: bytes) -> str:
    """Return the reason that the body gives."""
    return structure_reason(_json(request, raw))


async def document(request: ApiRequest) -> bytes:
    """Provide the one file that a form carries."""
    await request.body()  # before the form: all of it counts for an idempotency key
    _require(request, MULTIPART)
    try:
        form = await request.form()
    except (ClientException, LookupError, UnicodeDecodeError):
        raise WireError([_not_one_file("")]) from None
    parts = list(form.multi_items())
    unknown = sorted({name for name, _ in parts if name != DOCUMENT_PART})
    if unknown:
        raise WireError(
            [
                FieldError(
                    code="field_unknown",
                    pointer=f"/{name}",
                    message="There is no such part.",
                    remedy="Leave it out.",
                )
                for name in unknown
            ]
        )
    files = [value for _, value in parts if isinstance(value, UploadFile)]
    if len(files) != 1 or len(parts) != 1:
        raise WireError([_not_one_file(f"/{DOCUMENT_PART}")])
    return await files[0].read()


def _json(request: ApiRequest, raw: bytes) -> object:
    _require(request, JSON)
    return parse_json(raw)


def _require(request: ApiRequest, media_type: str) -> None:
    if request.content_type[0] != media_type:
        raise UnsupportedMediaType(media_type)


def _not_one_file(pointer: str) -> FieldError:
    return FieldError(
        code="file_expected",
        pointer=pointer,
        message="This is not a form with one file.",
        remedy=f"Send one file as the part {DOCUMENT_PART} of multipart/form-data.",
    )
