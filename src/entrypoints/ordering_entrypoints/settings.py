"""
The settings of a process, read from its environment and from a TOML file.

``ORDERING_<GROUP>_<FIELD>`` sets one field of one group, and so does ``field`` of the table ``[group]`` in
the file that ``ORDERING_SETTINGS`` names (`ordering_entrypoints.settings_sources`). A group is a class, and
each of its fields a setting; one that does not show in its ``repr`` is a secret. Groups: HTTP, TOKENS, EVENTS
(all three of `ordering_entrypoints.http.settings`), SALESFORCE (`ordering_entrypoints.salesforce_settings`),
WHMCS (`ordering_entrypoints.whmcs_settings`), SIM, ES2PLUS (both of `ordering_entrypoints.sim_settings`),
MAIL (`ordering_entrypoints.mail_settings`),
WORKER (`ordering_entrypoints.worker_settings`), LOG (`ordering_entrypoints.logs`) and POLICY
(`ordering_core.domain.policy`). Everything that is wrong is said at once, by where it stands and never by its
value, for some are secrets. A setting that nobody knows is an error: a misspelt one that is silently ignored
is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Self, TypeVar

import attrs

from cattrs import ClassValidationError

from ordering_core.domain.policy import Policy
from ordering_entrypoints import settings_limits
from ordering_entrypoints.http.settings import EventSettings, HttpSettings, TokenSettings
from ordering_entrypoints.logs import LogVariables
from ordering_entrypoints.mail_settings import MailVariables
from ordering_entrypoints.memory_systems import IN_MEMORY, MemorySystem
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings_file import TOP
from ordering_entrypoints.settings_sources import Given, Sources
from ordering_entrypoints.settings_values import Unusable, value_converter
from ordering_entrypoints.sim_settings import Es2PlusVariables, SimVariables
from ordering_entrypoints.whmcs_settings import WhmcsVariables
from ordering_entrypoints.worker_settings import WorkerVariables


_GroupT = TypeVar("_GroupT", bound=attrs.AttrsInstance)

CATALOGUE: Final = "ORDERING_CATALOGUE"
DATABASE: Final = "ORDERING_DATABASE"
DATABASE_KEYS: Final = "ORDERING_DATABASE_KEYS"

_NOT_A_SETTING: Final = frozenset({"tokens", "events"})
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
class Kept:
    """The settings that are in no group: those of `Settings` with the same names."""

    catalogue: Path | None = None
    database: str | None = attrs.field(default=None, repr=False)
    database_keys: tuple[str, ...] = attrs.field(default=(), repr=False)
    in_memory: tuple[MemorySystem, ...] = ()


@attrs.frozen(kw_only=True)
class Settings:
    """
    Everything that a process of ours can be told.

    *catalogue* is a catalogue file, None for the one that is shipped. *database* is where everything of ours
    is kept (``sqlite:///FILE`` or ``postgresql://…``), None for nowhere: in memory, gone with the process.
    *database_keys* seal personal data there: the first one seals, all of them open, none leaves it as it is.
    *salesforce* is the org that orders land in, None for one in memory; *whmcs* the installation that bills
    them, *sim* and *es2plus* the networks that open lines and deliver profiles, None likewise. Beside an org
    none of these may be missing that *in_memory* does not name.
    *mail* is the server that takes mail to customers, None for the log.
    *worker* says where due work is run, *log* what the log looks like. *exposed* are files of secrets that
    others on the machine may read.
    """

    http: HttpSettings = attrs.field(factory=HttpSettings)
    policy: Policy = attrs.field(factory=Policy)
    catalogue: Path | None = None
    database: str | None = attrs.field(default=None, repr=False)
    database_keys: tuple[str, ...] = attrs.field(default=(), repr=False)
    in_memory: tuple[MemorySystem, ...] = ()
    salesforce: SalesforceVariables | None = None
    whmcs: WhmcsVariables | None = None
    sim: SimVariables | None = None
    es2plus: Es2PlusVariables | None = None
    mail: MailVariables | None = None
    worker: WorkerVariables = attrs.field(factory=WorkerVariables)
    log: LogVariables = attrs.field(factory=LogVariables)
    exposed: tuple[str, ...] = ()

    @property
    def made_up(self) -> tuple[MemorySystem, ...]:
        """The systems that are in memory though orders land in an org."""
        if self.salesforce is None:
            return ()
        is_real = {
            MemorySystem.WHMCS: self.whmcs is not None,
            MemorySystem.SIM: self.sim is not None,
            MemorySystem.ES2PLUS: self.es2plus is not None or not self.policy.esim_profile_delivery,
        }
        return tuple(each for each in MemorySystem if not is_real[each])

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """
        Read the variables of *env* that begin with ``ORDERING_``, and the files that they name.

        Raises:
            SettingsError: With everything that is wrong with them.

        """
        return cls.from_sources(Sources(env))

    @classmethod
    def from_sources(cls, sources: Sources) -> Self:
        """Read what *sources* hand out. Raises `SettingsError` with everything that is wrong with it."""
        reader = _Reader(sources)
        tokens = reader.group("tokens", TokenSettings) if reader.mentions("tokens") else None
        http = reader.group("http", HttpSettings)
        events = reader.group("events", EventSettings)
        policy = reader.group("policy", Policy)
        org = reader.group("salesforce", SalesforceVariables) if reader.mentions("salesforce") else None
        billing = reader.group("whmcs", WhmcsVariables) if reader.mentions("whmcs") else None
        sim = reader.group("sim", SimVariables) if reader.mentions("sim") else None
        es2plus = reader.group("es2plus", Es2PlusVariables) if reader.mentions("es2plus") else None
        mail = reader.group("mail", MailVariables) if reader.mentions("mail") else None
        worker = reader.group("worker", WorkerVariables)
        log = reader.group("log", LogVariables)
        kept = reader.group(TOP, Kept)
        contradictions: list[str | None] = [
            each.problem_with(policy) for each in (org, billing, sim, es2plus, mail) if each and policy
        ]
        if worker and kept:
            contradictions.append(worker.problem_with(kept.database or None))
        if kept:
            there = {MemorySystem.WHMCS: billing, MemorySystem.SIM: sim, MemorySystem.ES2PLUS: es2plus}
            contradictions += (
                f"{IN_MEMORY} names {each}, which is set as well; keep one"
                for each in kept.in_memory
                if there[each]
            )
        reader.refuse(filter(None, contradictions))
        problems = tuple(reader.problems)
        if (
            problems
            or http is None
            or events is None
            or policy is None
            or worker is None
            or log is None
            or kept is None
        ):
            raise SettingsError(problems)
        return cls(
            http=attrs.evolve(http, tokens=tokens, events=events),
            policy=policy,
            catalogue=kept.catalogue,
            database=kept.database or None,
            database_keys=kept.database_keys,
            in_memory=kept.in_memory,
            salesforce=org,
            whmcs=billing,
            sim=sim,
            es2plus=es2plus,
            mail=mail,
            worker=worker,
            log=log,
            exposed=tuple(sources.exposed),
        )


def what_is_set(env: Mapping[str, str]) -> tuple[Given, ...]:
    """
    Return every setting that is set, by *env* or a file, and where.

    Raises:
        SettingsError: As `Settings.from_env`.

    """
    sources = Sources(env)
    Settings.from_sources(sources)
    return tuple(sources.given)


class _Reader:
    """Takes settings from where they are, group by group, and keeps what is wrong with them."""

    def __init__(self, sources: Sources) -> None:
        self.problems: list[str] = []
        self._sources = sources
        self._converter = value_converter()

    def mentions(self, group: str) -> bool:
        """Tell whether anything of *group* is set."""
        return self._sources.mentions(group)

    def group(self, group: str, cls: type[_GroupT]) -> _GroupT | None:
        """Return a *cls* with the fields that are set, None when something is wrong with them."""
        found = {
            field.name: self._sources.take(group, field.name, is_secret=field.repr is False)
            for field in attrs.fields(cls)
            if field.name not in _NOT_A_SETTING
        }
        given = {name: each for name, each in found.items() if each is not None}
        try:
            structured = self._converter.structure({name: each.value for name, each in given.items()}, cls)
        except ClassValidationError as error:
            self.problems += self._problems(error, group, given)
            return None
        values = attrs.asdict(structured, recurse=False)
        wrong = {name: settings_limits.problem_with(group, name, values[name]) for name in given}
        self.problems += (f"{given[name].origin} {problem}" for name, problem in wrong.items() if problem)
        return None if any(wrong.values()) else structured

    def refuse(self, contradictions: Iterator[str]) -> None:
        """Keep *contradictions* between settings, and whatever nobody took."""
        self.problems += self._sources.problems()
        self.problems += map(self._sources.in_place, contradictions)

    def _problems(self, error: ClassValidationError, group: str, given: Mapping[str, Given]) -> Iterator[str]:
        of_fields, of_group = error.group_exceptions()
        for wrong, note in of_fields:
            if note.name in given:
                what = wrong if isinstance(wrong, Unusable) else "cannot be used"
                yield f"{given[note.name].origin} {what}"
            else:
                yield f"{self._sources.place(group, note.name)} is missing"
        for wrong in of_group:
            yield f"{self._sources.place_of_all(group)}: {wrong}"
