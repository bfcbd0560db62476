"""
``Idempotency-Key``: a request that is sent again, because its answer was lost, is not done again.

A key belongs to one principal and one route for 24 hours. What is kept is where the answer is found (an id),
and the answer is made again from there: it shows things as they are now, and no personal data is stored a
second time. A request that failed is forgotten, so that it may be tried again under its key.
"""

from __future__ import annotations

import hashlib
import logging
import re

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final, TypeAlias, TypeVar

import attrs

from litestar.params import HeaderParameter

from ordering_core.application.ordering import Ordering
from ordering_core.errors import PortError
from ordering_core.ports.checkout_records import Answer, AnswerState
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Store
from ordering_entrypoints.http.auth import ApiRequest
from ordering_entrypoints.http.redaction import log_event


_T = TypeVar("_T")

HEADER: Final = "Idempotency-Key"

KEPT: Final = timedelta(hours=24)
"""How long a key belongs to its request."""

LONGEST_RUN: Final = timedelta(minutes=5)
"""A request that has run for longer has died with its process; its key is free again."""

_KEY: Final = re.compile(r'"?([\x21\x23-\x7e]{16,200})"?')

_LOG: Final = logging.getLogger(__name__)


class BadKey(Exception):
    """The header cannot be used as a key."""


class KeyReused(Exception):
    """The key was used for another request."""


class KeyInUse(Exception):
    """The request under this key is being worked on."""


@attrs.frozen(kw_only=True)
class Once:
    """
    Does one request at most once.

    Without a key it simply does it. Sixteen characters are the least: for somebody who is not logged in the
    key is all that tells one from another.
    """

    key: str | None
    scope: str
    fingerprint: str
    store: Store
    clock: Clock

    def __call__(
        self, act: Callable[[], _T], *, reference: Callable[[_T], str | None], recall: Callable[[str], _T]
    ) -> _T:
        """
        Return what *act* returns, or, for a request already done, what *recall* makes of its reference.

        *reference* names where the result is found again; None means that it is not final, and the request
        may be sent again under its key.

        Raises:
            KeyReused: The key belongs to another request.

            KeyInUse: The request is being worked on.

        """
        if self.key is None:
            return act()
        answer = Answer(
            scope=self.scope,
            key=self.key,
            fingerprint=self.fingerprint,
            state=AnswerState.RUNNING,
            since=self.clock.now(),
        )
        done = self._begin(answer)
        if done is not None:
            return recall(done.reference)
        try:
            result = act()
        except BaseException:
            self._abandon(answer)
            raise
        self._finish(answer, reference(result))
        return result

    def command(self, act: Callable[[], None]) -> None:
        """Do *act*, which has no result, at most once."""
        self(act, reference=lambda _: "done", recall=lambda _: None)

    def _begin(self, answer: Answer) -> Answer | None:
        """Take the key, and return None; or return the answer that was given under it."""
        with self.store.transaction() as tx:
            tx.answers.forget_before(answer.since - KEPT)
            known = tx.answers.begin(answer)
            if known is None:
                return None
            if known.fingerprint != answer.fingerprint:
                raise KeyReused
            if known.state is AnswerState.ANSWERED:
                return known
            if answer.since - known.since < LONGEST_RUN:
                raise KeyInUse
            tx.answers.abandon(answer.scope, answer.key)
            tx.answers.begin(answer)
            return None

    def _finish(self, answer: Answer, reference: str | None) -> None:
        if reference is None:
            self._abandon(answer)
            return
        try:
            with self.store.transaction() as tx:
                tx.answers.finish(attrs.evolve(answer, state=AnswerState.ANSWERED, reference=reference))
        except PortError as error:  # it is done: the caller shall know, even if a repetition will not
            log_event(_LOG, logging.WARNING, "idempotency key not kept", {"error": type(error).__name__})

    def _abandon(self, answer: Answer) -> None:
        try:
            with self.store.transaction() as tx:
                tx.answers.abandon(answer.scope, answer.key)
        except PortError as error:  # what went wrong first matters more; the key is free after LONGEST_RUN
            log_event(_LOG, logging.WARNING, "idempotency key not freed", {"error": type(error).__name__})


TheKey: TypeAlias = Annotated[
    str | None, HeaderParameter(name=HEADER, description="Makes it safe to send this again, for 24 hours")
]
"""The header, for handlers of POST to ask for as ``idempotency_key``."""


def once(request: ApiRequest, ordering: Ordering, raw: bytes, header: str | None) -> Once:
    """
    Return the means to do this request once, by its key, its principal, its route and its content *raw*.

    Raises:
        BadKey: The *header* cannot be used as a key.

    """
    if header is None:
        return Once(key=None, scope="", fingerprint="", store=ordering.store, clock=ordering.clock)
    return Once(
        key=_key(header),
        scope=f"{request.user.name} {request.method} {request.scope['path_template']}",
        fingerprint=_fingerprint(request, raw),
        store=ordering.store,
        clock=ordering.clock,
    )


def _key(header: str) -> str:
    """Return a digest of the key: what a client puts into it is none of our business and may be personal."""
    written = _KEY.fullmatch(header)
    if written is None:
        raise BadKey
    return hashlib.sha256(written[1].encode()).hexdigest()


def _fingerprint(request: ApiRequest, raw: bytes) -> str:
    """Return a digest of path and body; a form's boundary is different each time and does not count."""
    boundary = request.content_type[1].get("boundary", "").encode()
    content = raw.replace(boundary, b"") if boundary else raw
    return hashlib.sha256(request.url.path.encode() + b"\n" + content).hexdigest()
