"""
`make bench-sizes`: what a page and the sweep cost does not grow with the orders that are stored.

The list, an order's page and the sweep at 1,000 and at 100,000 orders, in turn in one run. Fails when one
of them takes more than twice as long among the many (DESIGN 10, Cost). One order in ten waits for a
date 60 days ahead: 100 of the few, 10,000 of the many.
"""

from __future__ import annotations

import sys

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from benchmarks import stock
from benchmarks.databases import another, databases
from benchmarks.machine import describe
from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryWorld
from ordering_adapters.storage import open_engine, open_storage


FEW: Final = 1_000
MANY: Final = 100_000
WAITING: Final = 0.1
"""Share of the orders that wait."""
ROUNDS: Final = 60
MOST: Final = 2.0
"""Times as long among the many."""


def acts(url: str, orders: int, opened: ExitStack) -> Mapping[str, Callable[[], object]]:
    """Fill the database at *url* and return what is measured on it."""
    engine = open_engine(url)
    stock.fill(engine, orders=orders, waiting=round(WAITING * orders))
    engine.dispose()
    clock = SystemClock()
    storage = opened.enter_context(open_storage(url, clock))
    ordering = MemoryWorld(clock=clock, storage=storage).ordering
    page = ordering.list_orders(customer=stock.CUSTOMER)
    assert len(page.orders) == page.total == stock.EACH
    return {
        "list": lambda: ordering.list_orders(customer=stock.CUSTOMER),
        "order": lambda: ordering.order(stock.ITS_ORDER, customer=stock.CUSTOMER),
        "sweep": ordering.sweep,
    }


def ratios(few: str, many: str) -> Iterator[tuple[str, float, float]]:
    """Yield what was measured, and its milliseconds among few and among many orders."""
    with ExitStack() as opened:
        both = acts(few, FEW, opened), acts(many, MANY, opened)
        for what in both[0]:
            seconds: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                for taken, of_size in zip(seconds, both, strict=True):
                    began = perf_counter()
                    of_size[what]()
                    taken.append(perf_counter() - began)
            yield what, 1000 * median(seconds[0]), 1000 * median(seconds[1])


def main() -> int:
    """Print the table; 1 when a ratio is above its bound."""
    grew = False
    with TemporaryDirectory() as name, databases(Path(name)) as urls:
        for kind, url in urls.items():
            print(f"{kind}; {describe(Path(name))}")
            for what, few, many in ratios(url, another(url, "many")):
                ratio = many / few
                grew = grew or ratio > MOST
                verdict = "kept" if ratio <= MOST else "missed"
                print(
                    f"  {what:8}{FEW:9,}: {few:8.2f} ms {MANY:9,}: {many:8.2f} ms"
                    f"   {ratio:5.2f} times, target <= {MOST:.0f}  {verdict}",
                    flush=True,
                )
    return int(grew)


if __name__ == "__main__":
    sys.exit(main())
