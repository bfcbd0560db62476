"""The check of an org: a good one has nothing wrong, and what is wrong is one line with its way out."""

import re

from collections.abc import Mapping
from typing import Final

import attrs
import pytest

from ordering_adapters.salesforce import Field, Names, SalesforceSettings
from ordering_adapters.salesforce.check import OrgCheck, check_org
from ordering_adapters.salesforce.needs import DEGRADATIONS
from ordering_adapters.salesforce.org_problems import Gravity, OrgProblem, Problem
from ordering_adapters.salesforce.requirements import (
    CHANGED,
    CHANGED_BY_STAFF,
    CHOICES,
    CREATED,
    held_by,
)
from ordering_core.domain.vocabulary import OrderStatusText
from tests.contract.salesforce_acts import Acts, RecordingOrg
from tests.contract.salesforce_org import SandboxOrg


GOOD_STATUSES: Final = {
    "Draft": "Draft",
    "Pending Review": "Draft",
    "Approved": "Draft",
    "Cancelled": "Draft",
    "Activated": "Activated",
}


class TestCheck(SandboxOrg):
    def check(self, settings: SalesforceSettings | None = None) -> OrgCheck:
        return check_org(self.connected(settings))

    def only(self, settings: SalesforceSettings | None = None) -> OrgProblem:
        """Return the one thing that is wrong."""
        found = self.check(settings).problems
        assert len(found) == 1, found
        return found[0]

    def change(self, path: str, **change: object) -> None:
        self.process.admin("PUT", "fields", {path: change})

    def test_a_good_org_has_nothing_wrong_and_its_allowance_is_told(self) -> None:
        check = self.check()
        assert check.problems == ()
        assert check.passed
        assert check.fields == len(Field)
        assert check.allowance is not None
        assert 0 < check.allowance.used < check.allowance.total

    def test_checking_writes_nothing(self) -> None:
        self.check()
        assert {call["method"] for call in self.process.data_calls()} <= {"GET", "POST"}
        assert [call["path"] for call in self.process.data_calls() if call["method"] == "POST"] == [
            "/services/data/v66.0/composite"
        ]

    def test_every_missing_or_hidden_field_is_one_line_with_its_way_out(self) -> None:
        """Salesforce itself cannot hide what it requires, nor what a relationship is called after."""
        required = {
            field for field in Field if field.endswith(("AccountId", "OrderId", "Pricebook2Id", "EntryId"))
        }
        hidden = sorted(set(Field) - required - {Field.ENTRY_ACTIVE})
        self.process.admin("PUT", "fields", {field: {"access": "none"} for field in hidden})
        problems = {problem.where: problem for problem in self.check().problems}
        assert len(self.check().problems) == len(problems)
        assert sorted(problems) == hidden
        for field in hidden:
            problem = problems[field]
            assert (problem.code, problem.gravity) == (Problem.FIELD_MISSING, Gravity.ERROR)
            assert field.partition(".")[2] in problem.what
            assert ("deploy/salesforce" in problem.remedy) == field.endswith("__c")
            assert f'fields."{field}" = "' in problem.remedy
            if field in DEGRADATIONS:
                assert DEGRADATIONS[field].name in problem.remedy

    def test_a_missing_field_is_the_only_line(self) -> None:
        self.change(Field.EID, access="none")
        problem = self.only()
        assert (problem.where, problem.what) == (
            Field.EID,
            "there is no field EID__c, or the user may not see it",
        )
        assert not self.check().passed

    def test_a_field_that_is_done_without_is_a_degradation_by_its_name_and_no_error(self) -> None:
        self.change(Field.ORDER_PRIORITY, access="none")
        settings = attrs.evolve(self.settings(), names=Names(fields={Field.ORDER_PRIORITY: ""}))
        check = self.check(settings)
        assert check.passed
        assert [(found.code, found.gravity) for found in check.problems] == [
            (Problem.FIELD_DONE_WITHOUT, Gravity.DEGRADED)
        ]
        assert check.problems[0].what.startswith("priority by expiry only")

    def test_cards_are_done_without_in_one_line(self) -> None:
        self.change("SIM_Inventory__c", access="none")
        assert self.only().where == "SIM_Inventory__c"
        self.change(Field.ASSIGNED_CARD, access="none")
        problem = self.only(attrs.evolve(self.settings(), names=Names(fields={Field.ASSIGNED_CARD: ""})))
        assert (problem.where, problem.gravity) == (Field.ASSIGNED_CARD, Gravity.DEGRADED)

    def test_an_org_that_lists_states_takes_their_codes(self) -> None:
        self.process.admin("PUT", "switches", {"state_country_picklists": True})
        found = self.check().problems
        assert [(problem.code, problem.where) for problem in found] == [
            (Problem.STATES_LISTED, Field.ACCOUNT_STATE),
            (Problem.STATES_LISTED, Field.ORDER_STATE),
        ]
        named = dict(
            pair for problem in found for pair in re.findall(r'fields\."(\S+)" = "(\S+)"', problem.remedy)
        )
        assert self.check(attrs.evolve(self.settings(), names=Names(fields=named))).problems == ()

    @pytest.mark.parametrize(
        ("field", "code"),
        [
            (Field.EID, Problem.FIELD_NOT_CREATEABLE),
            (Field.BILLING_ORDER, Problem.FIELD_NOT_UPDATEABLE),
            (Field.ASSIGNED_CARD, Problem.FIELD_NOT_UPDATEABLE),
        ],
    )
    def test_a_field_that_the_user_may_only_read_is_one_line(self, field: Field, code: Problem) -> None:
        self.change(field, access="read")
        problem = self.only()
        assert (problem.code, problem.where) == (code, field)
        assert "Ordering_Integration" in problem.remedy

    def test_a_field_that_is_only_ever_read_may_be_read_only(self) -> None:
        self.change(Field.CARD_SHIPPED_AT, access="read")
        assert self.check().problems == ()

    @pytest.mark.parametrize(
        ("field", "found"),
        [
            (Field.WEEKEND_INSTALL, "picklist"),
            (Field.ACTIVATION_SCHEDULED_AT, "date"),
            (Field.MNP_EXPIRES_ON, "string"),
            (Field.BILLING_ORDER, "double"),
            (Field.ASSIGNED_CARD, "string"),
        ],
    )
    def test_a_field_of_another_type_is_one_line(self, field: Field, found: str) -> None:
        self.change(field, type=found)
        problem = self.only()
        assert (problem.code, problem.where) == (Problem.FIELD_TYPE, field)
        assert f"of type {found};" in problem.what

    @pytest.mark.parametrize("field", [Field.ACCESS_MODE, Field.PRODUCT_BILLING_ID])
    def test_types_that_read_and_write_alike_are_all_good(self, field: Field) -> None:
        self.change(field, type="string")
        assert self.check().problems == ()

    def test_a_field_that_queries_cannot_compare_is_one_line(self) -> None:
        self.change(Field.ACTIVATION_ERROR_CODE, type="textarea", length=4000)
        assert self.only().code is Problem.FIELD_NOT_FILTERABLE

    @pytest.mark.parametrize(
        ("change", "code", "gravity"),
        [
            ({"unique": False}, Problem.KEY_NOT_UNIQUE, Gravity.ERROR),
            ({"external_id": False}, Problem.KEY_NOT_EXTERNAL_ID, Gravity.WARNING),
            ({"case_sensitive": False}, Problem.KEY_IGNORES_CASE, Gravity.WARNING),
        ],
    )
    @pytest.mark.parametrize("key", [Field.ORDER_KEY, Field.CASE_KEY])
    def test_a_key_that_salesforce_does_not_keep_apart_is_one_line(
        self, key: Field, change: Mapping[str, bool], code: Problem, gravity: Gravity
    ) -> None:
        self.change(key, **change)
        problem = self.only()
        assert (problem.code, problem.where, problem.gravity) == (code, key, gravity)

    def test_a_key_that_is_said_not_to_be_unique_need_not_be(self) -> None:
        self.change(Field.ORDER_KEY, unique=False)
        settings = attrs.evolve(self.settings(), unique=frozenset({Field.CASE_KEY}))
        assert self.check(settings).problems == ()

    def test_every_value_that_a_picklist_lacks_is_one_line(self) -> None:
        fields = [field for field in Field if field in CHOICES and field is not Field.OPPORTUNITY_STAGE]
        for field in fields:
            self.change(field, values=CHOICES[field][1:], restricted=True, type="picklist")
        problems = self.check().problems
        assert [problem.where for problem in problems] == fields
        for problem, field in zip(problems, fields, strict=True):
            lost = str(CHOICES[field][0])
            assert (problem.code, problem.gravity) == (Problem.CHOICE_MISSING, Gravity.ERROR)
            assert repr(lost) in problem.what
            assert f'texts."{field}"."{lost}"' in problem.remedy

    def test_a_value_that_nobody_can_choose_but_salesforce_takes_is_a_warning(self) -> None:
        texts = {Field.OPPORTUNITY_STAGE.value: {"Ready": "準備完了"}}
        check = self.check(attrs.evolve(self.settings(), names=Names(texts=texts)))
        assert check.passed
        (problem,) = check.problems
        assert (problem.code, problem.gravity) == (Problem.CHOICE_MISSING, Gravity.WARNING)
        assert "nobody can choose it" in problem.what

    def test_an_orgs_own_words_are_looked_for(self) -> None:
        self.change(Field.VPN_REGION, values=["America", "UK"])
        texts = {Field.VPN_REGION.value: {"US": "America"}}
        assert self.check(attrs.evolve(self.settings(), names=Names(texts=texts))).problems == ()
        assert self.only().what.startswith("the picklist lacks 'US'")

    @pytest.mark.parametrize(
        ("kind", "deed"), [("Order", "create"), ("Case", "create"), ("Account", "change")]
    )
    def test_an_object_that_the_user_may_only_read_is_said(self, kind: str, deed: str) -> None:
        self.change(kind, access="read")
        found = self.check().problems
        assert found
        assert {(problem.code, problem.where) for problem in found} == {(Problem.OBJECT_NOT_ALLOWED, kind)}
        assert f"may not {deed}" in found[0].what

    @pytest.mark.parametrize("status", ["Draft", "Approved", "Cancelled"])
    def test_a_missing_status_is_one_line(self, status: str) -> None:
        left = {name: category for name, category in GOOD_STATUSES.items() if name != status}
        self.process.admin("PUT", "statuses", left)
        problem = self.only()
        assert (problem.code, problem.where) == (Problem.STATUS_MISSING, Field.ORDER_STATUS)
        assert repr(status) in problem.what

    def test_only_the_first_status_of_an_order_has_to_be_there_beside_the_agents(self) -> None:
        left = {name: category for name, category in GOOD_STATUSES.items() if name != "Pending Review"}
        self.process.admin("PUT", "statuses", left)
        assert self.check().problems == ()
        org = self.connected()
        found = check_org(org, initial=OrderStatusText.PENDING_REVIEW).problems
        assert [problem.code for problem in found] == [Problem.STATUS_MISSING]

    @pytest.mark.parametrize(("status", "gravity"), [("Draft", Gravity.ERROR), ("Approved", Gravity.WARNING)])
    def test_a_status_that_locks_the_order_is_one_line(self, status: str, gravity: Gravity) -> None:
        self.process.admin("PUT", "statuses", {**GOOD_STATUSES, status: "Activated"})
        problem = self.only()
        assert (problem.code, problem.gravity) == (Problem.STATUS_CATEGORY, gravity)
        assert "category Activated" in problem.what

    def test_a_missing_event_and_one_without_its_field_are_one_line_each(self) -> None:
        self.change("OrderProvisionRequested__e.Order_Id__c", access="none")
        assert self.only().where == "OrderProvisionRequested__e.Order_Id__c"
        self.change("OrderProvisionRequested__e.Order_Id__c")
        self.change("OrderProvisionRequested__e", access="none")
        problem = self.only()
        assert (problem.code, problem.where) == (Problem.EVENT_MISSING, "OrderProvisionRequested__e")
        assert "deploy/salesforce" in problem.remedy

    @pytest.mark.parametrize("book", ["", "the portal's", "01sSD0000000999AAA"])
    def test_a_price_book_that_is_not_there_is_one_line(self, book: str) -> None:
        problem = self.only(attrs.evolve(self.settings(), price_book=book))
        assert problem.code is Problem.PRICE_BOOK_MISSING
        assert problem.where == "ORDERING_SALESFORCE_PRICE_BOOK"

    def test_a_price_book_that_sells_nothing_is_said(self) -> None:
        self.process.write("Pricebook2", {"IsActive": False}, self.price_book)
        assert self.only().code is Problem.PRICE_BOOK_INACTIVE
        self.stock([])
        assert self.only().code is Problem.PRICE_BOOK_EMPTY

    def test_an_allowance_that_is_nearly_used_up_is_a_warning(self) -> None:
        allowance = self.check().allowance
        assert allowance is not None
        self.process.admin("PUT", "switches", {"daily_api_calls": 2 * allowance.used + 1})
        assert self.only().code is Problem.ALLOWANCE_LOW

    def test_several_things_are_said_at_once_errors_first(self) -> None:
        self.change(Field.ORDER_KEY, external_id=False)
        self.change(Field.EID, access="none")
        assert [problem.gravity for problem in self.check().problems] == [Gravity.ERROR, Gravity.WARNING]


class TestRequirements(Acts):
    """What the check asks for is what the ports do."""

    def test_the_fields_that_are_written_are_those_that_the_check_looks_at(self) -> None:
        org = RecordingOrg(self.settings())
        self.do_everything(org)
        written = org.written()
        for method, fields in (("POST", CREATED), ("PATCH", CHANGED)):
            sent = {
                field
                for field in Field
                if field.partition(".")[2] in written.get(f"{method} {field.partition('.')[0]}", set())
            }
            assert sent == fields

    def test_every_call_that_writes_keeps_its_order(self) -> None:
        """A composite that Salesforce may reorder could look before it locks (reference 2.2)."""
        for said in ("", '"collateSubrequests": false'):
            self.process.fault(kind="delay", seconds=0, times=0, path="/composite", body=said)
        self.do_everything(RecordingOrg(self.settings()))
        faults = self.process.admin("GET", "faults")
        assert isinstance(faults, list)
        every, in_order = (fault["struck"] for fault in faults)
        assert every == in_order > 10

    def test_describe_calls_every_field_by_a_type_that_it_may_have(self) -> None:
        org = self.connected()
        for field in Field:
            described = org.described(field.partition(".")[0])
            assert described is not None
            fields = described["fields"]
            assert isinstance(fields, list)
            (found,) = [each for each in fields if each["name"] == field.partition(".")[2]]
            assert found["type"] in held_by(field).value

    def test_staff_change_what_their_port_does_not(self) -> None:
        assert not CHANGED & CHANGED_BY_STAFF
