"""
The life of one order in five steps: by our machine, by `transitions` and by `python-statemachine`.

For each step every contender asks one guard, checks that the step may follow, and keeps a log entry of
before, after, when and who. The others keep theirs in a plain tuple, which costs less than our records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

from statemachine import State, StateMachine
from transitions import EventData, Machine

from ordering_core.domain.machine import StateChange, command
from ordering_core.domain.order_status import OrderState, OrderStatus


AT: Final = datetime(2026, 4, 8, 1, 0, tzinfo=UTC)
BY: Final = "agent"
PATH: Final = (
    OrderState.UNDER_REVIEW,
    OrderState.AWAITING_SIM_ASSIGNMENT,
    OrderState.APPROVED,
    OrderState.SCHEDULED,
    OrderState.ACTIVATING,
    OrderState.ACTIVATED,
)
STEPS: Final = ("approve", "assign", "schedule", "activate", "complete")

Entry = tuple[str, str, datetime, str]


class Account:
    """What the guard asks: whether the customer's account is in good standing."""

    in_good_standing = True


class Order(Protocol):
    """A mutable order of the other libraries: one method for each of `STEPS`, and a log."""

    log: list[Entry]

    @property
    def approve(self) -> Callable[[], object]:
        """The step from UnderReview to AwaitingSimAssignment."""
        ...

    @property
    def assign(self) -> Callable[[], object]:
        """The step to Approved."""
        ...

    @property
    def schedule(self) -> Callable[[], object]:
        """The step to Scheduled."""
        ...

    @property
    def activate(self) -> Callable[[], object]:
        """The step to Activating."""
        ...

    @property
    def complete(self) -> Callable[[], object]:
        """The step to Activated."""
        ...


class TransitionsOrder:
    """An order for `transitions`, which gives it the steps as methods when it becomes a model."""

    def __init__(self, account: Account) -> None:
        """Begin with an empty log."""
        self.account = account
        self.log: list[Entry] = []
        self.approve: Callable[[], bool]
        self.assign: Callable[[], bool]
        self.schedule: Callable[[], bool]
        self.activate: Callable[[], bool]
        self.complete: Callable[[], bool]

    def may_go_on(self, _event: EventData) -> bool:
        """Ask the guard."""
        return self.account.in_good_standing

    def keep(self, event: EventData) -> None:
        """Write the log."""
        step = event.transition
        if step is not None and step.dest is not None:
            self.log.append((step.source, step.dest, AT, BY))


class StateMachineOrder(StateMachine):
    """An order for `python-statemachine`."""

    under_review = State(OrderState.UNDER_REVIEW.value, initial=True)
    awaiting_sim = State(OrderState.AWAITING_SIM_ASSIGNMENT.value)
    approved = State(OrderState.APPROVED.value)
    scheduled = State(OrderState.SCHEDULED.value)
    activating = State(OrderState.ACTIVATING.value)
    activated = State(OrderState.ACTIVATED.value, final=True)

    approve = under_review.to(awaiting_sim, cond="may_go_on")
    assign = awaiting_sim.to(approved, cond="may_go_on")
    schedule = approved.to(scheduled, cond="may_go_on")
    activate = scheduled.to(activating, cond="may_go_on")
    complete = activating.to(activated, cond="may_go_on")

    def __init__(self, account: Account) -> None:
        """Begin with an empty log."""
        self.account = account
        self.log: list[Entry] = []
        super().__init__()

    def may_go_on(self) -> bool:
        """Ask the guard."""
        return self.account.in_good_standing

    def after_transition(self, source: State, target: State) -> None:
        """Write the log."""
        self.log.append((source.name, target.name, AT, BY))


def by_ours(account: Account) -> list[StateChange]:
    """Bring an order through all steps and return its history."""
    status = OrderStatus(PATH[0])
    history: list[StateChange] = []
    for state in PATH[1:]:
        if not account.in_good_standing:
            raise ValueError(state)
        (change,) = command(status, OrderStatus(state), at=AT, by=BY)
        history.append(change)
        status = change.after
    return history


def by_steps(order: Order) -> list[Entry]:
    """Bring *order* through all steps and return its log."""
    order.approve()
    order.assign()
    order.schedule()
    order.activate()
    order.complete()
    return order.log


def transitions_machine() -> Machine:
    """Return one machine for all orders: the cheaper of the two ways that the library offers."""
    return Machine(
        model=None,
        states=[state.value for state in PATH],
        initial=PATH[0].value,
        auto_transitions=False,
        send_event=True,
        transitions=[
            {
                "trigger": step,
                "source": before.value,
                "dest": after.value,
                "conditions": "may_go_on",
                "after": "keep",
            }
            for step, before, after in zip(STEPS, PATH, PATH[1:], strict=False)
        ],
    )


def ours(orders: int) -> Callable[[], object]:
    """Return the work of bringing *orders* orders through all steps."""
    account = Account()
    assert [entry.after.state for entry in by_ours(account)] == list(PATH[1:])

    def work() -> None:
        for _ in range(orders):
            by_ours(account)

    return work


def transitions(orders: int) -> Callable[[], object]:
    """Return the same work on *orders* orders of `transitions`, made beforehand."""
    machine = transitions_machine()
    ready = [TransitionsOrder(Account()) for _ in range(orders + 1)]
    machine.add_model(ready)
    return _work_on(ready)


def python_statemachine(orders: int) -> Callable[[], object]:
    """Return the same work on *orders* orders of `python-statemachine`, made beforehand."""
    return _work_on([StateMachineOrder(Account()) for _ in range(orders + 1)])


def _work_on(ready: Sequence[Order]) -> Callable[[], object]:
    """Bring the first of *ready* through all steps, to see that it works; return the others as work."""
    log = by_steps(ready[0])
    assert [after for _, after, _, _ in log] == [state.value for state in PATH[1:]]

    def work() -> None:
        for order in ready[1:]:
            by_steps(order)

    return work
