"""Cuts a query into words, texts, numbers, dates and signs."""

from __future__ import annotations

import re

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import attrs

from ordering_sandbox.salesforce.soql.refusals import malformed, unexpected


class TokenKind(StrEnum):
    """What a token is."""

    WORD = "word"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    SIGN = "sign"
    END = "end"


@attrs.frozen
class Token:
    """One token; *text* as written, but of texts what they say."""

    kind: TokenKind
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of *words*, which are in capitals."""
        return self.kind is TokenKind.WORD and self.text.upper() in words

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of *signs*."""
        return self.kind is TokenKind.SIGN and self.text in signs


_PATTERN: Final = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),:])"
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_HEX: Final = 4
LITERAL_UNDERSCORE: Final = "\ue000"
"""Stands in a token for \\_, which only LIKE has."""
LITERAL_PERCENT: Final = "\ue001"
"""Stands in a token for \\%, which only LIKE has."""


def tokens(query: str) -> Iterator[Token]:
    """
    Yield the tokens of *query*, then one of kind END.

    Raises:
        Refusal: MALFORMED_QUERY, at a sign or an escape that SOQL does not have.

    """
    at = 0
    while at < len(query):
        if query[at] == "'":
            said, end = _text(query, at)
            yield Token(TokenKind.TEXT, said, at)
            at = end
            continue
        found = _PATTERN.match(query, at)
        if found is None:
            raise unexpected(query[at], query, at)
        if found.lastgroup != "space":
            yield Token(TokenKind(str(found.lastgroup)), found.group(), at)
        at = found.end()
    yield Token(TokenKind.END, "", len(query))


def _text(query: str, start: int) -> tuple[str, int]:
    """Return what the text beginning at *start* says, and where it ends."""
    said: list[str] = []
    at = start + 1
    while at < len(query):
        sign = query[at]
        if sign == "'":
            return "".join(said), at + 1
        if sign != "\\":
            said.append(sign)
            at += 1
            continue
        escaped = query[at + 1 : at + 2]
        if escaped == "u":
            said.append(_unicode(query, at))
            at += 2 + _HEX
            continue
        if escaped in ("_", "%"):
            said.append(LITERAL_UNDERSCORE if escaped == "_" else LITERAL_PERCENT)
        elif escaped in _ESCAPES and escaped:
            said.append(_ESCAPES[escaped])
        else:
            raise malformed(f"Illegal escape sequence: \\{escaped}", query, at)
        at += 2
    raise malformed("unexpected token: <EOF>", query, len(query))


def _unicode(query: str, at: int) -> str:
    digits = query[at + 2 : at + 2 + _HEX]
    if not re.fullmatch(r"[0-9A-Fa-f]{4}", digits):
        raise malformed(f"Illegal escape sequence: \\u{digits}", query, at)
    return chr(int(digits, 16))
