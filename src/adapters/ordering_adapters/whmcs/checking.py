"""
Is this installation set up for us? Everything that is needed, found out by asking, each with its remedy.

An action is probed with an id that nothing has: WHMCS then answers that it is not there, or that the action
is not ours to call, and nothing changes either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.checked import Checked, State
from ordering_adapters.whmcs.checking_products import check_fields, check_gateway, check_products, sold
from ordering_adapters.whmcs.errors import NOT_SET_UP, Code
from ordering_adapters.whmcs.php import Parameter
from ordering_adapters.whmcs.products import WhmcsProducts
from ordering_adapters.whmcs.proving import prove_mark
from ordering_adapters.whmcs.settings import Mark
from ordering_adapters.whmcs.values import is_row, text
from ordering_core.domain.catalogue import Catalogue
from ordering_core.domain.identifiers import ClientId
from ordering_core.errors import PortError, Refused


@attrs.frozen(kw_only=True)
class Wanted:
    """What the installation has to have: products of *catalogue*, *gateway*, and a mark if *mark_proved*."""

    catalogue: Catalogue
    gateway: str
    mark_proved: bool
    prove_with: ClientId | None = None


_NOBODY: Final = 0
ACTIONS: Final[Mapping[str, tuple[Mapping[str, Parameter], str]]] = MappingProxyType(
    {
        "GetPayMethods": ({"clientid": _NOBODY}, "payment methods"),
        "CreateSsoToken": ({"client_id": _NOBODY}, "the page for adding a card"),
        "GetProducts": ({"pid": "0"}, "products and prices"),
        "GetPaymentMethods": ({}, "the check of the gateway"),
        "GetClientsProducts": ({"clientid": _NOBODY, "serviceid": _NOBODY, "limitnum": 1}, "services"),
        "GetOrders": ({"id": _NOBODY, "userid": _NOBODY, "limitnum": 1}, "orders"),
        "AddOrder": ({"clientid": _NOBODY, "paymentmethod": ""}, "billing"),
        "AcceptOrder": ({"orderid": _NOBODY}, "activation"),
        "UpdateClientProduct": ({"serviceid": _NOBODY}, "activation and links"),
        "UpdateClient": ({"clientid": _NOBODY}, "a changed address"),
        "GetInvoice": ({"invoiceid": _NOBODY}, "comparing invoices"),
        "CancelOrder": ({"orderid": _NOBODY, "noemail": True}, "undoing an order, and the proof of the mark"),
        "ModuleTerminate": ({"serviceid": _NOBODY}, "cancellations"),
        "GetClientsDetails": ({"clientid": _NOBODY}, "sign-up"),
        "AddClient": ({}, "sign-up"),
        "GetClients": ({"search": "nobody@nowhere.invalid", "limitnum": 1}, "a go-live in fewer calls"),
    }
)
"""Every action we call, with parameters that lead to nothing, and what it is for."""

NOT_NEEDED: Final = frozenset({"GetClients"})
"""The actions of them without which everything works, if more slowly."""

_CREDENTIAL: Final = "credentials"


def check_installation(api: WhmcsApi, wanted: Wanted) -> Iterator[Checked]:
    """Yield every check in its order; where WHMCS does not let us in, that alone."""
    entry = _credentials(api)
    yield entry
    if entry.state is State.FAILED:
        return
    try:
        yield from _role(api)
        yield check_gateway(api, wanted.gateway)
        found = WhmcsProducts(api).read({product.billing_product for product in sold(wanted.catalogue)})
        yield from check_products(wanted.catalogue, found, api.settings.currency)
        yield from check_fields(api, wanted.catalogue, found)
        yield _mark(api, wanted)
    except PortError as error:
        yield Checked(
            name="connection",
            state=State.FAILED,
            detail=f"the check broke off: {error}",
            remedy="Mend what failed above, or try again when WHMCS answers.",
        )


def _credentials(api: WhmcsApi) -> Checked:
    try:
        answer = api.read("WhmcsDetails")
    except Refused as refused:
        if refused.code not in NOT_SET_UP:
            return Checked(name=_CREDENTIAL, state=State.OK, detail="taken; the version is not told")
        return Checked(
            name=_CREDENTIAL,
            state=State.FAILED,
            detail=f"WHMCS does not let us in ({refused.code})",
            remedy=_ENTRY_REMEDIES[Code(refused.code)],
        )
    except PortError as error:
        return Checked(
            name=_CREDENTIAL,
            state=State.FAILED,
            detail=f"WHMCS does not answer as WHMCS does ({error.reason})",
            remedy="Check ORDERING_WHMCS_URL: the API is at includes/api.php beneath it.",
        )
    inner = answer.get("whmcs")
    version = text(inner, "version") if is_row(inner) else ""
    return Checked(name=_CREDENTIAL, state=State.OK, detail=f"taken; WHMCS {version or 'of unknown version'}")


_ENTRY_REMEDIES: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.NOT_AUTHENTICATED: (
            "Make an API credential (Configuration > Manage API Credentials) and set "
            "ORDERING_WHMCS_IDENTIFIER and ORDERING_WHMCS_SECRET."
        ),
        Code.IP_NOT_ALLOWED: (
            "Put our address on the list (General Settings > Security > API IP Access Restriction), or set "
            "ORDERING_WHMCS_ACCESS_KEY to the $api_access_key of configuration.php."
        ),
    }
)


def _role(api: WhmcsApi) -> Iterator[Checked]:
    for action, (parameters, purpose) in ACTIONS.items():
        try:
            api.read(action, parameters)
        except Refused as refused:
            if refused.code == Code.ACTION_NOT_ALLOWED:
                yield Checked(
                    name=f"action {action}",
                    state=State.WARNING if action in NOT_NEEDED else State.FAILED,
                    detail=f"not allowed; needed for {purpose}",
                    remedy=f"Allow {action} in the API role of the credential.",
                )
                continue
            if refused.code == Code.ACTION_UNKNOWN:
                yield Checked(
                    name=f"action {action}",
                    state=State.FAILED,
                    detail=f"unknown to this version; needed for {purpose}",
                    remedy="Update WHMCS to 8.0 or later.",
                )
                continue
        yield Checked(name=f"action {action}", state=State.OK, detail="allowed")


def _mark(api: WhmcsApi, wanted: Wanted) -> Checked:
    name = f"mark ({api.settings.mark})"
    if wanted.prove_with is None:
        if wanted.mark_proved:
            detail = "taken as proved (ORDERING_POLICY_BILLING_MARK_PROVED)"
            return Checked(name=name, state=State.OK, detail=detail)
        return Checked(
            name=name,
            state=State.WARNING,
            detail="not proved: an order of unknown outcome is left to a person",
            remedy="Run ordering whmcs check --prove CLIENT with the id of a test client.",
        )
    chosen = {product.cycle: product for product in sold(wanted.catalogue)}
    try:
        proof = prove_mark(api, tuple(chosen.values()), client=wanted.prove_with, gateway=wanted.gateway)
    except PortError as error:
        return Checked(
            name=name,
            state=State.FAILED,
            detail=f"the order of the proof was not taken: {error}",
            remedy="Name an active client with --prove, and look there for a pending order to delete.",
        )
    kept = f"; order {proof.left_over} could not be cancelled" if proof.left_over else ", and cancelled"
    if proof.problem:
        other = next(mark for mark in Mark if mark is not api.settings.mark)
        return Checked(
            name=name,
            state=State.FAILED,
            detail=proof.problem + kept,
            remedy=(
                f"Set ORDERING_WHMCS_MARK={other} and prove it; until then leave "
                "ORDERING_POLICY_BILLING_MARK_PROVED unset."
            ),
        )
    return Checked(
        name=name,
        state=State.WARNING if proof.left_over else State.OK,
        detail=f"an order was found by its mark alone{kept}",
        remedy="" if wanted.mark_proved else "Set ORDERING_POLICY_BILLING_MARK_PROVED=true.",
    )
