"""Access tokens: fetched once for all threads, renewed by the one that first finds its token refused."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import Final

import attrs
import jwt

from ordering_adapters.salesforce.errors import Failure, Meaning, Outcome, Retry
from ordering_adapters.salesforce.exceptions import failure_of
from ordering_adapters.salesforce.rows import is_object
from ordering_adapters.salesforce.settings import ClientCredentials, JwtBearer
from ordering_adapters.salesforce.transport import Transport
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Unavailable
from ordering_core.ports.clock import Clock


_JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_LIVES: Final = timedelta(minutes=3)
_OK: Final = 200
_SIGNED_OUT: Final = Meaning(Outcome.UNAVAILABLE, Retry.NEVER)


@attrs.frozen(kw_only=True)
class Token:
    """What calls are signed with, where they go, and the id of the org (the tenant of the event bus)."""

    access: str = attrs.field(repr=False)
    instance_url: str
    org_id: str = ""


class TokenProvider:
    """The one source of tokens of an org; however many threads ask, one of them signs in."""

    def __init__(
        self,
        credentials: ClientCredentials | JwtBearer,
        *,
        domain: str,
        transport: Transport,
        clock: Clock,
    ) -> None:
        """Sign in at *domain*; *clock* dates the assertions."""
        self._credentials = credentials
        self._domain = domain
        self._transport = transport
        self._clock = clock
        self._lock = Lock()
        self._token: Token | None = None

    def token(self) -> Token:
        """
        Return the present token.

        Raises:
            Unavailable: There is none yet, and signing in failed.

        """
        with self._lock:
            if self._token is None:
                self._token = self._sign_in()
            return self._token

    def renewed(self, refused: Token) -> Token:
        """
        Return a token in place of *refused*, which another thread may have replaced already.

        Raises:
            Unavailable: Signing in failed.

        """
        with self._lock:
            if self._token is None or self._token == refused:
                self._token = None
                self._token = self._sign_in()
            return self._token

    def _sign_in(self) -> Token:
        failure, answer = self._asked()
        if failure is not None:
            raise Unavailable(System.SALESFORCE, f"signing in failed: {failure.code}")
        return _token_in(answer)

    def _asked(self) -> tuple[Failure | None, object]:
        """Return the answer of the token endpoint, or what went wrong without naming the credentials."""
        headers, form = self._request()
        try:
            with self._transport.session() as session:
                response = session.post(
                    f"https://{self._domain}/services/oauth2/token", data=form, headers=headers
                )
                answer: object = response.json()
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                raise
            return failure, None
        if response.status_code == _OK:
            return None, answer
        code = answer.get("error") if is_object(answer) else None
        named = code if isinstance(code, str) else f"HTTP_{response.status_code}"
        return Failure(code=named, meaning=_SIGNED_OUT), None

    def _request(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the headers and the form that prove who we are."""
        match self._credentials:
            case ClientCredentials() as known:
                pair = b64encode(f"{known.client_id}:{known.client_secret}".encode()).decode()
                return {"Authorization": f"Basic {pair}"}, {"grant_type": "client_credentials"}
            case JwtBearer() as known:
                expires = self._clock.now() + _ASSERTION_LIVES
                claims = {
                    "iss": known.client_id,
                    "sub": known.username,
                    "aud": f"https://{self._domain}",
                    "exp": int(expires.timestamp()),
                }
                assertion = jwt.encode(claims, known.private_key, algorithm="RS256")
                return {}, {"grant_type": _JWT_BEARER, "assertion": assertion}


def _token_in(answer: object) -> Token:
    """
    Return the token in an *answer*.

    Raises:
        Unavailable: There is none in it.

    """
    known: Mapping[str, object] = answer if is_object(answer) else {}
    access, place, identity = (known.get(name) for name in ("access_token", "instance_url", "id"))
    if not isinstance(access, str) or not isinstance(place, str):
        raise Unavailable(System.SALESFORCE, "signing in failed: the answer holds no token")
    organisation = identity.split("/")[-2] if isinstance(identity, str) and "/" in identity else ""
    return Token(access=access, instance_url=place, org_id=organisation)
