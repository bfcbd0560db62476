"""
The rules about a SIM order at the gate of the configuration, written for pydantic: each rule a validator.

pydantic goes no further than the first layer that fails, so that rules across fields are never reached while
a field is wrong. To report everything, as ours do, the validators write into a list that travels in the
context. Typed text is read by the same functions as ours, and findings have the same codes and places.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from pydantic import BaseModel, PrivateAttr, field_validator, model_validator

from benchmarks.pydantic_porting import PortingModel
from benchmarks.pydantic_text import STRICT, Info, read, spelled, spellings
from ordering_core.domain.calendar import days_left_including
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.values import Eid
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import (
    ActivationType,
    ItemClass,
    OrderType,
    PlanKind,
    ProductOption,
    SimType,
)


SIM_TYPES: Final = spellings(SimType)
KNOWN_SIM_TYPES: Final = frozenset(SIM_TYPES.values())
ACTIVATION_TYPES: Final = spellings(ActivationType)
KNOWN_ACTIVATION_TYPES: Final = frozenset(ACTIVATION_TYPES.values())
VOICE_OPTIONS: Final = frozenset({ProductOption.VOICE_MAIL, ProductOption.CALL_WAITING})


class SimModel(BaseModel):
    """A SIM order; the order of its validators is that of the rule book."""

    model_config = STRICT

    type: str
    skus: tuple[str, ...] = ()
    sim_type: str | None = None
    eid: str | None = None
    activation_type: str | None = None
    scheduled_on: date | None = None
    voice_mail: bool = False
    call_waiting: bool = False
    porting: PortingModel | None = None

    _lines: tuple[Product | None, ...] = PrivateAttr(default=())
    _plan: Product | None = PrivateAttr(default=None)

    @field_validator("skus")
    @classmethod
    def skus_have_no_spaces_around_them(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Strip them."""
        return tuple([sku.strip() for sku in value])

    @field_validator("sim_type")
    @classmethod
    def sim_type_has_one_spelling(cls, value: str | None) -> str | None:
        """Spell it as the catalogue does."""
        return spelled(value, SIM_TYPES)

    @field_validator("activation_type")
    @classmethod
    def activation_type_has_one_spelling(cls, value: str | None) -> str | None:
        """Spell it as the catalogue does."""
        return spelled(value, ACTIVATION_TYPES)

    @model_validator(mode="after")
    def look_up_the_items(self, info: Info) -> SimModel:
        """Find the product of each SKU, and the plan among them."""
        self._lines = tuple([info.context.products.get(Sku(sku)) for sku in self.skus])
        plans = {
            line.sku: line
            for line in self._lines
            if line and line.item_class is ItemClass.SERVICE and line.order_type is OrderType.SIM
        }
        self._plan = next(iter(plans.values())) if len(plans) == 1 else None
        return self

    @model_validator(mode="after")
    def items_are_in_the_catalogue(self, info: Info) -> SimModel:
        """Find unknown SKUs."""
        for place, line in enumerate(self._lines):
            if line is None:
                info.context.add("sku_unknown", f"/skus/{place}", {"item": place + 1})
        return self

    @model_validator(mode="after")
    def items_are_for_sale(self, info: Info) -> SimModel:
        """Find retired products."""
        for place, line in enumerate(self._lines):
            if line and not line.active:
                facts = {"sku": line.sku, "name": line.name}
                info.context.add("sku_inactive", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def items_belong_to_a_sim(self, info: Info) -> SimModel:
        """Find products of another order type."""
        for place, line in enumerate(self._lines):
            if line and line.order_type is not OrderType.SIM:
                facts = {"sku": line.sku, "type": line.order_type.value, "wanted": OrderType.SIM.value}
                info.context.add("sku_of_another_type", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def prices_are_those_that_were_shown(self, info: Info) -> SimModel:
        """Find products that cost another amount than was shown."""
        shown = info.context.prices
        for place, line in enumerate(self._lines):
            if line and line.sku in shown and shown[line.sku] != line.price:
                facts = {"sku": line.sku, "shown": str(shown[line.sku]), "now": str(line.price)}
                info.context.add("price_changed", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def nothing_is_there_twice(self, info: Info) -> SimModel:
        """Find repeated SKUs."""
        first: dict[str, int] = {}
        for place, sku in enumerate(self.skus):
            if first.setdefault(sku, place) != place:
                facts = {"item": place + 1, "first": first[sku] + 1}
                info.context.add("sku_twice", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def there_is_one_plan(self, info: Info) -> SimModel:
        """Count the plans."""
        places = self._places(
            lambda line: line.item_class is ItemClass.SERVICE and line.order_type is OrderType.SIM
        )
        if not places:
            info.context.add("main_service_missing", "/skus", {"type": OrderType.SIM.value})
        for place in places[1:]:
            info.context.add("main_service_twice", f"/skus/{place}", {"found": len(places)})
        return self

    @model_validator(mode="after")
    def bundles_are_complete(self, info: Info) -> SimModel:
        """Look for what comes with the plan."""
        if self._plan:
            for sku in sorted(self._plan.bundles.difference(map(Sku, self.skus))):
                product = info.context.products.get(sku)
                facts = {"sku": sku, "name": product.name if product else sku}
                info.context.add("bundle_missing", "/skus", facts)
        return self

    @model_validator(mode="after")
    def items_fit_the_plan(self, info: Info) -> SimModel:
        """Find items made for another kind of plan."""
        if self._plan is None:
            return self
        for place, line in enumerate(self._lines):
            if line is None or line.item_class is ItemClass.SERVICE:
                continue
            facts = {"sku": line.sku, "name": line.name, "plan": self._plan.name}
            if line.offerings and self._plan.offerings and line.offerings.isdisjoint(self._plan.offerings):
                info.context.add("item_of_another_offering", f"/skus/{place}", facts)
            if line.tier and line.tier is not self._plan.tier:
                info.context.add("item_of_another_tier", f"/skus/{place}", facts)
            if line.region and line.region is not self._plan.region:
                info.context.add("item_of_another_region", f"/skus/{place}", facts)
            if line.plan_kind and line.plan_kind is not self._plan.plan_kind:
                info.context.add("item_of_another_plan_kind", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def sim_type_is_chosen(self, info: Info) -> SimModel:
        """Ask for eSIM or Physical SIM."""
        if self.sim_type is None:
            info.context.add("sim_type_missing", "/sim_type")
        elif self.sim_type not in KNOWN_SIM_TYPES:
            info.context.add("sim_type_unknown", "/sim_type")
        return self

    @model_validator(mode="after")
    def esim_has_an_eid(self, info: Info) -> SimModel:
        """Read the EID."""
        if self.sim_type != SimType.ESIM.value:
            return self
        self.eid = read(self.eid, Eid.parse, "/eid", info.context)
        if self.eid is None:
            info.context.add("eid_missing", "/eid")
        return self

    @model_validator(mode="after")
    def physical_sim_has_none(self, info: Info) -> SimModel:
        """Refuse an EID that would be ignored."""
        if self.sim_type == SimType.PHYSICAL.value and self.eid is not None:
            info.context.add("eid_not_wanted", "/eid")
        return self

    @model_validator(mode="after")
    def voice_needs_a_voice_plan(self, info: Info) -> SimModel:
        """Find what a data plan cannot carry."""
        if self._plan is None or self._plan.plan_kind is PlanKind.DATA_AND_VOICE:
            return self
        for place in self._places(lambda line: line.option in VOICE_OPTIONS):
            info.context.add("voice_plan_needed", f"/skus/{place}", {"plan": self._plan.name})
        chosen = {"voice_mail": self.voice_mail, "call_waiting": self.call_waiting, "porting": self.porting}
        for field, wanted in chosen.items():
            if wanted:
                info.context.add("voice_plan_needed", f"/{field}", {"plan": self._plan.name})
        return self

    @model_validator(mode="after")
    def there_is_one_activation(self, info: Info) -> SimModel:
        """Count the activation fees."""
        places = self._places(lambda line: line.item_class is ItemClass.ACTIVATION)
        if not places:
            info.context.add("activation_item_missing", "/skus")
        for place in places[1:]:
            info.context.add("activation_item_twice", f"/skus/{place}", {"found": len(places)})
        return self

    @model_validator(mode="after")
    def activation_is_chosen(self, info: Info) -> SimModel:
        """Ask for Immediate or Scheduled."""
        if self.activation_type is None:
            info.context.add("activation_type_missing", "/activation_type")
        elif self.activation_type not in KNOWN_ACTIVATION_TYPES:
            info.context.add("activation_type_unknown", "/activation_type")
        return self

    @model_validator(mode="after")
    def scheduled_has_a_date(self, info: Info) -> SimModel:
        """Ask for a date exactly when the activation is scheduled."""
        if self.activation_type == ActivationType.SCHEDULED.value and self.scheduled_on is None:
            info.context.add("scheduled_date_missing", "/scheduled_on")
        if self.activation_type == ActivationType.IMMEDIATE.value and self.scheduled_on is not None:
            info.context.add("scheduled_date_not_wanted", "/scheduled_on")
        return self

    @model_validator(mode="after")
    def date_is_within_reach(self, info: Info) -> SimModel:
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
    def voice_mail_has_its_item(self, info: Info) -> SimModel:
        """Tie the flag to its item."""
        self._tie(ProductOption.VOICE_MAIL, chosen=self.voice_mail, info=info)
        return self

    @model_validator(mode="after")
    def call_waiting_has_its_item(self, info: Info) -> SimModel:
        """Tie the flag to its item."""
        self._tie(ProductOption.CALL_WAITING, chosen=self.call_waiting, info=info)
        return self

    @model_validator(mode="after")
    def reservation_lasts(self, info: Info) -> SimModel:
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
    def reservation_lasts_on_the_day(self, info: Info) -> SimModel:
        """Count the days left on the day of activation."""
        if self.porting is None or self.porting.reservation_expires_on is None or self.scheduled_on is None:
            return self
        minimum = info.context.policy.mnp_minimum_days(Gate.PROVISION, self._kind())
        left = days_left_including(self.porting.reservation_expires_on, self.scheduled_on)
        if left < minimum:
            facts = {"days_left": max(left, 0), "minimum": minimum}
            info.context.add("mnp_too_short_on_scheduled_day", "/scheduled_on", facts)
        return self

    def _places(self, wanted: Callable[[Product], bool]) -> list[int]:
        """Return the places of the items that are *wanted*."""
        return [place for place, line in enumerate(self._lines) if line and wanted(line)]

    def _kind(self) -> SimType:
        """Return whether a card has to be shipped."""
        return SimType.PHYSICAL if self.sim_type == SimType.PHYSICAL.value else SimType.ESIM

    def _tie(self, option: ProductOption, *, chosen: bool, info: Info) -> None:
        """Compare a flag with its items."""
        places = self._places(lambda line: line.option is option)
        names = {"option": option.value}
        if chosen and not places:
            info.context.add(f"{option.value}_item_missing", f"/{option.value}", names)
        for place in places[1:] if chosen else ():
            info.context.add(f"{option.value}_item_twice", f"/skus/{place}", {"found": len(places), **names})
        if places and not chosen:
            info.context.add(
                f"{option.value}_not_chosen", f"/{option.value}", {"item": places[0] + 1, **names}
            )
