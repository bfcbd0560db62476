"""
Cases as Salesforce holds them.

What a Case is about stands in its description, for the standard Case has no field for it: one line for each
thing that staff may want to open. Agents read it, and so do we.
"""

from __future__ import annotations

import re

from collections.abc import Mapping
from typing import Final

from ordering_adapters.salesforce.fields import Field, Names, Reference, Value, harmless
from ordering_adapters.salesforce.rows import Record
from ordering_core.domain.identifiers import OpportunityId
from ordering_core.ports.cases import NewCase


ORIGIN: Final = "Portal Notification"
"""Origin of every Case of ours: for the team only (seed "Notifies the support team")."""

_LONGEST_SUBJECT: Final = 255
_OPPORTUNITY: Final = re.compile(r"^Opportunity: ([a-zA-Z0-9]{15,18})$", re.MULTILINE)


def case_body(case: NewCase, names: Names) -> dict[str, object]:
    """Return what to write for *case*; its order and Opportunity may be references of a composite."""
    about = {"Request": case.kind.value, "Order": case.order, "Opportunity": case.opportunity}
    lines = [f"{name}: {value}" for name, value in about.items() if value]
    description = "\n".join(
        [*filter(None, [harmless(case.description)]), *([""] if case.description else []), *lines]
    )
    values: Mapping[Field, Value] = {
        Field.CASE_ACCOUNT: case.account,
        Field.CASE_ORIGIN: ORIGIN,
        Field.CASE_SUBJECT: case.subject[:_LONGEST_SUBJECT],
        Field.CASE_DESCRIPTION: Reference(description),
        Field.CASE_KEY: case.key,
    }
    return names.body(values)


def opportunity_in(record: Record) -> OpportunityId | None:
    """Return the Opportunity that the Case in *record* names."""
    found = _OPPORTUNITY.search(record.raw(Field.CASE_DESCRIPTION).replace("\r\n", "\n"))
    return OpportunityId(found.group(1)) if found else None
