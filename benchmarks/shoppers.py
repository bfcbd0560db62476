"""
The load: shoppers in a process of their own, each with one connection, who order one thing after another.

They write requests that were made up before and read no more of an answer than they need, so that they cost
little of the machine they share with what is measured; what they used is said with every result. Run as a
module, with what to order as JSON on standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys

from time import perf_counter, process_time
from typing import Final

import attrs


LONGEST: Final = 90.0
"""Seconds after which orders that have not come to an end are given up."""

SKUS: Final = ("SIM-VOICE-10GB", "SIM-ACTIVATION", "SIM-VOICE-MAIL", "SIM-CALL-WAITING", "SIM-CALLS-5MIN")


@attrs.frozen(kw_only=True)
class Wish:
    """*orders* orders in all, of the owners of *tokens* by *clients* at a time, numbered from *first*."""

    port: int
    tokens: list[str]
    clients: int
    orders: int
    first: int


@attrs.frozen(kw_only=True)
class Bought:
    """
    What came of a wish: the seconds it took in all, of each whole flow, and of each submit.

    *cpu* is what the shoppers used of a processor meanwhile.
    """

    seconds: float
    flows: list[float]
    submits: list[float]
    cpu: float


def eid(number: int) -> str:
    """Return the EID with *number*: 32 digits, the last two of them its checksum (ISO 7064 mod 97-10)."""
    bare = int(f"89049032{number:022d}00")
    return f"{bare + 98 - bare % 97}"


def draft(number: int) -> bytes:
    """Return a SIM order of five lines."""
    wanted = {
        "type": "SIM",
        "skus": SKUS,
        "sim_type": "eSIM",
        "eid": eid(number),
        "activation_type": "Immediate",
        "voice_mail": True,
        "call_waiting": True,
    }
    return json.dumps(wanted).encode()


class Shopper:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def order(self, number: int, token: str) -> tuple[float, float]:
        """Order once, in the three requests that it takes; return the seconds of all and of the submit."""
        began = perf_counter()
        session = json.loads(await self.post("/checkout-sessions", token, draft(number), status=201))["id"]
        await self.post(f"/checkout-sessions/{session}/address-confirmation", token, b"", status=200)
        submitted = perf_counter()
        await self.post(f"/checkout-sessions/{session}/submission", token, b"", status=201)
        ended = perf_counter()
        return ended - began, ended - submitted

    async def post(self, path: str, token: str, body: bytes, *, status: int) -> bytes:
        """Send *body* and return the answer, which has to be of *status*."""
        head = (
            f"POST /api{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answered = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answered.lower().partition(b"content-length:")[2].split(None, 1)[0])
        content = await self._reader.readexactly(length)
        assert int(answered[9:12]) == status, (path, answered[:400], content)
        return content


async def buy(wish: Wish) -> Bought:
    """Order everything, and return how long it took."""
    numbers = iter(range(wish.first, wish.first + wish.orders))
    flows: list[float] = []
    submits: list[float] = []

    async def shop() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", wish.port)
        shopper = Shopper(reader, writer)
        for number in numbers:
            flow, submit = await shopper.order(number, wish.tokens[number % len(wish.tokens)])
            flows.append(flow)
            submits.append(submit)
        writer.close()

    began, used = perf_counter(), process_time()
    async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as shoppers:
        for _ in range(wish.clients):
            shoppers.create_task(shop())
    return Bought(seconds=perf_counter() - began, flows=flows, submits=submits, cpu=process_time() - used)


def main() -> None:
    """Do what each line says."""
    for line in sys.stdin:
        bought = asyncio.run(buy(Wish(**json.loads(line))))
        sys.stdout.write(f"{json.dumps(attrs.asdict(bought))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
