"""The rules about bringing a phone number along (MNP; DESIGN 3.9, 3.24; reference japan-telecom 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import (
    EVERY_GATE,
    SIM,
    Broken,
    Port,
    Rule,
    Words,
    named,
    rule,
    unreadable,
)
from ordering_core.domain.text import InvalidValue, normalise_spaces
from ordering_core.domain.vocabulary import Gender


LONGEST_MVNO_ACCOUNT_NUMBER: Final = 50
"""What fits into its field of an order in Salesforce."""

FIELD_NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "reservation_number": ("the reservation number", "予約番号"),
        "reservation_expires_on": ("the last day of the reservation", "予約番号の有効期限"),
        "phone_number": ("the phone number", "電話番号"),
        "last_name": ("the last name", "姓"),
        "first_name": ("the first name", "名"),
        "last_name_katakana": ("the last name in katakana", "姓（カタカナ）"),
        "first_name_katakana": ("the first name in katakana", "名（カタカナ）"),
        "gender": ("the gender", "性別"),
        "birth_date": ("the birth date", "生年月日"),
    }
)
"""What the carriers ask for, each by its field, and what people call it in English and Japanese."""

_GENDERS: Final = frozenset(gender.value for gender in Gender)


def a_porting_application_is_complete(_facts: RuleFacts, port: Port) -> Sequence[Broken]:
    """Find each missing field; the MVNO account number is not asked for by any carrier."""
    application = port.application
    given = (
        application.reservation_number,
        application.reservation_expires_on,
        application.phone_number,
        application.last_name,
        application.first_name,
        application.last_name_katakana,
        application.first_name_katakana,
        application.gender,
        application.birth_date,
    )
    if None not in given:
        return ()
    return [
        Broken("mnp_field_missing", f"/porting/{field}", named(field, FIELD_NAMES))
        for field, value in zip(FIELD_NAMES, given, strict=True)
        if value is None
    ]


def read_field(facts: RuleFacts, value: str | None, pointer: str) -> Sequence[Broken] | None:
    """Find what kept a text from being read; a missing one is another rule's finding."""
    if value is None:
        return None
    error = facts.misread.get(pointer)
    return () if error is None else (unreadable(error, pointer),)


def a_reservation_number_has_ten_digits(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look whether the reservation number could be read."""
    return read_field(facts, port.application.reservation_number, "/porting/reservation_number")


def a_number_to_port_is_a_mobile_number(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look whether the phone number could be read."""
    return read_field(facts, port.application.phone_number, "/porting/phone_number")


def an_mvno_account_number_can_be_kept(_facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Look whether the account number is text that fits; its form is the present carrier's affair."""
    pointer, value = "/porting/mvno_account_number", port.application.mvno_account_number
    if value is None:
        return None
    try:
        normalise_spaces(value)
    except InvalidValue as error:
        return (unreadable(error, pointer),)
    if len(value) > LONGEST_MVNO_ACCOUNT_NUMBER:
        facts = {"length": len(value), "longest": LONGEST_MVNO_ACCOUNT_NUMBER}
        return (Broken("mvno_account_number_length", pointer, facts),)
    return ()


def the_gender_is_one_the_carriers_know(_facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Compare the gender with those of the donor's records."""
    if port.application.gender is None:
        return None
    return () if port.application.gender in _GENDERS else (Broken("mnp_gender_unknown", "/porting/gender"),)


def the_birth_date_is_not_in_the_future(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Compare the birth date with today in Japan."""
    born = port.application.birth_date
    if born is None:
        return None
    return () if born <= facts.today else (Broken("mnp_birth_date_in_future", "/porting/birth_date"),)


def entry(
    check: Callable[[RuleFacts, Port], Sequence[Broken] | None],
    sentence: str,
    words: Mapping[str, Words],
    source: str = "DESIGN 4 Rules (MNP complete); reference japan-telecom 2",
) -> Rule[Port]:
    """Enter a rule that holds at every gate, for SIM orders that bring a number."""
    return rule(check, sentence, order_types=SIM, gates=EVERY_GATE, source=source, words=words)


INVISIBLE: Final = Words(
    "The text contains characters that cannot be seen.",
    "目に見えない文字が含まれています。",
    "Type it by hand instead of pasting it.",
)
RULES: Final[tuple[Rule[Port], ...]] = (
    entry(
        a_porting_application_is_complete,
        "A number is brought along with everything that the carriers ask for.",
        {
            "mnp_field_missing": Words(
                "To bring the number along, {name} is missing.",
                "MNPの項目「{name_ja}」が入力されていません。",
                "Fill it in exactly as your present carrier has it.",
            ),
        },
        source="seed SIM Configuration 5; DESIGN 3.9, 4 Configurations",
    ),
    entry(
        a_reservation_number_has_ten_digits,
        "An MNP reservation number has ten digits.",
        {
            "reservation_number_characters": Words(
                "The MNP reservation number contains characters that are not the digits 0 to 9.",
                "MNP予約番号に0〜9以外の文字が含まれています。",
                "Type it with the digits 0 to 9; spaces and hyphens are taken out.",
            ),
            "reservation_number_length": Words(
                "The MNP reservation number has {length} digits instead of {expected}.",
                "MNP予約番号が{length}桁です。{expected}桁で入力してください。",
                "Type every digit, without adding any.",
            ),
        },
    ),
    entry(
        a_number_to_port_is_a_mobile_number,
        "A number to bring along is a Japanese mobile number.",
        {
            "mobile_number_characters": Words(
                "The phone number contains characters that are not the digits 0 to 9.",
                "電話番号に0〜9以外の文字が含まれています。",
                "Type it with the digits 0 to 9; spaces and hyphens are taken out.",
            ),
            "mobile_number_length": Words(
                "The phone number has {length} digits instead of {expected}.",
                "電話番号が{length}桁です。{expected}桁で入力してください。",
                "Type every digit, without adding any.",
            ),
            "mobile_number_kind": Words(
                "The phone number is not a Japanese mobile number.",
                "日本の携帯電話番号ではありません。",
                "Type a number that begins with 060, 070, 080 or 090 and no zero after that.",
            ),
        },
    ),
    entry(
        the_gender_is_one_the_carriers_know,
        "The gender is one that the carriers' records know.",
        {
            "mnp_gender_unknown": Words(
                "The gender is none that carriers register.",
                "性別が正しくありません。",
                "Choose Male, Female or Corporate/Other.",
            ),
        },
    ),
    entry(
        an_mvno_account_number_can_be_kept,
        "An account number at the present carrier can be kept.",
        {
            "mvno_account_number_length": Words(
                "The account number at the present carrier has {length} characters; {longest} fit.",
                "現在の携帯電話会社のアカウント番号が{length}文字です。{longest}文字以内で入力してください。",
                "Type it as your present carrier writes it, or leave it empty.",
            ),
            "text_invisible": INVISIBLE,
        },
        source="seed SIM Configuration 5; Salesforce, Order.MVNO_Account_Number__c",
    ),
    entry(
        the_birth_date_is_not_in_the_future,
        "The birth date is not in the future.",
        {
            "mnp_birth_date_in_future": Words(
                "The birth date is in the future.", "生年月日が未来の日付です。", "Check the year."
            ),
        },
    ),
)
