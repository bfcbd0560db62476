"""`ordering show`: the whole story of one order on a page."""

from __future__ import annotations

from datetime import datetime

from ordering_core.application.ordering import Ordering
from ordering_core.application.story import OrderStory
from ordering_core.domain.calendar import JST
from ordering_core.domain.identifiers import OrderId
from ordering_core.errors import NotFound
from ordering_entrypoints.cli_render import show_quote
from ordering_entrypoints.cli_views import StoryView
from ordering_entrypoints.rests import told
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.wire import to_json


def show(terminal: Terminal, ordering: Ordering, order: str, *, as_json: bool) -> int:
    """
    Tell the story of *order*.

    Raises:
        Unusable: Nothing is known of it here.

    """
    try:
        story = ordering.story(OrderId(order))
    except NotFound:
        raise Unusable(
            f"nothing is known of an order {order} here; "
            "ORDERING_DATABASE names the database, and the id is Salesforce's, of 18 characters"
        ) from None
    if as_json:
        terminal.say(to_json(StoryView.of(story)))
    else:
        _tell(terminal, story)
    return 0


def _tell(terminal: Terminal, story: OrderStory) -> None:
    hold = f" ({story.status.hold})" if story.status.hold else ""
    terminal.say(f"{story.order}: {story.status.state}{hold}, as of {_when(story.as_of)}")
    terminal.say()
    terminal.table(("Salesforce", "value"), list(story.fields.items()))
    terminal.say()
    terminal.table(
        ("item", "SKU", "net", "quantity", "WHMCS service"),
        [
            (line.name, line.sku, f"¥{line.unit_price:,}", str(line.quantity), str(line.service or ""))
            for line in story.lines
        ],
        numbers=("net", "quantity"),
    )
    if story.quote:
        terminal.say(f"\npromised at submit, {_when(story.quote.quoted_at)}")
        show_quote(terminal, story.quote)
    terminal.say()
    terminal.table(
        ("when, in Japan", "kept as", "what", "whose doing", "why"),
        [(_when(moment.at), moment.kind, moment.what, moment.who, moment.why) for moment in story.moments],
    )
    terminal.say()
    for line in told(story.rest):
        terminal.say(line)


def _when(at: datetime) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S}"
