"""The ports of a mobile network and of an SM-DP+, as a process's settings describe them, and their books."""

from __future__ import annotations

import tomllib

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cattrs import BaseValidationError, Converter

from ordering_adapters.memory import MemoryLineBook, MemoryProfileBook
from ordering_adapters.sim_network.completions import CompletionLayout
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.profiles import Es2PlusProfiles
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings, IccidRange
from ordering_adapters.sim_network.freebit.api import FreebitApi
from ordering_adapters.sim_network.freebit.codes import CODES
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.sim_network.freebit.settings import PATHS, FreebitSettings, Function
from ordering_core.ports.clock import Clock
from ordering_core.ports.line_book import LineBook
from ordering_core.ports.profile_book import ProfileBook
from ordering_core.ports.store import Store
from ordering_entrypoints.observing import SIM_NETWORK, SM_DP_PLUS, UNOBSERVED, Observer, calls_to
from ordering_entrypoints.sim_settings import Es2PlusVariables, SimVariables


_TABLES: Final = frozenset({"paths", "fields", "codes", "completions"})
_FIELDS: Final = frozenset({"reference", "receipt", "sim_kind_voice", "sim_kind_data"})
_UNREADABLE: Final = "a file of certificates cannot be read; check the path and the rights"


def line_book(store: Store, *, database: bool) -> LineBook:
    """Return the book of lines in *store*, which is in a *database* or in memory."""
    if not database:
        return MemoryLineBook(store)
    from ordering_adapters.storage import SqlLineBook  # noqa: PLC0415 - an extra, and slow to load

    return SqlLineBook(store)


def profile_book(store: Store, *, database: bool) -> ProfileBook:
    """Return the book of profiles in *store*, which is in a *database* or in memory."""
    if not database:
        return MemoryProfileBook(store)
    from ordering_adapters.storage import SqlProfileBook  # noqa: PLC0415 - an extra, and slow to load

    return SqlProfileBook(store)


def layout_of(variables: SimVariables | None) -> CompletionLayout:
    """
    Return the form of the network's file of completions.

    Raises:
        ValueError: The contract file cannot be used.

    """
    tables = _contract(variables.contract_file if variables else None)
    converter = Converter(forbid_extra_keys=True)
    try:
        layout = converter.structure(tables.get("completions", {}), CompletionLayout)
        codes = converter.structure(tables.get("codes", {}), dict[str, str])
    except (BaseValidationError, AttributeError, TypeError):
        known = ", ".join(name for name in CompletionLayout.__annotations__ if name != "codes")
        raise ValueError(f"the contract file's [completions] takes texts for: {known}") from None
    return CompletionLayout(
        **{name: getattr(layout, name) for name in CompletionLayout.__annotations__ if name != "codes"},
        codes={**CODES, **codes},
    )


@contextmanager
def sim_lines(
    variables: SimVariables, *, clock: Clock, book: LineBook, observer: Observer = UNOBSERVED
) -> Generator[FreebitLines]:
    """
    Yield the line orders of the network and close its connections afterwards; nothing is sent yet.

    Raises:
        ValueError: *variables*, or a file that they name, cannot be used.

    """
    with sim_api(variables, clock=clock, observer=observer) as api:
        yield FreebitLines(api, book)


@contextmanager
def sim_api(
    variables: SimVariables, *, clock: Clock, observer: Observer = UNOBSERVED
) -> Generator[FreebitApi]:
    """Yield the way to the network alone; otherwise as `sim_lines`."""
    try:
        api = FreebitApi(_settings(variables), clock, observe=calls_to(SIM_NETWORK, observer))
    except OSError:
        raise ValueError(_UNREADABLE) from None
    try:
        yield api
    finally:
        api.close()


@contextmanager
def es2plus_profiles(
    variables: Es2PlusVariables, *, book: ProfileBook, observer: Observer = UNOBSERVED
) -> Generator[Es2PlusProfiles]:
    """
    Yield the profile delivery and close its connections afterwards; nothing is sent yet.

    Raises:
        ValueError: *variables*, or a file that they name, cannot be used.

    """
    settings = Es2PlusSettings(
        url=variables.url,
        requester=variables.requester,
        version=variables.version,
        smdp_address=variables.smdp_address or "",
        iccids=_ranges(variables.iccids or ""),
        timeout=variables.timeout.total_seconds(),
        connect_timeout=variables.connect_timeout.total_seconds(),
        concurrency=variables.concurrency,
        ca_file=variables.ca_file,
        certificate_file=variables.certificate_file,
        key_file=variables.key_file,
    )
    try:
        api = Es2PlusApi(settings, observe=calls_to(SM_DP_PLUS, observer))
    except OSError:
        raise ValueError(_UNREADABLE) from None
    try:
        yield Es2PlusProfiles(api, book)
    finally:
        api.close()


def _settings(variables: SimVariables) -> FreebitSettings:
    tables = _contract(variables.contract_file)
    paths = _texts(tables, "paths")
    if unknown := paths.keys() - {function.value for function in Function}:
        raise ValueError(f"the contract file names the path {min(unknown)}; paths are {', '.join(Function)}")
    fields = _texts(tables, "fields")
    if unknown := fields.keys() - _FIELDS:
        raise ValueError(
            f"the contract file names the field {min(unknown)}; it knows {', '.join(sorted(_FIELDS))}"
        )
    status = {} if variables.status_path is None else {Function.STATUS: variables.status_path}
    return FreebitSettings(
        url=variables.url,
        oem_id=variables.oem_id,
        oem_key=variables.oem_key,
        paths={**PATHS, **{Function(name): path for name, path in paths.items()}, **status},
        reference_field=fields.get("reference", "requestKey"),
        receipt_field=fields.get("receipt", "receiptNumber"),
        sim_kind_voice=fields.get("sim_kind_voice", "E0"),
        sim_kind_data=fields.get("sim_kind_data", "E2"),
        contract_line=variables.contract_line,
        master_account=variables.master_account or "",
        master_password=variables.master_password or "",
        codes=_texts(tables, "codes"),
        key_age=variables.key_age,
        timeout=variables.timeout.total_seconds(),
        connect_timeout=variables.connect_timeout.total_seconds(),
        concurrency=variables.concurrency,
        ca_file=variables.ca_file,
    )


def _contract(file: Path | None) -> Mapping[str, object]:
    """Return the tables of the partner's contract."""
    if file is None:
        return {}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"the contract file cannot be used: {error}") from None
    if strange := tables.keys() - _TABLES:
        raise ValueError(f"the contract file has [{min(strange)}]; it knows {', '.join(sorted(_TABLES))}")
    return tables


def _texts(tables: Mapping[str, object], name: str) -> dict[str, str]:
    try:
        return Converter().structure(tables.get(name, {}), dict[str, str])
    except (BaseValidationError, AttributeError, TypeError):
        raise ValueError(f'the contract file has to say name = "text" in [{name}]') from None


def _ranges(text: str) -> dict[str, IccidRange]:
    """Read ``type=first+count`` as often as it comes, with semicolons between."""
    found: dict[str, IccidRange] = {}
    for part in filter(None, text.split(";")):
        kind, _, numbers = part.partition("=")
        first, _, count = numbers.partition("+")
        if not kind.strip() or not count.strip().isdecimal():
            raise ValueError("iccids has to be type=first+count, several with ; between")
        found[kind.strip()] = IccidRange(first=first.strip(), count=int(count))
    return found
