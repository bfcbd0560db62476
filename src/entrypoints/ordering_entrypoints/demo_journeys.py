"""
The four orders of the demo, each as a story: what its customer does over HTTP, what an agent does by hand.

A story is a generator. What it yields is how long nothing happens in it; other stories go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from ordering_core.domain.calendar import business_date, start_of_day
from ordering_core.domain.identifiers import AccountId, ClientId, OrderId
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.vocabulary import ActivationStatusText, Offering
from ordering_core.ports.cases import CaseKind
from ordering_core.ports.clock import Clock
from ordering_entrypoints.demo_agent import DemoAgent
from ordering_entrypoints.demo_client import Shopper


CUSTOMER: Final = "customer"
AGENT: Final = "agent"
CARRIER: Final = "carrier"

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
LONGEST_WAIT: Final = timedelta(days=3)
"""How long a story waits for its order to become Active after the last thing that anybody had to do."""

Story: TypeAlias = Iterator[timedelta]
"""How long to let pass before the story goes on."""


@attrs.frozen(kw_only=True)
class Scene:
    """Who plays in one story, and where it is told: *tell* takes who does what, *follow* the new order."""

    shopper: Shopper
    agent: DemoAgent
    account: AccountId
    client: ClientId
    clock: Clock
    tell: Callable[[str, str], None]
    follow: Callable[[OrderId], None]

    @property
    def today(self) -> date:
        """The day in Japan."""
        return business_date(self.clock.now())


Draft: TypeAlias = Mapping[str, object]
"""A draft as the API takes it."""


def internet(scene: Scene) -> Story:
    """A house: is it served at all, and when can the fibre come?"""
    session = _configure(
        scene,
        {
            "type": "Internet",
            "skus": [
                "INTERNET-HOME-1G-PRO",
                "INTERNET-GATEWAY-INCLUDED",
                "INTERNET-INSTALL-12",
                "INTERNET-DENWA",
            ],
            "access_mode": "IPoE-HGW",
            "installation": "12-Month",
            "hikari_denwa": True,
        },
    )
    scene.shopper.request_eligibility(session)
    scene.tell(CUSTOMER, "asks whether the address can be served")
    yield 2 * HOUR
    scene.agent.record_eligibility(scene.account, Offering.HOME_1G.value)
    scene.tell(AGENT, f"records the result of NTT's check: {Offering.HOME_1G}")
    yield 10 * MINUTE
    order = _check_out(scene, session)
    yield 30 * MINUTE
    _approve(scene, order)
    yield 1 * HOUR
    _set_date(scene, order, scene.today + 9 * DAY)
    yield 9 * DAY
    yield from _until_active(scene, order)


def esim(scene: Scene) -> Story:
    """An eSIM that takes a number over from another carrier."""
    session = _configure(
        scene,
        {
            "type": "SIM",
            "skus": ["SIM-VOICE-10GB", "SIM-ACTIVATION", "SIM-VOICE-MAIL", "SIM-CALLS-5MIN"],
            "sim_type": "eSIM",
            "eid": "8904 9032 1234 5123 4512 3456 7890 1235",
            "activation_type": "Immediate",
            "voice_mail": True,
            "porting": _porting("090-1234-5678", scene.today + 13 * DAY),
        },
    )
    order = _check_out(scene, session)
    yield 30 * MINUTE
    _approve(scene, order)
    yield from _until_active(scene, order)


def physical_sim(scene: Scene) -> Story:
    """A card that has to be assigned and sent before the number can move to it."""
    session = _configure(
        scene,
        {
            "type": "SIM",
            "skus": ["SIM-VOICE-20GB", "SIM-ACTIVATION"],
            "sim_type": "Physical SIM",
            "activation_type": "Immediate",
            "porting": _porting("080-8765-4321", scene.today + 14 * DAY),
        },
    )
    order = _check_out(scene, session)
    yield 45 * MINUTE
    _approve(scene, order)
    yield 2 * HOUR
    scene.agent.assign_sim(order)
    scene.tell(AGENT, "assigns a card from the stock")
    yield 2 * HOUR
    scene.agent.ship(order)
    scene.tell(AGENT, "sends the card")
    yield 20 * HOUR
    scene.agent.deliver(order)
    scene.tell(CARRIER, "delivers the card")
    yield from _until_active(scene, order)


def vpn(scene: Scene) -> Story:
    """A router that is sent to the customer."""
    session = _configure(
        scene,
        {"type": "VPN", "skus": ["VPN-US", "VPN-ACTIVATION", "VPN-WARRANTY"], "region": "US"},
    )
    order = _check_out(scene, session)
    yield 20 * MINUTE
    _approve(scene, order)
    yield from _until_active(scene, order)
    yield 3 * HOUR
    scene.agent.close_cases(order, CaseKind.SHIP_ROUTER)
    scene.tell(AGENT, "sends the router and closes the shipping Case")


STORIES: Final[Mapping[str, Callable[[Scene], Story]]] = MappingProxyType(
    {
        "Internet": internet,
        "eSIM with number": esim,
        "SIM card with number": physical_sim,
        "VPN router": vpn,
    }
)


def _configure(scene: Scene, draft: Draft) -> str:
    """Configure a service and go to the checkout before login; return the session of the customer's own."""
    check = scene.shopper.check(draft)
    price = f"{check.quote.monthly} a month, {check.quote.one_time} once"
    scene.tell(CUSTOMER, f"configures it: {len(check.verdict.satisfied)} rules satisfied, {price}")
    anonymous = scene.shopper.begin(draft)
    session = scene.shopper.adopt(anonymous)
    scene.tell(CUSTOMER, "goes to the checkout and logs in there")
    return session


def _check_out(scene: Scene, session: str) -> OrderId:
    """Meet the requirements of the checkout, submit, and begin to follow the order."""
    outstanding = scene.shopper.requirements(session).outstanding
    scene.tell(CUSTOMER, f"has yet to settle: {', '.join(outstanding).replace('_', ' ')}")
    scene.shopper.confirm_address(session)
    scene.shopper.open_billing()
    scene.agent.add_payment_method(scene.client)
    scene.shopper.upload_card()
    order = OrderId(scene.shopper.submit(session))
    scene.tell(CUSTOMER, f"submits order {scene.shopper.order(order).number}")
    scene.follow(order)
    return order


def _approve(scene: Scene, order: OrderId) -> None:
    """Review the order by hand."""
    scene.agent.verify_identity(scene.account)
    scene.agent.approve(order)
    scene.tell(AGENT, "verifies the residence card by its chip and approves the order")


def _set_date(scene: Scene, order: OrderId, day: date) -> None:
    """Write down the day that NTT gave."""
    at: datetime = start_of_day(day)
    scene.agent.set_activation(order, ActivationStatusText.SCHEDULED.value, at=at)
    scene.tell(AGENT, f"sets NTT's installation date: {day:%a %d %b}")


def _until_active(scene: Scene, order: OrderId) -> Story:
    """Let time pass until the customer reads that the service is active, or for as long as it may take."""
    begun = scene.clock.now()
    while scene.shopper.order(order).state != OrderState.ACTIVATED:
        if scene.clock.now() - begun > LONGEST_WAIT:
            return
        yield 15 * MINUTE


def _porting(number: str, expires_on: date) -> Draft:
    """Return the wish to bring *number* along, typed as people type."""
    return {
        "reservation_number": "12-345-67890",
        "reservation_expires_on": expires_on.isoformat(),
        "phone_number": number,
        "last_name": "Smith",
        "first_name": "John",
        "last_name_katakana": "ｽﾐｽ",
        "first_name_katakana": "ジョン",
        "gender": "Male",
        "birth_date": "1990-01-31",
    }
