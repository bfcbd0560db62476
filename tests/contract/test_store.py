"""The store in memory keeps the contract of every part."""

import pytest

from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.memory.work_queue import MemoryWorkQueue
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.answers import AnswersContract
from ordering_core.testing.contracts.decisions import DecisionsContract
from ordering_core.testing.contracts.events import EventsContract
from ordering_core.testing.contracts.findings import FindingsContract
from ordering_core.testing.contracts.identities import IdentitiesContract
from ordering_core.testing.contracts.journal import CaseFilesContract, JournalContract
from ordering_core.testing.contracts.placements import PlacementsContract
from ordering_core.testing.contracts.projection import ProjectionContract
from ordering_core.testing.contracts.sessions import SessionsContract
from ordering_core.testing.contracts.store import CheckpointsContract, TransactionContract
from ordering_core.testing.contracts.triggers import TriggersContract
from ordering_core.testing.contracts.uploads import UploadsContract
from ordering_core.testing.contracts.work_queue import WorkQueueContract


class InMemory:
    @pytest.fixture
    def store(self, clock: ManualClock) -> MemoryStore:
        return MemoryStore(clock)

    @pytest.fixture
    def queue(self, store: MemoryStore) -> MemoryWorkQueue:
        return MemoryWorkQueue(store)


class TestMemoryTransaction(InMemory, TransactionContract): ...


class TestMemoryCheckpoints(InMemory, CheckpointsContract): ...


class TestMemorySessions(InMemory, SessionsContract): ...


class TestMemoryPlacements(InMemory, PlacementsContract): ...


class TestMemoryJournal(InMemory, JournalContract): ...


class TestMemoryCaseFiles(InMemory, CaseFilesContract): ...


class TestMemoryProjection(InMemory, ProjectionContract): ...


class TestMemoryEvents(InMemory, EventsContract): ...


class TestMemoryDecisions(InMemory, DecisionsContract): ...


class TestMemoryFindings(InMemory, FindingsContract): ...


class TestMemoryIdentities(InMemory, IdentitiesContract): ...


class TestMemoryAnswers(InMemory, AnswersContract): ...


class TestMemoryTriggers(InMemory, TriggersContract): ...


class TestMemoryWorkQueue(InMemory, WorkQueueContract): ...


class TestMemoryUploads(InMemory, UploadsContract): ...
