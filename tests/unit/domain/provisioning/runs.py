"""Runs of one order in every condition: any journal, any case file, anything asked or not yet asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from hypothesis import strategies as st

from ordering_core.application.reading import judged
from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.domain.billing import BilledOrder, BilledService
from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import Account, EligibilityFields, IdentityFields
from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.eligibility import EligibilityStanding, EligibilityState
from ordering_core.domain.fallout import HoldCode, Owner
from ordering_core.domain.history import observe
from ordering_core.domain.identifiers import (
    AccountId,
    BillingOrderId,
    BillingProductId,
    ClientId,
    LineId,
    OpportunityId,
    OrderId,
    OrderItemId,
    RequestKey,
    ServiceId,
    SimCardId,
    Sku,
    Version,
)
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Evidence,
    Fact,
    Held,
    JournalRow,
    Outcome,
    Rest,
    RetryAt,
    RowId,
    Runner,
    Step,
    Subject,
    SubjectKind,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.lines import Line, LineState
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.order_status import GoAhead
from ordering_core.domain.orders import ActivationFields, AssignedSim, OrderLine, OrderSnapshot
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.policy import InternetOnDate, PhysicalPortStart, Policy
from ordering_core.domain.provisioning.actions import (
    AcceptBillingOrder,
    ActivateService,
    AddBillingOrder,
    OpenShippingCase,
    SubmitLine,
    WriteOrder,
)
from ordering_core.domain.provisioning.flight import CONFLICT, REPLY
from ordering_core.domain.provisioning.holds import LEFT_BY_HAND, RESUMED_BY_HAND
from ordering_core.domain.provisioning.run import Reading, Run
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.vocabulary import (
    BillingCycle,
    ItemClass,
    Offering,
    OrderType,
    PlanKind,
    Stage,
    VpnRegion,
)


AT: Final = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
"""A Wednesday, 10:00 in Tokyo."""

ORDER: Final = OrderId("801-one")
ME: Final = Runner("me")
OTHER: Final = Runner("another run")
CLIENT: Final = ClientId(77)
OPPORTUNITY: Final = OpportunityId("006-one")
BILLED: Final = BillingOrderId(1001)
LINE: Final = LineId("line-1")
SUBJECT: Final = Subject(SubjectKind.ORDER, ORDER)
POLICY: Final = Policy(billing_mark_proved=True)
EID: Final = "89049032123451234512345678901235"

ADDRESS: Final = PostalAddress(
    postal_code=PostalCode("1000001"), prefecture="Tokyo", city="Chiyoda", town_and_number="1-1"
)


def product(sku: str, order_type: OrderType, item_class: ItemClass, number: int) -> Product:
    return Product(
        sku=Sku(sku),
        name=sku,
        order_type=order_type,
        item_class=item_class,
        cycle=BillingCycle.MONTHLY if item_class is ItemClass.SERVICE else BillingCycle.ONE_TIME,
        price=Decimal(1000 + number),
        billing_product=BillingProductId(number),
        plan_kind=PlanKind.DATA_AND_VOICE if order_type is OrderType.SIM else None,
        network_plan="PLAN" if order_type is OrderType.SIM else None,
        region=VpnRegion.US if order_type is OrderType.VPN else None,
        offerings=frozenset({Offering.HOME_1G} if order_type is OrderType.INTERNET else ()),
    )


PRODUCTS: Final = {
    OrderType.SIM: (
        product("SIM", OrderType.SIM, ItemClass.SERVICE, 1),
        product("SIM-ACTIVATION", OrderType.SIM, ItemClass.ACTIVATION, 2),
    ),
    OrderType.VPN: (product("VPN", OrderType.VPN, ItemClass.SERVICE, 3),),
    OrderType.INTERNET: (
        product("INTERNET", OrderType.INTERNET, ItemClass.SERVICE, 4),
        product("INSTALL", OrderType.INTERNET, ItemClass.INSTALLATION, 5),
    ),
}
PORTING: Final = PortingDraft(
    reservation_number="1234567890",
    reservation_expires_on=date(2026, 6, 17),
    phone_number="08012345678",
    last_name="山田",
    first_name="太郎",
    last_name_katakana="ヤマダ",
    first_name_katakana="タロウ",
    gender="Male",
    birth_date=date(1990, 4, 1),
)


def skus(order_type: OrderType) -> tuple[Sku, ...]:
    return tuple(item.sku for item in PRODUCTS[order_type])


ESIM: Final = SimDraft(skus=skus(OrderType.SIM), sim_type="eSIM", eid=EID, activation_type="Immediate")
SCHEDULED: Final = attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=date(2026, 6, 10))
PORTED: Final = attrs.evolve(ESIM, porting=PORTING)
CARD_ORDER: Final = attrs.evolve(ESIM, sim_type="Physical SIM", eid=None)
PORTED_CARD: Final = attrs.evolve(CARD_ORDER, porting=PORTING)
ROUTER: Final = VpnDraft(skus=skus(OrderType.VPN), region="US")
HOME: Final = InternetDraft(skus=skus(OrderType.INTERNET), access_mode="IPoE-HGW", installation="Single")
DRAFTS: Final[tuple[Draft, ...]] = (ESIM, SCHEDULED, PORTED, CARD_ORDER, PORTED_CARD, ROUTER, HOME)

CARD: Final = AssignedSim(
    id=SimCardId("a0s-1"),
    iccid="8981100000000000006",
    product_number="AX0000000000001",
    phone_number="09012345678",
    order=ORDER,
    assigned_at=AT - timedelta(hours=1),
)
ACCOUNT: Final = Account(
    id=AccountId("001-one"),
    number="C000001",
    name="Somebody",
    address=ADDRESS,
    eligibility=EligibilityFields(status="Checked", result="Home 1G"),
    identity=IdentityFields(status="Verified", method="ic_chip"),
    email="somebody@example.com",
)
ELIGIBLE: Final = EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=Offering.HOME_1G)
PAYS: Final = PaymentMethod(id=1, gateway="stripe")
FREE: Final = Amount(net=Decimal(0), tax=Decimal(0))


def quote_of(draft: Draft) -> Quote:
    return Quote(
        lines=PRODUCTS[draft.order_type],
        monthly=FREE,
        one_time=FREE,
        first_bill=FREE,
        catalogue_version="1",
        quoted_at=AT,
    )


def snapshot_of(draft: Draft, *, status: str | None = "Approved") -> OrderSnapshot:
    return OrderSnapshot(
        id=ORDER,
        number="00000101",
        account=ACCOUNT.id,
        opportunity=OPPORTUNITY,
        order_type=draft.order_type,
        status=status,
        draft=draft,
        lines=tuple(
            OrderLine(
                id=OrderItemId(f"802-{item.sku}"),
                sku=item.sku,
                name=item.name,
                item_class=item.item_class,
                cycle=item.cycle,
                unit_price=item.price,
            )
            for item in PRODUCTS[draft.order_type]
        ),
        request_key=RequestKey("key-one"),
        sim=CARD if draft in {CARD_ORDER, PORTED_CARD} else None,
        address=ADDRESS,
        effective_date=date(2026, 6, 3),
        created_at=AT - timedelta(days=1),
        version=Version("1"),
    )


def billed(
    draft: Draft, number: BillingOrderId = BILLED, *, status: str = "Pending", linked: bool = True
) -> BilledOrder:
    return BilledOrder(
        id=number,
        status=status,
        services=tuple(
            BilledService(
                id=ServiceId(number * 10 + place),
                item=OrderItemId(f"802-{item.sku}"),
                product=item.billing_product,
                cycle=item.cycle,
                price=item.price,
                status=status,
                opportunity=OPPORTUNITY if linked else None,
            )
            for place, item in enumerate(PRODUCTS[draft.order_type])
        ),
    )


def line(state: LineState = LineState.OPEN, name: LineId = LINE, *, failure: str = "") -> Line:
    return Line(id=name, mark=ORDER, state=state, failure=failure)


def row(
    step: Step,
    outcome: Outcome | None = Outcome.DONE,
    *,
    number: int = 1,
    runner: Runner = OTHER,
    mark: str = "",
    evidence: Evidence | None = None,
    ago: timedelta = timedelta(hours=1),
) -> JournalRow:
    proof = {Step.ADD_BILLING_ORDER: {"order": str(BILLED)}, Step.SUBMIT_LINE: {"line": str(LINE)}}
    if outcome is Outcome.DONE and step in proof:
        evidence = proof[step]  # without it nothing counts as done
    return JournalRow(
        id=RowId(number),
        subject=SUBJECT,
        step=step,
        attempt=number,
        mark=mark,
        runner=runner,
        intent_at=AT - ago,
        settles_at=POLICY.settles_at(AT - ago),
        outcome=outcome,
        settled_at=None if outcome is None else AT - ago,
        evidence=evidence or {},
    )


def run_of(
    draft: Draft = ESIM,
    *,
    snapshot: OrderSnapshot | None = None,
    case_file: CaseFile | None = None,
    account: Account | None = ACCOUNT,
    rows: tuple[JournalRow, ...] = (),
    policy: Policy = POLICY,
    opportunities: tuple[Opportunity, ...] | None = None,
) -> Run:
    """Return a run that has read its order just now, and asked nothing else."""
    order = snapshot or snapshot_of(draft)
    intended = any(known.step is Step.ADD_BILLING_ORDER for known in rows)
    seen = observe(case_file or CaseFile(subject=SUBJECT), order, billing_intended=intended)
    run = Run(
        order=ORDER,
        runner=ME,
        at=AT,
        policy=policy,
        case_file=seen.case_file,
        rows=rows,
        quote=quote_of(order.draft),
        client=CLIENT,
        opportunities=opportunities,
        fresh=True,
    )
    reading = Reading(snapshot=order, account=account, observation=seen, read_at=AT, eligibility=ELIGIBLE)
    return judged(run, reading)


ROWED: Final = tuple(
    step for step in Step if step not in {Step.PLACE_ORDER, Step.REQUEST_ELIGIBILITY, Step.UPLOAD_CARD}
)
ANSWERS: Final = (
    "answered:1",
    "answered:2",
    "absent:1",
    "absent:line",
    "failed:line-1",
    LEFT_BY_HAND,
    RESUMED_BY_HAND,
    "undone:1001",
    "undone:line-1",
)

rests: Final[st.SearchStrategy[Rest | None]] = st.one_of(
    st.none(),
    st.just(Done()),
    st.builds(RetryAt, st.just(AT), st.just("busy")),
    st.builds(WaitUntil, st.just(AT)),
    st.builds(WaitFor, st.sampled_from(Fact)),
    st.builds(
        Held,
        code=st.sampled_from(HoldCode),
        owner=st.sampled_from(Owner),
        message=st.just("held"),
        since=st.sampled_from((AT - timedelta(hours=2), AT - timedelta(days=15))),
        facts=st.sampled_from(({}, {"line": "line-1"})),
        reported=st.booleans(),
    ),
)

activations: Final = st.builds(
    ActivationFields,
    status=st.sampled_from((None, "Activating", "Scheduled", "Activated", "Go!")),
    scheduled_at=st.sampled_from((None, AT - timedelta(days=1), AT + timedelta(days=3))),
    error_code=st.sampled_from((None, "PAYMENT_METHOD_MISSING", "NTT")),
)


@st.composite
def journals(draw: st.DrawFn) -> tuple[JournalRow, ...]:
    """Draw rows that a journal can hold: only the last of a step may be open."""
    steps = draw(st.lists(st.sampled_from(ROWED), max_size=8))
    rows: list[JournalRow] = []
    for number, step in enumerate(steps, start=1):
        is_last = step not in steps[number:]
        outcome = draw(st.sampled_from((*Outcome, None) if is_last else tuple(Outcome)))
        runner = draw(st.sampled_from((ME, OTHER)))
        ago = draw(st.sampled_from((timedelta(0), timedelta(seconds=89), timedelta(hours=1))))
        evidence: Evidence | None = None
        if outcome is not Outcome.DONE:
            evidence = draw(
                st.sampled_from(({}, {REPLY: "1001"}, {CONFLICT: "order"}, {"code": "MNP_X"}, {"code": "NO"}))
            )
        mark = draw(
            st.sampled_from(("", "links", "status", "reset", "10010", str(LINE), HoldCode.BILLING_REFUSED))
        )
        rows.append(row(step, outcome, number=number, runner=runner, ago=ago, evidence=evidence, mark=mark))
    return tuple(rows)


@st.composite
def case_files(draw: st.DrawFn) -> CaseFile:
    """Draw anything that earlier runs may remember."""
    return CaseFile(
        subject=SUBJECT,
        version=draw(st.integers(0, 3)),
        rest=draw(rests),
        go_ahead=draw(
            st.sampled_from(
                (None, GoAhead(), GoAhead(at=AT + timedelta(days=2)), GoAhead(at=AT), GoAhead(undated=True))
            )
        ),
        written=draw(st.none() | activations),
        writing=draw(st.none() | activations),
        seen=draw(st.none() | activations),
        seen_status=draw(st.sampled_from((None, "Draft", "Approved"))),
        ever_approved=draw(st.booleans()),
        approval_implied=draw(st.booleans()),
        delivered=draw(st.sampled_from((None, CARD.id, SimCardId("a01-another")))),
        retry_requested=draw(st.booleans()),
        adopted=draw(st.booleans()),
        causes=draw(st.frozensets(st.sampled_from(ANSWERS))),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> OrderSnapshot:
    """Draw an order as Salesforce may hold it."""
    draft = draw(st.sampled_from(DRAFTS))
    status = draw(
        st.sampled_from(("Draft", "Approved", "Approved", "Approved", "Cancelled", "Aproved", None))
    )
    order = snapshot_of(draft, status=status)
    card = draw(
        st.sampled_from(
            (
                None,
                CARD,
                attrs.evolve(CARD, shipped_at=AT - timedelta(days=3)),
                attrs.evolve(CARD, shipped_at=AT),
                attrs.evolve(CARD, delivered_at=AT, assigned_at=None),
                attrs.evolve(CARD, order=OrderId("801-other")),
                attrs.evolve(CARD, product_number="?"),
            )
        )
    )
    return attrs.evolve(
        order,
        sim=card if order.sim else None,
        activation=draw(activations),
        opportunity=draw(st.sampled_from((OPPORTUNITY, OPPORTUNITY, None))),
        billing_order=draw(st.sampled_from((None, None, BILLED))),
        address_changed=draw(st.booleans()),
        lines=draw(st.sampled_from((order.lines, order.lines, order.lines, order.lines[:1]))),
    )


policies: Final = st.builds(
    Policy,
    hold_empties_activation=st.booleans(),
    billing_mark_proved=st.booleans(),
    vpn_active_waits_for_sent=st.booleans(),
    void_opportunity_on_cancel=st.booleans(),
    internet_on_date=st.sampled_from(InternetOnDate),
    sim_mnp_activation=st.sampled_from(PhysicalPortStart),
    provisioning_not_before=st.sampled_from((None, AT)),
)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Draw a run at any moment of its life."""
    order = draw(snapshots())
    run = run_of(
        snapshot=order,
        case_file=draw(case_files()),
        account=draw(
            st.sampled_from(
                (ACCOUNT, ACCOUNT, attrs.evolve(ACCOUNT, identity=IdentityFields(status="Pending")), None)
            )
        ),
        rows=draw(journals()),
        policy=draw(policies),
        opportunities=draw(
            st.sampled_from(
                (
                    None,
                    (),
                    (
                        Opportunity(
                            id=OPPORTUNITY,
                            account=ACCOUNT.id,
                            order_type=order.order_type,
                            stage=Stage.POST_PROCESSING,
                            created_at=AT,
                        ),
                    ),
                )
            )
        ),
    )
    draft = order.draft
    looked = draw(st.sampled_from((None, (), ("one",), ("one",), ("one", "two"))))
    found = None
    if looked is not None:
        status, linked = draw(st.sampled_from(("Pending", "Active", "Fraud"))), draw(st.booleans())
        found = tuple(
            billed(draft, BillingOrderId(1001 + place), status=status, linked=linked)
            for place in range(len(looked))
        )
    lines = draw(
        st.sampled_from(
            (
                None,
                (),
                (line(LineState.SUBMITTED),),
                (line(LineState.OPEN),),
                (line(LineState.FAILED, failure="MNP_X"),),
                (line(LineState.OPEN), line(LineState.SUBMITTED, LineId("line-2"))),
            )
        )
    )
    searchable = draw(st.booleans())
    unread = draw(st.integers(0, 9)) == 0
    return attrs.evolve(
        run,
        at=draw(st.sampled_from((AT, AT + timedelta(hours=9)))),
        reading=None if unread else run.reading,
        gone=draw(st.booleans()) if unread else False,
        quote=draw(st.sampled_from((run.quote, run.quote, run.quote, None))),
        client=draw(st.sampled_from((CLIENT, CLIENT, CLIENT, None))),
        word_given=draw(st.booleans()),
        fresh=draw(st.booleans()),
        payment_methods=draw(st.sampled_from((None, (), (PAYS,)))),
        billed=found,
        services_changed=draw(st.booleans()),
        lines=lines if searchable else None,
        searchable=searchable,
        shipment_sent=draw(st.sampled_from((None, True, False))),
        late=draw(
            st.sampled_from((frozenset(), frozenset({Step.ADD_BILLING_ORDER}), frozenset({Step.SUBMIT_LINE})))
        ),
        unavailable=draw(st.sampled_from((None, None, None, "WHMCS does not answer"))),
        refusal=draw(st.sampled_from((None, None, None, "WHMCS refuses to answer"))),
    )


ACTIVATING: Final = ActivationFields(status="Activating")
BILLED_ROWS: Final = (row(Step.MARK_ACTIVATING, number=1, runner=ME), row(Step.ADD_BILLING_ORDER, number=2))
OPENED_ROWS: Final = (*BILLED_ROWS, row(Step.SUBMIT_LINE, number=3))


def in_work(draft: Draft, *rows: JournalRow) -> Run:
    """Return a run that has marked its order Activating."""
    return run_of(snapshot=attrs.evolve(snapshot_of(draft), activation=ACTIVATING), rows=rows)


def _ready() -> Iterator[tuple[Run, type]]:
    """Give runs that are about to act, each with what they are about to do."""
    for draft in (ESIM, PORTED, ROUTER):
        marked = in_work(draft, BILLED_ROWS[0])
        yield attrs.evolve(marked, billed=(), payment_methods=(PAYS,)), AddBillingOrder
    for draft in (ESIM, PORTED):
        yield attrs.evolve(in_work(draft, *BILLED_ROWS), lines=()), SubmitLine
        yield attrs.evolve(in_work(draft, *OPENED_ROWS), lines=(line(),)), AcceptBillingOrder
    yield in_work(ROUTER, *BILLED_ROWS), AcceptBillingOrder
    accepted = in_work(ROUTER, *BILLED_ROWS, row(Step.ACCEPT_BILLING_ORDER, number=3))
    yield attrs.evolve(accepted, billed=(billed(ROUTER),)), ActivateService
    active = attrs.evolve(accepted, billed=(billed(ROUTER, status="Active"),))
    yield active, OpenShippingCase
    shipped = (*active.rows, row(Step.OPEN_SHIPPING_CASE, number=4, evidence={"case": "500-one"}))
    yield attrs.evolve(active, rows=shipped), WriteOrder


READY: Final = tuple(_ready())


def reread(run: Run, change: Callable[[OrderSnapshot], OrderSnapshot]) -> Run:
    """Return *run* after somebody has changed the order, and it was read again."""
    order = change(run.snapshot)
    intended = any(known.step is Step.ADD_BILLING_ORDER for known in run.rows)
    seen = observe(run.case_file, order, billing_intended=intended)
    return judged(
        attrs.evolve(run, case_file=seen.case_file),
        attrs.evolve(run.present, snapshot=order, observation=seen),
    )


def with_row(run: Run, known: JournalRow) -> Run:
    """Return *run* with one more row in its journal."""
    return attrs.evolve(run, rows=(*run.rows, attrs.evolve(known, id=RowId(len(run.rows) + 1))))


def held_for(run: Run, code: HoldCode) -> Run:
    """Return *run* with an open hold."""
    hold = Held(code=code, message="held", since=AT - timedelta(hours=1), reported=True)
    return attrs.evolve(run, case_file=attrs.evolve(run.case_file, rest=hold))


def unverified(run: Run) -> Run:
    """Return *run* whose customer is no longer verified."""
    account = attrs.evolve(ACCOUNT, identity=IdentityFields(status="Pending"))
    return judged(run, attrs.evolve(run.present, account=account))


Disturb = Callable[[Run], Run]

disturbances: Final[st.SearchStrategy[Disturb]] = st.one_of(
    st.sampled_from(("Cancelled", "Draft", "Aproved", None)).map(
        lambda status: lambda run: reread(run, lambda order: attrs.evolve(order, status=status))
    ),
    activations.map(
        lambda fields: lambda run: reread(run, lambda order: attrs.evolve(order, activation=fields))
    ),
    st.sampled_from((BILLED, BillingOrderId(4711))).map(
        lambda known: lambda run: reread(run, lambda order: attrs.evolve(order, billing_order=known))
    ),
    st.builds(
        row,
        st.sampled_from(ROWED),
        st.sampled_from((*Outcome, None)),
        runner=st.sampled_from((ME, OTHER)),
        ago=st.sampled_from((timedelta(0), timedelta(hours=1))),
        evidence=st.sampled_from(
            ({"order": str(BILLED), "line": str(LINE)}, {REPLY: "1001"}, {"code": "NO"})
        ),
    ).map(lambda known: lambda run: with_row(run, known)),
    st.sampled_from(HoldCode).map(lambda code: lambda run: held_for(run, code)),
    st.sampled_from((None, (), (PAYS,), (attrs.evolve(PAYS, gateway="other"),))).map(
        lambda methods: lambda run: attrs.evolve(run, payment_methods=methods)
    ),
    st.sampled_from((None, 0, 1, 2)).map(
        lambda count: (
            lambda run: attrs.evolve(
                run,
                billed=None
                if count is None
                else tuple(
                    billed(run.snapshot.draft, BillingOrderId(1001 + place)) for place in range(count)
                ),
            )
        )
    ),
    st.sampled_from((None, (), (line(LineState.SUBMITTED),), (line(), line(name=LineId("line-2"))))).map(
        lambda lines: lambda run: attrs.evolve(run, lines=lines)
    ),
    st.sampled_from(
        (
            unverified,
            lambda run: attrs.evolve(run, fresh=False),
            lambda run: attrs.evolve(run, lines=None, searchable=False),
            lambda run: attrs.evolve(run, at=run.at + timedelta(hours=9)),
            lambda run: attrs.evolve(run, quote=None),
            lambda run: attrs.evolve(run, client=None),
            lambda run: attrs.evolve(run, late=frozenset({Step.ADD_BILLING_ORDER, Step.SUBMIT_LINE})),
            lambda run: attrs.evolve(run, case_file=attrs.evolve(run.case_file, retry_requested=True)),
        )
    ),
)


@st.composite
def near_runs(draw: st.DrawFn) -> Run:
    """Draw a run that is about to act, disturbed in up to three ways."""
    run, _ = draw(st.sampled_from(READY))
    for disturb in draw(st.lists(disturbances, max_size=3)):
        run = disturb(run)
    return run
