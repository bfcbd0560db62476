"""The port of a WHMCS installation, as a process's settings describe it."""

from __future__ import annotations

import tomllib

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cattrs import BaseValidationError, structure

from ordering_adapters.whmcs import (
    FieldName,
    Mark,
    WhmcsApi,
    WhmcsBilling,
    WhmcsProducts,
    WhmcsSettings,
)
from ordering_core.domain.identifiers import BillingProductId
from ordering_core.domain.policy import Policy
from ordering_core.ports.clock import Clock
from ordering_entrypoints.observing import UNOBSERVED, WHMCS, Observer, calls_to
from ordering_entrypoints.whmcs_settings import WhmcsVariables


_TABLES: Final = frozenset({"names", "products"})


@contextmanager
def whmcs_api(
    variables: WhmcsVariables, *, clock: Clock, observer: Observer = UNOBSERVED
) -> Generator[WhmcsApi]:
    """
    Yield the way to the installation and close its connections afterwards; nothing is sent yet.

    Raises:
        ValueError: *variables*, or a file that they name, cannot be used.

    """
    try:
        api = WhmcsApi(_settings(variables), clock, observe=calls_to(WHMCS, observer))
    except OSError:
        raise ValueError("the file of authorities cannot be read; check the path and the rights") from None
    try:
        yield api
    finally:
        api.close()


def whmcs_ports(api: WhmcsApi, *, policy: Policy) -> Mapping[str, object]:
    """Return the adapters of the installation by the names of their ports."""
    return {"billing": WhmcsBilling(api, WhmcsProducts(api), mark_proved=policy.billing_mark_proved)}


def _settings(variables: WhmcsVariables) -> WhmcsSettings:
    names, numbers = _fields(variables.fields_file)
    return WhmcsSettings(
        url=variables.url,
        identifier=variables.identifier,
        secret=variables.secret,
        access_key=variables.access_key or "",
        mark=Mark(variables.mark.value),
        names=names,
        field_numbers=numbers,
        currency=variables.currency,
        card_page=variables.card_page,
        timeout=variables.timeout.total_seconds(),
        connect_timeout=variables.connect_timeout.total_seconds(),
        concurrency=variables.concurrency,
        ca_file=variables.ca_file,
    )


def _fields(
    file: Path | None,
) -> tuple[Mapping[FieldName, str], Mapping[BillingProductId, Mapping[str, int]]]:
    """Return what our custom fields are called, and their ids by product."""
    tables: Mapping[str, object] = {}
    if file is not None:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"the fields file cannot be used: {error}") from None
    if strange := tables.keys() - _TABLES:
        raise ValueError(f"the fields file has [{min(strange)}]; it knows [names] and [products.ID]")
    try:
        names = structure(tables.get("names", {}), dict[str, str])
        products = structure(tables.get("products", {}), dict[int, dict[str, int]])
    except (BaseValidationError, AttributeError, TypeError):
        raise ValueError(
            'the fields file has to say OpportunityId = "name" in [names], '
            "and OpportunityId = 5 in [products.202]"
        ) from None
    known = {name.value for name in FieldName}
    if unknown := (names.keys() | {name for fields in products.values() for name in fields}) - known:
        raise ValueError(f"the fields file names {min(unknown)}; fields are {', '.join(sorted(known))}")
    return (
        {name: names.get(name.value, name.value) for name in FieldName},
        {BillingProductId(product): fields for product, fields in products.items()},
    )
