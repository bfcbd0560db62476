"""The examples run as they stand, in processes of their own."""

import subprocess
import sys

from pathlib import Path

import pytest


EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*command: str, folder: Path = EXAMPLES) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def test_ordering_is_embedded_in_ten_lines() -> None:
    done = run("embed.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "submitted UnderReview"
    assert done.stdout.splitlines()[-1].endswith("Activated")
    lines = (EXAMPLES / "embed.py").read_text("utf-8").partition("\n\n\n")[2].splitlines()
    assert len([line for line in lines if line.startswith(("world", "ordering", "session", "order"))]) <= 10


@pytest.mark.parametrize("folder", ["third_party_billing"])
def test_a_strangers_adapter_is_proved_by_the_shipped_contract(folder: str) -> None:
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=EXAMPLES / folder)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_the_shipped_contract_notices_an_adapter_that_forgets_its_marks(tmp_path: Path) -> None:
    for file in filter(Path.is_file, (EXAMPLES / "third_party_billing").iterdir()):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    adapter = tmp_path / "ledger_billing.py"
    right = adapter.read_text("utf-8")
    wrong = right.replace('bill["note"] == reference and ', "")
    assert wrong != right
    adapter.write_text(wrong, "utf-8")
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=tmp_path)
    assert done.returncode == 1, done.stdout
    assert "test_an_order_is_found_by_nothing_but_its_client_and_mark" in done.stdout
