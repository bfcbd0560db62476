"""The ports of a Salesforce org, as a process's settings describe it."""

from __future__ import annotations

import tomllib

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from ssl import create_default_context
from typing import Final

from cattrs import BaseValidationError, structure

from ordering_adapters.salesforce import (
    ClientCredentials,
    Field,
    JwtBearer,
    Names,
    SalesforceCases,
    SalesforceCatalogue,
    SalesforceCustomers,
    SalesforceFiles,
    SalesforceOpportunities,
    SalesforceOrders,
    SalesforceOrg,
    SalesforceSettings,
)
from ordering_core.domain.policy import Policy
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.clock import Clock
from ordering_entrypoints.observing import SALESFORCE, UNOBSERVED, Observer, calls_to
from ordering_entrypoints.salesforce_settings import UNIQUE_KEY, SalesforceVariables


_TABLES: Final = frozenset({"fields", "texts"})


def salesforce_ports(
    variables: SalesforceVariables,
    *,
    clock: Clock,
    policy: Policy,
    attributes: ProductCatalogue,
    observer: Observer = UNOBSERVED,
) -> Mapping[str, object]:
    """
    Return the adapters of the org by the names of their ports; nothing is sent yet.

    *attributes* tells of products what the price book has no fields for; *observer* is told of every call.

    Raises:
        ValueError: A file that *variables* name cannot be used.

    """
    org = salesforce_org(variables, clock=clock, policy=policy, observer=observer)

    def allowance() -> tuple[int, int] | None:
        known = org.allowance
        return None if known is None else (known.used, known.total)

    def ahead() -> float | None:
        known = org.clock_ahead
        return None if known is None else known.total_seconds()

    observer.knows_allowance(allowance)
    observer.knows_clock(ahead)
    return {
        "catalogue": SalesforceCatalogue(org, attributes),
        "customers": SalesforceCustomers(org),
        "orders": SalesforceOrders(org, attributes),
        "opportunities": SalesforceOpportunities(org),
        "cases": SalesforceCases(org),
        "files": SalesforceFiles(org),
    }


def salesforce_org(
    variables: SalesforceVariables, *, clock: Clock, policy: Policy, observer: Observer = UNOBSERVED
) -> SalesforceOrg:
    """
    Return the way to the org of *variables*; nothing is sent yet.

    Raises:
        ValueError: A file that they name cannot be used, or the org lacks what ordering cannot do without.

    """
    if variables.ca_file is not None:
        try:
            create_default_context(cafile=variables.ca_file)
        except OSError:
            raise ValueError(
                "the CA file cannot be read, or holds no certificate; check the path and the rights"
            ) from None
    return SalesforceOrg(_settings(variables, policy), clock, observe=calls_to(SALESFORCE, observer))


def _settings(variables: SalesforceVariables, policy: Policy) -> SalesforceSettings:
    unique = {Field.CASE_KEY} | ({Field.ORDER_KEY} if variables.order_key == UNIQUE_KEY else set[Field]())
    return SalesforceSettings(
        domain=variables.domain,
        credentials=_credentials(variables),
        price_book=variables.price_book,
        version=variables.api_version,
        names=_names(variables.names_file, variables.order_key),
        unique=frozenset(unique),
        country=variables.country,
        closes_after=timedelta(days=policy.opportunity_close_days),
        ca_file=variables.ca_file,
        plain_address=variables.plain_address or "",
    )


def _credentials(variables: SalesforceVariables) -> ClientCredentials | JwtBearer:
    if variables.private_key_file is None or variables.username is None:
        return ClientCredentials(client_id=variables.client_id, client_secret=variables.client_secret or "")
    try:
        key = variables.private_key_file.read_text(encoding="ascii")
    except (OSError, UnicodeError):
        raise ValueError("the private key file cannot be read; check the path and the rights") from None
    return JwtBearer(client_id=variables.client_id, username=variables.username, private_key=key)


def _names(file: Path | None, order_key: str) -> Names:
    tables: Mapping[str, object] = {}
    if file is not None:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"the names file cannot be used: {error}") from None
    if strange := tables.keys() - _TABLES:
        raise ValueError(f"the names file has [{min(strange)}]; it knows [fields] and [texts]")
    try:
        fields = structure(tables.get("fields", {}), dict[str, str])
        texts = structure(tables.get("texts", {}), dict[str, dict[str, str]])
    except (BaseValidationError, AttributeError):
        raise ValueError('the names file has to say "Object.Field" = "name" in [fields]') from None
    return Names(fields={**fields, Field.ORDER_KEY: order_key}, texts=texts)
