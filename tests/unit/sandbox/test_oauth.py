"""Who gets a token, and what for."""

import base64
import json
import time

from datetime import timedelta
from urllib.parse import quote

import pytest

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ordering_sandbox.json_values import Json
from ordering_sandbox.salesforce.oauth import NOBODY
from ordering_sandbox.salesforce.sessions import Client, find_client, open_refresh, save_client
from ordering_sandbox.web import HttpResponse
from tests.unit.sandbox.orgs import BASE, DATA, KEY, SECRET, Desk, at


TOKEN = "/services/oauth2/token"
USER = "integration@sandbox.example"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SIGNING = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = SIGNING.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read(answer: HttpResponse) -> Json:
    value: Json = json.loads(answer.body)
    return value


def denied(answer: HttpResponse) -> str:
    assert answer.status == 400
    return str(at(read(answer), "error"))


def assertion(*, key: rsa.RSAPrivateKey = SIGNING, **changes: str) -> str:
    claims: dict[str, str] = {
        "iss": KEY,
        "sub": USER,
        "aud": "https://login.salesforce.com",
        "exp": str(int(time.time()) + 180),
        **changes,
    }
    # simple-salesforce dates with a text; so does this.
    signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    return f"{signed}.{encoded(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def bear(desk: Desk, text: str) -> HttpResponse:
    return desk.form(TOKEN, {"grant_type": JWT_BEARER, "assertion": text})


@pytest.fixture
def registered(desk: Desk) -> Desk:
    """Return a client of an org that knows the key of its assertions."""
    with desk.org.writing(NOBODY) as work:
        client = find_client(work.connection, KEY)
        assert client is not None
        save_client(
            work.connection,
            Client(consumer_key=KEY, consumer_secret=SECRET, username=client.username, certificate=PUBLIC),
        )
    return desk


def test_client_credentials_come_in_the_header_or_in_the_body(desk: Desk) -> None:
    basic = base64.b64encode(f"{quote(KEY)}:{quote(SECRET)}".encode()).decode()
    for answer in (
        desk.form(TOKEN, {"grant_type": "client_credentials"}, {"Authorization": f"Basic {basic}"}),
        desk.form(TOKEN, {"grant_type": "client_credentials", "client_id": KEY, "client_secret": SECRET}),
    ):
        granted = read(answer)
        assert answer.status == 200
        assert at(granted, "instance_url") == BASE
        assert at(granted, "token_type") == "Bearer"
        org, user = str(at(granted, "id")).removeprefix(f"{BASE}/id/").split("/")
        assert (org[:3], user[:3]) == ("00D", "005")
        assert str(at(granted, "access_token")).startswith(f"{org[:15]}!")
        assert "expires_in" not in json.loads(answer.body)
        assert "refresh_token" not in json.loads(answer.body)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (
            {"grant_type": "client_credentials", "client_id": "x", "client_secret": SECRET},
            "invalid_client_id",
        ),
        ({"grant_type": "client_credentials", "client_id": KEY, "client_secret": "x"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, "invalid_client_id"),
        ({"grant_type": "password", "username": USER, "password": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "client_id": KEY, "client_secret": SECRET}, "invalid_grant"),
        ({"grant_type": "nonsense"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_other_askers_are_denied(desk: Desk, form: dict[str, str], error: str) -> None:
    assert denied(desk.form(TOKEN, form)) == error


def test_a_header_that_says_nothing_is_no_client(desk: Desk) -> None:
    form = {"grant_type": "client_credentials"}
    assert denied(desk.form(TOKEN, form, {"Authorization": "Basic !!!"})) == "invalid_client_id"
    assert denied(desk.send("GET", f"{TOKEN}?grant_type=client_credentials")) == "invalid_request"


def test_an_inactive_user_gets_nothing(desk: Desk) -> None:
    with desk.org.writing(NOBODY) as work:
        work.connection.execute('UPDATE "User" SET "IsActive" = 0')
    form = {"grant_type": "client_credentials", "client_id": KEY, "client_secret": SECRET}
    assert denied(desk.form(TOKEN, form)) == "inactive_user"


def test_an_assertion_is_believed_when_it_is_signed_addressed_and_fresh(registered: Desk) -> None:
    for audience in ("https://login.salesforce.com", "https://acme.my.salesforce.com", BASE):
        granted = bear(registered, assertion(aud=audience))
        assert granted.status == 200
        registered.token = str(at(read(granted), "access_token"))
        assert registered.call("GET", "/limits").status == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"exp": str(int(time.time()) - 10)}, "invalid_grant"),
        ({"exp": str(int(time.time()) + 4000)}, "invalid_grant"),
        ({"exp": "soon"}, "invalid_grant"),
        ({"aud": "https://evil.example"}, "invalid_grant"),
        ({"sub": "nobody@sandbox.example"}, "inactive_user"),
        ({"iss": "another-key"}, "invalid_client_id"),
    ],
)
def test_other_assertions_are_not_believed(registered: Desk, changes: dict[str, str], error: str) -> None:
    assert denied(bear(registered, assertion(key=SIGNING, **changes))) == error


def test_an_assertion_signed_by_another_key_is_not_believed(registered: Desk) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert denied(bear(registered, assertion(key=other))) == "invalid_grant"


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30.e30", "....."])
def test_what_is_no_assertion_is_not_believed(registered: Desk, text: str) -> None:
    assert denied(bear(registered, text)) == "invalid_grant"


def test_a_client_without_a_certificate_cannot_assert(desk: Desk) -> None:
    assert denied(bear(desk, assertion())) == "invalid_client_id"


def test_an_org_may_insist_on_its_own_domain(registered: Desk) -> None:
    registered.org.save_setting("switches", {"my_domain_only": True})
    assert denied(bear(registered, assertion())) == "app_not_found"
    assert bear(registered, assertion(aud=BASE)).status == 200


def test_assertions_are_dated_by_the_machine_and_not_by_the_sandbox(registered: Desk) -> None:
    registered.org.clock.advance(timedelta(days=30))
    assert bear(registered, assertion()).status == 200


def test_a_refresh_token_brings_new_access_tokens(desk: Desk) -> None:
    with desk.org.writing(NOBODY) as work:
        client = find_client(work.connection, KEY)
        assert client is not None
        user = desk.id_of("SELECT Id FROM User")
        refresh = open_refresh(work.connection, client, user, work.now)
    form = {
        "grant_type": "refresh_token",
        "client_id": KEY,
        "client_secret": SECRET,
        "refresh_token": refresh,
    }
    desk.org.clock.advance(timedelta(days=1))
    desk.token = str(at(read(desk.form(TOKEN, form)), "access_token"))
    assert desk.call("GET", "/limits").status == 200
    answer = desk.send("GET", f"{DATA}/limits", headers={"Authorization": f"Bearer {refresh}"})
    assert answer.status == 401


def test_a_revoked_token_is_worth_nothing(desk: Desk) -> None:
    assert desk.form("/services/oauth2/revoke", {"token": desk.token}).status == 200
    assert desk.call("GET", "/limits").status == 401
    assert denied(desk.form("/services/oauth2/revoke", {"token": desk.token})) == "invalid_token"


def test_one_can_ask_who_one_is(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token}"}
    info = read(desk.send("GET", "/services/oauth2/userinfo", headers=headers))
    assert at(info, "preferred_username") == USER
    path = str(at(info, "sub")).removeprefix(BASE)
    again = read(desk.send("GET", path, headers=headers))
    assert at(again, "organization_id") == at(info, "organization_id")
    assert desk.send("GET", path).status == 403


def test_another_path_is_no_resource(desk: Desk) -> None:
    assert desk.send("GET", "/nonsense").status == 404
