"""What the demo has of every stand-in alike: how it is reached, and that it goes by the one clock."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol, Self

import httpx

from ordering_core.ports.clock import Clock
from ordering_entrypoints.sandboxes import Ready
from ordering_entrypoints.terminal import Unusable


TIMEOUT: Final = 30.0
"""Seconds of silence after which a call is given up."""


class SharedClock(Clock, Protocol):
    """A clock that shows what it is told, and tells others."""

    @abstractmethod
    def move_to(self, at: datetime, /) -> object:
        """Make *at*, which is not in the past, the present."""
        ...

    @abstractmethod
    def tell(self, follower: Callable[[datetime], None], /) -> None:
        """Let *follower* know of every move from now on."""
        ...


class StandIn:
    """
    The stand-in of *name* that *ready* tells of; as a context it is closed on leaving.

    Its clock goes with *clock*. Every method raises Unusable when it is gone.
    """

    def __init__(self, name: str, ready: Ready, clock: SharedClock) -> None:
        self.address = ready["http"]
        self._name = name
        self._clock = clock
        self._api = httpx.Client(base_url=ready["http"], timeout=TIMEOUT, trust_env=False)
        self._admin = httpx.Client(base_url=ready["admin"], timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        self._follow(self._clock.now())
        self._clock.tell(self._follow)
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()
        self._admin.close()

    def _follow(self, at: datetime) -> None:
        """Make *at* the present there, in which it stays."""
        body = {"at": at.isoformat(), "stopped": True}
        self._reached(lambda: self._admin.put("clock", json=body)).raise_for_status()

    def _reached(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return send()
        except httpx.HTTPError as error:
            raise Unusable(
                f"the sandbox of {self._name} is gone: {type(error).__name__}. Begin again."
            ) from None
