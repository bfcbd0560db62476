"""The payloads of events: Avro without a container, each in the schema that its event names."""

from __future__ import annotations

import io
import json

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from fastavro import (
    parse_schema,
    schemaless_reader,  # pyright: ignore[reportUnknownVariableType]  # what kind of file, it leaves open
)
from fastavro.types import Schema

from ordering_adapters.salesforce.events.bus import BusFault
from ordering_adapters.salesforce.events.change_header import is_mapping
from ordering_adapters.salesforce.events.messages import Event


_KEPT: Final = 100
"""Schemas that are remembered; an admin who edits an event makes one more (reference 4.3)."""


class Unreadable(Exception):
    """An event cannot be read in its schema; what it hinted at has to be found another way."""


@attrs.frozen
class _Known:
    schema: Schema
    fields: tuple[str, ...]


class Payloads:
    """Reads payloads, and asks for each schema once."""

    def __init__(self, ask: Callable[[str], str]) -> None:
        """Let *ask* give a schema as JSON, by its id; it raises BusFault."""
        self._ask = ask
        self._known: dict[str, _Known] = {}

    def read(self, event: Event) -> tuple[Mapping[str, object], Sequence[str]]:
        """
        Return what *event* says, and the fields of its schema in their order.

        Raises:
            Unreadable: It does not follow its schema, or there is no such schema.

            BusFault: The schema cannot be asked for now.

        """
        known = self._schema(event.schema_id)
        try:
            said: object = schemaless_reader(io.BytesIO(event.payload), known.schema, None)
        except Exception as error:  # noqa: BLE001 - fastavro raises whatever went wrong
            # Its words may quote the payload.
            raise Unreadable(type(error).__name__) from None
        if not is_mapping(said):
            raise Unreadable("NO_RECORD")
        return said, known.fields

    def _schema(self, schema_id: str) -> _Known:
        if schema_id not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[schema_id] = self._asked(schema_id)
        return self._known[schema_id]

    def _asked(self, schema_id: str) -> _Known:
        try:
            text = self._ask(schema_id)
        except BusFault as fault:
            if fault.no_schema:
                raise Unreadable(str(fault)) from None
            raise
        try:
            record = json.loads(text)
            return _Known(parse_schema(record), tuple(str(field["name"]) for field in record["fields"]))
        except Exception as error:  # noqa: BLE001 - a schema that is none may fail in any way
            raise Unreadable(type(error).__name__) from None
