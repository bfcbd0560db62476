from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest

from ordering_core import (
    AddressDraft,
    CheckoutExpired,
    CustomerId,
    EligibilityState,
    FindingCode,
    IdentityStanding,
    InvalidFile,
    NotFound,
    OrderRejected,
    OutcomeUnknown,
    Policy,
    Refused,
    Requirement,
    Unavailable,
)
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId
from tests.unit.application.shop import (
    APARTMENT,
    ESIM,
    HOME,
    OTHER_ADDRESS,
    PNG,
    WEDNESDAY,
    World,
    new_world,
    picture,
    ready_checkout,
)


def outstanding(world: World, customer: CustomerId, draft: object = ESIM) -> tuple[Requirement, ...]:
    session = world.ordering.begin_checkout(draft, customer=customer)  # type: ignore[arg-type]  # any draft
    return world.ordering.requirements(session.id, customer=customer).outstanding


def test_a_new_customer_is_asked_for_everything_in_the_pages_order() -> None:
    world = new_world()
    customer = world.new_customer(with_payment_method=False, verified=False)
    assert outstanding(world, customer, HOME) == tuple(Requirement)
    assert Requirement.ELIGIBILITY not in outstanding(world, customer, ESIM)
    world.ordering.upload_card(PNG, customer=customer, key="one")
    world.agent.add_payment_method(world.client_of(customer))
    assert outstanding(world, customer) == (Requirement.ADDRESS,)


def test_the_page_shows_what_it_asks_about() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    page = world.ordering.requirements(session.id, customer=customer)
    assert page.address == world.salesforce.accounts[world.account_of(customer)].address
    assert page.quote == world.ordering.price(ESIM)
    assert page.payment_method is not None
    assert page.payment_method.gateway == Policy().whmcs_gateway
    assert page.identity is IdentityStanding.VERIFIED
    assert page.eligibility is None
    assert page.session == session
    assert {violation.code for violation in page.verdict.errors} == {"address_outstanding"}


def test_the_page_costs_one_call_to_salesforce_and_one_to_whmcs() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    before = dict(world.faults._calls)
    world.ordering.requirements(session.id, customer=customer)
    assert {
        operation: count - before.get(operation, 0)
        for operation, count in world.faults._calls.items()
        if count != before.get(operation, 0) and not operation.startswith("store.")
    } == {"orders.placing_facts": 1, "billing.payment_methods": 1}


def test_a_portal_user_without_an_account_is_told_so_and_asked_for_everything() -> None:
    world = new_world()
    nobody = CustomerId("nobody")
    session = world.ordering.begin_checkout(ESIM, customer=nobody)
    page = world.ordering.requirements(session.id, customer=nobody)
    assert {"account_not_mapped", "client_not_mapped"} <= {v.code for v in page.verdict.errors}
    assert page.address is None
    for use_case in (world.ordering.confirm_address, world.ordering.submit):
        with pytest.raises(OrderRejected):
            use_case(session.id, customer=nobody)
    with pytest.raises(NotFound, match="no such account"):
        world.ordering.upload_card(PNG, customer=nobody, key="one")
    with pytest.raises(NotFound, match="no such account"):
        world.ordering.card_entry_url(customer=nobody)


def test_an_account_that_is_gone_is_as_good_as_none() -> None:
    world = new_world()
    ghost = CustomerId("ghost")
    mapping = Identity(customer=ghost, account=AccountId("001-gone"), client=ClientId(999))
    with world.store.transaction() as tx:
        tx.identities.put(mapping)
    session = world.ordering.begin_checkout(HOME, customer=ghost)
    with pytest.raises(OrderRejected) as caught:
        world.ordering.request_eligibility(session.id, customer=ghost)
    assert {v.code for v in caught.value.violations} == {"account_not_mapped", "address_missing"}
    moved = world.ordering.update_address(session.id, OTHER_ADDRESS, customer=ghost)
    assert moved.address_changed


@pytest.mark.parametrize(("expires", "counts"), [("2026-05", False), ("2026-06", True), ("2031-12", True)])
def test_a_card_counts_until_the_end_of_its_month(expires: str, counts: bool) -> None:
    world = new_world()
    customer = world.new_customer(with_payment_method=False)
    world.agent.add_payment_method(world.client_of(customer), expires=expires)
    assert (Requirement.PAYMENT_METHOD not in outstanding(world, customer)) is counts


def test_a_payment_method_of_another_gateway_does_not_count() -> None:
    world = new_world()
    customer = world.new_customer(with_payment_method=False)
    world.agent.add_payment_method(world.client_of(customer), gateway="paypal")
    assert Requirement.PAYMENT_METHOD in outstanding(world, customer)


def test_the_way_to_the_payment_page_is_made_new_for_every_click() -> None:
    world = new_world()
    customer = world.new_customer()
    links = {world.ordering.card_entry_url(customer=customer) for _ in range(2)}
    assert len(links) == 2


# --- the address ------------------------------------------------------------------------------------


def test_confirming_takes_the_address_on_file_into_the_session_and_writes_nothing_to_salesforce() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    before = picture(world)[1]
    confirmed = world.ordering.confirm_address(session.id, customer=customer)
    assert confirmed.address == world.salesforce.accounts[world.account_of(customer)].address
    assert confirmed.address_confirmed
    assert not confirmed.address_changed
    assert picture(world)[1] == before


def test_another_address_belongs_to_the_session_and_waits_to_be_confirmed() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    before = picture(world)[1]
    moved = world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    assert moved.address_changed
    page = world.ordering.requirements(session.id, customer=customer)
    assert page.address == moved.address
    assert page.outstanding == (Requirement.ADDRESS,)
    confirmed = world.ordering.confirm_address(session.id, customer=customer)
    assert confirmed.address == moved.address
    assert picture(world)[1] == before


def test_typing_the_address_on_file_is_no_change() -> None:
    world = new_world()
    customer = world.new_customer()
    on_file = world.salesforce.accounts[world.account_of(customer)].address
    assert on_file is not None
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    typed = AddressDraft(**{**attrs.asdict(on_file), "postal_code": str(on_file.postal_code)})
    assert not world.ordering.update_address(session.id, typed, customer=customer).address_changed


def test_everything_wrong_with_an_address_is_told_at_once_each_at_its_place_in_two_languages() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    before = picture(world)
    wrong = AddressDraft(
        postal_code="12", prefecture="Atlantis", city="", town_and_number="a" * 81, room="1\u200b"
    )
    with pytest.raises(OrderRejected) as caught:
        world.ordering.update_address(session.id, wrong, customer=customer)
    assert {v.pointer: v.code for v in caught.value.violations} == {
        "/address/postal_code": "postal_code_length",
        "/address/prefecture": "prefecture_unknown",
        "/address/city": "address_missing",
        "/address/town_and_number": "address_length",
        "/address/room": "text_invisible",
    }
    assert all(v.message_ja and v.remedy for v in caught.value.violations)
    with pytest.raises(OrderRejected, match="postal_code_characters"):
        world.ordering.update_address(
            session.id, attrs.evolve(OTHER_ADDRESS, postal_code="５３０x001"), customer=customer
        )
    assert picture(world) == before


def test_an_apartment_without_its_room_is_refused_and_a_house_is_not_asked() -> None:
    world = new_world()
    customer = world.new_customer()
    house = world.ordering.begin_checkout(HOME, customer=customer)
    assert world.ordering.update_address(house.id, OTHER_ADDRESS, customer=customer).address
    flat = world.ordering.begin_checkout(APARTMENT, customer=customer)
    before = picture(world)
    for address, missing in (
        (OTHER_ADDRESS, {"/address/building", "/address/room"}),
        (attrs.evolve(OTHER_ADDRESS, building="青葉ハイツ"), {"/address/room"}),
    ):
        with pytest.raises(OrderRejected, match="address_incomplete") as caught:
            world.ordering.update_address(flat.id, address, customer=customer)
        assert {v.pointer for v in caught.value.violations} == missing
    assert picture(world) == before
    complete = attrs.evolve(OTHER_ADDRESS, building="青葉ハイツ", room="101")
    assert world.ordering.update_address(flat.id, complete, customer=customer).address


def test_an_apartments_address_on_file_without_a_room_cannot_be_confirmed() -> None:
    world = new_world()
    customer = world.new_customer(apartment=False)
    session = world.ordering.begin_checkout(APARTMENT, customer=customer)
    with pytest.raises(OrderRejected, match="address_incomplete"):
        world.ordering.confirm_address(session.id, customer=customer)


# --- eligibility ------------------------------------------------------------------------------------


def standing(world: World, customer: CustomerId) -> EligibilityState:
    session = world.ordering.begin_checkout(HOME, customer=customer)
    page = world.ordering.requirements(session.id, customer=customer)
    assert page.eligibility is not None
    return page.eligibility.state


def test_asking_twice_asks_the_team_once() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    for _ in range(2):
        page = world.ordering.request_eligibility(session.id, customer=customer)
        assert page.eligibility is not None
        assert page.eligibility.state is EligibilityState.PENDING
    assert len(world.salesforce.cases) == 1


def test_a_sim_is_not_asked_about() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    before = picture(world)
    assert world.ordering.request_eligibility(session.id, customer=customer).eligibility is None
    assert picture(world) == before


def test_an_eligible_address_is_not_asked_about_again_and_an_ineligible_one_is() -> None:
    world = new_world()
    customer = world.new_customer()
    account = world.account_of(customer)
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.request_eligibility(session.id, customer=customer)
    world.agent.record_eligibility(account, None)
    assert standing(world, customer) is EligibilityState.INELIGIBLE
    world.ordering.request_eligibility(session.id, customer=customer)
    assert len(world.salesforce.cases) == 2
    world.agent.record_eligibility(account, "Home 1G")
    world.ordering.request_eligibility(session.id, customer=customer)
    assert len(world.salesforce.cases) == 2
    assert standing(world, customer) is EligibilityState.ELIGIBLE


@pytest.mark.parametrize("asked_elsewhere", [False, True])
def test_who_asks_again_after_a_no_waits_for_the_new_answer(asked_elsewhere: bool) -> None:
    world = new_world()
    customer = world.new_customer()
    account = world.account_of(customer)
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.request_eligibility(session.id, customer=customer)
    world.agent.record_eligibility(account, None)
    world.ordering.requirements(session.id, customer=customer)
    if asked_elsewhere:
        other = world.ordering.begin_checkout(HOME, customer=customer)
        world.ordering.request_eligibility(other.id, customer=customer)
    world.ordering.request_eligibility(session.id, customer=customer)
    world.clock.advance(timedelta(days=30))
    world.agent.record_eligibility(account, "Home 1G")
    world.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    page = world.ordering.requirements(session.id, customer=customer)
    assert page.eligibility is not None
    assert page.eligibility.state is EligibilityState.ELIGIBLE
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(CheckoutExpired):
        world.ordering.requirements(session.id, customer=customer)


def test_an_answer_counts_for_the_address_it_was_asked_for_alone() -> None:
    world = new_world()
    customer = world.new_customer()
    account = world.account_of(customer)
    elsewhere = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.update_address(elsewhere.id, OTHER_ADDRESS, customer=customer)
    world.ordering.request_eligibility(elsewhere.id, customer=customer)
    assert "梅田" in next(iter(world.salesforce.cases.values())).case.description
    world.agent.record_eligibility(account, "Home 1G")
    page = world.ordering.requirements(elsewhere.id, customer=customer)
    assert page.eligibility is not None
    assert page.eligibility.state is EligibilityState.ELIGIBLE
    assert standing(world, customer) is EligibilityState.NOT_REQUESTED


def test_an_agents_answer_without_a_request_is_about_the_address_on_file() -> None:
    world = new_world()
    customer = world.new_customer()
    world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    assert standing(world, customer) is EligibilityState.ELIGIBLE
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    page = world.ordering.requirements(session.id, customer=customer)
    assert page.eligibility is not None
    assert page.eligibility.state is EligibilityState.NOT_REQUESTED


def test_an_answer_nobody_knows_is_ineligible_and_a_finding_until_it_is_corrected() -> None:
    world = new_world()
    customer = world.new_customer()
    account = world.account_of(customer)
    world.agent.record_eligibility(account, "Castle 1G")
    assert standing(world, customer) is EligibilityState.INELIGIBLE
    with world.store.transaction() as tx:
        assert [(f.code, f.subject) for f in tx.findings.all_open()] == [
            (FindingCode.UNKNOWN_ELIGIBILITY, account)
        ]
    world.agent.record_eligibility(account, "Home 1G")
    assert standing(world, customer) is EligibilityState.ELIGIBLE
    with world.store.transaction() as tx:
        assert tx.findings.all_open() == ()


def test_a_lost_reply_is_asked_again_without_a_second_case() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.faults.set("customers.request_eligibility", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        world.ordering.request_eligibility(session.id, customer=customer)
    world.clock.move_to(world.ordering.policy.settles_at(WEDNESDAY))
    page = world.ordering.requirements(session.id, customer=customer)
    assert page.eligibility is not None
    assert page.eligibility.state is EligibilityState.NOT_REQUESTED  # nobody knows what Pending is about
    page = world.ordering.request_eligibility(session.id, customer=customer)
    assert page.eligibility is not None
    assert page.eligibility.state is EligibilityState.PENDING
    assert len(world.salesforce.cases) == 1


def test_after_a_lost_reply_another_address_is_asked_about_on_its_own() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.faults.set("customers.request_eligibility", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        world.ordering.request_eligibility(session.id, customer=customer)
    world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    world.ordering.request_eligibility(session.id, customer=customer)
    asked = [case.case.description for case in world.salesforce.cases.values()]
    assert ["梅田" in address for address in asked] == [False, True]


@pytest.mark.parametrize(("fault", "error"), [("down", Unavailable), ("refuse", Refused)])
def test_a_request_that_was_not_taken_changes_nothing_and_may_be_made_again(
    fault: str, error: type[Exception]
) -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.faults.set("customers.request_eligibility", fault)
    with pytest.raises(error):
        world.ordering.request_eligibility(session.id, customer=customer)
    assert standing(world, customer) is EligibilityState.NOT_REQUESTED
    world.ordering.request_eligibility(session.id, customer=customer)
    assert standing(world, customer) is EligibilityState.PENDING


def test_a_refused_request_for_another_address_does_not_touch_what_is_known_of_the_one_on_file() -> None:
    world = new_world()
    customer = world.new_customer()
    world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    elsewhere = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.update_address(elsewhere.id, OTHER_ADDRESS, customer=customer)
    world.faults.set("customers.request_eligibility", "refuse")
    with pytest.raises(Refused):
        world.ordering.request_eligibility(elsewhere.id, customer=customer)
    assert standing(world, customer) is EligibilityState.ELIGIBLE


def test_two_requests_at_once_are_one_and_the_second_is_told_to_come_back() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    told: list[Exception] = []

    def meanwhile() -> None:
        try:
            world.ordering.request_eligibility(session.id, customer=customer)
        except Unavailable as error:
            told.append(error)

    world.faults.hook("customers.request_eligibility", "before", meanwhile)
    world.ordering.request_eligibility(session.id, customer=customer)
    assert len(told) == 1
    assert len(world.salesforce.cases) == 1


def test_a_request_whose_process_died_is_made_again_after_it_has_settled() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)

    def die() -> None:
        raise KeyboardInterrupt

    world.faults.hook("customers.request_eligibility", "after", die)
    with pytest.raises(KeyboardInterrupt):
        world.ordering.request_eligibility(session.id, customer=customer)
    with pytest.raises(Unavailable):
        world.ordering.request_eligibility(session.id, customer=customer)
    world.clock.move_to(Policy().settles_at(world.clock.now()))
    world.ordering.request_eligibility(session.id, customer=customer)
    assert len(world.salesforce.cases) == 1


def test_a_waiting_session_lives_until_seven_days_after_the_result() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.request_eligibility(session.id, customer=customer)
    world.clock.advance(timedelta(days=60))
    world.ordering.requirements(session.id, customer=customer)
    world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    result_at = world.clock.now()
    world.clock.advance(timedelta(days=1))
    page = world.ordering.requirements(session.id, customer=customer)
    assert page.session.expires_at == result_at + timedelta(days=7)
    world.clock.move_to(result_at + timedelta(days=7))
    with pytest.raises(CheckoutExpired):
        world.ordering.requirements(session.id, customer=customer)


def test_a_result_that_is_known_for_too_long_ends_the_session_when_it_is_heard() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.request_eligibility(session.id, customer=customer)
    world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    world.clock.advance(timedelta(days=7))
    for _ in range(2):
        with pytest.raises(CheckoutExpired):
            world.ordering.requirements(session.id, customer=customer)


def test_a_result_that_is_known_for_too_long_is_heard_by_submit_too() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(HOME, customer=customer)
    world.ordering.confirm_address(session.id, customer=customer)
    world.ordering.request_eligibility(session.id, customer=customer)
    world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    world.clock.advance(timedelta(days=7))
    with pytest.raises(CheckoutExpired):
        world.ordering.submit(session.id, customer=customer)


def test_a_session_that_finds_a_check_pending_waits_for_it_too() -> None:
    world = new_world()
    customer = world.new_customer()
    first, second = (world.ordering.begin_checkout(HOME, customer=customer) for _ in range(2))
    world.ordering.request_eligibility(first.id, customer=customer)
    world.ordering.request_eligibility(second.id, customer=customer)
    world.clock.advance(timedelta(days=3))
    assert world.ordering.checkout(second.id, customer=customer).id == second.id
    assert len(world.salesforce.cases) == 1


# --- the card ---------------------------------------------------------------------------------------


def test_an_uploaded_card_waits_for_review_and_one_key_keeps_one_file() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    for _ in range(2):
        world.ordering.upload_card(PNG, customer=customer, key="one")
    assert [record.content for record in world.salesforce.files.values()] == [PNG]
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    assert world.ordering.requirements(session.id, customer=customer).identity is IdentityStanding.PENDING
    world.ordering.upload_card(PNG, customer=customer, key="two")
    assert len(world.salesforce.files) == 2


def test_one_key_means_something_else_to_every_customer() -> None:
    world = new_world()
    for customer in (world.new_customer(verified=False), world.new_customer(verified=False)):
        world.ordering.upload_card(PNG, customer=customer, key="same")
    assert len({record.account for record in world.salesforce.files.values()}) == 2


def test_a_rejected_card_is_outstanding_until_another_is_uploaded() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.ordering.upload_card(PNG, customer=customer, key="one")
    world.agent.reject_identity(world.account_of(customer), "blurred")
    assert Requirement.IDENTITY in outstanding(world, customer)
    world.ordering.upload_card(PNG, customer=customer, key="two")
    assert Requirement.IDENTITY not in outstanding(world, customer)


def test_a_verified_customer_stays_verified_after_an_upload() -> None:
    world = new_world()
    customer = world.new_customer()
    world.ordering.upload_card(PNG, customer=customer, key="one")
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    assert world.ordering.requirements(session.id, customer=customer).identity is IdentityStanding.VERIFIED


@pytest.mark.parametrize("content", [b"", b"MZ not an image", b"\x89PNG\r\n\x1a\n" + bytes(20_000_000)])
def test_what_is_no_image_is_refused_with_the_way_out_and_nothing_is_kept(content: bytes) -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    before = picture(world)
    with pytest.raises(InvalidFile) as caught:
        world.ordering.upload_card(content, customer=customer, key="one")
    assert caught.value.remedy
    assert picture(world) == before


@pytest.mark.parametrize("operation", ["files.upload", "customers.mark_identity_pending"])
def test_an_upload_whose_reply_is_lost_is_repeated_under_its_key(operation: str) -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.set(operation, "lose_reply")
    with pytest.raises(OutcomeUnknown):
        world.ordering.upload_card(PNG, customer=customer, key="one")
    world.clock.advance(world.ordering.policy.settles_at(WEDNESDAY) - WEDNESDAY)
    world.ordering.upload_card(PNG, customer=customer, key="one")
    assert len(world.salesforce.files) == 1
    assert Requirement.IDENTITY not in outstanding(world, customer)


def test_what_may_still_arrive_is_not_sent_again() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.set("files.upload", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        world.ordering.upload_card(PNG, customer=customer, key="one")
    world.faults.set("files.upload", "down")
    settled = world.ordering.policy.settles_at(WEDNESDAY)
    world.clock.move_to(settled - timedelta(seconds=1))
    with pytest.raises(Unavailable, match="may still arrive"):
        world.ordering.upload_card(PNG, customer=customer, key="one")
    world.clock.move_to(settled)
    with pytest.raises(Unavailable) as asked:
        world.ordering.upload_card(PNG, customer=customer, key="one")
    assert "may still arrive" not in str(asked.value)


def test_the_day_of_the_tests_is_a_wednesday_in_tokyo() -> None:
    assert new_world().clock.now().date() == date(2026, 6, 3)
    assert date(2026, 6, 3).strftime("%A") == "Wednesday"
