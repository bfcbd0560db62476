"""The planted bugs still fit the code, and the command that plants them tells the living from the caught."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.planted.run import BUGS, ROOT, Bug, load, main


TEST = "tests/unit/domain/test_timeline.py::test_each_state_has_its_bucket_and_its_step"


def bug(name: str, *, old: str, new: str, caught_by: str = TEST) -> str:
    return f"""
[[bug]]
name = "{name}"
why = "to see what becomes of it"
file = "src/ordering_core/domain/timeline.py"
old = '''{old}'''
new = '''{new}'''
caught_by = ["{caught_by}"]
"""


@pytest.mark.parametrize("planted", load(BUGS), ids=lambda planted: f"{planted.area}/{planted.name}")
def test_each_bug_still_fits_the_code(planted: Bug) -> None:
    assert planted.problem(ROOT) == ""
    assert planted.why.endswith(".")


def test_every_area_has_its_bugs_and_no_two_share_a_name() -> None:
    names = Counter((planted.area, planted.name) for planted in load(BUGS))
    assert max(names.values()) == 1
    areas = Counter(area for area, _ in names)
    assert set(areas) >= {
        "checkout",
        "linking",
        "machine",
        "process_manager",
        "rules",
        "status",
        "storage",
        "timeline",
    }
    assert min(areas.values()) >= 3


def test_the_command_fails_unless_every_bug_makes_a_test_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stays = "    return Timeline("
    (tmp_path / "sample.toml").write_text(
        bug("real", old="_S.SCHEDULED: late", new="_S.SCHEDULED: early")
        + bug("harmless", old=stays, new=f"    # a remark\n{stays}")
        + bug("unimportable", old=stays, new="    return Timeline((")
        + bug("outdated", old="class Calendar", new="class Almanac")
        + bug("ambiguous", old="OrderState", new="OrderPlace")
        + bug("idle", old=stays, new=stays)
        + bug("unguarded", old=stays, new="    return None", caught_by="tests/unit/domain/test_nothing.py"),
        encoding="utf-8",
    )
    before = (ROOT / "src/ordering_core/domain/timeline.py").read_bytes()
    assert main([], tmp_path) == 1
    told = capsys.readouterr().out
    fates = {
        line.split("sample/")[1].split("  ")[0].strip(): line[:14].strip()
        for line in told.splitlines()
        if " s  sample/" in line
    }
    assert fates == {
        "real": "caught",
        "harmless": "SURVIVED",
        "unimportable": "DID NOT RUN",
        "outdated": "DOES NOT APPLY",
        "ambiguous": "DOES NOT APPLY",
        "idle": "DOES NOT APPLY",
        "unguarded": "DOES NOT APPLY",
    }
    assert "1 of 7 planted bugs caught" in told
    assert (ROOT / "src/ordering_core/domain/timeline.py").read_bytes() == before
    assert main(["no such bug"], tmp_path) == 1
