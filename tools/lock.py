"""
Write requirements/lock.txt: every package with its hashes and without any address.

The resolver lives in an environment that is thrown away, so the lock does not depend on what it locks.
Arguments are passed on to it: `python tools/lock.py --upgrade`.
"""

import re
import subprocess
import sys
import tempfile
import venv

from pathlib import Path
from typing import Final


COMPILE: Final = (
    "pip compile pyproject.toml --quiet --no-header --all-extras --group dev --group bench --universal "
    "--python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links "
    "--output-file requirements/lock.txt"
)
LOCK: Final = Path("requirements/lock.txt")
ADDRESS: Final = re.compile(r"\w+://|^--", re.MULTILINE)


def main() -> int:
    """Resolve for every platform from Python 3.11 up; refuse a lock that names an address."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        subprocess.run([Path(folder, "bin", "uv"), *COMPILE.split(), *sys.argv[1:]], check=True)
    address = ADDRESS.search(LOCK.read_text(encoding="utf-8"))
    if address:
        print(f"{LOCK} names an address: {address.group()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
