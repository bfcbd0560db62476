"""
The way to an org: one client of the library for each thread, signed with the shared token.

Only `restful`, `query` and `query_more` of the library are used, in direct-session mode: its own sign-in
refreshes without a lock, loses headers, and recurses without end on records (reference 1.3).
"""

from __future__ import annotations

import random
import time

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock, local
from typing import Final, TypeVar

import attrs

from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession

from ordering_adapters.salesforce.composite import Answers, Call, answers_in
from ordering_adapters.salesforce.errors import Failure, Retry
from ordering_adapters.salesforce.exceptions import failure_of
from ordering_adapters.salesforce.fields import Names
from ordering_adapters.salesforce.patience import Patience, asked_wait
from ordering_adapters.salesforce.rows import Record, is_object, next_page, objects_in, subqueries
from ordering_adapters.salesforce.settings import SalesforceSettings
from ordering_adapters.salesforce.tokens import Token, TokenProvider
from ordering_adapters.salesforce.transport import Observe, Transport, unobserved
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, Unavailable
from ordering_core.ports.clock import Clock


T = TypeVar("T")

_CODELESS_REFUSAL: Final = "HTTP_401"
_NO_SUCH_OBJECT: Final = frozenset({"NOT_FOUND", "INVALID_TYPE"})


@attrs.frozen(kw_only=True)
class Allowance:
    """The org's API calls of the last 24 hours: how many were *used*, and how many there may be."""

    used: int
    total: int


class _PlaceGone(Unavailable):
    """Salesforce does not know any more where the rest of a long answer is."""


class SalesforceOrg:
    """One org, shared by every port and by every thread."""

    def __init__(
        self,
        settings: SalesforceSettings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        observe: Observe = unobserved,
    ) -> None:
        """
        Nothing is sent before the first call.

        *sleep* waits (seconds) between the tries of one, *observe* is told of each try.
        """
        self.settings = settings
        self.clock = clock
        self._sleep = sleep
        self._patience = Patience(lasts=settings.retry_for)
        self.transport = Transport(
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            ca_file=settings.ca_file,
            plain_address=settings.plain_address,
            observe=observe,
        )
        self._tokens = TokenProvider(
            settings.credentials, domain=settings.domain, transport=self.transport, clock=clock
        )
        self._mine = local()
        self._lock = Lock()
        self._allowance: Allowance | None = None
        self._clock_ahead: timedelta | None = None
        self._quiet_until: datetime | None = None

    @property
    def names(self) -> Names:
        """What this org calls its fields."""
        return self.settings.names

    @property
    def tokens(self) -> TokenProvider:
        """Where its tokens come from, for the event bus too."""
        return self._tokens

    @property
    def allowance(self) -> Allowance | None:
        """What the last answer said of the API calls that are left; None before the first one."""
        return self._allowance

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far our clock is ahead of Salesforce's, by its last answer, to a second; None before one."""
        return self._clock_ahead

    def rows(self, soql: str) -> tuple[Record, ...]:
        """
        Return all that *soql* finds, however many pages it takes.

        Raises:
            Unavailable: It cannot be asked now.

        """
        return _afresh(lambda: self._records(self._read(lambda client: client.query(soql))))

    def look(self, calls: Sequence[Call]) -> Mapping[str, tuple[Record, ...]]:
        """
        Ask several queries in one call; return what each found.

        Raises:
            Unavailable: One of them cannot be asked now.

        """

        def looked() -> Mapping[str, tuple[Record, ...]]:
            answers = self._read(lambda client: answers_in(self._composite(client, calls, whole=False)))
            return {call.name: self._records(answers.bodies.get(call.name)) for call in calls}

        return _afresh(looked)

    def change(self, calls: Sequence[Call]) -> Answers | Failure:
        """
        Do *calls* in their order, all or none; return their answers, or why Salesforce took none of them.

        Raises:
            PortError: The call itself failed: it may not have arrived, or its answer was lost.

        """
        answers = self._tried(
            lambda client: answers_in(self._composite(client, calls, whole=True)), reading=False
        )
        if isinstance(answers, Failure) and not answers.call:
            raise answers.error()
        return answers

    def described(self, kind: str) -> Mapping[str, object] | None:
        """
        Return what Salesforce tells of the object *kind* and its fields, None when the user sees no such.

        Raises:
            Unavailable: It cannot be asked now.

        """
        answer = self._tried(lambda client: client.restful(f"sobjects/{kind}/describe"), reading=True)
        if isinstance(answer, Failure):
            if answer.code in _NO_SUCH_OBJECT:
                return None
            raise answer.error(reading=True)
        return answer if is_object(answer) else None

    def publish(self, event: str, body: Mapping[str, object]) -> Failure | None:
        """Publish one *event* that says *body*; return why Salesforce took none, or None."""
        answer = self._tried(
            lambda client: client.restful(f"sobjects/{event}", method="POST", json=body), reading=False
        )
        return answer if isinstance(answer, Failure) else None

    def records(self, rows: Sequence[Mapping[str, object]]) -> tuple[Record, ...]:
        """
        Return *rows* that a write ended with as records, their subqueries read to the end.

        Raises:
            OutcomeUnknown: They cannot be read to the end; what was written is written.

        """
        try:
            return tuple(Record(self.names, self._completed(row)) for row in rows)
        except Unavailable as error:
            raise OutcomeUnknown(System.SALESFORCE, "what was written cannot be read to its end") from error

    def _composite(self, client: Salesforce, calls: Sequence[Call], *, whole: bool) -> object:
        body = {
            "allOrNone": whole,
            "collateSubrequests": False,
            "compositeRequest": [call.rendered(self.settings.version) for call in calls],
        }
        answer: object = client.restful("composite", method="POST", json=body)
        return answer

    def _records(self, answer: object) -> tuple[Record, ...]:
        """Return the records of a query's first *answer* and of all that follow."""
        return tuple(Record(self.names, self._completed(row)) for row in self._pages(answer))

    def _pages(self, answer: object) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = []
        while is_object(answer):
            found += objects_in(answer.get("records"))
            place = next_page(answer)
            if not place:
                break
            answer = self._more(place)
        return found

    def _more(self, place: str) -> object:
        answer = self._tried(lambda client: client.query_more(place, identifier_is_url=True), reading=True)
        if isinstance(answer, Failure) and answer.meaning.retry is Retry.AFRESH:
            raise _PlaceGone(System.SALESFORCE, answer.code)
        if isinstance(answer, Failure):
            raise answer.error(reading=True)
        return answer

    def _completed(self, row: Mapping[str, object]) -> Mapping[str, object]:
        """Return *row* with every page of its subqueries."""
        partial = {name: answer for name, answer in subqueries(row) if next_page(answer)}
        return {**row, **{name: {"records": self._pages(answer)} for name, answer in partial.items()}}

    def _read(self, ask: Callable[[Salesforce], T | Failure]) -> T:
        """Return the answer to a question. Raises Unavailable."""
        answer = self._tried(ask, reading=True)
        if isinstance(answer, Failure):
            raise answer.error(reading=True)
        return answer

    def _tried(self, ask: Callable[[Salesforce], T | Failure], *, reading: bool) -> T | Failure:
        """
        Make one call, again where that does no harm; return the answer, or what went wrong at last.

        A refused token is renewed once.
        """
        self._keep_quiet()
        token, began = self._tokens.token(), self.clock.now()
        renewed, tries = False, 0
        while True:
            tries += 1
            answer = self._attempt(ask, token)
            if not isinstance(answer, Failure):
                return answer
            if answer.meaning.retry is Retry.AFTER_RENEWAL and not renewed:
                token, renewed = self._tokens.renewed(token), True
                continue
            now = self.clock.now()
            asked = asked_wait(self.transport.asked_to_wait, now)
            wait = self._patience.wait(
                answer,
                tries=tries,
                spent=now - began,
                asked=asked,
                chance=random.random(),  # noqa: S311 - nobody gains by guessing it
                reading=reading,
            )
            if wait is None:
                self._leave_alone(answer, asked, now)
                return answer
            self._sleep(wait)

    def _leave_alone(self, failure: Failure, asked: timedelta | None, now: datetime) -> None:
        """Remember until when nothing is to be sent: the day's calls are used up, or it *asked* for time."""
        quiet_for = self.settings.quiet_for
        if failure.meaning.retry is Retry.LATER:
            self._quiet_until = now + quiet_for
        elif asked is not None:
            self._quiet_until = now + min(asked, quiet_for)

    def _attempt(self, ask: Callable[[Salesforce], T | Failure], token: Token) -> T | Failure:
        """Return the answer, or what went wrong; the exception, which names URL and body, ends here."""
        client = self._client(token)
        try:
            answer = ask(client)
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                raise
            if isinstance(error, SalesforceExpiredSession) and failure.code == _CODELESS_REFUSAL:
                return attrs.evolve(failure, code="INVALID_SESSION_ID")
            return failure
        self._note_usage(client)
        if (theirs := self.transport.answered_at) is not None:
            self._clock_ahead = self.clock.now() - theirs
        return answer

    def _client(self, token: Token) -> Salesforce:
        """Return this thread's client for *token*."""
        known: tuple[Token, Salesforce] | None = getattr(self._mine, "client", None)
        if known is not None and known[0] == token:
            return known[1]
        session = self.transport.session() if known is None else known[1].session
        client = Salesforce(
            session_id=token.access,
            instance_url=token.instance_url,
            session=session,
            version=self.settings.version,
        )
        self._mine.client = (token, client)
        return client

    def _note_usage(self, client: Salesforce) -> None:
        for usage in client.api_usage.values():
            with self._lock:
                self._allowance = Allowance(used=usage.used, total=usage.total)
            return

    def _keep_quiet(self) -> None:
        """Leave Salesforce alone while the day's calls are used up, or it asked for time."""
        until = self._quiet_until
        if until is not None and self.clock.now() < until:
            raise Unavailable(System.SALESFORCE, "it asked to be left alone for a while")


def _afresh(read: Callable[[], T]) -> T:
    """Return what *read* returns; it begins once more when the rest of its answer is gone meanwhile."""
    try:
        return read()
    except _PlaceGone:
        return read()
