"""
Everything that can go wrong in ordering, as one tree of plain exceptions.

    OrderingError
    + RequestError                   the caller's request cannot succeed as it stands
    | - OrderRejected                rules are violated; carries every violation (domain.violations)
    | - CheckoutIncomplete           a requirement of submitting is not met (domain.checkout)
    | - CheckoutExpired              the checkout session's time is over
    | - CheckoutClosed               the checkout session was already submitted
    | - IllegalTransition            a command asks for a state that cannot follow the present one
    | - NothingToRetry               an order without a hold was to be tried again
    | - InvalidFile                  an uploaded file is not what it has to be
    | - CursorTooOld                 events after a reader's cursor were forgotten
    + NotFound                       it does not exist, or it belongs to somebody else
    + CatalogueFileError             the catalogue file cannot be used; a ValueError, raised while starting
    + PortError                      an outside system got in the way
      - Unavailable                  nothing happened; trying again is safe
      - OutcomeUnknown               it may have happened; look before trying again
      - Refused                      it understood, and said no; trying again is useless
      - Conflict                     somebody else changed it first; read again, decide again

Adapters raise the four port errors and nothing else. No message ever carries personal data: they name a
system, a field, a code, never a value that a customer typed.
"""

from __future__ import annotations

import re

from typing import Final


NO_CODE: Final = "REFUSED"
"""The code of a refusal whose system gave none that can be told."""

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")

# Codes of networks are a few digits; telephone numbers, postal codes, birth dates and EIDs are seven or more.
_NUMBER: Final = re.compile(r"(?:[0-9][_.-]?){7}")


def stable_code(said: str) -> str:
    """Return *said* if it is a code; a sentence or a long number could be the customer's: `NO_CODE`."""
    return said if _CODE.fullmatch(said) and not _NUMBER.search(said) else NO_CODE


class OrderingError(Exception):
    """Root of everything that this library raises on purpose."""


class RequestError(OrderingError):
    """The request can never succeed as it stands; the caller has to change it."""


class CheckoutExpired(RequestError):
    """The checkout session's time is over; the customer configures again (seed: Checkout Session Expiry)."""

    def __str__(self) -> str:
        """Say the way out."""
        return "this checkout has expired; please configure the service again"


class CheckoutClosed(RequestError):
    """The checkout session was submitted; *order_id* is its order, or None while it is being placed."""

    def __init__(self, order_id: str | None) -> None:
        """Remember which order the session became."""
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        """Say what happened and the way out."""
        return "this checkout was already submitted and can no longer be changed; start a new one"


class IllegalTransition(RequestError):
    """A command asked for a state that cannot follow the present one."""

    def __init__(self, source: str, target: str) -> None:
        """Keep both states by their names."""
        super().__init__(source, target)
        self.source = source
        self.target = target

    def __str__(self) -> str:
        """Name both states."""
        return f"an order that is {self.source} cannot become {self.target}"


class NothingToRetry(RequestError):
    """A person asked for an order to be tried again that nothing holds."""

    def __str__(self) -> str:
        """Say why, and the way out."""
        return "there is nothing to retry: no hold is open on this order; look at what it waits for"


class InvalidFile(RequestError):
    """An uploaded file is not what it has to be; *code* is stable, *remedy* is the way out."""

    def __init__(self, code: str, remedy: str) -> None:
        """Keep a stable code and a sentence for the customer."""
        super().__init__(code, remedy)
        self.code = code
        self.remedy = remedy

    def __str__(self) -> str:
        """Say what is wrong and the way out."""
        return f"{self.code}: {self.remedy}"


class CursorTooOld(RequestError):
    """Events after a reader's cursor were forgotten; nothing is missing after *resume_after*."""

    def __init__(self, resume_after: int) -> None:
        """Keep the cursor to go on from."""
        super().__init__(resume_after)
        self.resume_after = resume_after

    def __str__(self) -> str:
        """Say the way out."""
        return (
            "some of what happened since this cursor was forgotten; read the orders themselves again, "
            f"and follow after cursor {self.resume_after}"
        )


class NotFound(OrderingError):
    """The thing does not exist, or belongs to somebody else: the caller cannot tell which."""

    def __init__(self, kind: str) -> None:
        """Name the kind of thing only; an id could be a stranger's."""
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        """Name what was looked for."""
        return f"no such {self.kind}"


class CatalogueFileError(OrderingError, ValueError):
    """The catalogue file cannot be used as it stands; *problems* name each table, field and remedy."""

    def __init__(self, file: str, problems: tuple[str, ...]) -> None:
        """Keep the name of the file and everything that is wrong with it."""
        super().__init__(file, problems)
        self.file = file
        self.problems = problems

    def __str__(self) -> str:
        """List every problem on a line of its own."""
        return "\n".join((f"{self.file} cannot be used:", *(f"  {problem}" for problem in self.problems)))


class PortError(OrderingError):
    """An outside system got in the way; *system* names it."""

    def __init__(self, system: str, reason: str = "") -> None:
        """Name the system and, without personal data, the reason it gave."""
        super().__init__(system, reason)
        self.system = system
        self.reason = reason

    def __str__(self) -> str:
        """Name the system and the reason."""
        return f"{self.system}: {self.reason or type(self).__name__}"


class Unavailable(PortError):
    """Nothing happened there; trying again later is safe."""


class OutcomeUnknown(PortError):
    """It may have happened; look before trying again."""


class Refused(PortError):
    """The system understood and said no; the same request will be refused again."""

    def __init__(self, system: str, code: str, reason: str = "") -> None:
        """
        Keep the system's own stable *code* and a *reason* for staff, free of personal data.

        Codes are kept in the journal and shown; what is none, by `stable_code`, becomes REFUSED.
        """
        super().__init__(system, reason)
        self.code = stable_code(code)
        self.args = (system, self.code, reason)

    def __str__(self) -> str:
        """Name the system, its code and its reason."""
        return f"{self.system} refused ({self.code}){': ' + self.reason if self.reason else ''}"


class Conflict(PortError):
    """Somebody else changed the record first; read again and decide again."""
