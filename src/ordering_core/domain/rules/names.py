"""The rules about the names of a port: readable, read aloud, and in signs that the carriers have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.policy import PortNames
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.porting import FIELD_NAMES, INVISIBLE, entry, read_field
from ordering_core.domain.rules.rule import Broken, Port, Rule, Words, named
from ordering_core.domain.text import full_width
from ordering_core.domain.vocabulary import Gender


def the_last_name_can_be_read(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look whether the last name could be read."""
    return read_field(facts, port.application.last_name, "/porting/last_name")


def the_first_name_can_be_read(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look whether the first name could be read."""
    return read_field(facts, port.application.first_name, "/porting/first_name")


def the_last_name_has_a_reading_in_katakana(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look whether the last name's reading could be read."""
    return read_field(facts, port.application.last_name_katakana, "/porting/last_name_katakana")


def the_first_name_has_a_reading_in_katakana(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look whether the first name's reading could be read."""
    return read_field(facts, port.application.first_name_katakana, "/porting/first_name_katakana")


def the_names_are_in_signs_that_carriers_have(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look for signs without a full-width form; a company is ported without a first name."""
    if facts.policy.mnp_names is PortNames.ANY:
        return None
    application = port.application
    names = {"last_name": application.last_name}
    if application.gender != Gender.CORPORATE:
        names["first_name"] = application.first_name
    return [
        Broken("mnp_name_not_writable", pointer, named(field, FIELD_NAMES))
        for field, name in names.items()
        if name is not None
        and (pointer := f"/porting/{field}") not in facts.misread
        and full_width(name) is None
    ]


_NAME: Final = {
    "name_characters": Words(
        "The name contains no letter.",
        "お名前に文字が含まれていません。",
        "Type it as it stands on the card.",
    ),
    "name_length": Words(
        "The name has {length} characters; {longest} fit.",
        "お名前が{length}文字です。{longest}文字以内で入力してください。",
        "Shorten it the way your present carrier writes it.",
    ),
    "text_invisible": INVISIBLE,
}
_KANA: Final = {
    "kana_characters": Words(
        "The katakana name contains something that is not katakana.",
        "フリガナはカタカナで入力してください。",
        "Write the reading in katakana: スミス.",
    ),
    "kana_length": Words(
        "The katakana name has {length} characters; {longest} fit.",
        "フリガナが{length}文字です。{longest}文字以内で入力してください。",
        "Shorten it the way your present carrier writes it.",
    ),
    "text_invisible": INVISIBLE,
}

RULES: Final[tuple[Rule[Port], ...]] = (
    entry(the_last_name_can_be_read, "The last name can be read.", _NAME),
    entry(the_first_name_can_be_read, "The first name can be read.", _NAME),
    entry(the_last_name_has_a_reading_in_katakana, "The last name has a reading in katakana.", _KANA),
    entry(the_first_name_has_a_reading_in_katakana, "The first name has a reading in katakana.", _KANA),
    entry(
        the_names_are_in_signs_that_carriers_have,
        "The names are written in signs that the carriers have.",
        {
            "mnp_name_not_writable": Words(
                "To bring the number along, {name} has a sign that Japanese carriers do not have, such as é.",
                "MNPの項目「{name_ja}」に、携帯電話会社で使えない文字（éなど）が含まれています。",
                "Type it exactly as your present carrier has it: in kanji, kana or plain letters.",
            ),
        },
        source="reference japan-telecom 2 (full-width names)",
    ),
)
