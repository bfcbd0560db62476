"""
What `ordering doctor` asks of the mobile network, of the SM-DP+, and of who signs tokens; it changes nothing.

The network is logged in to. An SM-DP+ has no function that does nothing, so it is only knocked at.
"""

from __future__ import annotations

import ssl

from collections.abc import Iterator
from typing import Final

import httpx

from jwt import PyJWKClient
from jwt.exceptions import PyJWTError

from ordering_adapters.sim_network.connection import tls_context
from ordering_core.domain.vocabulary import System
from ordering_core.errors import PortError
from ordering_core.ports.clock import Clock
from ordering_entrypoints.doctor import Found, State
from ordering_entrypoints.http.settings import TokenSettings
from ordering_entrypoints.sim_network_ports import layout_of, sim_api
from ordering_entrypoints.sim_settings import Es2PlusVariables, SimVariables


PATIENCE: Final = 10.0
"""Seconds that each is given to answer."""

_SM_DP_PLUS: Final = "SM-DP+"
_TOKENS: Final = "tokens"


def network_found(variables: SimVariables, clock: Clock) -> Iterator[Found]:
    """Yield whether the mobile network of *variables* lets us in."""
    where = System.SIM_NETWORK.value
    try:
        layout_of(variables)
        with sim_api(variables, clock=clock) as api:
            api.log_in()
            can_be_asked = api.settings.can_be_asked
    except (PortError, ValueError) as error:
        remedy = "correct ORDERING_SIM_URL, _OEM_ID and _OEM_KEY, or ask the partner"
        yield Found(where=where, state=State.FAILED, what=f"we cannot log in: {error}", remedy=remedy)
        return
    yield Found(where=where, state=State.OK, what="it lets us in")
    if not can_be_asked:
        yield Found(
            where=where,
            state=State.WARNING,
            what="it is not asked how lines stand: a submission of unknown outcome may wait for a person",
            remedy="set ORDERING_SIM_STATUS_PATH if the contract has one",
        )


def profiles_found(variables: Es2PlusVariables) -> Iterator[Found]:
    """Yield whether the SM-DP+ of *variables* answers us; what it would do for us is not asked."""
    try:
        tls = tls_context(
            variables.ca_file, certificate_file=variables.certificate_file, key_file=variables.key_file
        )
        httpx.head(variables.url, verify=tls, timeout=PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        yield Found(
            where=_SM_DP_PLUS,
            state=State.FAILED,
            what=f"it does not answer us: {_kind_of(error)}",
            remedy="correct ORDERING_ES2PLUS_URL and its files of certificates, or ask the operator",
        )
        return
    yield Found(where=_SM_DP_PLUS, state=State.OK, what="it answers; it was asked for nothing")


def signers_found(tokens: TokenSettings) -> Iterator[Found]:
    """Yield whether the public keys that *tokens* are checked by can be fetched."""
    if tokens.jwks_url is None:
        return
    try:
        keys = PyJWKClient(tokens.jwks_url, timeout=int(PATIENCE)).get_signing_keys()
    except (PyJWTError, ValueError, OSError) as error:
        yield Found(
            where=_TOKENS,
            state=State.FAILED,
            what=f"the keys that tokens are signed by cannot be fetched: {_kind_of(error)}",
            remedy="correct ORDERING_TOKENS_JWKS_URL, or see that its server answers; nobody can log in",
        )
        return
    yield Found(where=_TOKENS, state=State.OK, what=f"{len(keys)} keys of the signer")


def _kind_of(error: Exception) -> str:
    """Return what kind of *error* it is; what it says may hold an address with a secret."""
    return "its certificate is not trusted" if isinstance(error, ssl.SSLError) else type(error).__name__
