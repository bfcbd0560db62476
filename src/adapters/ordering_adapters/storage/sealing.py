"""Looking whether what is sealed can be opened, and sealing everything again when the key has changed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine, Table, Text, and_, bindparam, func, select, type_coerce, update

from ordering_adapters.storage.schema import metadata
from ordering_adapters.storage.sealed import Sealed, seal_of
from ordering_adapters.storage.statements import failures


PAGE: Final = 100
"""Rows that are sealed again in one transaction."""


def check(engine: Engine) -> None:
    """
    Open one row of every table that has sealed ones.

    Raises:
        Refused: Its key is not there.

        Unavailable: The database cannot be read.

    """
    for table in _tables():
        with failures(), engine.connect() as connection:
            connection.execute(select(table.c.payload).limit(1)).all()


def seal_again(engine: Engine) -> int:
    """
    Seal with the first key of *engine* whatever is not, and return how many rows that were.

    It may be stopped and begun again, while others use the database. Afterwards no other key is needed.

    Raises:
        ValueError: The engine was opened without keys.

        Refused: What is there cannot be opened.

        Unavailable: The database cannot be reached, or not now.

    """
    seal = seal_of(engine)
    if seal is None:
        raise ValueError("there is no key to seal with; open the database with keys")
    return sum(_seal_table(engine, table, seal.prefix) for table in _tables())


def _seal_table(engine: Engine, table: Table, prefix: str) -> int:
    keyed = [*table.primary_key.columns]
    begins = func.substr(type_coerce(table.c.payload, Text), 1, len(prefix))
    some = select(*keyed, table.c.payload).where(begins != prefix).limit(PAGE)
    again = update(table).where(and_(*(column == bindparam(f"of_{column.name}") for column in keyed)))
    sealed = 0
    while True:
        with failures(), engine.begin() as connection:
            rows = connection.execute(some).mappings().all()
            for row in rows:
                values = {f"of_{column.name}": row[column.name] for column in keyed}
                connection.execute(again, {**values, "payload": row["payload"]})
        if not rows:
            return sealed
        sealed += len(rows)


def _tables() -> list[Table]:
    return [
        table
        for table in metadata.sorted_tables
        if "payload" in table.c and isinstance(table.c.payload.type, Sealed)
    ]
