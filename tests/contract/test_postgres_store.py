"""The store on PostgreSQL keeps the contract of every part."""

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
from ordering_core.testing.contracts.work_queue import WorkQueueContract
from tests.contract.postgres_database import OnPostgres
from tests.contract.test_salesforce_lease import LeaseContract


class TestPostgresTransaction(OnPostgres, TransactionContract): ...


class TestPostgresCheckpoints(OnPostgres, CheckpointsContract): ...


class TestPostgresSessions(OnPostgres, SessionsContract): ...


class TestPostgresPlacements(OnPostgres, PlacementsContract): ...


class TestPostgresJournal(OnPostgres, JournalContract): ...


class TestPostgresCaseFiles(OnPostgres, CaseFilesContract): ...


class TestPostgresProjection(OnPostgres, ProjectionContract): ...


class TestPostgresEvents(OnPostgres, EventsContract): ...


class TestPostgresDecisions(OnPostgres, DecisionsContract): ...


class TestPostgresFindings(OnPostgres, FindingsContract): ...


class TestPostgresIdentities(OnPostgres, IdentitiesContract): ...


class TestPostgresAnswers(OnPostgres, AnswersContract): ...


class TestPostgresTriggers(OnPostgres, TriggersContract): ...


class TestPostgresWorkQueue(OnPostgres, WorkQueueContract): ...


class TestPostgresLease(OnPostgres, LeaseContract): ...
