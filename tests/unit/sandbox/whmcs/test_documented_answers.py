"""
Every answer has the fields, and the kinds of values, of the documented example of its action.

`documented_answers.json` keeps them by path. AddOrder's ids are numbers, as real installations send them.
"""

from __future__ import annotations

import json

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ordering_sandbox.json_values import Json
from tests.unit.sandbox.whmcs.installations import NEW, SMITH, YAMADA, Caller, cart


pytestmark = pytest.mark.whmcs_sim

DOCUMENTED: Mapping[str, Mapping[str, str]] = json.loads(
    Path(__file__).with_name("documented_answers.json").read_text(encoding="utf-8")
)
CARD = {"type": "RemoteCreditCard", "gateway_module_name": "stripe", "card_number": "4242424242424242"}
NOTIFICATION = {"notification_identifier": "portal", "title": "Order", "message": "Placed"}


def paths(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every path in an answer with the kind of what is there; of a list, the first entry's."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from paths(inner, f"{path}.{name}".lstrip("."))
        case list():
            yield f"{path}[]", "list"
            if value:
                yield from paths(value[0], f"{path}[]")
        case bool():
            yield path, "flag"
        case None:
            yield path, "null"
        case str():
            yield path, "text"
        case _:
            yield path, "number"


def used(whmcs: Caller) -> dict[str, dict[str, str]]:
    """Use an installation so that every list has an entry; return what to call each action with."""
    whmcs.plant(
        products=[{"id": 900, "name": "Mail", "module": "mail", "pricing": {"JPY": {"monthly": "100"}}}],
        modulequeue=[{"serviceId": 1}],
    )
    order, first, second, third, cancelled = (
        whmcs.order(*pids) for pids in ((101, 102), (900,), (201,), (201,), (201,))
    )
    whmcs.plant(addons=[{"userid": 9001, "serviceid": 5001, "name": "Router"}])
    whmcs.done("CreateInvoice", userid=YAMADA, itemdescription1="Fee", itemamount1="5")
    whmcs.done("CancelOrder", orderid=str(cancelled["orderid"]))
    mail = {"serviceid": str(first["serviceids"])}
    invoice = {"invoiceid": str(order["invoiceid"])}
    client = {"clientid": YAMADA}
    service = {"serviceid": "5001"}
    stored = {**client, "paymethodid": "201"}
    return {
        "AcceptOrder": {"orderid": str(order["orderid"])},
        "AddCancelRequest": service,
        "AddClient": NEW,
        "AddInvoicePayment": {"invoiceid": str(second["invoiceid"]), "transid": "t1", "gateway": "stripe"},
        "AddOrder": cart(101),
        "AddPayMethod": {**client, **CARD, "card_expiry": "1231"},
        "CancelOrder": {"orderid": str(second["orderid"])},
        "CapturePayment": {"invoiceid": str(third["invoiceid"])},
        "CreateInvoice": {"userid": YAMADA},
        "CreateSsoToken": {"client_id": YAMADA},
        "DeleteOrder": {"orderid": str(cancelled["orderid"])},
        "DeletePayMethod": {"clientid": "9003", "paymethodid": "202"},
        "FraudOrder": {"orderid": str(third["orderid"])},
        "GetClients": {},
        "GetClientsAddons": client,
        "GetClientsDetails": {**client, "stats": "1"},
        "GetClientsProducts": client,
        "GetInvoice": invoice,
        "GetPayMethods": client,
        "GetProducts": {"pid": "101"},
        "ModuleCreate": mail,
        "ModuleSuspend": mail,
        "ModuleTerminate": mail,
        "ModuleUnsuspend": mail,
        "PendingOrder": {"orderid": str(first["orderid"])},
        "TriggerNotificationEvent": NOTIFICATION,
        "UpdateClient": {"clientid": SMITH},
        "UpdateClientProduct": service,
        "UpdateInvoice": invoice,
        "UpdatePayMethod": {**stored, "card_expiry": "1231"},
        "ValidateLogin": {"email": "taro.yamada@customer.example", "password2": "sandbox-password-1"},
    }


def test_every_answer_has_what_the_documentation_shows(whmcs: Caller) -> None:
    parameters = used(whmcs)
    whmcs.done("AddCancelRequest", serviceid="5002")
    for action, documented in DOCUMENTED.items():
        if action.startswith("Delete"):
            continue
        answered = dict(paths(whmcs.done(action, **parameters.get(action, {}))))
        assert {path: answered.get(path) for path in documented} == documented, action


def test_deleting_answers_with_what_the_documentation_shows(whmcs: Caller) -> None:
    parameters = used(whmcs)
    for action in ("DeleteOrder", "DeletePayMethod"):
        assert dict(paths(whmcs.done(action, **parameters[action]))) == DOCUMENTED[action]
