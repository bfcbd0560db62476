"""Every test is on somebody's budget, and the command that runs the suites says whose is spent."""

import pytest

from tests.budgets import CORE, PATTERNS, budget_of
from tools.run_suites import BUDGETS, TOLERATED, judged


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("tests/unit/domain/test_rules_sim.py", "core"),
        ("tests/unit/adapters/test_memory_world.py", "core"),
        ("tests/contract/test_billing.py", "core"),
        ("tests/contract/test_salesforce_orders.py", "salesforce"),
        ("tests/contract/test_sql_store.py", "salesforce"),
        ("tests/journeys/sandbox/test_pubsub_over_sockets.py", "salesforce"),
        ("tests/journeys/test_storage_processes.py", "salesforce"),
        ("tests/unit/sandbox/test_rows.py", "salesforce"),
        ("tests/unit/sandbox/whmcs/test_add_order.py", "whmcs_sim"),
        ("tests/contract/test_whmcs_billing.py", "whmcs_sim"),
        ("tests/contract/test_postgres_store.py", "durable"),
    ],
)
def test_a_test_is_on_the_budget_of_the_part_that_it_shows(path: str, budget: str) -> None:
    assert budget_of(path) == budget


def test_every_part_has_a_budget() -> None:
    assert set(BUDGETS) == {CORE, *PATTERNS}


def test_a_marker_counts_more_than_the_path(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = pytester.path / "report.json"
    monkeypatch.setenv("BUDGET_REPORT", str(report))
    pytester.makepyfile("import pytest\n@pytest.mark.durable\ndef test_it(): ...\ndef test_other(): ...")
    pytester.runpytest_inprocess("-p", "tests.budgets", "-p", "no:randomly").assert_outcomes(passed=2)
    assert '"durable"' in report.read_text()
    assert '"core"' in report.read_text()


def test_a_budget_is_kept_to_the_second_and_failed_only_far_beyond() -> None:
    assert judged({"core": 120.0}) == (["core         120.0 s of 120 s"], True)
    assert judged({"core": 120.1}) == (["core         120.1 s of 120 s  OVER"], True)
    assert judged({"salesforce": 90 * TOLERATED + 0.1})[1] is False
    assert judged({}) == ([], True)
