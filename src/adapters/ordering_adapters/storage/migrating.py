"""The migrations of the package, and alembic, which runs them; `storage.migrate` says when."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


_MIGRATIONS: Final = Path(__file__).with_name("migrations")


def known() -> frozenset[str]:
    """Return the revisions that this version knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def run(connection: Connection, to: str) -> None:
    """Bring the tables behind *connection* to revision *to*, in its transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
