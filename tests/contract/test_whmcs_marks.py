"""An order is found again by its mark, by anybody, and by nothing else."""

from decimal import Decimal
from typing import ClassVar

import attrs
import pytest

from ordering_adapters.whmcs import FieldName, Mark, WhmcsApi, WhmcsBilling, WhmcsProducts
from ordering_core.domain.identifiers import BillingProductId, OrderItemId
from ordering_core.errors import OutcomeUnknown, Refused
from ordering_core.testing.contracts.billing_orders import (
    OPPORTUNITY,
    ORDER,
    OTHER_ORDER,
    PLAN_ITEM,
)
from ordering_core.testing.faults import Fault
from tests.contract.whmcs_installation import BillingOnSandbox, Installation


class Marked(BillingOnSandbox):
    """The contract's hands without its tests, which others run."""

    __test__ = False


def hands(of: Installation) -> Marked:
    """Return the contract's samples for *of*."""
    made = Marked()
    made.process = of.process
    return made


class TestMarks(Installation):
    def test_what_was_added_is_in_whmcs_to_the_letter(self) -> None:
        client = self.new_client()
        added = self.new_billing().add(hands(self).order(client))
        (order,) = self.process.rows("orders", id=added)
        assert (order["notes"], order["paymentmethod"]) == (ORDER, "stripe")
        services = self.process.rows("services", orderid=added)
        assert {(row["pid"], row["billingcycle"]) for row in services} == {
            (202, "Monthly"),
            (203, "One Time"),
        }
        plan = next(row for row in services if row["pid"] == 202)
        values = {row["fieldid"]: row["value"] for row in self.process.rows("fieldvalues", relid=plan["id"])}
        assert values == {2021: PLAN_ITEM, 2022: ORDER, 2023: OPPORTUNITY}
        assert plan["recurringamount"] == "1777.00"
        (invoice,) = self.process.rows("invoices", userid=client)
        assert (invoice["subtotal"], invoice["tax"], invoice["total"]) == ("3110.00", "311.00", "3421.00")

    def test_an_order_whose_reply_was_lost_is_found_by_another_process(self) -> None:
        client, billing = self.new_client(), self.new_billing()
        self.break_next("add", Fault.LOSE_REPLY)
        with pytest.raises(OutcomeUnknown):
            billing.add(hands(self).order(client))
        for anybody in (billing, self.new_billing()):
            (found,) = anybody.find(client, ORDER)
            assert (found.id,) == self.orders_of(client)
            assert {service.item for service in found.services} == {
                line.item for line in hands(self).order(client).lines
            }

    def test_a_service_without_its_mark_is_no_line_of_ours(self) -> None:
        client, billing = self.new_client(), self.new_billing()
        added = billing.add(hands(self).order(client))
        plan = next(row for row in self.process.rows("services", orderid=added) if row["pid"] == 202)
        self.process.admin("DELETE", "rows", {"table": "fieldvalues", "values": {"relid": plan["id"]}})
        (found,) = self.new_billing().find(client, ORDER)
        assert {service.product: service.item is None for service in found.services} == {
            202: True,
            203: False,
        }

    def test_a_service_billed_by_the_year_is_no_line_of_ours(self) -> None:
        client, billing = self.new_client(), self.new_billing()
        added = billing.add(hands(self).order(client))
        plan = next(row for row in self.process.rows("services", orderid=added) if row["pid"] == 202)
        self.process.change("services", plan["id"], billingcycle="Annually")
        (found,) = billing.find(client, ORDER)
        assert {service.product: service.item is None for service in found.services} == {
            202: True,
            203: False,
        }

    def test_a_product_without_the_field_is_refused_before_anything_is_sent(self) -> None:
        self.process.admin("DELETE", "rows", {"table": "customfields", "values": {"id": 2031}})
        client = self.new_client()
        with pytest.raises(Refused) as refused:
            self.new_billing().add(hands(self).order(client))
        assert refused.value.code == "MARK_FIELD_MISSING"
        assert "203" in refused.value.reason
        assert self.orders_of(client) == ()

    def test_a_changed_mark_finds_what_was_ordered_before(self) -> None:
        client = self.new_client()
        for mark, reference in ((Mark.CUSTOM_FIELD, ORDER), (Mark.DOMAIN, OTHER_ORDER)):
            api = self.connected(attrs.evolve(self.settings(), mark=mark))
            WhmcsBilling(api, WhmcsProducts(api)).add(hands(self).order(client, reference))
        for mark in Mark:
            api = self.connected(attrs.evolve(self.settings(), mark=mark))
            billing = WhmcsBilling(api, WhmcsProducts(api), mark_proved=True)
            for reference in (ORDER, OTHER_ORDER):
                (found,) = billing.find(client, reference)
                assert all(service.item for service in found.services)

    def test_notes_that_staff_wrote_below_ours_hide_nothing(self) -> None:
        client = self.new_client()
        added = self.new_billing().add(hands(self).order(client))
        self.process.admin("DELETE", "rows", {"table": "fieldvalues", "values": {"fieldid": 2022}})
        self.process.admin("DELETE", "rows", {"table": "fieldvalues", "values": {"fieldid": 2032}})
        self.process.change("orders", added, notes=f"{ORDER}\r\n電話で確認済み")
        assert [found.id for found in self.new_billing().find(client, ORDER)] == [added]

    def test_an_order_of_our_own_that_was_cancelled_alone_is_not_found_later(self) -> None:
        client = self.new_client()
        added = self.new_billing().add(hands(self).order(client))
        self.process.change("orders", added, status="Fraud")
        assert self.new_billing().find(client, ORDER) == ()

    def test_a_hundred_and_one_services_are_all_looked_at(self) -> None:
        client = self.new_client()
        for _ in range(101):
            self.process.plant("services", {"clientid": client, "pid": 203, "status": "Active", "orderid": 1})
        billing = self.new_billing()
        billing.add(hands(self).order(client))
        assert len(billing.find(client, ORDER)) == 1
        assert len(billing.active_products(client)) == 101


class TestJapaneseText(Installation):
    """Text goes through custom fields byte by byte."""

    fields: ClassVar[tuple[str, ...]] = ("案件ID", "注文明細ID", "SalesforceOrderId|ご注文番号")

    def connected(self, settings: object = None) -> WhmcsApi:
        names = {
            FieldName.ITEM: "注文明細ID",
            FieldName.ORDER: "SalesforceOrderId",
            FieldName.OPPORTUNITY: "案件ID",
        }
        return super().connected(attrs.evolve(self.settings(), names=names))

    @pytest.mark.parametrize("text", ["髙橋桜", "𠮷野家", '引用"符;:{}', "ｶﾅ・ー〜", "a" * 200 + "葛󠄀"])
    def test_it_comes_back_as_it_went(self, text: str) -> None:
        client, billing = self.new_client(), self.new_billing()
        order = hands(self).order(client)
        line = attrs.evolve(order.lines[0], item=OrderItemId(text))
        billing.add(attrs.evolve(order, lines=(line,)))
        (found,) = self.new_billing().find(client, ORDER)
        assert [service.item for service in found.services] == [text]
        (value,) = self.process.rows("fieldvalues", fieldid=2022)
        assert value["value"] == text


class TestNotProved(Installation):
    """Until the mark was proved, a note counts as one."""

    mark_proved: ClassVar[bool] = False
    switches: ClassVar[dict[str, object]] = {"custom_fields_at_order": False}

    def test_an_order_without_marks_is_found_by_its_notes_and_not_taken_for_what_was_ordered(self) -> None:
        client, billing = self.new_client(), self.new_billing()
        self.break_next("add", Fault.LOSE_REPLY)
        with pytest.raises(OutcomeUnknown):
            billing.add(hands(self).order(client))
        (found,) = self.new_billing().find(client, ORDER)
        assert (found.id,) == self.orders_of(client)
        assert [service.item for service in found.services] == [None, None]


class TestManyLines(Installation):
    """Lines are told apart by their marks alone, in whatever order WHMCS numbers them."""

    switches: ClassVar[dict[str, object]] = {"services_in_order": False}

    def test_four_lines_of_one_product_keep_their_prices(self) -> None:
        client, billing = self.new_client(), self.new_billing()
        order = hands(self).order(client)
        lines = tuple(
            attrs.evolve(
                order.lines[0],
                product=BillingProductId(202),
                item=OrderItemId(f"80200000000001{place}AAA"),
                price=Decimal(1000 + place),
            )
            for place in range(4)
        )
        billing.add(attrs.evolve(order, lines=lines))
        (found,) = self.new_billing().find(client, ORDER)
        assert {service.item: service.price for service in found.services} == {
            line.item: line.price for line in lines
        }
