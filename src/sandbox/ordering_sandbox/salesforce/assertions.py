"""JWT bearer assertions: signed by a registered key, for this server, not too old (reference 1.2)."""

from __future__ import annotations

import base64
import binascii

from datetime import datetime
from typing import Final

import attrs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from ordering_sandbox.json_values import JsonObject, NotJson, parse_object


_LATEST: Final = 300
_PARTS: Final = 3


class BadAssertion(Exception):
    """The assertion proves nothing; *error* and *description* go into the answer."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


@attrs.frozen(kw_only=True)
class Assertion:
    """What an assertion claims: who asks (*issuer*, a consumer key), for whom (*subject*), and whom."""

    issuer: str
    subject: str
    audience: str
    expires: float
    signed: bytes = attrs.field(repr=False)
    signature: bytes = attrs.field(repr=False)


def read_assertion(text: str) -> Assertion:
    """
    Read an assertion without believing it.

    Raises:
        BadAssertion: It is none.

    """
    parts = (text.split(".") + [""] * _PARTS)[:_PARTS]
    try:
        header, claims = (parse_object(_decoded(part)) for part in parts[:2])
        # PyJWT writes numbers; simple-salesforce puts a text where exp stands.
        expires = float(str(claims.get("exp")))
    except (NotJson, ValueError, binascii.Error):
        raise BadAssertion("invalid_grant", "invalid assertion") from None
    if header.get("alg") != "RS256":
        raise BadAssertion("invalid_grant", "invalid assertion")
    return Assertion(
        issuer=_claim(claims, "iss"),
        subject=_claim(claims, "sub"),
        audience=_claim(claims, "aud").rstrip("/"),
        expires=expires,
        signed=".".join(parts[:2]).encode(),
        signature=_decoded(parts[2]),
    )


def check_assertion(
    assertion: Assertion, certificate: str, *, now: datetime, audiences: frozenset[str]
) -> None:
    """
    Believe *assertion* only when it is signed by *certificate*, for one of *audiences*, and fresh.

    *now* is the machine's time, not the sandbox's: it is by the machine's that the client dated it.

    Raises:
        BadAssertion: It does not hold.

    """
    try:
        _public_key(certificate).verify(assertion.signature, assertion.signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise BadAssertion("invalid_grant", "invalid assertion") from None
    if assertion.audience not in audiences:
        raise BadAssertion("invalid_grant", "audience is invalid")
    if not now.timestamp() < assertion.expires <= now.timestamp() + _LATEST:
        raise BadAssertion("invalid_grant", "expired authorization code")


def _public_key(certificate: str) -> RSAPublicKey:
    pem = certificate.encode()
    key = (
        load_pem_x509_certificate(pem).public_key()
        if "BEGIN CERTIFICATE" in certificate
        else load_pem_public_key(pem)
    )
    if not isinstance(key, RSAPublicKey):
        raise BadAssertion("invalid_client", "the registered key is no RSA key")
    return key


def _claim(claims: JsonObject, name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
