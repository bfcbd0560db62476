"""What is wrong with a request before any rule has seen it: its form, not its business."""

from __future__ import annotations

from collections.abc import Sequence

import attrs


@attrs.frozen(kw_only=True)
class FieldError:
    """
    One thing wrong in a request, spelt as a violation of a rule is.

    *pointer* is a JSON pointer (RFC 6901) into the request. Neither *message* nor *remedy* repeats what was
    sent.
    """

    code: str
    pointer: str
    message: str
    remedy: str


class WireError(ValueError):
    """A request has the wrong form; *errors* holds everything that is wrong with it, not only the first."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        """Keep *errors* in the order of the request."""
        super().__init__(tuple(errors))
        self.errors: tuple[FieldError, ...] = tuple(errors)

    def __str__(self) -> str:
        """Name the codes; pointers may contain what was sent."""
        return "wrong form: " + ", ".join(error.code for error in self.errors)


class MalformedJson(ValueError):
    """A text is not JSON at all; *detail* says what is wrong with it, without repeating any of it."""

    def __init__(self, detail: str) -> None:
        """Keep the sentence."""
        super().__init__(detail)
        self.detail = detail
