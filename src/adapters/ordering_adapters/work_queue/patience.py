"""
How long the engine's connections to PostgreSQL wait for an answer, and the server for a sign of life.

Its locks say which worker is alive. So a machine that is gone without a word has to be noticed on both sides:
here, so that nobody waits for a server for ever, and on the server, so that it takes the locks back.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from sqlalchemy.engine import make_url


PATIENCE_S: Final = 10
"""Seconds without a word after which the other side is asked, and after which nothing is waited for."""
PATIENCE_MS: Final = PATIENCE_S * 1000

_ASK_AGAIN_S: Final = 2
_QUESTIONS: Final = 3

_CLIENT: Final = MappingProxyType(
    {
        "connect_timeout": str(PATIENCE_S),
        "keepalives_idle": str(PATIENCE_S),
        "keepalives_interval": str(_ASK_AGAIN_S),
        "keepalives_count": str(_QUESTIONS),
        "tcp_user_timeout": str(PATIENCE_MS),
    }
)
_SERVER: Final = (
    f"-c tcp_keepalives_idle={PATIENCE_S} -c tcp_keepalives_interval={_ASK_AGAIN_S}"
    f" -c tcp_keepalives_count={_QUESTIONS} -c tcp_user_timeout={PATIENCE_MS}"
)
"""The same for the server's end of the connection; over a socket of the machine it is not used."""


def patient(url: str) -> str:
    """Return *url* with what bounds the waiting on both sides, where it does not say otherwise itself."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return url
    given = parsed.normalized_query
    asked = {name: value for name, value in _CLIENT.items() if name not in given}
    asked["options"] = " ".join((_SERVER, *given.get("options", ())))  # of two the last one counts
    return parsed.update_query_dict(asked).render_as_string(hide_password=False)
