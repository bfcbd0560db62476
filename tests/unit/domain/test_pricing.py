"""What an order costs: net lines, three totals, each taxed once."""

from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.catalogue import Product
from ordering_core.domain.money import TaxRounding
from ordering_core.domain.policy import Policy
from ordering_core.domain.pricing import amount, instalment_total, price
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.vocabulary import BillingCycle
from tests.unit.domain.rule_cases import CATALOGUE, INTERNET


AT = datetime(2026, 11, 10, 3, tzinfo=UTC)
POLICY = Policy()

CARTS = st.lists(
    st.builds(
        lambda product, net: attrs.evolve(product, price=Decimal(net)),
        st.sampled_from(sorted(CATALOGUE.products.values(), key=lambda product: product.sku)),
        st.integers(0, 200_000),
    ),
    max_size=8,
)


def quote(products: list[Product], policy: Policy = POLICY) -> Quote:
    return price(products, policy=policy, at=AT, catalogue_version="v1")


def test_an_order_is_priced_line_by_line_net_and_taxed_once_per_total() -> None:
    lines = [CATALOGUE.products[sku] for sku in INTERNET.skus]
    assert quote(lines) == Quote(
        lines=tuple(lines),
        monthly=Amount(net=Decimal(6800), tax=Decimal(680)),
        one_time=Amount(net=Decimal(0), tax=Decimal(0)),
        first_bill=Amount(net=Decimal(6800), tax=Decimal(680)),
        catalogue_version="v1",
        quoted_at=AT,
    )


def test_the_first_bill_is_taxed_on_its_whole_and_not_the_sum_of_two_taxes() -> None:
    """1205 + 333 + 499 + 77 = 2114: tax 211, not 209 line by line (reference japan-telecom 5)."""
    monthly, one_time = (
        next(product for product in CATALOGUE.products.values() if product.cycle is cycle)
        for cycle in (BillingCycle.MONTHLY, BillingCycle.ONE_TIME)
    )
    lines = [attrs.evolve(monthly, price=Decimal(net)) for net in (1205, 333)]
    lines += [attrs.evolve(one_time, price=Decimal(net)) for net in (499, 77)]
    priced = quote(lines)
    assert priced.monthly == Amount(net=Decimal(1538), tax=Decimal(153))
    assert priced.one_time == Amount(net=Decimal(576), tax=Decimal(57))
    assert priced.first_bill == Amount(net=Decimal(2114), tax=Decimal(211))
    assert priced.first_bill.gross == 2325


@given(CARTS, CARTS)
def test_totals_are_additive_in_lines_net(some: list[Product], more: list[Product]) -> None:
    one, two, both = quote(some), quote(more), quote(some + more)
    assert both.monthly.net == one.monthly.net + two.monthly.net
    assert both.one_time.net == one.one_time.net + two.one_time.net
    assert both.first_bill.net == one.first_bill.net + two.first_bill.net
    assert both.lines == one.lines + two.lines


@given(CARTS, st.sampled_from(TaxRounding))
def test_every_line_is_in_one_total_and_in_the_first_bill(cart: list[Product], rounding: TaxRounding) -> None:
    priced = quote(cart, Policy(tax_rounding=rounding))
    assert priced.first_bill.net == priced.monthly.net + priced.one_time.net
    assert priced.first_bill.net == sum(product.price for product in cart)
    assert abs(priced.first_bill.tax - priced.monthly.tax - priced.one_time.tax) <= 1
    for total in (priced.monthly, priced.one_time, priced.first_bill):
        assert total.gross == total.net + total.tax
        assert abs(total.tax * 10 - total.net) < 10


@given(CARTS)
def test_the_order_of_lines_changes_no_total(cart: list[Product]) -> None:
    there, back = quote(cart), quote(cart[::-1])
    assert (there.monthly, there.one_time, there.first_bill) == (back.monthly, back.one_time, back.first_bill)


def test_rate_and_rounding_are_settings() -> None:
    assert amount(Decimal(1005), policy=POLICY) == Amount(net=Decimal(1005), tax=Decimal(100))
    ceiling = Policy(tax_rounding=TaxRounding.CEILING)
    assert amount(Decimal(1005), policy=ceiling) == Amount(net=Decimal(1005), tax=Decimal(101))
    dearer = Policy(tax_rate=Decimal("0.12"))
    assert amount(Decimal(1000), policy=dearer) == Amount(net=Decimal(1000), tax=Decimal(120))


def test_nothing_costs_nothing() -> None:
    zero = Amount(net=Decimal(0), tax=Decimal(0))
    assert (quote([]).monthly, quote([]).one_time, quote([]).first_bill) == (zero, zero, zero)


@pytest.mark.parametrize(
    ("sku", "payment", "total"),
    [
        ("INTERNET-INSTALL-SINGLE", 22800, 22800),
        ("INTERNET-INSTALL-12", 1900, 22800),
        ("INTERNET-INSTALL-24", 950, 22800),
    ],
)
def test_an_instalment_item_is_billed_by_the_payment_and_shown_in_all(
    sku: str, payment: int, total: int
) -> None:
    product = next(product for product in CATALOGUE.products.values() if product.sku == sku)
    assert quote([product]).first_bill.net == payment
    assert instalment_total(product) == total


def test_a_price_with_a_fraction_of_a_yen_is_refused() -> None:
    broken = attrs.evolve(CATALOGUE.products[INTERNET.skus[0]], price=Decimal("4900.5"))
    with pytest.raises(InvalidValue, match="fraction"):
        quote([broken])
