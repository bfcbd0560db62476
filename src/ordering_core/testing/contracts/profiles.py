"""The contract of a delivery of eSIM profiles."""

from __future__ import annotations

import abc

import pytest

from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.values import Eid
from ordering_core.errors import Refused
from ordering_core.ports.profile_delivery import Profile, ProfileDelivery, ProfileState
from ordering_core.testing.contracts.outside import OutsideContract, both


ORDER = OrderId("801000000000001AAA")
OTHER_ORDER = OrderId("801000000000002AAA")
EID = Eid("89049032000001000000012345678954")
OTHER_EID = Eid("89049032000001000000098765432181")


class ProfileDeliveryContract(OutsideContract):
    """What a `ProfileDelivery` keeps to."""

    profile_type = "PASI_10G"
    """A type of which the stock is limited by `limit_stock`."""

    @pytest.fixture
    @abc.abstractmethod
    def profiles(self) -> ProfileDelivery:
        """Return the delivery under test; nothing is reserved."""

    @abc.abstractmethod
    def limit_stock(self, left: int) -> None:
        """Leave *left* profiles in the stock."""

    @abc.abstractmethod
    def in_stock(self) -> int:
        """Return how many profiles are left in the stock."""

    @abc.abstractmethod
    def install(self, mark: OrderId) -> None:
        """Let the customer's device download and install the released profile of *mark*."""

    def reserve(self, profiles: ProfileDelivery, mark: OrderId = ORDER, eid: Eid = EID) -> Profile:
        """Reserve a profile."""
        return profiles.reserve(mark, eid=eid, profile_type=self.profile_type)

    def test_nothing_is_found_at_first(self, profiles: ProfileDelivery) -> None:
        assert profiles.find(ORDER) is None

    def test_a_reserved_profile_waits_to_be_released(self, profiles: ProfileDelivery) -> None:
        reserved = self.reserve(profiles)
        assert (reserved.mark, reserved.state) == (ORDER, ProfileState.CONFIRMED)
        assert profiles.find(ORDER) == reserved
        assert profiles.find(OTHER_ORDER) is None

    def test_reserving_again_returns_the_one_reserved(self, profiles: ProfileDelivery) -> None:
        self.limit_stock(5)
        reserved = self.reserve(profiles)
        assert self.reserve(profiles) == reserved
        assert self.in_stock() == 4

    def test_two_orders_get_two_profiles(self, profiles: ProfileDelivery) -> None:
        first = self.reserve(profiles)
        second = self.reserve(profiles, OTHER_ORDER, OTHER_EID)
        assert first.iccid != second.iccid
        assert (profiles.find(ORDER), profiles.find(OTHER_ORDER)) == (first, second)

    def test_an_empty_stock_refuses(self, profiles: ProfileDelivery) -> None:
        self.limit_stock(1)
        self.reserve(profiles)
        with pytest.raises(Refused) as refusal:
            self.reserve(profiles, OTHER_ORDER, OTHER_EID)
        assert refusal.value.code == "OUT_OF_STOCK"
        assert profiles.find(OTHER_ORDER) is None

    def test_releasing_twice_is_the_same_as_once(self, profiles: ProfileDelivery) -> None:
        reserved = self.reserve(profiles)
        for _ in range(2):
            released = profiles.release(ORDER)
            assert (released.iccid, released.state) == (reserved.iccid, ProfileState.RELEASED)
            assert released.activation_code
            assert profiles.find(ORDER) == released

    def test_releasing_an_installed_profile_leaves_it_installed(self, profiles: ProfileDelivery) -> None:
        self.reserve(profiles)
        profiles.release(ORDER)
        self.install(ORDER)
        assert profiles.release(ORDER).state is ProfileState.INSTALLED

    def test_releasing_what_was_not_reserved_is_refused(self, profiles: ProfileDelivery) -> None:
        with pytest.raises(Refused) as refusal:
            profiles.release(ORDER)
        assert refusal.value.code == "NOT_FOUND"

    @pytest.mark.parametrize("released", [False, True])
    def test_cancelling_gives_the_profile_back(self, profiles: ProfileDelivery, *, released: bool) -> None:
        self.limit_stock(1)
        self.reserve(profiles)
        if released:
            profiles.release(ORDER)
        for _ in range(2):
            profiles.cancel(ORDER)
            assert profiles.find(ORDER) is None
            assert self.in_stock() == 1
        assert self.reserve(profiles, OTHER_ORDER, OTHER_EID) == profiles.find(OTHER_ORDER)

    def test_cancelling_nothing_changes_nothing(self, profiles: ProfileDelivery) -> None:
        profiles.cancel(ORDER)
        assert profiles.find(ORDER) is None

    def test_a_downloaded_profile_cannot_be_given_back(self, profiles: ProfileDelivery) -> None:
        self.reserve(profiles)
        profiles.release(ORDER)
        self.install(ORDER)
        with pytest.raises(Refused) as refusal:
            profiles.cancel(ORDER)
        assert refusal.value.code == "ALREADY_DOWNLOADED"
        found = profiles.find(ORDER)
        assert found is not None
        assert found.state is ProfileState.INSTALLED

    def test_a_delivery_that_is_down_does_nothing(self, profiles: ProfileDelivery) -> None:
        self.down("find", lambda: profiles.find(ORDER))
        self.down("reserve", lambda: self.reserve(profiles))
        assert profiles.find(ORDER) is None
        reserved = self.reserve(profiles)
        self.down("release", lambda: profiles.release(ORDER))
        self.down("cancel", lambda: profiles.cancel(ORDER))
        assert profiles.find(ORDER) == reserved

    def test_a_reservation_whose_reply_was_lost_is_found(self, profiles: ProfileDelivery) -> None:
        self.reply_lost("reserve", lambda: self.reserve(profiles))
        found = profiles.find(ORDER)
        assert found is not None
        assert self.reserve(profiles) == found

    def test_a_slow_reservation_is_found_later(self, profiles: ProfileDelivery) -> None:
        self.slow("reserve", lambda: self.reserve(profiles))
        assert profiles.find(ORDER) is None
        self.let_late_work_arrive()
        assert profiles.find(ORDER) is not None

    def test_a_release_whose_reply_was_lost_may_be_made_again(self, profiles: ProfileDelivery) -> None:
        self.reserve(profiles)
        self.reply_lost("release", lambda: profiles.release(ORDER))
        assert profiles.release(ORDER).state is ProfileState.RELEASED

    def test_a_cancellation_whose_reply_was_lost_may_be_made_again(self, profiles: ProfileDelivery) -> None:
        self.reserve(profiles)
        self.reply_lost("cancel", lambda: profiles.cancel(ORDER))
        profiles.cancel(ORDER)
        assert profiles.find(ORDER) is None

    def test_two_threads_reserve_one_profile_for_one_order(self, profiles: ProfileDelivery) -> None:
        first, second = both(lambda: self.reserve(profiles), lambda: self.reserve(profiles))
        assert first == second
