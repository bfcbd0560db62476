"""The store on SQLite keeps the contract of every part."""

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
from tests.contract.sql_database import OnSqlite


class TestSqlTransaction(OnSqlite, TransactionContract): ...


class TestSqlCheckpoints(OnSqlite, CheckpointsContract): ...


class TestSqlSessions(OnSqlite, SessionsContract): ...


class TestSqlPlacements(OnSqlite, PlacementsContract): ...


class TestSqlJournal(OnSqlite, JournalContract): ...


class TestSqlCaseFiles(OnSqlite, CaseFilesContract): ...


class TestSqlProjection(OnSqlite, ProjectionContract): ...


class TestSqlEvents(OnSqlite, EventsContract): ...


class TestSqlDecisions(OnSqlite, DecisionsContract): ...


class TestSqlFindings(OnSqlite, FindingsContract): ...


class TestSqlIdentities(OnSqlite, IdentitiesContract): ...


class TestSqlAnswers(OnSqlite, AnswersContract): ...
