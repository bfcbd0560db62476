"""
A process that submits sessions, each several times over, while others submit the same. Run as a module.

Reads one JSON object: where the customer shops, which sessions are submitted in which order, and by how many
threads. Says that it is ready, waits for a line, and answers what each submit said.
"""

from __future__ import annotations

import json
import sys

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

from ordering_core.domain.identifiers import SessionId
from ordering_core.errors import PortError
from tests.contract.checkout_shop import Place, Shop


def submitted(shop: Shop, session: str) -> str:
    """Return the order that a submit of *session* told, nothing where nobody knew yet, or what went wrong."""
    try:
        return shop.ordering.submit(SessionId(session), customer=shop.customer).order or ""
    except PortError as error:
        return type(error).__name__


def say(**said: object) -> None:
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


def main() -> None:
    """Race."""
    wanted = json.loads(sys.stdin.readline())
    with closing(Shop(Place(**wanted["place"]))) as shop:
        say(ready=True)
        sys.stdin.readline()
        with ThreadPoolExecutor(wanted["threads"]) as threads:
            answers = [*threads.map(partial(submitted, shop), wanted["sessions"])]
        say(answers=answers)


if __name__ == "__main__":
    main()
