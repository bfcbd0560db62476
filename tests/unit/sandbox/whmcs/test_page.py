"""The page about the stand-in names every action, switch and failure there is, and none that there is not."""

import re

from pathlib import Path

import attrs
import pytest

from ordering_sandbox.whmcs.actions.known import KNOWN
from ordering_sandbox.whmcs.switches import Switches


pytestmark = pytest.mark.whmcs_sim

PAGE = (Path(__file__).parents[4] / "docs" / "sandbox-whmcs.md").read_text(encoding="utf-8")


def test_every_action_is_listed() -> None:
    listed = PAGE[PAGE.index("Actions: ") + len("Actions: ") : PAGE.index("Not there:")]
    assert re.findall(r"\w+", listed) == sorted(action.name for action in KNOWN.values())


def test_every_switch_is_listed() -> None:
    table = PAGE[PAGE.index("## Switches") : PAGE.index("## Clients that were tried")]
    names = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]
    assert sorted(names) == sorted(switch.name for switch in attrs.fields(Switches))
