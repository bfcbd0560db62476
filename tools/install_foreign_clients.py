"""
Install the clients of other languages against which the sandbox is proved, and print where they are.

Each version is pinned with the SHA-512 of its content in tools/foreign_clients/package-lock.json, which names
no address: npm asks whichever registry it is set up for, and refuses content that differs. They are kept in
.cache until the lock changes. `--lock` writes the lock again from package.json.

Exit status 75 means that they cannot be had here: no Node, or no registry. Anything else but 0 is an error.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile

from pathlib import Path
from typing import Final


ROOT: Final = Path(__file__).parents[1]
WANTED: Final = ROOT / "tools" / "foreign_clients"
MANIFEST: Final = "package.json"
LOCK: Final = "package-lock.json"
CACHE: Final = ROOT / ".cache" / "foreign-clients"
NOT_HERE: Final = 75
QUIET: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
NO_REGISTRY: Final = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "EAI_AGAIN",
    "ENETUNREACH",
    "E404",
)
"""How npm says that there is no registry, or that it lacks a package."""


def npm(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run npm in *folder*."""
    command = [shutil.which("npm") or "npm", *arguments, *QUIET]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def lock() -> int:
    """Write the lock again, without addresses."""
    done = npm("install", "--package-lock-only", "--omit-lockfile-registry-resolved", folder=WANTED)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return 1
    path = WANTED / LOCK
    content = json.loads(path.read_text(encoding="utf-8"))
    for package in content["packages"].values():
        package.pop("funding", None)
    path.write_text(f"{json.dumps(content, indent=2)}\n", encoding="utf-8")
    return 0


def installed() -> Path:
    """Return the folder that belongs to the lock as it is; it may not be there yet."""
    digest = hashlib.sha256((WANTED / LOCK).read_bytes()).hexdigest()
    return CACHE / digest[:16]


def install() -> int:
    """Install what the lock names, unless it is there, and print the folder."""
    folder = installed()
    if not folder.exists():
        if not shutil.which("npm"):
            print("npm is not installed", file=sys.stderr)
            return NOT_HERE
        CACHE.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=CACHE))
        for name in (MANIFEST, LOCK):
            shutil.copy(WANTED / name, making)
        done = npm("ci", folder=making)
        if done.returncode:
            shutil.rmtree(making)
            print(done.stderr, file=sys.stderr)
            return NOT_HERE if any(code in done.stderr for code in NO_REGISTRY) else 1
        try:
            making.rename(folder)
        except OSError:  # another process was first, with the same content
            shutil.rmtree(making)
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(lock() if sys.argv[1:] == ["--lock"] else install())
