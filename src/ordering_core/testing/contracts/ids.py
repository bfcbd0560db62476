"""New names: safe in an address, never the same twice."""

from __future__ import annotations

import abc
import string

from typing import Final

import pytest

from ordering_core.ports.ids import IdSource
from ordering_core.testing.contracts.threads import all_get_through


class IdSourceContract(abc.ABC):
    """New names."""

    ALPHABET: Final = frozenset(string.ascii_letters + string.digits + "-_.~")
    SHORTEST: Final = 21
    """Characters of base64 that 122 bits need."""

    @pytest.fixture
    @abc.abstractmethod
    def ids(self) -> IdSource:
        """Return the source under test."""

    def test_a_name_is_safe_in_an_address_and_long_enough(self, ids: IdSource) -> None:
        for _ in range(100):
            name = ids.new()
            assert set(name) <= self.ALPHABET
            assert len(name) >= self.SHORTEST

    def test_no_name_comes_twice(self, ids: IdSource) -> None:
        assert len({ids.new() for _ in range(1000)}) == 1000

    def test_no_name_comes_twice_in_two_threads(self, ids: IdSource) -> None:
        names: list[str] = []

        def many() -> None:
            names.extend([ids.new() for _ in range(500)])

        all_get_through(many, many)
        assert len(set(names)) == 1000

    def test_the_end_of_a_name_says_nothing_of_the_next(self, ids: IdSource) -> None:
        ends = [ids.new()[-16:] for _ in range(100)]
        assert len(set(ends)) == 100
        assert all(len(set(end)) > 4 for end in ends)
