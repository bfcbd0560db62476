"""
A stranger's billing service: a book in one JSON file, and words of its own for everything in it.

It stands for whatever you bill with. Like most such services it does not notice a bill that is written twice.
"""

from __future__ import annotations

import json

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypedDict, TypeVar


T = TypeVar("T")


class Card(TypedDict):
    """A way to pay; *good_until* is a month such as 2031-12, empty when it never ends."""

    number: int
    kind: str
    good_until: str


class Position(TypedDict):
    """One line of a bill; *note* and *deal* are free texts."""

    number: int
    article: int
    every_month: bool
    yen: int
    note: str
    deal: str
    running: bool


class Bill(TypedDict):
    """A bill; *state* is open, confirmed or void, *note* a free text."""

    number: int
    person: int
    note: str
    state: str
    positions: list[Position]


class Person(TypedDict):
    """Somebody who is billed; *address* is one line per entry."""

    cards: list[Card]
    address: list[str]


class Book(TypedDict):
    """All there is."""

    last_number: int
    people: dict[str, Person]
    bills: list[Bill]


class LedgerRefusal(Exception):
    """The ledger understood, and said no; *code* is its own word for why."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class Ledger:
    """The service; each method is one request, counted, and refused by LedgerRefusal."""

    def __init__(self, path: Path) -> None:
        """Keep the book at *path*, a new one if there is none."""
        self._path = path
        self._lock = Lock()
        self.requests: Counter[str] = Counter()
        if not path.exists():
            self._save(Book(last_number=0, people={}, bills=[]))

    def request(self, name: str, work: Callable[[Book], T]) -> T:
        """Do *work* on the book and keep what it changed, all or nothing; *name* is the request's."""
        with self._lock:
            self.requests[name] += 1
            book: Book = json.loads(self._path.read_text("utf-8"))
            result = work(book)
            self._save(book)
            return result

    def register(self) -> int:
        """Add a person."""

        def add(book: Book) -> int:
            number = _next(book)
            book["people"][str(number)] = Person(cards=[], address=[])
            return number

        return self.request("register", add)

    def add_card(self, person: int, kind: str, good_until: str) -> None:
        """Keep a way to pay."""

        def add(book: Book) -> None:
            card = Card(number=_next(book), kind=kind, good_until=good_until)
            _person(book, person)["cards"].append(card)

        self.request("add_card", add)

    def person(self, person: int) -> Person:
        """Return the person."""
        return self.request("person", lambda book: _person(book, person))

    def move(self, person: int, address: list[str]) -> None:
        """Note a new address."""

        def note(book: Book) -> None:
            _person(book, person)["address"] = address

        self.request("move", note)

    def write_bill(self, person: int, note: str, positions: list[Position]) -> int:
        """Write a bill; the numbers of its *positions* are given here."""

        def write(book: Book) -> int:
            _person(book, person)
            if not positions:
                raise LedgerRefusal("empty-bill")
            number = _next(book)
            kept = [Position(**{**position, "number": _next(book)}) for position in positions]
            bill = Bill(number=number, person=person, note=note, state="open", positions=kept)
            book["bills"].append(bill)
            return number

        return self.request("write_bill", write)

    def bills(self, person: int) -> list[Bill]:
        """Return the person's bills, oldest first."""
        return self.request(
            "bills", lambda book: [bill for bill in book["bills"] if bill["person"] == person]
        )

    def bill(self, number: int) -> Bill | None:
        """Return the bill of that number."""
        return self.request(
            "bill", lambda book: next((bill for bill in book["bills"] if bill["number"] == number), None)
        )

    def confirm(self, number: int) -> None:
        """Confirm an open bill."""

        def confirm(book: Book) -> None:
            bill = next((bill for bill in book["bills"] if bill["number"] == number), None)
            if bill is None or bill["state"] == "void":
                raise LedgerRefusal("no-open-bill")
            bill["state"] = "confirmed"

        self.request("confirm", confirm)

    def void(self, number: int) -> None:
        """Take a bill back."""

        def void(book: Book) -> None:
            next(bill for bill in book["bills"] if bill["number"] == number)["state"] = "void"

        self.request("void", void)

    def start(self, position: int, deal: str) -> None:
        """Let a position run."""

        def start(book: Book) -> None:
            every = (known for bill in book["bills"] for known in bill["positions"])
            found = next((known for known in every if known["number"] == position), None)
            if found is None:
                raise LedgerRefusal("no-such-position")
            found["running"] = True
            found["deal"] = deal

        self.request("start", start)

    def _save(self, book: Book) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(book, ensure_ascii=False), "utf-8")
        fresh.replace(self._path)


def _next(book: Book) -> int:
    book["last_number"] += 1
    return book["last_number"]


def _person(book: Book, person: int) -> Person:
    found = book["people"].get(str(person))
    if found is None:
        raise LedgerRefusal("no-such-person")
    return found
