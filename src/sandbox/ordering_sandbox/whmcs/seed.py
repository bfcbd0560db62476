"""
Fills an installation from a seed file: rows by the names of their tables, as WHMCS calls them.

A seed is ``{"products": [{"id": 101, "name": …}, …], "clients": […], …}`` and may say ``"switches"``. Rows
come with ids of their own or get one. No rule is checked.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from ordering_sandbox.json_values import (
    Json,
    JsonObject,
    NotJson,
    expect_list,
    expect_object,
    parse_object,
    render_json,
)
from ordering_sandbox.whmcs.actions.users import hidden
from ordering_sandbox.whmcs.installation import Installation, Work
from ordering_sandbox.whmcs.schema import TABLES
from ordering_sandbox.whmcs.switches import Switches
from ordering_sandbox.whmcs.tables import Value


SHIPPED: Final = "whmcs.json"
"""The seed that comes with the sandbox."""

_SWITCHES: Final = "switches"


def read_seed(path: Path | None) -> JsonObject:
    """
    Return the seed in the file *path*, or the one that is shipped.

    Raises:
        NotJson: The file holds none.

    """
    if path is not None:
        return parse_object(path.read_bytes())
    return parse_object((files("ordering_sandbox") / "seeds" / SHIPPED).read_bytes())


def is_empty(installation: Installation) -> bool:
    """Whether the installation was never filled."""
    with installation.work() as work:
        return not work.rows.count("credentials")


def plant(installation: Installation, seed: JsonObject) -> None:
    """
    Empty the installation and fill it from *seed*.

    Raises:
        NotJson: The seed says what it cannot keep; then nothing changes.

    """
    switches = Switches().changed(expect_object(seed.get(_SWITCHES, {})))
    with installation.work() as work:
        for table in TABLES:
            work.rows.delete(table)
        plant_rows(work, {name: rows for name, rows in seed.items() if name != _SWITCHES})
    installation.switch(switches.render())


def plant_rows(work: Work, tables: JsonObject) -> dict[str, Json]:
    """
    Write rows as they are, keyed by their tables; return their ids in the same way.

    Raises:
        NotJson: A table or a column is unknown.

    """
    ids: dict[str, Json] = {}
    for name, rows in tables.items():
        if name not in TABLES:
            raise NotJson(f"there is no table {name!r}; there are: {', '.join(TABLES)}")
        ids[name] = [work.rows.insert(name, _row(name, expect_object(row))) for row in expect_list(rows)]
    return ids


def _row(table: str, record: JsonObject) -> dict[str, Value]:
    columns = TABLES[table].columns
    if unknown := record.keys() - {"id", *columns}:
        raise NotJson(f"{table} has no column {', '.join(sorted(unknown))}")
    row = {name: _value(name, value) for name, value in record.items()}
    if table == "users" and row.get("password"):
        row["password"] = hidden(str(row["password"]))
    return row


def _value(name: str, value: Json) -> Value:
    match value:
        case bool():
            return int(value)
        case int() | str():
            return value
        case dict():
            return render_json(value).decode()
        case _:
            raise NotJson(f"{name} cannot be {value!r}")
