"""A process that is told of an org works on that org."""

from pathlib import Path

import attrs
import pytest

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_core.domain.identifiers import OpportunityId, RequestKey
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.memory_systems import IN_MEMORY
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings import Settings, SettingsError
from tests.contract.salesforce_org import SandboxOrg, alone


class TestWiring(SandboxOrg):
    def variables(self) -> SalesforceVariables:
        return SalesforceVariables(
            domain="sandbox.my.salesforce.com",
            client_id=self.process.ready["client_id"],
            client_secret=self.process.ready["client_secret"],
            price_book=self.price_book,
            plain_address=self.process.ready["http"],
        )

    def test_every_port_of_salesforce_is_the_orgs(self) -> None:
        account = self.new_account()
        opportunity = self.new_opportunity(account, OrderType.SIM, Stage.READY)
        with open_ordering(alone(self.variables())) as ordering:
            assert ordering.customers.account(account) == self.account_in_org(account)
            assert ordering.opportunities.read(opportunity) is not None
            assert ordering.orders.of_account(account) == ()
            kept = ordering.files.upload(
                account, content=b"card", media_type="image/png", key=RequestKey("card-1")
            )
            assert self.files_in_org(account) == {kept: b"card"}

    def test_the_shipped_price_book_and_the_shipped_catalogue_are_one(self) -> None:
        self.process.admin("POST", "reset")
        with open_ordering(alone(self.variables())) as ordering:
            assert dict(ordering.catalogue.all().products) == dict(shipped_catalogue().products)

    def test_what_the_org_calls_otherwise_comes_from_a_file(self, tmp_path: Path) -> None:
        names = tmp_path / "names.toml"
        names.write_text('[texts."Opportunity.StageName"]\n"Ready" = "準備完了"\n', encoding="utf-8")
        account = self.new_account()
        made = self.process.write(
            "Opportunity",
            {
                "AccountId": account,
                "Name": "by hand",
                "StageName": "準備完了",
                "CloseDate": "2026-07-01",
                "CommodityType__c": "SIM",
            },
        )
        told = attrs.evolve(self.variables(), names_file=names)
        with open_ordering(alone(told)) as ordering:
            read = ordering.opportunities.read(OpportunityId(made))
            assert read is not None
            assert read.stage == Stage.READY


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[fields", "names file cannot be used"),
        ("[labels]", "labels"),
        ('[fields]\n"Order.Nonsense__c" = "X"', "Order.Nonsense__c"),
        ("fields = 1", "Object.Field"),
    ],
)
def test_a_names_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, named: str) -> None:
    names = tmp_path / "names.toml"
    names.write_text(text)
    told = SalesforceVariables(
        domain="d", client_id="c", client_secret="s", price_book="01s", names_file=names
    )
    with pytest.raises(SettingsError, match=named), open_ordering(alone(told)):
        pass


def test_a_key_that_is_not_there_is_named_without_its_content(tmp_path: Path) -> None:
    told = SalesforceVariables(
        domain="d", client_id="c", username="u", private_key_file=tmp_path / "none.pem", price_book="01s"
    )
    with pytest.raises(SettingsError, match="private key file"), open_ordering(alone(told)):
        pass


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"ORDERING_SALESFORCE_CLIENT_SECRET": None}, "set the client secret, or username and private"),
        (
            {"ORDERING_SALESFORCE_CLIENT_SECRET": None, "ORDERING_SALESFORCE_USERNAME": "u"},
            "set the client secret, or username and private",
        ),
        ({"ORDERING_SALESFORCE_USERNAME": "u"}, "take them out, or the client secret"),
        ({"ORDERING_SALESFORCE_PRIVATE_KEY_FILE": "k.pem"}, "take them out, or the client secret"),
        (
            {"ORDERING_SALESFORCE_USERNAME": "u", "ORDERING_SALESFORCE_PRIVATE_KEY_FILE": "k.pem"},
            "take them out, or the client secret",
        ),
        ({"ORDERING_SALESFORCE_ORDER_KEY": "OrderReferenceNumber"}, "ORDERING_POLICY_SETTLE"),
    ],
)
def test_settings_of_an_org_that_cannot_be_are_refused(changed: dict[str, str | None], problem: str) -> None:
    env = {
        "ORDERING_SALESFORCE_DOMAIN": "d",
        "ORDERING_SALESFORCE_CLIENT_ID": "i",
        "ORDERING_SALESFORCE_CLIENT_SECRET": "s",
        "ORDERING_SALESFORCE_PRICE_BOOK": "b",
    }
    assert Settings.from_env(env).salesforce is not None
    told = {name: text for name, text in (env | changed).items() if text is not None}
    with pytest.raises(SettingsError, match=problem):
        Settings.from_env(told)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"DOMAIN": "https://acme.my.salesforce.com/"}, "domain has to be a host alone"),
        ({"DOMAIN": "acme.my.salesforce.com/x"}, "domain has to be a host alone"),
        ({"API_VERSION": "sixty"}, "api_version has to be"),
        ({"PLAIN_ADDRESS": "http://org.example:8080"}, "plain_address has to be on this machine"),
        ({"CA_FILE": "/nowhere/ca.pem"}, "the CA file cannot be read"),
        ({"CA_FILE": __file__}, "holds no certificate"),
    ],
)
def test_an_org_that_cannot_be_reached_as_it_is_written_is_refused_before_anything_is_sent(
    changed: dict[str, str], problem: str
) -> None:
    env = {"DOMAIN": "d", "CLIENT_ID": "i", "CLIENT_SECRET": "s", "PRICE_BOOK": "b", **changed}
    told = {f"ORDERING_SALESFORCE_{name}": text for name, text in env.items()}
    settings = Settings.from_env({**told, IN_MEMORY: "whmcs,sim"})
    with pytest.raises(SettingsError, match=rf"ORDERING_SALESFORCE_\*: .*{problem}"), open_ordering(settings):
        pass
