"""What several long suites need: the clients of others, installed once."""

import shutil
import subprocess
import sys

from pathlib import Path
from typing import Final

import pytest


INSTALL: Final = Path(__file__).parents[2] / "tools" / "install_foreign_clients.py"
NOT_HERE: Final = 75
"""How the script says that there is no Node, or no registry; content that differs is an error."""


@pytest.fixture(scope="session")
def modules() -> Path:
    """Return where the clients of others are installed."""
    if not shutil.which("node"):
        # nothing else can run them, and Node is none of our dependencies
        pytest.skip("Node is not installed: nothing here can run a client in JavaScript")
    done = subprocess.run([sys.executable, str(INSTALL)], capture_output=True, text=True, check=False)
    if done.returncode == NOT_HERE:
        # a machine without a registry proves everything but this
        pytest.skip(f"the clients cannot be installed here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip()) / "node_modules"
