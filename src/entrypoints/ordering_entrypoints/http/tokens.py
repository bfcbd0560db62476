"""
Bearer tokens (JWT, RFC 7519): whose they are, and what their owner may do.

A token is believed when its signature, issuer, audience and times are right. The algorithm follows from our
key, so that a token cannot choose a weaker one, and times are compared with the Clock port.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import attrs
import jwt

from jwt import PyJWK, PyJWKClient, PyJWKSet
from jwt.exceptions import PyJWKClientConnectionError

from ordering_core.errors import Unavailable
from ordering_entrypoints.http.principals import Principal, Role, user
from ordering_entrypoints.http.settings import TokenSettings


LONGEST_SUBJECT: Final = 255
"""Characters of a customer id."""

_JWKS_TIMEOUT: Final = 5
"""Seconds to wait for the issuer's keys."""

REMEMBERED: Final = 1024
"""Tokens that are known again."""

_REQUIRED: Final = ["aud", "exp", "iss", "sub"]


class BadToken(Exception):
    """A text is no token of ours, or no longer; what exactly is wrong is nobody's business."""


@attrs.frozen(kw_only=True)
class _Believed:
    """Whom a token of ours names, and from when until when; in seconds since 1970."""

    principal: Principal
    begins: float
    expires: float


class TokenReader:
    """
    Reads tokens as `TokenSettings` say; safe for many threads.

    A client sends the same token with every request. What it says was found to be ours stays so while our
    keys stay the same, so its signature is looked at once; its times are looked at every time. Keys of an
    address can be withdrawn there: with them nothing is remembered.
    """

    def __init__(self, settings: TokenSettings) -> None:
        """Read the keys that are in *settings*; those at an address are fetched with the first token."""
        self._settings = settings
        self._remote = PyJWKClient(settings.jwks_url, timeout=_JWKS_TIMEOUT) if settings.jwks_url else None
        self._local = PyJWKSet.from_json(settings.jwks) if settings.jwks else None
        self._believe = self._verify if self._remote else lru_cache(REMEMBERED)(self._verify)

    def read(self, token: str, *, at: datetime) -> Principal:
        """
        Return whose *token* is.

        Raises:
            BadToken: It is not ours, not valid at *at*, or names nobody.

            Unavailable: The issuer's keys cannot be fetched.

        """
        believed = self._believe(token)
        leeway = self._settings.leeway.total_seconds()
        if not believed.begins - leeway <= at.timestamp() < believed.expires + leeway:
            raise BadToken
        return believed.principal

    def _verify(self, token: str) -> _Believed:
        """Return what *token* says, whatever the time. Raises BadToken, Unavailable."""
        try:
            claims: dict[str, object] = jwt.decode(
                token,
                self._key(token),
                algorithms=[self._settings.algorithm],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                options={
                    "require": _REQUIRED,
                    "verify_exp": False,  # these three by our own clock, below
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except PyJWKClientConnectionError:
            raise Unavailable("identity provider", "its keys cannot be fetched") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise BadToken from None
        expires, begins = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, int | float) or not isinstance(begins, int | float):
            raise BadToken
        roles = _roles(claims.get(self._settings.roles_claim))
        return _Believed(principal=user(_subject(claims.get("sub")), roles), begins=begins, expires=expires)

    def _key(self, token: str) -> PyJWK | str:
        if self._settings.secret is not None:
            return self._settings.secret
        if self._remote is not None:
            return self._remote.get_signing_key_from_jwt(token)
        wanted = jwt.get_unverified_header(token).get("kid")
        for key in self._local.keys if self._local else ():
            if key.key_id == wanted:
                return key
        raise BadToken


def issue_token(
    settings: TokenSettings,
    *,
    subject: str,
    at: datetime,
    roles: Iterable[Role] = (Role.CUSTOMER,),
    valid_for: timedelta = timedelta(hours=1),
) -> str:
    """
    Return a token for *subject*, signed with the shared secret: for the demo, for tests, for a host's login.

    Raises:
        ValueError: *settings* have no shared secret.

    """
    if settings.secret is None:
        raise ValueError("only a shared secret can sign tokens here")
    claims = {
        "iss": settings.issuer,
        "aud": settings.audience,
        "sub": subject,
        "iat": int(at.timestamp()),
        "exp": int((at + valid_for).timestamp()),
        settings.roles_claim: [role.value for role in roles],
    }
    return jwt.encode(claims, settings.secret, algorithm=settings.algorithm)


def _subject(claim: object) -> str:
    if not isinstance(claim, str) or not 0 < len(claim) <= LONGEST_SUBJECT:
        raise BadToken
    return claim


def _roles(claim: object) -> frozenset[Role]:
    """Return the roles that *claim* names; roles that are not ours mean nothing here."""
    match claim:
        case None:
            return frozenset({Role.CUSTOMER})
        case str():
            return frozenset(role for role in Role if role in claim.split())
        case list():
            return frozenset(role for role in Role if role in claim)
        case _:
            raise BadToken
