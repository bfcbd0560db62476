"""An invoice is what was quoted, line by line and net, give or take a yen of tax."""

from datetime import date
from decimal import Decimal

import attrs

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.identifiers import ServiceId
from ordering_core.domain.invoice import Invoice, InvoiceFlaw, InvoiceLine, invoice_flaws
from ordering_core.domain.money import TaxRounding, consumption_tax


QUOTED = {ServiceId(11): Decimal(1777), ServiceId(12): Decimal(1333), ServiceId(13): Decimal(0)}

quotes = st.dictionaries(
    st.integers(1, 99).map(ServiceId), st.integers(1, 99_999).map(Decimal), min_size=1, max_size=6
)


def invoice_of(quoted: dict[ServiceId, Decimal], tax: Decimal | None = None) -> Invoice:
    net = sum(quoted.values(), Decimal(0))
    tax = consumption_tax(net) if tax is None else tax
    return Invoice(
        id=1,
        status="Unpaid",
        due=date(2026, 6, 3),
        subtotal=net,
        tax=tax,
        total=net + tax,
        lines=tuple(
            InvoiceLine(service=service, amount=price, taxed=True) for service, price in quoted.items()
        ),
    )


@given(quotes, st.sampled_from(TaxRounding), st.data())
def test_an_invoice_of_what_was_quoted_is_right_in_any_order(
    quoted: dict[ServiceId, Decimal], rounding: TaxRounding, data: st.DataObject
) -> None:
    tax = consumption_tax(sum(quoted.values(), Decimal(0)), rounding=rounding)
    made = invoice_of(quoted, tax)
    lines = data.draw(st.permutations(made.lines))
    assert invoice_flaws(attrs.evolve(made, lines=tuple(lines)), quoted) == ()


def test_a_line_of_nothing_is_no_line() -> None:
    assert invoice_flaws(invoice_of(QUOTED), QUOTED) == ()
    without = {service: price for service, price in QUOTED.items() if price}
    assert invoice_flaws(invoice_of(without), QUOTED) == ()


def test_a_yen_of_tax_is_no_finding_and_two_are() -> None:
    right = invoice_of(QUOTED)
    for cents, flaws in ((0, ()), (1, ()), (-1, ()), (2, (InvoiceFlaw.WRONG_TAX,))):
        other = attrs.evolve(right, tax=right.tax + cents)
        assert invoice_flaws(other, QUOTED) == flaws
    assert invoice_flaws(attrs.evolve(right, tax=Decimal("311.00")), QUOTED) == ()
    assert invoice_flaws(attrs.evolve(right, tax=right.tax - 2), QUOTED) == (InvoiceFlaw.WRONG_TAX,)


@given(quotes, st.data())
def test_each_kind_of_difference_is_named(quoted: dict[ServiceId, Decimal], data: st.DataObject) -> None:
    right = invoice_of(quoted)
    place = data.draw(st.integers(0, len(right.lines) - 1))
    line = right.lines[place]
    others = (*right.lines[:place], *right.lines[place + 1 :])

    def flaws(*lines: InvoiceLine) -> tuple[InvoiceFlaw, ...]:
        return invoice_flaws(attrs.evolve(right, lines=lines), quoted)

    assert flaws(*others) == (InvoiceFlaw.MISSING_LINE,)
    assert flaws(*others, attrs.evolve(line, amount=line.amount + 1)) == (InvoiceFlaw.WRONG_AMOUNT,)
    assert flaws(*right.lines, line) == (InvoiceFlaw.CHARGED_TWICE,)
    assert flaws(*others, attrs.evolve(line, taxed=False)) == (InvoiceFlaw.NOT_TAXED,)
    stranger = attrs.evolve(line, service=ServiceId(1000))
    assert flaws(*right.lines, stranger) == (InvoiceFlaw.UNKNOWN_LINE,)
    assert flaws(*right.lines, attrs.evolve(line, service=None)) == (InvoiceFlaw.UNKNOWN_LINE,)


@given(quotes, st.data())
def test_any_other_net_amount_of_any_line_is_a_flaw(
    quoted: dict[ServiceId, Decimal], data: st.DataObject
) -> None:
    changed = data.draw(st.sampled_from(sorted(quoted)))
    amounts = st.integers(-99_999, 99_999).map(Decimal).filter(lambda amount: amount != quoted[changed])
    billed = invoice_of({**quoted, changed: data.draw(amounts)})
    assert invoice_flaws(billed, quoted)
    assert invoice_flaws(attrs.evolve(billed, subtotal=invoice_of(quoted).subtotal), quoted)


@given(quotes, st.sampled_from(TaxRounding))
def test_a_missing_or_cancelled_invoice_is_a_flaw_of_what_costs_something(
    quoted: dict[ServiceId, Decimal], rounding: TaxRounding
) -> None:
    cancelled = attrs.evolve(invoice_of(quoted), status="Cancelled")
    for invoice in (None, cancelled):
        assert invoice_flaws(invoice, quoted, rounding=rounding) == (InvoiceFlaw.NO_INVOICE,)
        assert invoice_flaws(invoice, dict.fromkeys(quoted, Decimal(0))) == ()


def test_prices_swapped_between_services_are_found_though_the_sum_is_right() -> None:
    swapped = invoice_of({ServiceId(11): Decimal(1333), ServiceId(12): Decimal(1777)})
    assert invoice_flaws(swapped, QUOTED) == (InvoiceFlaw.WRONG_AMOUNT,)


def test_a_subtotal_of_its_own_is_found() -> None:
    right = invoice_of(QUOTED)
    odd = attrs.evolve(right, subtotal=right.subtotal + 1)
    assert invoice_flaws(odd, QUOTED) == (InvoiceFlaw.WRONG_SUBTOTAL,)
