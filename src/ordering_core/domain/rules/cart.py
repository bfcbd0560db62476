"""The rules about the items of any order: what is sold, at which price, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.drafts import Draft
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import (
    CONFIGURE_AND_SUBMIT,
    EVERY_GATE,
    EVERY_TYPE,
    Broken,
    Rule,
    Words,
    rule,
)
from ordering_core.domain.violations import Gate, Severity


def every_item_is_in_the_catalogue(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Find SKUs that nobody knows; what was typed is not repeated."""
    return [Broken("sku_unknown", f"/skus/{place}", {"item": place + 1}) for place in facts.cart.unknown]


def every_item_is_for_sale(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Find retired products."""
    return [
        Broken("sku_inactive", f"/skus/{place}", {"sku": item.sku, "name": item.name})
        for place, item in facts.cart.retired
    ]


def every_item_belongs_to_this_service(facts: RuleFacts, draft: Draft) -> Sequence[Broken]:
    """Find products of another order type."""
    return [
        Broken(
            "sku_of_another_type",
            f"/skus/{place}",
            {"sku": item.sku, "type": item.order_type.value, "wanted": draft.order_type.value},
        )
        for place, item in facts.cart.strangers
    ]


def every_price_is_the_one_that_was_shown(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Find products that cost another amount than the customer saw."""
    shown = facts.prices.get
    return [
        Broken(
            "price_changed",
            f"/skus/{place}",
            {"sku": item.sku, "shown": str(price), "now": str(item.price)},
        )
        for place, item in facts.cart.known
        if (price := shown(item.sku)) is not None and price != item.price
    ]


def every_item_was_quoted(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Find items that came onto the order after the quote was frozen."""
    return [Broken("sku_not_quoted", f"/skus/{place}", {"item": place + 1}) for place in facts.cart.unknown]


def no_item_is_there_twice(_facts: RuleFacts, draft: Draft) -> Sequence[Broken]:
    """Find repeated SKUs: each is ordered once, in quantity 1."""
    if len(set(draft.skus)) == len(draft.skus):
        return ()
    first: dict[str, int] = {}
    return [
        Broken("sku_twice", f"/skus/{place}", {"item": place + 1, "first": first[sku] + 1})
        for place, sku in enumerate(draft.skus)
        if first.setdefault(sku, place) != place
    ]


RULES: Final[tuple[Rule[Draft], ...]] = (
    rule(
        every_item_is_in_the_catalogue,
        "Every item is in the catalogue.",
        order_types=EVERY_TYPE,
        gates=CONFIGURE_AND_SUBMIT,
        source="seed Order Creation 1; DESIGN 4 Rules",
        words={
            "sku_unknown": Words(
                "Item {item} is not in the catalogue.",
                "{item}番目の商品はカタログにありません。",
                "Choose items from the catalogue.",
            )
        },
    ),
    rule(
        every_item_is_for_sale,
        "Every item is for sale.",
        order_types=EVERY_TYPE,
        gates=CONFIGURE_AND_SUBMIT,
        source="DESIGN 4 Rules",
        words={
            "sku_inactive": Words(
                "{name} is no longer for sale.",
                "「{name}」は販売を終了しました。",
                "Choose another item from the catalogue.",
            )
        },
    ),
    rule(
        every_item_belongs_to_this_service,
        "Every item belongs to the service that is ordered.",
        order_types=EVERY_TYPE,
        gates=CONFIGURE_AND_SUBMIT,
        source="DESIGN 4 Rules",
        words={
            "sku_of_another_type": Words(
                "{sku} belongs to {type}, this is an order for {wanted}.",
                "{sku} は{type}の商品です。このご注文は{wanted}です。",
                "Leave the item out; order it with its own service.",
            )
        },
    ),
    rule(
        every_price_is_the_one_that_was_shown,
        "Every price is the one that the customer was shown.",
        order_types=EVERY_TYPE,
        gates=CONFIGURE_AND_SUBMIT,
        source="DESIGN 3.12, 4 Rules",
        words={
            "price_changed": Words(
                "The price of {sku} has changed from {shown} to {now} yen (net) since it was shown.",
                "{sku} の税抜価格が{shown}円から{now}円に変わりました。",
                "Look at the new price and go on from the configuration again.",
            )
        },
    ),
    rule(
        every_item_was_quoted,
        "Every item is one that the customer was quoted.",
        order_types=EVERY_TYPE,
        gates={Gate.APPROVE: Severity.ERROR, Gate.PROVISION: Severity.ERROR},
        source="DESIGN 4 Rules (after submit the frozen quote decides)",
        words={
            "sku_not_quoted": Words(
                "Item {item} of the order was not quoted to the customer.",
                "ご注文の{item}番目の商品はお見積りに含まれていません。",
                "Take the item off the order, or let the customer order it.",
            )
        },
    ),
    rule(
        no_item_is_there_twice,
        "Every item is ordered once.",
        order_types=EVERY_TYPE,
        gates=EVERY_GATE,
        source="seed OrderItem Fields; DESIGN 4 Rules",
        words={
            "sku_twice": Words(
                "Item {item} is the same as item {first}.",
                "{item}番目の商品は{first}番目と同じです。",
                "Keep it once.",
            )
        },
    ),
)
