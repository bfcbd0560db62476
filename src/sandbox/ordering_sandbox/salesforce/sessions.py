"""Access tokens, refresh tokens and the clients that may have them."""

from __future__ import annotations

import secrets
import sqlite3

from datetime import datetime, timedelta
from typing import Final

import attrs

from ordering_sandbox.salesforce.instants import write_instant


_SHORT: Final = 15
_REFRESH_LIVES: Final = timedelta(days=365)


@attrs.frozen(kw_only=True)
class Client:
    """An external client app: *username* is whom it runs as, *certificate* (PEM) proves its assertions."""

    consumer_key: str
    consumer_secret: str = attrs.field(repr=False)
    username: str
    certificate: str | None = attrs.field(default=None, repr=False)


def save_client(connection: sqlite3.Connection, client: Client) -> None:
    """Register *client*, or its new data."""
    connection.execute("INSERT OR REPLACE INTO sandbox_client VALUES (?, ?, ?, ?)", attrs.astuple(client))


def find_client(connection: sqlite3.Connection, consumer_key: str) -> Client | None:
    """Return the client with *consumer_key*."""
    row = connection.execute(
        "SELECT * FROM sandbox_client WHERE consumer_key = ?", (consumer_key,)
    ).fetchone()
    return None if row is None else Client(**row)


def active_user(connection: sqlite3.Connection, username: str) -> str | None:
    """Return the id of the active user called *username*."""
    row = connection.execute(
        'SELECT "Id" FROM "User" WHERE "Username" = ? AND "IsActive" = 1', (username,)
    ).fetchone()
    return None if row is None else str(row[0])


def organization_id(connection: sqlite3.Connection) -> str:
    """Return the org's own id."""
    return str(connection.execute('SELECT "Id" FROM "Organization"').fetchone()[0])


def open_session(
    connection: sqlite3.Connection, client: Client, user_id: str, *, kind: str, until: datetime
) -> str:
    """Return a new token; *kind* is access or refresh."""
    token = f"{organization_id(connection)[:_SHORT]}!{secrets.token_urlsafe(48)}"
    connection.execute(
        "INSERT INTO sandbox_token VALUES (?, ?, ?, ?, ?)",
        (token, kind, user_id, client.consumer_key, write_instant(until)),
    )
    return token


def open_refresh(connection: sqlite3.Connection, client: Client, user_id: str, now: datetime) -> str:
    """Return a refresh token."""
    return open_session(connection, client, user_id, kind="refresh", until=now + _REFRESH_LIVES)


def user_of_token(
    connection: sqlite3.Connection, token: str, now: datetime, *, kind: str = "access"
) -> str | None:
    """Return the id of the user whose *token* is good now."""
    row = connection.execute(
        "SELECT user_id, expires_at FROM sandbox_token WHERE token = ? AND kind = ?", (token, kind)
    ).fetchone()
    return None if row is None or str(row[1]) <= write_instant(now) else str(row[0])


def end_session(connection: sqlite3.Connection, token: str) -> bool:
    """Make *token* worthless; tell whether it was worth something."""
    return connection.execute("DELETE FROM sandbox_token WHERE token = ?", (token,)).rowcount > 0


def end_all_sessions(connection: sqlite3.Connection) -> None:
    """Make every access token worthless."""
    connection.execute("DELETE FROM sandbox_token WHERE kind = 'access'")
