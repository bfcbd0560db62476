"""Who comes in, and what they may do there."""

import hmac
import json

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Final

import attrs
import jwt
import pytest

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWKClient
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWKClientConnectionError
from jwt.jwk_set_cache import JWKSetCache

from ordering_core.errors import Unavailable
from ordering_entrypoints.http.auth import new_service_key
from ordering_entrypoints.http.principals import GRANTS, Permission, Role, service, user
from ordering_entrypoints.http.settings import HttpSettings, ServiceKey, TokenSettings
from ordering_entrypoints.http.tokens import LONGEST_SUBJECT, BadToken, TokenReader, issue_token
from tests.unit.application.shop import WEDNESDAY
from tests.unit.entrypoints.api import KEY, SETTINGS, TOKENS, Api, kind


PRIVATE: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: rsa.RSAPrivateKey, name: str) -> dict[str, object]:
    public: dict[str, object] = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return public | {"kid": name, "use": "sig", "alg": "RS256"}


JWKS: Final = json.dumps({"keys": [jwk(STRANGER, "old"), jwk(PRIVATE, "new")]})
SIGNED: Final = TokenSettings(issuer=TOKENS.issuer, audience=TOKENS.audience, jwks=JWKS)


def claims(**changed: object) -> dict[str, object]:
    now = int(WEDNESDAY.timestamp())
    usual: dict[str, object] = {
        "iss": TOKENS.issuer,
        "aud": TOKENS.audience,
        "sub": "customer-1",
        "iat": now,
        "exp": now + 3600,
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


def hs256(**changed: object) -> str:
    assert TOKENS.secret
    return jwt.encode(claims(**changed), TOKENS.secret, algorithm="HS256")


def rs256(key: rsa.RSAPrivateKey = PRIVATE, name: str | None = "new", **changed: object) -> str:
    return jwt.encode(claims(**changed), key, algorithm="RS256", headers={"kid": name} if name else {})


def read(token: str, settings: TokenSettings = TOKENS) -> str:
    return TokenReader(settings).read(token, at=WEDNESDAY).name


def test_a_token_names_its_customer() -> None:
    who = TokenReader(TOKENS).read(hs256(), at=WEDNESDAY)
    assert (who.name, who.kind, who.customer) == ("user:customer-1", "user", "customer-1")
    assert who.permissions == {Permission.OWN_ORDERS}


def test_a_token_that_we_issue_is_one_that_we_read() -> None:
    token = issue_token(TOKENS, subject="jane", at=WEDNESDAY, roles=[Role.AGENT, Role.CUSTOMER])
    assert TokenReader(TOKENS).read(token, at=WEDNESDAY).permissions == {
        Permission.RETRY,
        Permission.OWN_ORDERS,
    }
    with pytest.raises(ValueError, match="shared secret"):
        issue_token(SIGNED, subject="jane", at=WEDNESDAY)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "billing"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * (LONGEST_SUBJECT + 1)},
        {"exp": None},
        {"exp": int(WEDNESDAY.timestamp()) - 31},
        {"exp": int(WEDNESDAY.timestamp()) - 30},
        {"nbf": int(WEDNESDAY.timestamp()) + 31},
        {"roles": 7},
        {"roles": {"admin": True}},
    ],
)
def test_a_token_that_is_not_for_us_or_not_for_now_is_bad(changed: dict[str, object]) -> None:
    with pytest.raises(BadToken):
        read(hs256(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(WEDNESDAY.timestamp()) - 29},
        {"nbf": int(WEDNESDAY.timestamp()) + 30},
        {"iat": int(WEDNESDAY.timestamp()) + 500},
        {"aud": ["billing", "ordering"]},
        {"sub": "x" * LONGEST_SUBJECT},
    ],
)
def test_clocks_may_differ_by_the_leeway_and_audiences_may_be_several(changed: dict[str, object]) -> None:
    read(hs256(**changed))


@pytest.mark.parametrize(
    ("roles", "granted"),
    [
        (["customer"], {Permission.OWN_ORDERS}),
        ("agent customer", {Permission.OWN_ORDERS, Permission.RETRY}),
        (["admin"], {Permission.RETRY, Permission.CHANGES, Permission.METRICS}),
        (["viewer"], set()),
        ([], set()),
        ("", set()),
        (["root", 7, None], set()),
    ],
)
def test_roles_are_a_list_or_a_text_and_strange_ones_mean_nothing(
    roles: object, granted: set[Permission]
) -> None:
    who = TokenReader(TOKENS).read(hs256(roles=roles), at=WEDNESDAY)
    assert who.permissions == granted
    assert (who.customer is not None) == (Permission.OWN_ORDERS in granted)


def test_the_claim_with_the_roles_has_the_name_it_was_given() -> None:
    settings = attrs.evolve(TOKENS, roles_claim="https://ordering.example/roles")
    token = hs256(**{"https://ordering.example/roles": "agent"})
    assert TokenReader(settings).read(token, at=WEDNESDAY).permissions == {Permission.RETRY}


def test_a_public_key_is_found_by_its_name() -> None:
    assert read(rs256(), SIGNED) == "user:customer-1"
    assert read(rs256(STRANGER, "old"), SIGNED) == "user:customer-1"
    for token in (rs256(STRANGER), rs256(PRIVATE, "old"), rs256(PRIVATE, "newer"), rs256(PRIVATE, None)):
        with pytest.raises(BadToken):
            read(token, SIGNED)


def test_a_token_cannot_choose_its_algorithm() -> None:
    unsigned = jwt.encode(claims(), "", algorithm="none")
    with pytest.raises(BadToken):
        read(unsigned)
    with pytest.raises(BadToken):
        read(unsigned, SIGNED)
    with pytest.raises(BadToken):
        read(rs256())
    with pytest.raises(BadToken):
        read(hs256(), SIGNED)
    with pytest.raises(BadToken):
        read(forged_with_the_public_key(), SIGNED)


def forged_with_the_public_key() -> str:
    """Take the public key for a shared secret, the oldest trick there is; libraries refuse to."""
    public = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": "new"}
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims())]
    signature = hmac.digest(public, b".".join(parts), "sha256")
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def test_keys_at_an_address_are_fetched_and_a_fetch_that_fails_is_not_the_tokens_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = TokenReader(attrs.evolve(SIGNED, jwks=None, jwks_url="https://login.example/jwks.json"))
    monkeypatch.setattr(PyJWKClient, "fetch_data", lambda _client: json.loads(JWKS))
    assert reader.read(rs256(), at=WEDNESDAY).name == "user:customer-1"
    with pytest.raises(BadToken):
        reader.read(rs256(PRIVATE, "unknown"), at=WEDNESDAY)

    def down(_client: PyJWKClient) -> None:
        raise PyJWKClientConnectionError("no route")

    monkeypatch.setattr(PyJWKClient, "fetch_data", down)
    with pytest.raises(Unavailable, match="identity provider"):
        TokenReader(attrs.evolve(SIGNED, jwks=None, jwks_url="https://login.example/jwks.json")).read(
            rs256(), at=WEDNESDAY
        )


@pytest.mark.parametrize("token", [hs256(nbf=int(WEDNESDAY.timestamp())), hs256()])
def test_a_token_that_was_believed_once_ends_all_the_same(token: str) -> None:
    reader = TokenReader(TOKENS)
    whose = [reader.read(token, at=WEDNESDAY + timedelta(minutes=minutes)).customer for minutes in (0, 59)]
    assert whose == ["customer-1", "customer-1"]
    for late in (timedelta(minutes=61), timedelta(days=400)):
        with pytest.raises(BadToken):
            reader.read(token, at=WEDNESDAY + late)
    assert reader.read(token, at=WEDNESDAY).customer == "customer-1"


def test_a_token_that_was_believed_once_has_a_beginning_all_the_same() -> None:
    reader, token = TokenReader(TOKENS), hs256(nbf=int(WEDNESDAY.timestamp()))
    reader.read(token, at=WEDNESDAY)
    with pytest.raises(BadToken):
        reader.read(token, at=WEDNESDAY - timedelta(minutes=2))


def test_a_token_is_not_believed_any_more_when_its_key_was_withdrawn_at_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = TokenReader(attrs.evolve(SIGNED, jwks=None, jwks_url="https://login.example/jwks.json"))
    token, keys = rs256(), [jwk(STRANGER, "old"), jwk(PRIVATE, "new")]

    monkeypatch.setattr(PyJWKClient, "fetch_data", lambda _: {"keys": keys})
    monkeypatch.setattr(JWKSetCache, "get", lambda _: None)  # five minutes later each time
    assert reader.read(token, at=WEDNESDAY).customer == "customer-1"
    keys.pop()
    with pytest.raises(BadToken):
        reader.read(token, at=WEDNESDAY)


@given(st.text(max_size=60) | st.builds(lambda *parts: ".".join(parts), st.text(), st.text(), st.text()))
def test_any_text_is_a_token_or_bad(text: str) -> None:
    for settings in (TOKENS, SIGNED):
        with pytest.raises(BadToken):
            read(text, settings)


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": "short"},
        {"secret": None},
        {"jwks": JWKS},
        {"jwks_url": "https://login.example/jwks.json"},
    ],
)
def test_settings_have_exactly_one_key_that_is_long_enough(changed: dict[str, str | None]) -> None:
    with pytest.raises(ValueError, match=r"exactly one|32 bytes"):
        TokenSettings(
            issuer="i",
            audience="a",
            secret=changed.get("secret", TOKENS.secret),
            jwks=changed.get("jwks"),
            jwks_url=changed.get("jwks_url"),
        )


def test_secrets_do_not_show() -> None:
    shown = repr(SETTINGS) + repr(SIGNED)
    assert TOKENS.secret is not None
    assert TOKENS.secret not in shown
    assert SETTINGS.service_keys[0].sha256 not in shown
    assert str(jwk(PRIVATE, "new")["n"]) not in shown


def test_a_service_key_is_kept_as_a_digest() -> None:
    key, digest = new_service_key()
    assert key.startswith("osk_")
    assert len(key) > 40
    assert new_service_key()[0] != key
    ServiceKey(name="x", sha256=digest, permissions=frozenset())
    for wrong in (key, digest[:-1], digest.upper(), ""):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            ServiceKey(name="x", sha256=wrong, permissions=frozenset())


def test_every_role_is_granted_something_or_knowingly_nothing() -> None:
    assert set(GRANTS) == set(Role)
    for_keys_alone = {Permission.COMPLETIONS}
    assert user("x", Role).permissions == set(Permission) - for_keys_alone
    assert service("x", frozenset({Permission.CHANGES})).customer is None


# Over HTTP.


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic YTpi",
        "bearer a.b.c",
        "Bearer osk_wrong",
        "Bearer " + "x" * 9000,
    ],
)
def test_a_credential_that_is_not_right_is_a_401_even_where_none_is_needed(header: str) -> None:
    api = Api()
    for path in ("/orders", "/catalogue"):
        answer = api.call("GET", path, headers={"Authorization": header})
        assert (answer.status_code, kind(answer)) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="ordering", error="invalid_token"'


def test_no_credential_is_a_401_only_where_one_is_needed() -> None:
    api = Api()
    assert api.call("GET", "/catalogue").status_code == 200
    for path in ("/orders", "/orders/801", "/orders/801/events", "/changes"):
        answer = api.call("GET", path)
        assert (answer.status_code, kind(answer)) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="ordering"'


def test_a_token_is_valid_by_our_own_clock() -> None:
    api = Api()
    header = api.token("customer-1")
    assert api.call("GET", "/orders", headers=header).status_code == 200
    api.world.clock.advance(timedelta(hours=1, seconds=31))
    assert api.call("GET", "/orders", headers=header).status_code == 401


def test_without_token_settings_nobody_can_log_in() -> None:
    api = Api(settings=HttpSettings())
    assert api.call("GET", "/orders", headers=api.token("customer-1")).status_code == 401
    assert api.call("GET", "/catalogue").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/orders", {Role.CUSTOMER}),
        ("GET", "/orders/801/timeline", {Role.CUSTOMER}),
        ("POST", "/checkout-sessions/x/submission", {Role.CUSTOMER}),
        ("PUT", "/checkout-sessions/x/address", {Role.CUSTOMER}),
        ("POST", "/identity-documents", {Role.CUSTOMER}),
        ("POST", "/payment-methods/entry", {Role.CUSTOMER}),
        ("POST", "/orders/801/retry", {Role.AGENT, Role.SUPERVISOR, Role.OPERATOR, Role.ADMIN}),
        ("GET", "/changes", {Role.OPERATOR, Role.ADMIN}),
    ],
)
def test_roles_open_their_own_doors_and_no_others(method: str, path: str, allowed: set[Role]) -> None:
    api = Api()
    for role in Role:
        answer = api.call(method, path, headers=api.token("somebody", role), json={"reason": "asked"})
        if role in allowed:
            assert answer.status_code not in {401, 403}
        else:
            assert (answer.status_code, kind(answer)) == (403, "not-allowed")
            assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_a_service_key_opens_what_it_was_made_for() -> None:
    api = Api()
    header = {"Authorization": f"Bearer {KEY}"}
    assert api.call("GET", "/changes", headers=header).json() == {"changes": [], "next": 0}
    for method, path in (("GET", "/orders"), ("POST", "/orders/801/retry")):
        assert api.call(method, path, headers=header).status_code == 403


def test_staff_may_look_at_the_catalogue_and_begin_a_checkout_for_somebody() -> None:
    api = Api()
    header = api.token("jane", Role.AGENT)
    assert api.call("GET", "/catalogue", headers=header).status_code == 200


def test_an_identity_provider_out_of_reach_is_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_client: PyJWKClient) -> None:
        raise PyJWKClientConnectionError("no route")

    monkeypatch.setattr(PyJWKClient, "fetch_data", down)
    remote = TokenSettings(issuer="i", audience="a", jwks_url="https://login.example/jwks.json")
    api = Api(settings=HttpSettings(tokens=remote))
    answer = api.call("GET", "/orders", headers={"Authorization": f"Bearer {rs256()}"})
    assert (answer.status_code, kind(answer)) == (503, "unavailable")
