"""
The org serves clients of other languages as they are: jsforce on Node, over TLS with the org's own CA. [ci]

Unmodified simple-salesforce is in tests/journeys/sandbox. On the budget of tests/ci for Salesforce.
"""

from __future__ import annotations

import json
import os
import subprocess

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.contract.sandbox_process import SalesforceProcess


CLIENT: Final = Path(__file__).with_name("jsforce_client.cjs")
SKUS: Final = ("SIM-ACTIVATION", "SIM-DATA-5GB")


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceProcess]:
    org = SalesforceProcess()
    yield org
    org.close()


def said(client: Path, told: Mapping[str, object], modules: Path, ca_file: str) -> Mapping[str, object]:
    """Run *client* with what it is *told*, trusting the org's authority, and return what it says."""
    done = subprocess.run(
        ["node", str(client)],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": ca_file},
    )
    assert done.returncode == 0, done.stderr
    answer: Mapping[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("login", ["client_credentials", "jwt"])
def test_jsforce_signs_in_reads_the_catalogue_and_places_an_order(
    org: SalesforceProcess, modules: Path, login: str
) -> None:
    account = str(org.query("SELECT Id FROM Account ORDER BY Id")[0]["Id"])
    book = str(org.query("SELECT Id FROM Pricebook2 WHERE IsStandard = false")[0]["Id"])
    key = f"key-{login}"
    told = {**org.ready, "login": login, "account": account, "price_book": book, "skus": SKUS, "key": key}
    answer = said(CLIENT, told, modules, org.ready["ca_file"])
    for_sale = org.query(f"SELECT Id FROM PricebookEntry WHERE Pricebook2Id = '{book}' AND IsActive = true")
    assert answer["organization"] == org.ready["org_id"]
    assert isinstance(answer["skus"], list)
    assert len(answer["skus"]) == len(for_sale)
    assert {*SKUS} <= {*answer["skus"]}
    assert answer["statuses"] == [201, 201, 200, 201]
    [order] = org.query(
        f"SELECT Id, OrderNumber, PoNumber, OpportunityId FROM Order WHERE Portal_Request_Key__c = '{key}'"
    )
    assert (order["Id"], order["OrderNumber"]) == (answer["order"], answer["number"])
    assert order["PoNumber"] == "jsforce"
    assert order["OpportunityId"]
    assert len(org.query(f"SELECT Id FROM OrderItem WHERE OrderId = '{order['Id']}'")) == len(SKUS)
    assert len(org.query(f"SELECT Id FROM Case WHERE Portal_Request_Key__c = '{key}'")) == 1
    assert isinstance(answer["again"], list)
    assert answer["again"][1] == "DUPLICATE_VALUE"
    assert answer["refusal"] == "REQUIRED_FIELD_MISSING"
    assert isinstance(answer["fields"], list)
    assert "Portal_Request_Key__c" in answer["fields"]


def test_a_client_that_does_not_know_the_authority_is_turned_away(
    org: SalesforceProcess, modules: Path, tmp_path: Path
) -> None:
    unknown = tmp_path / "none.pem"
    unknown.write_text("")
    told = {
        **org.ready,
        "login": "client_credentials",
        "account": "",
        "price_book": "",
        "skus": [],
        "key": "",
    }
    with pytest.raises(AssertionError, match=r"certificate|self-signed|CERT"):
        said(CLIENT, told, modules, str(unknown))
