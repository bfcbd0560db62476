"""Cases in Salesforce."""

from __future__ import annotations

from ordering_adapters.salesforce.case_rows import case_body
from ordering_adapters.salesforce.composite import insert
from ordering_adapters.salesforce.errors import Failure, refused
from ordering_adapters.salesforce.fields import Field
from ordering_adapters.salesforce.keys import Turns
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.soql import is_id, quoted
from ordering_core.domain.identifiers import CaseId, RequestKey
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown
from ordering_core.ports.cases import CaseDesk, NewCase


class SalesforceCases(CaseDesk):
    """The Cases of an org."""

    def __init__(self, org: SalesforceOrg) -> None:
        """Work on *org*."""
        self._org = org
        self._turns = Turns()

    def open(self, case: NewCase, /) -> CaseId:
        if not is_id(case.account):
            raise refused("NOT_FOUND", "there is no such Account")
        if Field.CASE_KEY in self._org.settings.unique:
            return self._open(case)
        with self._turns.of(case.key):
            return self._find(case.key) or self._open(case)

    def is_closed(self, case: CaseId, /) -> bool:
        found = self._org.rows(f"SELECT IsClosed FROM Case WHERE Id = {quoted(case)}") if is_id(case) else ()
        if not found:
            raise refused("NOT_FOUND", "there is no such Case")
        return found[0].values.get("IsClosed") is True

    def _open(self, case: NewCase) -> CaseId:
        answers = self._org.change([insert("case", "Case", case_body(case, self._org.names))])
        if not isinstance(answers, Failure):
            return CaseId(answers.made("case"))
        if answers.duplicate_of != self._org.names[Field.CASE_KEY]:
            raise answers.error()
        found = self._find(case.key)
        if found is None:
            raise OutcomeUnknown(System.SALESFORCE, "its key is being used at this moment")
        return found

    def _find(self, key: RequestKey) -> CaseId | None:
        name = self._org.names[Field.CASE_KEY]
        found = self._org.rows(f"SELECT Id FROM Case WHERE {name} = {quoted(key)} ORDER BY CreatedDate, Id")
        return CaseId(found[0].id) if found else None
