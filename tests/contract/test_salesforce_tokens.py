"""Signing in: once for all threads, again when a token is refused, by certificate, over TLS."""

from pathlib import Path
from urllib.parse import urlsplit

import attrs
import pytest

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from ordering_adapters.salesforce import ClientCredentials, JwtBearer, SalesforceCustomers
from ordering_core.errors import Unavailable
from ordering_core.testing.contracts.threads import all_get_through
from tests.contract.salesforce_org import SandboxOrg


class TestSigningIn(SandboxOrg):
    def sign_ins(self) -> int:
        calls = self.process.counted()["calls"]
        assert isinstance(calls, list)
        return sum(call["path"] == "/services/oauth2/token" for call in calls)

    def test_many_threads_sign_in_once(self) -> None:
        customers = SalesforceCustomers(self.connected())
        account = self.new_account()
        all_get_through(*[lambda: customers.account(account)] * 8)
        assert (self.sign_ins(), len(self.process.data_calls())) == (1, 8)

    def test_a_refused_token_is_renewed_once_and_the_call_made_once_more(self) -> None:
        customers = SalesforceCustomers(self.connected())
        account = self.new_account()
        customers.account(account)
        self.process.admin("DELETE", "tokens")
        self.process.admin("DELETE", "calls")
        all_get_through(*[lambda: customers.account(account)] * 4)
        assert self.sign_ins() == 1
        assert 4 < len(self.process.data_calls()) <= 8

    def test_a_write_with_a_refused_token_is_done_once(self) -> None:
        customers = SalesforceCustomers(self.connected())
        account = self.new_account()
        customers.account(account)
        self.process.fault(kind="expire_token", path="/composite")
        customers.mark_identity_pending(account)
        assert self.account_in_org(account).identity.status == "Pending"
        assert [call["status"] for call in self.process.data_calls()] == [200, 401, 200]

    def test_a_token_that_is_refused_at_once_is_not_asked_for_again_and_again(self) -> None:
        customers = SalesforceCustomers(self.connected())
        account = self.new_account()
        self.process.fault(kind="expire_token", times=0)
        with pytest.raises(Unavailable):
            customers.account(account)
        assert (self.sign_ins(), len(self.process.data_calls())) == (2, 2)

    def test_a_wrong_secret_is_named_by_its_code_alone(self) -> None:
        wrong = ClientCredentials(client_id=self.process.ready["client_id"], client_secret="no-such-secret")
        customers = SalesforceCustomers(self.connected(attrs.evolve(self.settings(), credentials=wrong)))
        with pytest.raises(Unavailable) as raised:
            customers.account(self.new_account())
        assert "invalid_client" in str(raised.value)
        assert "no-such-secret" not in f"{raised.value!r}{wrong!r}"

    def test_an_org_that_is_not_there_is_unavailable(self) -> None:
        nowhere = attrs.evolve(self.settings(), plain_address="http://127.0.0.1:9")
        customers = SalesforceCustomers(self.connected(nowhere))
        with pytest.raises(Unavailable):
            customers.account(self.new_account())

    def test_a_certificate_signs_in_over_tls(self) -> None:
        address = urlsplit(self.process.ready["https"])
        self.process.admin(
            "PUT",
            "clients",
            {
                "consumer_key": self.process.ready["client_id"],
                "certificate": public_key(Path(self.process.ready["jwt_key_file"]).read_text()),
            },
        )
        settings = attrs.evolve(
            self.settings(),
            domain=address.netloc,
            credentials=JwtBearer(
                client_id=self.process.ready["client_id"],
                username=self.process.ready["username"],
                private_key=Path(self.process.ready["jwt_key_file"]).read_text(),
            ),
            ca_file=Path(self.process.ready["ca_file"]),
            plain_address="",
        )
        account = self.new_account()
        known = SalesforceCustomers(self.connected(settings)).account(account)
        assert known == self.account_in_org(account)
        untrusting = attrs.evolve(settings, ca_file=None)
        with pytest.raises(Unavailable):
            SalesforceCustomers(self.connected(untrusting)).account(account)


def public_key(private: str) -> str:
    key = load_pem_private_key(private.encode(), None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
