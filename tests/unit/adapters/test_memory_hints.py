"""Hints wait until they are delivered or lost."""

from ordering_adapters.memory.hints import HintKind, MemoryHints
from ordering_core.domain.identifiers import OrderId


FIRST, SECOND = OrderId("801-1"), OrderId("801-2")


def test_hints_are_handed_out_once_and_in_order() -> None:
    hints = MemoryHints()
    assert hints.take() == ()
    hints.tell(FIRST, HintKind.CHANGED)
    hints.tell(SECOND, HintKind.PROVISION_REQUESTED)
    taken = hints.take()
    assert [hint.order for hint in taken] == [FIRST, SECOND]
    assert len({hint.id for hint in taken}) == 2
    assert taken[1].id.startswith("provision-requested:")
    assert hints.take() == ()


def test_hints_that_were_given_back_come_first_and_unchanged() -> None:
    hints = MemoryHints()
    hints.tell(FIRST, HintKind.CHANGED)
    hints.tell(FIRST, HintKind.CHANGED)
    taken = hints.take()
    hints.tell(SECOND, HintKind.CHANGED)
    hints.give_back(taken)
    assert hints.take()[:2] == taken
