"""
The rules about a SIM order at the gate of the configuration, written for pydantic: each rule a validator.

pydantic goes no further than the first layer that fails, so that rules across fields are never reached while
a field is wrong. To report everything, as ours do, the validators write into a list that travels in the
context. Typed text is read by the same functions as ours, and findings have the same codes and places.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Self

from pydantic import field_validator, model_validator

from benchmarks.pydantic_items import ItemsModel
from benchmarks.pydantic_porting import PortingModel
from benchmarks.pydantic_text import Info, read, spelled, spellings
from ordering_core.domain.calendar import days_left_including
from ordering_core.domain.values import Eid
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import (
    ActivationType,
    ItemClass,
    PlanKind,
    ProductOption,
    SimType,
)


SIM_TYPES: Final = spellings(SimType)
KNOWN_SIM_TYPES: Final = frozenset(SIM_TYPES.values())
ACTIVATION_TYPES: Final = spellings(ActivationType)
KNOWN_ACTIVATION_TYPES: Final = frozenset(ACTIVATION_TYPES.values())
VOICE_OPTIONS: Final = frozenset({ProductOption.VOICE_MAIL, ProductOption.CALL_WAITING})


class SimModel(ItemsModel):
    """A SIM order; the order of its validators is that of the rule book."""

    sim_type: str | None = None
    eid: str | None = None
    activation_type: str | None = None
    scheduled_on: date | None = None
    voice_mail: bool = False
    call_waiting: bool = False
    porting: PortingModel | None = None

    @field_validator("sim_type")
    @classmethod
    def sim_type_has_one_spelling(cls, value: str | None) -> str | None:
        """Spell it as the catalogue does."""
        return spelled(value, SIM_TYPES)

    @field_validator("eid")
    @classmethod
    def empty_eid_is_none(cls, value: str | None) -> str | None:
        """Take an empty field for an absent one."""
        return value if value and value.strip() else None

    @field_validator("activation_type")
    @classmethod
    def activation_type_has_one_spelling(cls, value: str | None) -> str | None:
        """Spell it as the catalogue does."""
        return spelled(value, ACTIVATION_TYPES)

    @model_validator(mode="after")
    def sim_type_is_chosen(self, info: Info) -> Self:
        """Ask for eSIM or Physical SIM."""
        if self.sim_type is None:
            info.context.add("sim_type_missing", "/sim_type")
        elif self.sim_type not in KNOWN_SIM_TYPES:
            info.context.add("sim_type_unknown", "/sim_type")
        return self

    @model_validator(mode="after")
    def esim_has_an_eid(self, info: Info) -> Self:
        """Read the EID."""
        if self.sim_type != SimType.ESIM.value:
            return self
        self.eid = read(self.eid, Eid.parse, "/eid", info.context)
        if self.eid is None:
            info.context.add("eid_missing", "/eid")
        return self

    @model_validator(mode="after")
    def physical_sim_has_none(self, info: Info) -> Self:
        """Refuse an EID that would be ignored."""
        if self.sim_type == SimType.PHYSICAL.value and self.eid is not None:
            info.context.add("eid_not_wanted", "/eid")
        return self

    @model_validator(mode="after")
    def voice_needs_a_voice_plan(self, info: Info) -> Self:
        """Find what a data plan cannot carry."""
        if self.plan is None or self.plan.plan_kind is PlanKind.DATA_AND_VOICE:
            return self
        for place in self.places(lambda line: line.option in VOICE_OPTIONS):
            info.context.add("voice_plan_needed", f"/skus/{place}", {"plan": self.plan.name})
        chosen = {"voice_mail": self.voice_mail, "call_waiting": self.call_waiting, "porting": self.porting}
        for field, wanted in chosen.items():
            if wanted:
                info.context.add("voice_plan_needed", f"/{field}", {"plan": self.plan.name})
        return self

    @model_validator(mode="after")
    def there_is_one_activation(self, info: Info) -> Self:
        """Count the activation fees."""
        places = self.places(lambda line: line.item_class is ItemClass.ACTIVATION)
        if not places:
            info.context.add("activation_item_missing", "/skus")
        for place in places[1:]:
            info.context.add("activation_item_twice", f"/skus/{place}", {"found": len(places)})
        return self

    @model_validator(mode="after")
    def activation_is_chosen(self, info: Info) -> Self:
        """Ask for Immediate or Scheduled."""
        if self.activation_type is None:
            info.context.add("activation_type_missing", "/activation_type")
        elif self.activation_type not in KNOWN_ACTIVATION_TYPES:
            info.context.add("activation_type_unknown", "/activation_type")
        return self

    @model_validator(mode="after")
    def scheduled_has_a_date(self, info: Info) -> Self:
        """Ask for a date exactly when the activation is scheduled."""
        if self.activation_type == ActivationType.SCHEDULED.value and self.scheduled_on is None:
            info.context.add("scheduled_date_missing", "/scheduled_on")
        if self.activation_type == ActivationType.IMMEDIATE.value and self.scheduled_on is not None:
            info.context.add("scheduled_date_not_wanted", "/scheduled_on")
        return self

    @model_validator(mode="after")
    def date_is_within_reach(self, info: Info) -> Self:
        """Compare the date with tomorrow and the last day that can be scheduled."""
        if self.scheduled_on is None:
            return self
        today, reach = info.context.today, info.context.policy.sim_schedule_days
        days = (self.scheduled_on - today).days
        if days < 1:
            earliest = (today + timedelta(days=1)).isoformat()
            info.context.add("scheduled_date_too_early", "/scheduled_on", {"earliest": earliest})
        if days > reach:
            latest = (today + timedelta(days=reach)).isoformat()
            info.context.add("scheduled_date_too_late", "/scheduled_on", {"latest": latest})
        return self

    @model_validator(mode="after")
    def voice_mail_has_its_item(self, info: Info) -> Self:
        """Tie the flag to its item."""
        self._tie(ProductOption.VOICE_MAIL, chosen=self.voice_mail, info=info)
        return self

    @model_validator(mode="after")
    def call_waiting_has_its_item(self, info: Info) -> Self:
        """Tie the flag to its item."""
        self._tie(ProductOption.CALL_WAITING, chosen=self.call_waiting, info=info)
        return self

    @model_validator(mode="after")
    def reservation_lasts(self, info: Info) -> Self:
        """Count the days left."""
        if self.porting is None or self.porting.reservation_expires_on is None:
            return self
        minimum = info.context.policy.mnp_minimum_days(Gate.CONFIGURE, self._kind())
        left = days_left_including(self.porting.reservation_expires_on, info.context.today)
        if left < minimum:
            facts = {"days_left": max(left, 0), "minimum": minimum}
            info.context.add("mnp_too_short", "/porting/reservation_expires_on", facts)
        return self

    @model_validator(mode="after")
    def reservation_lasts_on_the_day(self, info: Info) -> Self:
        """Count the days left on the day of activation."""
        if self.porting is None or self.porting.reservation_expires_on is None or self.scheduled_on is None:
            return self
        minimum = info.context.policy.mnp_minimum_days(Gate.PROVISION, self._kind())
        left = days_left_including(self.porting.reservation_expires_on, self.scheduled_on)
        if left < minimum:
            facts = {"days_left": max(left, 0), "minimum": minimum}
            info.context.add("mnp_too_short_on_scheduled_day", "/scheduled_on", facts)
        return self

    def _kind(self) -> SimType:
        """Return whether a card has to be shipped."""
        return SimType.PHYSICAL if self.sim_type == SimType.PHYSICAL.value else SimType.ESIM

    def _tie(self, option: ProductOption, *, chosen: bool, info: Info) -> None:
        """Compare a flag with its items."""
        places = self.places(lambda line: line.option is option)
        names = {"option": option.value}
        if chosen and not places:
            info.context.add(f"{option.value}_item_missing", f"/{option.value}", names)
        for place in places[1:] if chosen else ():
            info.context.add(f"{option.value}_item_twice", f"/skus/{place}", {"found": len(places), **names})
        if places and not chosen:
            info.context.add(
                f"{option.value}_not_chosen", f"/{option.value}", {"item": places[0] + 1, **names}
            )
