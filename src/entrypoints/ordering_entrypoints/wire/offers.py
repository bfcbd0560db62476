"""What is for sale, what a draft costs, and what the rules say of it. Amounts are whole yen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

import attrs

from ordering_core.application.views import DraftCheck
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.pricing import instalment_total
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.violations import Fact, Verdict, Violation
from ordering_entrypoints.wire.drafts import DraftView, draft_view


@attrs.frozen(kw_only=True)
class ProductView:
    """
    A product. *price* is net, of one payment; with *instalments* (12 or 24) there are as many, one a month.

    *instalment_total* is all of them together. *bundles* are the SKUs that have to be ordered with this one.
    """

    sku: str
    name: str
    type: str
    item_class: str
    cycle: str
    price: int
    instalments: int | None
    instalment_total: int | None
    offerings: tuple[str, ...]
    tier: str | None
    region: str | None
    plan_kind: str | None
    data_gb: int | None
    option: str | None
    bundles: tuple[str, ...]

    @classmethod
    def of(cls, product: Product) -> Self:
        """Show *product* without what only provisioning needs."""
        return cls(
            sku=product.sku,
            name=product.name,
            type=product.order_type,
            item_class=product.item_class,
            cycle=product.cycle,
            price=int(product.price),
            instalments=product.instalments,
            instalment_total=int(instalment_total(product)) if product.instalments else None,
            offerings=tuple(sorted(product.offerings)),
            tier=product.tier,
            region=product.region,
            plan_kind=product.plan_kind,
            data_gb=product.data_gb,
            option=product.option,
            bundles=tuple(sorted(product.bundles)),
        )


@attrs.frozen(kw_only=True)
class CatalogueView:
    """The products for sale, by SKU; *version* changes whenever one of them does."""

    version: str
    products: tuple[ProductView, ...]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Show *catalogue*'s active products."""
        return cls(
            version=catalogue.version,
            products=tuple(
                ProductView.of(product) for _, product in sorted(catalogue.products.items()) if product.active
            ),
        )


@attrs.frozen(kw_only=True)
class AmountView:
    """A sum in yen: without tax, the tax on the whole sum, and with tax."""

    net: int
    tax: int
    gross: int

    @classmethod
    def of(cls, amount: Amount) -> Self:
        """Show *amount*."""
        return cls(net=int(amount.net), tax=int(amount.tax), gross=int(amount.gross))


@attrs.frozen(kw_only=True)
class QuoteView:
    """What an order costs, line by line and in three estimated totals; the invoice is the tax document."""

    lines: tuple[ProductView, ...]
    monthly: AmountView
    one_time: AmountView
    first_bill: AmountView
    catalogue_version: str
    quoted_at: datetime

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """Show *quote*."""
        return cls(
            lines=tuple(ProductView.of(product) for product in quote.lines),
            monthly=AmountView.of(quote.monthly),
            one_time=AmountView.of(quote.one_time),
            first_bill=AmountView.of(quote.first_bill),
            catalogue_version=quote.catalogue_version,
            quoted_at=quote.quoted_at,
        )


@attrs.frozen(kw_only=True)
class ViolationView:
    """One rule that is not satisfied, where, why, and what would satisfy it."""

    code: str
    rule: str
    pointer: str
    message: str
    message_ja: str
    remedy: str
    severity: str
    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, violation: Violation) -> Self:
        """Show *violation*."""
        return cls(
            code=violation.code,
            rule=violation.rule,
            pointer=violation.pointer,
            message=violation.message,
            message_ja=violation.message_ja,
            remedy=violation.remedy,
            severity=violation.severity,
            facts=dict(violation.facts),
        )


@attrs.frozen(kw_only=True)
class VerdictView:
    """What the rules say at one *gate*: every violation, and *satisfied*, the rules that found nothing."""

    gate: str
    at: datetime
    passed: bool
    violations: tuple[ViolationView, ...]
    satisfied: tuple[str, ...]

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Show *verdict*."""
        return cls(
            gate=verdict.gate,
            at=verdict.at,
            passed=verdict.passed,
            violations=tuple(ViolationView.of(violation) for violation in verdict.violations),
            satisfied=verdict.satisfied,
        )


@attrs.frozen(kw_only=True)
class CheckView:
    """A draft with its texts normalised, what the rules say of it, and what it costs if that can be told."""

    draft: DraftView
    verdict: VerdictView
    quote: QuoteView | None

    @classmethod
    def of(cls, check: DraftCheck) -> Self:
        """Show *check*."""
        return cls(
            draft=draft_view(check.draft),
            verdict=VerdictView.of(check.verdict),
            quote=QuoteView.of(check.quote) if check.quote else None,
        )
