"""
The way to an installation: one action a call, over connections that are kept and never too many.

Every answer is read the same way: its JSON first, whatever the HTTP status, for errors come with 200 and with
403. What was sent, and what came back, never leaves this module but as an answer: both hold secrets.
"""

from __future__ import annotations

import json
import ssl
import time

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias

import httpx

from ordering_adapters.whmcs.errors import NOT_SET_UP, Code, code_of, refusal, unreadable
from ordering_adapters.whmcs.php import Parameter, form
from ordering_adapters.whmcs.settings import WhmcsSettings
from ordering_adapters.whmcs.shortfalls import Shortfalls
from ordering_adapters.whmcs.values import Row, count, is_row, rows, text
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, PortError, Unavailable
from ordering_core.ports.clock import Clock


Observe: TypeAlias = Callable[[str, "type[BaseException] | None", float], None]
"""Is told of every call: its action, the kind of its error if it had one, and its seconds."""

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""The request never left (reference 4): trying again is safe."""

_PATH: Final = "includes/api.php"
_SUCCESS: Final = "success"
_ERROR: Final = "error"
_MOST_BYTES: Final = 50_000_000
_MOST_PAGES: Final = 10_000
_READ_AGAIN: Final = 5
"""How often a list is read before it is given up as one that never holds still."""


def unobserved(_operation: str, _error: type[BaseException] | None, _seconds: float) -> None:
    """Let nobody hear of a call."""


class WhmcsApi:
    """One installation, shared by every port and by every thread."""

    def __init__(self, settings: WhmcsSettings, clock: Clock, *, observe: Observe = unobserved) -> None:
        """Nothing is sent before the first call; *observe* is told of each."""
        self.settings = settings
        self.clock = clock
        self.timeout = settings.timeout
        self._observe = observe
        self._quiet: tuple[datetime, Code] | None = None
        self._shortfalls = Shortfalls()
        self._client = httpx.Client(
            base_url=settings.base,
            timeout=httpx.Timeout(settings.timeout, connect=settings.connect_timeout),
            limits=httpx.Limits(
                max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency
            ),
            verify=_authorities(settings),
            # A redirect would repeat the secret at another address, and turn a POST into a GET.
            follow_redirects=False,
            # A proxy for the world outside must not take what is meant for this machine.
            trust_env=not settings.is_on_this_machine,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def read(self, action: str, parameters: Mapping[str, Parameter] = MappingProxyType({}), /) -> Row:
        """
        Return the answer of an action that changes nothing.

        Raises:
            Unavailable: It cannot be asked now.

            Refused: WHMCS says no, under one of the codes of `Code`.

        """
        return self._call(action, parameters, reading=True)

    def write(self, action: str, parameters: Mapping[str, Parameter], /) -> Row:
        """
        Return the answer of an action that changes something.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened.

            Refused: WHMCS says no, under one of the codes of `Code`.

        """
        return self._call(action, parameters, reading=False)

    def pages(
        self, action: str, parameters: Mapping[str, Parameter], /, *, container: str, item: str
    ) -> list[Row]:
        """
        Return the rows of every page, up to the total or to a page without new rows; each row once.

        Rows that come or go meanwhile move the others from page to page. Where that shows, everything is read
        again, until it holds still or says the same twice. Fewer rows than the total are never all there is:
        what is missing could be an order of ours. A list that stays short, look after look, is for people.

        Raises:
            Unavailable: A page cannot be asked now, rows are missing, or they never hold still.

            Refused: WHMCS says no, or look after look counts more rows than it shows (LIST_INCOMPLETE).

        """
        asked = (action, tuple(form(parameters).items()))
        before: frozenset[str] | None = None
        stays_short = True
        for _ in range(_READ_AGAIN):
            found, held_still, is_short = self._read_through(
                action, parameters, container=container, item=item
            )
            if held_still or (found.keys() == before and not is_short):
                self._shortfalls.over(asked)
                return list(found.values())
            before = frozenset(found)
            stays_short &= is_short
        if stays_short and self._shortfalls.again(asked):
            raise refusal(Code.LIST_INCOMPLETE)
        raise Unavailable(System.WHMCS, Code.LIST_INCOMPLETE if stays_short else "PAGES_SHIFT")

    def _read_through(
        self, action: str, parameters: Mapping[str, Parameter], *, container: str, item: str
    ) -> tuple[dict[str, Row], bool, bool]:
        """Return the rows by their ids, whether none can have moved meanwhile, and whether any is missing."""
        found: dict[str, Row] = {}
        totals: set[int | None] = set()
        held_still = True
        widest = read = 0
        for _ in range(_MOST_PAGES):
            # The last row is asked for again: another one in its place tells that the rows have moved. Where
            # a page has one row alone, there would be no new one beside it.
            seen = 1 if widest > 1 else 0
            window = {"limitstart": len(found) - seen, "limitnum": self.settings.page_size}
            answer = self.read(action, {**parameters, **window})
            listed = rows(answer, container, item)
            page = {text(row, "id"): row for row in listed}
            total = count(answer, "totalresults")
            totals.add(total)
            held_still &= not found or seen == 1
            held_still &= [*page][:seen] == [*found][len(found) - seen :]
            held_still &= len(page.keys() & found.keys()) == seen
            widest, read = max(widest, len(page)), read + len(listed) - seen
            is_last = page.keys() <= found.keys()
            found |= page
            # Without a total, a page that is not full may be all that WHMCS gives at a time.
            if is_last or (total is not None and len(found) >= total):
                is_short = any(said is not None and said > read for said in totals)
                return found, held_still and totals in ({None}, {len(found)}), is_short
        raise Unavailable(System.WHMCS, "PAGES_WITHOUT_END")

    def _call(self, action: str, parameters: Mapping[str, Parameter], *, reading: bool) -> Row:
        self._keep_quiet()
        began, failed = time.monotonic(), None
        try:
            return self._answer(action, parameters, reading=reading)
        except BaseException as error:
            failed = type(error)
            raise
        finally:
            self._observe(action, failed, time.monotonic() - began)

    def _answer(self, action: str, parameters: Mapping[str, Parameter], *, reading: bool) -> Row:
        status, body = self._send(action, parameters, reading=reading)
        answer = _json(body)
        if answer is None:
            raise unreadable(status, reading=reading)
        said = (text(answer, "result") or text(answer, "status")).casefold()
        if said == _SUCCESS:
            return answer
        if said != _ERROR:
            raise unreadable(status, reading=reading)
        code = code_of(text(answer, "message"))
        if code in NOT_SET_UP:
            self._quiet = (self.clock.now() + self.settings.quiet_for, code)
        raise refusal(code)

    def _send(self, action: str, parameters: Mapping[str, Parameter], *, reading: bool) -> tuple[int, bytes]:
        """Send one call and return the status and all of the answer, within the time-out for both."""
        fields = {"action": action, "responsetype": "json", **form(parameters), **self._credential()}
        failure: PortError
        until = time.monotonic() + self.timeout
        try:
            with self._client.stream("POST", _PATH, data=fields, timeout=self._patience()) as response:
                return response.status_code, _body(response, until)
        except _NOT_SENT as error:
            failure = Unavailable(System.WHMCS, type(error).__name__)
        except (httpx.HTTPError, httpx.StreamError) as error:
            kind = Unavailable if reading else OutcomeUnknown
            failure = kind(System.WHMCS, type(error).__name__)
        # Outside of the handler: the exception of the network has the request in it, and the secret.
        raise failure

    def _patience(self) -> httpx.Timeout:
        connect = min(self.settings.connect_timeout, self.timeout)
        return httpx.Timeout(self.timeout, connect=connect, pool=connect)

    def _credential(self) -> dict[str, str]:
        known = {"identifier": self.settings.identifier, "secret": self.settings.secret}
        return known | ({"accesskey": self.settings.access_key} if self.settings.access_key else {})

    def _keep_quiet(self) -> None:
        """Send nothing while WHMCS does not know us: every failed call brings a ban nearer (reference 1)."""
        quiet = self._quiet
        if quiet is not None and self.clock.now() < quiet[0]:
            raise refusal(quiet[1])


def _body(response: httpx.Response, until: float) -> bytes:
    """Return the body; httpx's own time-out is for each piece of it, and a drip would take for ever."""
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if time.monotonic() > until or size > _MOST_BYTES:
            raise httpx.ReadTimeout("the answer does not end")
        pieces.append(piece)
    return b"".join(pieces)


def _json(body: bytes) -> Row | None:
    """Return the object in *body*; None for a page, a notice of PHP before the object, or no text at all."""
    try:
        answer: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return answer if is_row(answer) else None


def _authorities(settings: WhmcsSettings) -> ssl.SSLContext | bool:
    return True if settings.ca_file is None else ssl.create_default_context(cafile=str(settings.ca_file))
