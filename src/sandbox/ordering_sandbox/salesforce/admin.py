"""What an admin can do with this org beyond the common: rows, switches, clients, people's hands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

import attrs

from ordering_sandbox.admin import Action, record_in
from ordering_sandbox.faults import FaultKind
from ordering_sandbox.json_values import (
    Json,
    JsonObject,
    NotJson,
    expect_list,
    expect_object,
    number_of,
    text_of,
)
from ordering_sandbox.salesforce.bulk import copy_product
from ordering_sandbox.salesforce.dml import delete, insert, update
from ordering_sandbox.salesforce.errors import Refusal
from ordering_sandbox.salesforce.events.admin import EventAdmin
from ordering_sandbox.salesforce.events.subscription import Fault as StreamFault
from ordering_sandbox.salesforce.failures import FAILURES
from ordering_sandbox.salesforce.org import STORED_SCHEMA, Org
from ordering_sandbox.salesforce.rest import RestApi
from ordering_sandbox.salesforce.schema import ObjectType
from ordering_sandbox.salesforce.seed import plant_records
from ordering_sandbox.salesforce.sessions import (
    Client,
    active_user,
    end_all_sessions,
    find_client,
    open_refresh,
    save_client,
)
from ordering_sandbox.salesforce.soql.results import Answerer
from ordering_sandbox.salesforce.switches import parse_overrides
from ordering_sandbox.salesforce.work import Caller, Work
from ordering_sandbox.web import HttpRequest


_BATCH: Final = 100_000
_MANY: Final = 1000
_FAILURES_OF: Final[Mapping[str, Collection[str | None]]] = {
    FaultKind.ANSWER: FAILURES,
    FaultKind.ERROR: FAILURES,
    FaultKind.BREAK_STREAM: (None, "", *StreamFault.__members__),
}
"""The failures that each kind of fault can name."""


class OrgAdmin:
    """The admin actions of one org."""

    def __init__(
        self,
        org: Org,
        rest: RestApi,
        events: EventAdmin,
        fill: Callable[[JsonObject | None], None],
        agent: str,
    ) -> None:
        """Act on *org*; *fill* plants a seed, or its own; *agent* names the person in the screens."""
        self._org = org
        self._rest = rest
        self._events = events
        self._fill = fill
        self._agent = agent

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return the actions by method and path."""
        return {
            ("GET", "switches"): lambda _request, _body: self._org.switches.render(),
            ("PUT", "switches"): self._set_switches,
            ("GET", "fields"): lambda _request, _body: self._org.setting("fields"),
            ("PUT", "fields"): self._set_fields,
            ("PUT", "statuses"): self._set_statuses,
            ("POST", "faults"): self._add_fault,
            ("GET", "failures"): lambda _request, _body: sorted(FAILURES),
            ("POST", "records"): self._plant,
            ("POST", "products"): self._copy_product,
            ("POST", "agent"): self._act,
            ("GET", "query"): self._query,
            ("POST", "reset"): self._reset,
            ("PUT", "clients"): self._register,
            ("POST", "refresh-tokens"): self._refresh_token,
            ("DELETE", "tokens"): self._expire_tokens,
            **self._events.actions(),
        }

    def _set_switches(self, _request: HttpRequest, body: Json) -> Json:
        changed = self._org.switches.changed(record_in(body))
        self._org.save_setting("switches", changed.render())
        return self._org.switches.render()

    def _set_fields(self, _request: HttpRequest, body: Json) -> Json:
        """Change fields, keyed ``Object.Field`` (`switches.override_fields`); an empty change undoes one."""
        changes = parse_overrides(record_in(body))
        merged = {**self._org.setting("fields"), **changes}
        self._org.save_setting("fields", {path: change for path, change in merged.items() if change})
        return self._org.setting("fields")

    def _set_statuses(self, _request: HttpRequest, body: Json) -> Json:
        """Say which order statuses there are, and the category of each: ``{"Approved": "Activated"}``."""
        categories = {
            name: text_of({"category": value}, "category") for name, value in record_in(body).items()
        }
        if set(categories.values()) - {"Draft", "Activated"}:
            raise NotJson("a category is Draft or Activated")
        with self._org.writing(self._caller()) as work:
            work.connection.execute('DELETE FROM "OrderStatus"')
            plant_records(
                work,
                [
                    {
                        "attributes": {"type": "OrderStatus"},
                        "ApiName": name,
                        "MasterLabel": name,
                        "SortOrder": place,
                        "StatusCode": category,
                    }
                    for place, (name, category) in enumerate(categories.items(), start=1)
                ],
            )
            work.connection.execute(
                'UPDATE "Order" SET "StatusCode" = COALESCE((SELECT s."StatusCode" FROM "OrderStatus" s'
                ' WHERE s."ApiName" = "Order"."Status"), "StatusCode")'
            )
        self._org.load_settings()
        return dict(categories)

    def _add_fault(self, _request: HttpRequest, body: Json) -> Json:
        """Switch a fault on; a failure that Salesforce does not know would strike as an error of ours."""
        record = record_in(body)
        known = _FAILURES_OF.get(text_of(record, "kind"))
        if known is not None and record.get("failure") not in known:
            raise NotJson(f"failure has to be one of: {', '.join(name for name in known if name)}")
        return {"id": self._org.faults.switch_on(record).id}

    def _plant(self, _request: HttpRequest, body: Json) -> Json:
        """Write records as they are, without rules, flows and events: for many at once."""
        records = [expect_object(record) for record in expect_list(body)]
        with self._org.writing(self._caller()) as work:
            ids = plant_records(work, records)
        if len(ids) >= _MANY:
            self._org.database.analyse()
        return ids

    def _copy_product(self, _request: HttpRequest, body: Json) -> Json:
        """Put ``count`` copies of the product ``like`` (its SKU) up for sale, to have many."""
        record = record_in(body)
        with self._org.writing(self._caller()) as work:
            copy_product(work, text_of(record, "like"), int(number_of(record, "count", 0)))
        self._org.database.analyse()
        return None

    def _act(self, _request: HttpRequest, body: Json) -> Json:
        """Do what an agent does in the screens, with rules and flows: ``{"object", "id", "fields"}``."""
        record = record_in(body)
        record_id, fields = text_of(record, "id"), record.get("fields")
        with self._org.writing(self._caller()) as work:
            kind = _kind(work, text_of(record, "object"))
            try:
                if not record_id:
                    return {"id": insert(work, kind, expect_object(fields))}
                if fields is None:
                    delete(work, kind, record_id)
                else:
                    update(work, kind, record_id, expect_object(fields))
            except Refusal as refusal:
                errors = (f"{error.code}: {error.message}" for error in refusal.errors)
                raise NotJson("; ".join(errors)) from None
            return {"id": record_id}

    def _query(self, request: HttpRequest, _body: Json) -> Json:
        """Answer ``?q=SOQL`` behind the API: as the rows are, uncounted, in one page."""
        with self._org.reading(self._caller()) as work:
            behind = attrs.evolve(work, schema=STORED_SCHEMA)
            try:
                return Answerer(work=behind, batch=_BATCH).answer(request.query_values().get("q", ""))
            except Refusal as refusal:
                raise NotJson(refusal.errors[0].message) from None

    def _reset(self, _request: HttpRequest, body: Json) -> Json:
        """Go back to the seed, or to the one in the body; ids are not reused."""
        self._org.faults.clear()
        self._org.clock.reset()
        self._rest.forget_calls()
        self._events.forget()
        self._fill(None if body is None else record_in(body))
        return None

    def _register(self, _request: HttpRequest, body: Json) -> Json:
        """Register a client: ``consumer_key``, ``consumer_secret``, ``username``, ``certificate`` (PEM)."""
        record = record_in(body)
        with self._org.writing(self._caller()) as work:
            known = find_client(work.connection, text_of(record, "consumer_key"))
            client = Client(
                consumer_key=text_of(record, "consumer_key"),
                consumer_secret=text_of(
                    record, "consumer_secret", "" if known is None else known.consumer_secret
                ),
                username=text_of(record, "username", "" if known is None else known.username),
                certificate=text_of(record, "certificate") or (None if known is None else known.certificate),
            )
            save_client(work.connection, client)
        return {"consumer_key": client.consumer_key}

    def _refresh_token(self, _request: HttpRequest, body: Json) -> Json:
        """Return a refresh token, as a person would bring one from the login page."""
        with self._org.writing(self._caller()) as work:
            client = find_client(work.connection, text_of(record_in(body), "consumer_key"))
            if client is None:
                raise NotJson("there is no such client")
            user_id = active_user(work.connection, client.username) or ""
            return {"refresh_token": open_refresh(work.connection, client, user_id, work.now)}

    def _expire_tokens(self, _request: HttpRequest, _body: Json) -> Json:
        with self._org.writing(self._caller()) as work:
            end_all_sessions(work.connection)
        return None

    def _caller(self) -> Caller:
        with self._org.database.reading() as connection:
            return Caller(user_id=active_user(connection, self._agent) or "", agent=True)


def _kind(work: Work, name: str) -> ObjectType:
    kind = work.schema.object(name)
    if kind is None:
        raise NotJson(f"there is no object {name!r}")
    return kind
