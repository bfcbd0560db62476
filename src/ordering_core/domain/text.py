"""
Typed text brought to one way of writing it, before any rule looks at it (DESIGN 4, Configurations).

People type the same number with full-width digits, with spaces, with any of a dozen dashes; the same reading
in hiragana or in half-width katakana. What can be understood without guessing is rewritten and echoed; what
cannot is refused with the way out. Every function is idempotent: reading its answer again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


class InvalidValue(ValueError):
    """
    A typed value that cannot be read, and what would make it readable.

    *code* is stable and public. *message* and *remedy* are sentences for people and never repeat the value,
    which is often personal data. *facts* are lengths and names of fields, nothing else.
    """

    def __init__(
        self, code: str, message: str, remedy: str, facts: Mapping[str, int | str] | None = None
    ) -> None:
        """Keep the four as attributes; all positional, so that the error survives pickling."""
        self.code: str = code
        self.message: str = message
        self.remedy: str = remedy
        self.facts: Mapping[str, int | str] = dict(facts or {})
        super().__init__(code, message, remedy, self.facts)

    def __str__(self) -> str:
        """Say what is wrong and the way out."""
        return f"{self.message} {self.remedy}"


_PROLONGED_SOUND: Final = "\u30fc"
_KANA_DOT: Final = "\u30fb"

# NFKC knows only two of these (U+FF0D, U+FF70); keyboards and web pages produce all of them.
_DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe63\uff0d\uff70"
_DOTS: Final = "\u00b7\u2022\u2027\uff65"

_FULL_WIDTH_ASCII: Final = range(0xFF01, 0xFF5F)
_TO_COMPACT: Final[Mapping[int, str | None]] = MappingProxyType(
    {point: chr(point - 0xFEE0) for point in _FULL_WIDTH_ASCII}
    | dict.fromkeys(map(ord, _DASHES + _PROLONGED_SOUND))
)

_TO_FULL_WIDTH: Final[Mapping[int, str]] = MappingProxyType(
    {point - 0xFEE0: chr(point) for point in _FULL_WIDTH_ASCII} | {0x20: "\u3000"}
)
_FULL: Final = "FW"
_AMBIGUOUS: Final = "A"
"""Widths of Unicode; a sign of ambiguous width is full-width where Japan's own code has it (α, not é)."""

_JAPANS_CODE: Final = "cp932"

_HALF_WIDTH_KANA: Final = range(0xFF66, 0xFFA0)
_HIRAGANA: Final = range(0x3041, 0x3097)
_TO_KATAKANA: Final[Mapping[int, str]] = MappingProxyType(
    {
        point: unicodedata.normalize("NFKC", chr(point))
        for point in _HALF_WIDTH_KANA
        if chr(point) not in _DASHES
    }
    | {point: chr(point + 0x60) for point in _HIRAGANA}
    | {ord(dot): _KANA_DOT for dot in _DOTS}
    | {0x309B: "\u3099", 0x309C: "\u309a"}  # voiced marks typed as characters of their own
)

_DASH_AFTER_KANA: Final = re.compile(rf"(?<=[\u30A1-\u30FA\u30FC])[{_DASHES}]")
_KATAKANA: Final = re.compile(r"[\u30A1-\u30FA\u30FB\u30FC]+(?: [\u30A1-\u30FA\u30FB\u30FC]+)*")
_KATAKANA_LETTER: Final = re.compile(r"[\u30A1-\u30FA]")

# Control, format, surrogate and private-use characters: nobody sees them, no other record has them.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co"})


def compact(raw: str) -> str:
    """Return *raw* with full-width ASCII narrowed, and every space and dash taken out."""
    if raw.isascii() and raw.isalnum():
        return raw  # as most are typed: there is nothing to take out
    return "".join(raw.translate(_TO_COMPACT).split())


def require_digits(text: str, *lengths: int, code: str, noun: str) -> None:
    """
    Refuse *text* unless it is 0 to 9 throughout and as long as one of *lengths* (none given: any).

    *code* begins the code of the error and *noun* names the value in its message.

    Raises:
        InvalidValue: ``{code}_characters``, also for other scripts' digits, which ``int`` and ``isdigit`` let
            through; ``{code}_length``.

    """
    if text and not (text.isascii() and text.isdigit()):
        strange_digits = any(character.isdigit() and not character.isascii() for character in text)
        what = "digits of another script" if strange_digits else "characters that are not digits"
        raise InvalidValue(
            f"{code}_characters",
            f"The {noun} contains {what}.",
            "Type it with the digits 0 to 9; spaces and hyphens are taken out.",
        )
    if lengths and len(text) not in lengths:
        expected = " or ".join(map(str, lengths))
        raise InvalidValue(
            f"{code}_length",
            f"The {noun} has {len(text)} digits instead of {expected}.",
            "Type every digit, without adding any.",
            {"length": len(text), "expected": expected},
        )


def normalise_digits(raw: str, *, code: str = "number", noun: str = "number") -> str:
    """
    Return the digits of *raw* as 0 to 9: full-width ones narrowed, spaces and dashes taken out; "" stays "".

    Raises:
        InvalidValue: ``{code}_characters``, for anything else (see `require_digits`).

    """
    text = compact(raw)
    require_digits(text, code=code, noun=noun)
    return text


def normalise_spaces(raw: str) -> str:
    """
    Return *raw* trimmed, each run of spaces, tabs and line ends as one space.

    Raises:
        InvalidValue: ``text_invisible``, for characters that cannot be seen (reference japan-telecom 8).

    """
    text = " ".join(raw.split())
    # asking for each category is slow, and what is printable is none of these
    if not text.isprintable() and any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise InvalidValue(
            "text_invisible",
            "The text contains characters that cannot be seen.",
            "Type it by hand instead of pasting it.",
        )
    return text


def normalise_name(raw: str) -> str:
    """
    Return *raw* with its spaces collapsed and its characters composed (NFC).

    Not NFKC: that would rewrite what stands on a card or in an address (full-width letters, roman numerals).

    Raises:
        InvalidValue: ``text_invisible``, as `normalise_spaces`.

    """
    return unicodedata.normalize("NFC", raw if raw.isalpha() else normalise_spaces(raw))


def full_width(text: str) -> str | None:
    """
    Return *text* with every sign full-width, None when one of them has no such form, as in `Ngô`.

    The donor carrier compares character by character, so nothing is guessed (reference japan-telecom 2, 8).
    """
    written = unicodedata.normalize("NFC", text).translate(_TO_FULL_WIDTH)
    return written if all(map(_is_full_width, written)) else None


def _is_full_width(sign: str) -> bool:
    width = unicodedata.east_asian_width(sign)
    # A sign that the code lacks is replaced by nothing, and one byte long is half-width.
    return width in _FULL or (width == _AMBIGUOUS and len(sign.encode(_JAPANS_CODE, "ignore")) > 1)


def normalise_kana(raw: str) -> str:
    """
    Return a reading in full-width katakana, its words separated by one space.

    Half-width katakana and hiragana are converted, voiced marks composed, a dash after kana becomes the
    long-vowel mark and any raised dot the one between names. Small kana stay small: some carriers tell them
    apart. Compatibility signs that NFKC would expand into several kana are refused: nobody's name has them.

    Raises:
        InvalidValue: ``kana_missing``, ``kana_characters``, or ``text_invisible`` as `normalise_spaces`.

    """
    if _is_reading(raw):
        return raw
    text = unicodedata.normalize("NFC", normalise_spaces(raw).translate(_TO_KATAKANA))
    text = _DASH_AFTER_KANA.sub(_PROLONGED_SOUND, text)
    remedy = "Write the reading of the name in katakana, for example \u30b9\u30df\u30b9."
    if not text:
        raise InvalidValue("kana_missing", "The katakana name is empty.", remedy)
    if not _is_reading(text):
        raise InvalidValue(
            "kana_characters", "The katakana name contains something that is not katakana.", remedy
        )
    return text


def _is_reading(text: str) -> bool:
    """Whether *text* is words of full-width katakana, one space between them, and not marks alone."""
    return bool(_KATAKANA.fullmatch(text) and _KATAKANA_LETTER.search(text))
