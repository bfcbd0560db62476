"""
Confirming or changing the service address during checkout (seed "Service Address Confirmation"; DESIGN 3.23).

A changed address is the session's alone until submit: nothing is written to Salesforce before an order is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.application.asked import Ours, address_shown, ask_salesforce, broken
from ordering_core.application.sessions import owned, told
from ordering_core.domain import checkout as decide
from ordering_core.domain.address import PostalAddress, address_problems
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.drafts import AddressDraft
from ordering_core.domain.identifiers import CustomerId, SessionId
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules.location import the_address_is_complete
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.violations import OrderRejected, Violation
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Store


_IN_JAPANESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "address_missing": "この項目を入力してください。",
        "address_length": "この項目が長すぎます。80文字以内で入力してください。",
        "prefecture_unknown": "都道府県を一覧から選んでください。",
        "postal_code_characters": "郵便番号は数字で入力してください。",
        "postal_code_length": "郵便番号は7桁で入力してください。",
        "text_invisible": "見えない文字が含まれています。貼り付けずに入力してください。",
    }
)
"""What the customer reads in Japanese for each way in which a part of an address can be wrong."""


def confirm_address(
    session: SessionId,
    *,
    customer: CustomerId,
    catalogue: ProductCatalogue,
    orders: OrderRepository,
    store: Store,
    policy: Policy,
    at: datetime,
) -> CheckoutSession:
    """
    Confirm the address that the checkout shows.

    Raises:
        OrderRejected: There is none, or it is incomplete.

        CheckoutClosed, CheckoutExpired, NotFound: The session cannot be changed.

    """
    current, known = _open_session(session, customer=customer, store=store, at=at)
    asked = ask_salesforce(current, known, catalogue=catalogue, orders=orders, policy=policy)
    shown = address_shown(current, asked)
    incomplete = broken(current, asked, the_address_is_complete.__name__, policy=policy, at=at)
    if shown is None or incomplete:
        raise OrderRejected(incomplete)
    confirmed = decide.confirmed(current, shown, at=at, policy=policy)
    with store.at_once() as tx:
        return tx.sessions.replace(confirmed)


def update_address(
    session: SessionId,
    address: AddressDraft,
    *,
    customer: CustomerId,
    catalogue: ProductCatalogue,
    orders: OrderRepository,
    store: Store,
    policy: Policy,
    at: datetime,
) -> CheckoutSession:
    """
    Give this order another address, to be confirmed then.

    Raises:
        OrderRejected: With every part of it that is wrong or missing.

        CheckoutClosed, CheckoutExpired, NotFound: The session cannot be changed.

    """
    current, known = _open_session(session, customer=customer, store=store, at=at)
    parsed = _parse(address)
    asked = ask_salesforce(current, known, catalogue=catalogue, orders=orders, policy=policy)
    on_file = asked.account.address if asked.account else None
    moved = decide.moved(current, parsed, on_file=on_file, at=at, policy=policy)
    incomplete = broken(moved, asked, the_address_is_complete.__name__, policy=policy, at=at)
    if incomplete:
        raise OrderRejected(incomplete)
    with store.at_once() as tx:
        return tx.sessions.replace(moved)


def _open_session(
    session: SessionId, *, customer: CustomerId, store: Store, at: datetime
) -> tuple[CheckoutSession, Ours]:
    """Return *customer*'s session if it may still be changed, and what we know of them."""
    with store.at_once() as tx:
        found, mapping, rows = tx.visit(session, customer)
    current = owned(found, customer)
    if current.submitted:
        with store.at_once() as tx:
            current = told(tx, current)
    decide.require_open(current, at)
    return current, (mapping, rows)


def _parse(address: AddressDraft) -> PostalAddress:
    """Return *address* as it was typed. Raises OrderRejected with every part that cannot be read."""
    typed = attrs.asdict(address)
    problems = address_problems(typed)
    if problems:
        raise OrderRejected([_violation(problem) for problem in problems])
    return PostalAddress.parse(typed)


def _violation(problem: InvalidValue) -> Violation:
    """Return what keeps one part of an address from being read, at its place."""
    return Violation(
        code=problem.code,
        rule="the_address_can_be_read",
        pointer=f"/address/{problem.facts['field']}",
        message=problem.message,
        message_ja=_IN_JAPANESE[problem.code],
        remedy=problem.remedy,
        facts=problem.facts,
    )
