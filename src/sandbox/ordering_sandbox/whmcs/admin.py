"""What an admin can do with this installation beyond the common: rows, switches, the daily job."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ordering_sandbox.admin import Action, record_in
from ordering_sandbox.calls import CallLog
from ordering_sandbox.faults import FaultKind
from ordering_sandbox.json_values import Json, JsonObject, NotJson
from ordering_sandbox.web import HttpRequest
from ordering_sandbox.whmcs.actions.known import KNOWN
from ordering_sandbox.whmcs.api import Api
from ordering_sandbox.whmcs.daily import run_daily
from ordering_sandbox.whmcs.failures import FAILURES
from ordering_sandbox.whmcs.installation import Installation
from ordering_sandbox.whmcs.schema import TABLES
from ordering_sandbox.whmcs.seed import plant_rows


class InstallationAdmin:
    """The admin actions of one installation."""

    def __init__(
        self, installation: Installation, api: Api, calls: CallLog, fill: Callable[[JsonObject | None], None]
    ) -> None:
        """Act on *installation*; *fill* plants a seed, or its own."""
        self._installation = installation
        self._api = api
        self._calls = calls
        self._fill = fill

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return the actions by method and path."""
        return {
            ("GET", "switches"): lambda _request, _body: self._installation.switches.render(),
            ("PUT", "switches"): self._set_switches,
            ("GET", "failures"): lambda _request, _body: sorted(FAILURES),
            ("GET", "actions"): lambda _request, _body: [action.name for action in KNOWN.values()],
            ("GET", "rows"): self._read,
            ("POST", "rows"): self._plant,
            ("PUT", "rows"): self._change,
            ("DELETE", "rows"): self._remove,
            ("POST", "daily"): self._daily,
            ("POST", "reset"): self._reset,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "bans"): lambda _request, _body: self._api.forget_failed_logins(),
        }

    def _set_switches(self, _request: HttpRequest, body: Json) -> Json:
        self._installation.switch(record_in(body))
        return self._installation.switches.render()

    def _add_fault(self, _request: HttpRequest, body: Json) -> Json:
        """Switch a fault on; an answer that nobody gives would strike as an error of ours."""
        record = record_in(body)
        if record.get("kind") == FaultKind.ANSWER and record.get("failure") not in FAILURES:
            raise NotJson(f"failure has to be one of: {', '.join(FAILURES)}")
        return {"id": self._installation.faults.switch_on(record).id}

    def _read(self, request: HttpRequest, _body: Json) -> Json:
        """Return the rows of ``?table=``, as they are; other parameters are columns to equal."""
        wanted = dict(request.query_values())
        table = _table(wanted.pop("table", ""))
        columns = TABLES[table].columns
        if unknown := wanted.keys() - {"id", *columns}:
            raise NotJson(f"{table} has no column {', '.join(sorted(unknown))}")
        with self._installation.work() as work:
            return [dict(row) for row in work.rows.find(table, **wanted)]

    def _plant(self, _request: HttpRequest, body: Json) -> Json:
        """Write rows as they are: ``{"clients": [{…}], "paymethods": [{…}]}``."""
        with self._installation.work() as work:
            return plant_rows(work, record_in(body))

    def _change(self, _request: HttpRequest, body: Json) -> Json:
        """Change one row, as a person does in the screens: ``{"table", "id", "values": {…}}``."""
        record = record_in(body)
        table, number, values = _table(record.get("table")), record.get("id"), record.get("values")
        if not isinstance(number, int) or not isinstance(values, Mapping):
            raise NotJson("id has to be a number and values an object")
        columns = TABLES[table].columns
        changes = {name: value for name, value in values.items() if isinstance(value, int | str)}
        if unknown := values.keys() - (columns.keys() & changes.keys()):
            raise NotJson(f"{table} cannot take {', '.join(sorted(unknown))}")
        with self._installation.work() as work:
            if work.rows.get(table, number) is None:
                raise NotJson(f"{table} has no row {number}")
            work.rows.update(table, number, changes)
        return None

    def _remove(self, _request: HttpRequest, body: Json) -> Json:
        """Remove the rows that equal ``values``: ``{"table", "values": {"clientid": 9001}}``."""
        record = record_in(body)
        table, values = _table(record.get("table")), record.get("values")
        if not isinstance(values, Mapping) or not values:
            raise NotJson("values has to name at least one column")
        wanted = {name: value for name, value in values.items() if isinstance(value, int | str)}
        if unknown := values.keys() - ({"id", *TABLES[table].columns} & wanted.keys()):
            raise NotJson(f"{table} has no column {', '.join(sorted(unknown))}")
        with self._installation.work() as work:
            work.rows.delete(table, **wanted)
        return None

    def _daily(self, _request: HttpRequest, _body: Json) -> Json:
        """Run the daily job: bills what is due, ends what is to end."""
        with self._installation.work() as work:
            return run_daily(work)

    def _reset(self, _request: HttpRequest, body: Json) -> Json:
        """Go back to the seed, or to the one in the body; ids are not reused."""
        self._installation.faults.clear()
        self._installation.clock.reset()
        self._api.forget_failed_logins()
        self._calls.clear()
        self._fill(None if body is None else record_in(body))
        return None


def _table(name: Json) -> str:
    if not isinstance(name, str) or name not in TABLES:
        raise NotJson(f"table has to be one of: {', '.join(TABLES)}")
    return name
