"""
The settings of a process, read from environment variables that begin with ``ORDERING_``.

``ORDERING_<GROUP>_<FIELD>`` sets one field of one group: HTTP, TOKENS, EVENTS (all three of
`ordering_entrypoints.http.settings`), SALESFORCE (`ordering_entrypoints.salesforce_settings`),
WHMCS (`ordering_entrypoints.whmcs_settings`), SIM, ES2PLUS (both of `ordering_entrypoints.sim_settings`),
WORKER (`ordering_entrypoints.worker_settings`), LOG (`ordering_entrypoints.logs`) or POLICY
(`ordering_core.domain.policy`). Everything that is
wrong is said at once, by the name of the variable and never by its value, for some are secrets. A variable
that nobody knows is an error: a misspelt setting that is silently ignored is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Self, TypeVar

import attrs

from cattrs import ClassValidationError

from ordering_core.domain.policy import Policy
from ordering_entrypoints.http.settings import EventSettings, HttpSettings, TokenSettings
from ordering_entrypoints.logs import LogVariables
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings_values import Unusable, text_converter
from ordering_entrypoints.sim_settings import Es2PlusVariables, SimVariables
from ordering_entrypoints.whmcs_settings import WhmcsVariables
from ordering_entrypoints.worker_settings import WorkerVariables


_GroupT = TypeVar("_GroupT", bound=attrs.AttrsInstance)

PREFIX: Final = "ORDERING_"
CATALOGUE: Final = "ORDERING_CATALOGUE"
DATABASE: Final = "ORDERING_DATABASE"
DATABASE_KEYS: Final = "ORDERING_DATABASE_KEYS"

_NOT_A_VARIABLE: Final = frozenset({"tokens", "events"})
"""Fields of HttpSettings that are groups of their own."""


class SettingsError(ValueError):
    """The environment cannot be used as it stands; *problems* name each variable and what to write."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep every problem."""
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        """List every problem on a line of its own."""
        return "\n".join(("the settings cannot be used:", *(f"  {problem}" for problem in self.problems)))


@attrs.frozen(kw_only=True)
class Settings:
    """
    Everything that a process of ours can be told.

    *catalogue* is a catalogue file, None for the one that is shipped. *database* is where everything of ours
    is kept (``sqlite:///FILE`` or ``postgresql://…``), None for nowhere: in memory, gone with the process.
    *database_keys* seal personal data there: the first one seals, all of them open, none leaves it as it is.
    *salesforce* is the org that orders land in, None for one in memory; *whmcs* the installation that bills
    them, None likewise.
    *worker* says where due work is run, *log* what the log looks like.
    """

    http: HttpSettings = attrs.field(factory=HttpSettings)
    policy: Policy = attrs.field(factory=Policy)
    catalogue: Path | None = None
    database: str | None = attrs.field(default=None, repr=False)
    database_keys: tuple[str, ...] = attrs.field(default=(), repr=False)
    salesforce: SalesforceVariables | None = None
    whmcs: WhmcsVariables | None = None
    sim: SimVariables | None = None
    es2plus: Es2PlusVariables | None = None
    worker: WorkerVariables = attrs.field(factory=WorkerVariables)
    log: LogVariables = attrs.field(factory=LogVariables)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """
        Read the variables of *env* that begin with ``ORDERING_``; the others are not ours.

        Raises:
            SettingsError: With everything that is wrong with them.

        """
        reader = _Reader({name: text for name, text in env.items() if name.startswith(PREFIX)})
        tokens = reader.group("TOKENS", TokenSettings) if reader.mentions("TOKENS") else None
        http = reader.group("HTTP", HttpSettings)
        events = reader.group("EVENTS", EventSettings)
        policy = reader.group("POLICY", Policy)
        org = reader.group("SALESFORCE", SalesforceVariables) if reader.mentions("SALESFORCE") else None
        billing = reader.group("WHMCS", WhmcsVariables) if reader.mentions("WHMCS") else None
        sim = reader.group("SIM", SimVariables) if reader.mentions("SIM") else None
        es2plus = reader.group("ES2PLUS", Es2PlusVariables) if reader.mentions("ES2PLUS") else None
        worker = reader.group("WORKER", WorkerVariables)
        log = reader.group("LOG", LogVariables)
        contradictions: list[str | None] = [
            each.problem_with(policy) for each in (org, billing, sim, es2plus) if each and policy
        ]
        catalogue = reader.take(CATALOGUE)
        database = reader.take(DATABASE)
        keys = reader.take(DATABASE_KEYS) or ""
        contradictions.append(worker.problem_with(database or None) if worker else None)
        problems = (*reader.problems, *reader.unknown(), *filter(None, contradictions))
        if (
            problems
            or http is None
            or events is None
            or policy is None
            or worker is None
            or log is None
        ):
            raise SettingsError(problems)
        return cls(
            http=attrs.evolve(http, tokens=tokens, events=events),
            policy=policy,
            catalogue=Path(catalogue) if catalogue else None,
            database=database or None,
            database_keys=tuple(key.strip() for key in keys.split(",") if key.strip()),
            salesforce=org,
            whmcs=billing,
            sim=sim,
            es2plus=es2plus,
            worker=worker,
            log=log,
        )


class _Reader:
    """Takes variables out of the environment, group by group, and keeps what is wrong with them."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.problems: list[str] = []
        self._left = variables
        self._known: set[str] = set()
        self._converter = text_converter()

    def take(self, name: str) -> str | None:
        """Return the variable *name*, None when it is not set."""
        self._known.add(name)
        return self._left.pop(name, None)

    def mentions(self, group: str) -> bool:
        """Tell whether anything of *group* is set."""
        return any(name.startswith(f"{PREFIX}{group}_") for name in self._left)

    def group(self, group: str, cls: type[_GroupT]) -> _GroupT | None:
        """Return a *cls* with the fields that are set, None when something is wrong with them."""
        prefix = f"{PREFIX}{group}_"
        names = {
            field.name: f"{prefix}{field.name.upper()}"
            for field in attrs.fields(cls)
            if field.name not in _NOT_A_VARIABLE
        }
        texts = {field: self.take(name) for field, name in names.items()}
        try:
            return self._converter.structure(
                {field: text for field, text in texts.items() if text is not None}, cls
            )
        except ClassValidationError as error:
            self.problems += _problems(error, names, prefix)
            return None

    def unknown(self) -> Iterator[str]:
        """Yield a problem for every variable that is no setting, with what may have been meant."""
        for name in sorted(self._left):
            meant = get_close_matches(name, self._known, n=1)
            yield f"{name} is no setting" + (f"; {meant[0]} is" if meant else "")


def _problems(error: ClassValidationError, names: Mapping[str, str], prefix: str) -> Iterator[str]:
    of_fields, of_group = error.group_exceptions()
    for wrong, note in of_fields:
        yield f"{names[note.name]} {wrong if isinstance(wrong, Unusable) else 'is missing'}"
    for wrong in of_group:
        yield f"{prefix}*: {wrong}"
