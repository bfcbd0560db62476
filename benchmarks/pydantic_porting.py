"""A number to bring along, written for pydantic: each rule a validator that reads one field."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import BaseModel, field_validator, model_validator

from benchmarks.pydantic_text import STRICT, Info, read, spelled, spellings
from ordering_core.domain.calendar import days_left_including
from ordering_core.domain.policy import MNP_VALIDITY_DAYS, PortNames
from ordering_core.domain.rules.porting import FIELD_NAMES
from ordering_core.domain.rules.rule import named
from ordering_core.domain.text import full_width
from ordering_core.domain.values import KatakanaName, MnpReservationNumber, MobileNumber, PersonName
from ordering_core.domain.vocabulary import Gender


ASKED_FOR: Final = (
    "reservation_number",
    "reservation_expires_on",
    "phone_number",
    "last_name",
    "first_name",
    "last_name_katakana",
    "first_name_katakana",
    "gender",
    "birth_date",
)

GENDERS: Final = spellings(Gender)
KNOWN_GENDERS: Final = frozenset(GENDERS.values())


class PortingModel(BaseModel):
    """A number to bring along."""

    model_config = STRICT

    reservation_number: str | None = None
    reservation_expires_on: date | None = None
    phone_number: str | None = None
    mvno_account_number: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    last_name_katakana: str | None = None
    first_name_katakana: str | None = None
    gender: str | None = None
    birth_date: date | None = None

    @field_validator("reservation_number")
    @classmethod
    def reservation_number_has_ten_digits(cls, value: str | None, info: Info) -> str | None:
        """Read it."""
        return read(value, MnpReservationNumber.parse, "/porting/reservation_number", info.context)

    @field_validator("reservation_expires_on")
    @classmethod
    def reservation_is_one_that_there_is(cls, value: date | None, info: Info) -> date | None:
        """Count the days left against those of a reservation made today."""
        left = 0 if value is None else days_left_including(value, info.context.today)
        if left > MNP_VALIDITY_DAYS:
            facts = {"days_left": left, "longest": MNP_VALIDITY_DAYS}
            info.context.add("mnp_reservation_too_long", "/porting/reservation_expires_on", facts)
        return value

    @field_validator("phone_number")
    @classmethod
    def phone_number_is_a_mobile_number(cls, value: str | None, info: Info) -> str | None:
        """Read it."""
        return read(value, MobileNumber.parse, "/porting/phone_number", info.context)

    @field_validator("last_name")
    @classmethod
    def last_name_can_be_read(cls, value: str | None, info: Info) -> str | None:
        """Read it."""
        return read(value, PersonName.parse, "/porting/last_name", info.context)

    @field_validator("first_name")
    @classmethod
    def first_name_can_be_read(cls, value: str | None, info: Info) -> str | None:
        """Read it."""
        return read(value, PersonName.parse, "/porting/first_name", info.context)

    @field_validator("last_name_katakana")
    @classmethod
    def last_name_has_a_reading(cls, value: str | None, info: Info) -> str | None:
        """Read it."""
        return read(value, KatakanaName.parse, "/porting/last_name_katakana", info.context)

    @field_validator("first_name_katakana")
    @classmethod
    def first_name_has_a_reading(cls, value: str | None, info: Info) -> str | None:
        """Read it."""
        return read(value, KatakanaName.parse, "/porting/first_name_katakana", info.context)

    @field_validator("gender")
    @classmethod
    def gender_is_known(cls, value: str | None, info: Info) -> str | None:
        """Compare it with the carriers' words."""
        gender = spelled(value, GENDERS)
        if gender is not None and gender not in KNOWN_GENDERS:
            info.context.add("mnp_gender_unknown", "/porting/gender")
        return gender

    @field_validator("birth_date")
    @classmethod
    def birth_date_is_not_in_the_future(cls, value: date | None, info: Info) -> date | None:
        """Compare it with today."""
        if value is not None and value > info.context.today:
            info.context.add("mnp_birth_date_in_future", "/porting/birth_date")
        return value

    @model_validator(mode="after")
    def nothing_is_missing(self, info: Info) -> PortingModel:
        """Find what the carriers ask for and was not given."""
        for field in ASKED_FOR:
            if getattr(self, field) is None:
                info.context.add("mnp_field_missing", f"/porting/{field}", named(field, FIELD_NAMES))
        return self

    @model_validator(mode="after")
    def names_are_in_signs_that_carriers_have(self, info: Info) -> PortingModel:
        """Look for signs without a full-width form; a company is ported without a first name."""
        if info.context.policy.mnp_names is PortNames.ANY:
            return self
        misread = {violation.pointer for violation in info.context.violations}
        for field in ("last_name",) if self.gender == Gender.CORPORATE else ("last_name", "first_name"):
            name, pointer = getattr(self, field), f"/porting/{field}"
            if name is not None and pointer not in misread and full_width(name) is None:
                info.context.add("mnp_name_not_writable", pointer, named(field, FIELD_NAMES))
        return self
