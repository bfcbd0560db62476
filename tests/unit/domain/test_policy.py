"""A policy refuses settings that contradict each other, and says which."""

import pytest

from ordering_core.domain.policy import MNP_VALIDITY_DAYS, Policy
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import SimType


@pytest.mark.parametrize("sim_type", SimType)
def test_the_days_that_a_reservation_must_have_left_shrink_from_gate_to_gate(sim_type: SimType) -> None:
    policy = Policy()
    submit, approve, provision = (
        policy.mnp_minimum_days(gate, sim_type) for gate in (Gate.SUBMIT, Gate.APPROVE, Gate.PROVISION)
    )
    assert MNP_VALIDITY_DAYS >= submit > approve > provision
    assert policy.mnp_minimum_days(Gate.CONFIGURE, sim_type) == submit


def test_a_gate_that_asks_for_no_more_days_than_the_one_after_it_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must shrink .* raise mnp_review_days"):
        Policy(mnp_review_days=0)
    with pytest.raises(ValueError, match=r"must shrink .* mnp_approve_extra_days"):
        Policy(mnp_approve_extra_days=0, sim_ship_days=0)


def test_submit_may_ask_for_as_many_days_as_a_reservation_lives_and_not_for_one_more() -> None:
    longest = Policy(mnp_review_days=5)
    assert longest.mnp_minimum_days(Gate.SUBMIT, SimType.PHYSICAL) == MNP_VALIDITY_DAYS
    with pytest.raises(ValueError, match="MNP days at submit are 16, but a reservation lives 15; lower"):
        Policy(mnp_review_days=6)


def test_days_are_not_negative_and_may_be_none() -> None:
    assert Policy(sim_ship_days=0).sim_ship_days == 0
    with pytest.raises(ValueError, match="sim_ship_days must not be negative"):
        Policy(sim_ship_days=-1)
