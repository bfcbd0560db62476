"""Yen and consumption tax: whole, exact, rounded once."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest

from hypothesis import example, given
from hypothesis import strategies as st

from ordering_core.domain.money import LARGEST_AMOUNT, TAX_RATE, TaxRounding, consumption_tax, yen
from ordering_core.domain.text import InvalidValue


amounts = st.integers(0, int(LARGEST_AMOUNT))
rates = st.decimals(0, 1, places=3)
ROUNDINGS = {
    TaxRounding.FLOOR: ROUND_FLOOR,
    TaxRounding.HALF_UP: ROUND_HALF_UP,
    TaxRounding.CEILING: ROUND_CEILING,
}


def code_of(value: int | Decimal | str, *, signed: bool = False) -> str:
    with pytest.raises(InvalidValue, match=r"\.") as caught:
        yen(value, signed=signed)
    return caught.value.code


class TestYen:
    @given(amounts)
    def test_every_way_of_writing_an_amount_reads_as_the_same_whole_yen(self, amount: int) -> None:
        written = (
            amount,
            Decimal(amount),
            f"{amount}",
            f"{amount}.0",
            f"{amount}.00",
            Decimal(f"{amount}.0"),
        )
        for value in written:
            read = yen(value)
            assert read == amount
            assert read.as_tuple().exponent == 0
            assert yen(read) == read

    def test_an_exponent_that_means_whole_yen_is_written_out(self) -> None:
        assert str(yen(Decimal("1.2E+3"))) == "1200"

    def test_zero_has_no_sign(self) -> None:
        assert not yen(Decimal("-0")).is_signed()

    @given(amounts.filter(bool))
    def test_negative_amounts_need_to_be_asked_for(self, amount: int) -> None:
        assert yen(-amount, signed=True) == -amount
        assert yen(f"-{amount}.0", signed=True) == -amount
        assert code_of(-amount) == "yen_negative"

    @pytest.mark.parametrize("value", ["0.5", "1200.01", Decimal("0.1"), Decimal("-0.5"), "999999999998.999"])
    def test_fractions_are_refused(self, value: Decimal | str) -> None:
        assert code_of(value, signed=True) == "yen_fraction"

    @pytest.mark.parametrize("value", [True, False, 1.0, 0.1])
    def test_bools_and_floats_are_refused(self, value: float) -> None:
        with pytest.raises(InvalidValue, match="bool or a float") as caught:
            yen(value)  # type: ignore[arg-type]  # a caller without a type checker
        assert caught.value.code == "yen_type"

    @pytest.mark.parametrize(
        "value",
        [
            "",
            " 1",
            "1 ",
            "1\n",
            "1,200",
            "1_200",
            "1e3",
            "+1",
            "--1",
            "¥1",
            "１２",
            "٣",
            "1.",
            ".0",
            "NaN",
            "inf",
            Decimal("NaN"),
            Decimal("sNaN"),
            Decimal("Infinity"),
            Decimal("-Infinity"),
        ],
    )
    def test_what_is_not_plainly_a_number_is_refused(self, value: Decimal | str) -> None:
        assert code_of(value, signed=True) == "yen_number"

    @pytest.mark.parametrize(
        "value", [LARGEST_AMOUNT + 1, -LARGEST_AMOUNT - 1, Decimal("1E+999999"), "9" * 5000]
    )
    def test_amounts_beyond_any_order_are_refused_before_they_cost_anything(
        self, value: Decimal | str
    ) -> None:
        assert code_of(value, signed=True) == "yen_range"

    def test_the_largest_amount_is_still_one(self) -> None:
        assert yen(LARGEST_AMOUNT) == -yen(-LARGEST_AMOUNT, signed=True) == LARGEST_AMOUNT


class TestConsumptionTax:
    @pytest.mark.parametrize(
        ("rounding", "tax"),
        [(TaxRounding.FLOOR, 211), (TaxRounding.HALF_UP, 211), (TaxRounding.CEILING, 212)],
    )
    def test_the_published_example_of_a_bucket(self, rounding: TaxRounding, tax: int) -> None:
        assert consumption_tax(Decimal(1205 + 333 + 499 + 77), rounding=rounding) == tax

    def test_a_bucket_is_taxed_once_which_lines_taxed_one_by_one_would_not_give(self) -> None:
        lines = [Decimal(line) for line in (1205, 333, 499, 77)]
        assert sum(consumption_tax(line) for line in lines) == 209
        assert consumption_tax(Decimal(sum(lines))) == 211

    @pytest.mark.parametrize("net", [50, 90, 100, 110, 170])
    def test_round_amounts_have_no_fraction_to_round_up(self, net: int) -> None:
        assert consumption_tax(Decimal(net), rounding=TaxRounding.CEILING) == net // 10

    @pytest.mark.parametrize(("net", "tax"), [(4, 0), (5, 1), (14, 1), (15, 2), (25, 3)])
    def test_half_a_yen_rounds_up_and_never_to_even(self, net: int, tax: int) -> None:
        assert consumption_tax(Decimal(net), rounding=TaxRounding.HALF_UP) == tax

    @given(amounts, rates, st.sampled_from(TaxRounding))
    @example(105, Decimal("0.10"), TaxRounding.HALF_UP)
    def test_it_is_the_exact_product_rounded_as_said(
        self, net: int, rate: Decimal, rounding: TaxRounding
    ) -> None:
        exact = net * rate
        tax = consumption_tax(Decimal(net), rate=rate, rounding=rounding)
        assert tax == exact.to_integral_value(ROUNDINGS[rounding])
        assert tax.as_tuple().exponent == 0

    @given(amounts, st.sampled_from(TaxRounding))
    def test_a_credit_gives_back_what_the_charge_took(self, net: int, rounding: TaxRounding) -> None:
        charge = consumption_tax(Decimal(net), rounding=rounding)
        assert consumption_tax(Decimal(-net), rounding=rounding) == -charge

    @given(amounts)
    def test_it_is_a_tenth_rounded_down_unless_said_otherwise(self, net: int) -> None:
        assert consumption_tax(Decimal(net)) == net // 10
        assert Decimal("0.10") == TAX_RATE

    @pytest.mark.parametrize("rate", ["-0.01", "1.01", "10", "NaN", "Infinity"])
    def test_a_rate_that_is_no_share_is_refused(self, rate: str) -> None:
        with pytest.raises(InvalidValue, match="rate") as caught:
            consumption_tax(Decimal(100), rate=Decimal(rate))
        assert caught.value.code == "tax_rate"

    @pytest.mark.parametrize("rate", ["0", "1"])
    def test_nothing_and_everything_are_shares(self, rate: str) -> None:
        assert consumption_tax(Decimal(123), rate=Decimal(rate)) == 123 * int(rate)

    def test_a_net_with_a_fraction_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="fraction"):
            consumption_tax(Decimal("0.5"))
