"""`ordering adopt` before it asks anybody: its arguments, its settings, and the file of the map."""

import json

from pathlib import Path

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId
from ordering_entrypoints.cli import main
from ordering_entrypoints.cli_adopt_map import read_map
from ordering_entrypoints.cli_input import Unreadable


HEAD = "customer,account,client,customer_number\n"
GOOD = "user-1,001000000000001AAA,9001,C000001\n"
ID_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def written(tmp_path: Path, content: str | bytes) -> str:
    file = tmp_path / "map.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def codes(name: str) -> list[tuple[str, str]]:
    with pytest.raises(Unreadable) as refused:
        read_map(name)
    return [(error.pointer, error.code) for error in refused.value.errors]


identities = st.builds(
    Identity,
    customer=st.text("abc,\"'あ\n -", min_size=1).map(str.strip).filter(bool).map(CustomerId),
    account=st.text(ID_LETTERS, min_size=18, max_size=18).map(AccountId),
    client=st.integers(1, 10**9).map(ClientId),
    customer_number=st.text("C0123456789", max_size=8),
)


@given(lines=st.lists(identities, max_size=20))
def test_whatever_a_spreadsheet_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Identity]
) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    rows = "".join(
        f"{cell(line.customer)},{line.client},{cell(line.customer_number)},{line.account}\r\n"
        for line in lines
    )
    file = tmp_path_factory.mktemp("maps") / "map.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"customer,client,customer_number,account\r\n{rows}".encode())
    assert list(read_map(str(file))) == lines


def test_the_customer_number_may_be_left_out(tmp_path: Path) -> None:
    name = written(tmp_path, "customer,account,client\nuser-1,001000000000001AAA,9001\n")
    [line] = read_map(name)
    assert line.customer_number == ""


def test_an_empty_map_has_no_lines(tmp_path: Path) -> None:
    assert read_map(written(tmp_path, HEAD)) == ()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (",001000000000001AAA,9001,\n", [("/2/customer", "customer_missing")]),
        ("u,001000000000001,9001,\n", [("/2/account", "account_malformed")]),
        ("u,001000000000001AA!,9001,\n", [("/2/account", "account_malformed")]),
        ("u,001000000000001AAA,0,\n", [("/2/client", "client_malformed")]),
        ("u,001000000000001AAA,-1,\n", [("/2/client", "client_malformed")]),
        ("u,001000000000001AAA,９００１,\n", [("/2/client", "client_malformed")]),
        ("u,001000000000001AAA\n", [("/2", "row_length")]),
        ("u,001000000000001AAA,9001,C1,more\n", [("/2", "row_length")]),
        (
            ",1,x,\n",
            [
                ("/2/customer", "customer_missing"),
                ("/2/account", "account_malformed"),
                ("/2/client", "client_malformed"),
            ],
        ),
    ],
)
def test_every_value_that_cannot_be_used_is_named_by_its_line_and_column(
    tmp_path: Path, line: str, found: list[tuple[str, str]]
) -> None:
    name = written(tmp_path, HEAD + line + GOOD)
    assert codes(name) == found
    with pytest.raises(Unreadable) as refused:
        read_map(name)
    assert "001000000000001" not in str(refused.value.errors)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "column_missing"),
        ("customer;account;client\n", "column_missing"),
        ("customer,account\n", "column_missing"),
        (b"customer,account,client\n\xff,001000000000001AAA,1\n", "encoding"),
        ('customer,account,client\n"user"x,001000000000001AAA,1\n', "csv_malformed"),
    ],
)
def test_what_is_no_map_is_refused_with_the_way_out(tmp_path: Path, content: str | bytes, code: str) -> None:
    [(_, found)] = codes(written(tmp_path, content))
    assert found == code


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set everything up that the command needs; nobody answers at these addresses."""
    for name, value in {
        "ORDERING_DATABASE": f"sqlite:///{tmp_path}/ordering.db",
        "ORDERING_POLICY_PROVISIONING_NOT_BEFORE": "2026-06-01T00:00:00+09:00",
        "ORDERING_SALESFORCE_DOMAIN": "example.my.salesforce.com",
        "ORDERING_SALESFORCE_CLIENT_ID": "app",
        "ORDERING_SALESFORCE_CLIENT_SECRET": "secret",
        "ORDERING_SALESFORCE_PRICE_BOOK": "01s000000000001AAA",
        "ORDERING_SALESFORCE_PLAIN_ADDRESS": "http://127.0.0.1:9",
        "ORDERING_WHMCS_URL": "http://127.0.0.1:9",
        "ORDERING_WHMCS_IDENTIFIER": "id",
        "ORDERING_WHMCS_SECRET": "secret",
        "ORDERING_IN_MEMORY": "sim",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("ORDERING_DATABASE", "ORDERING_DATABASE"),
        ("ORDERING_POLICY_PROVISIONING_NOT_BEFORE", "ORDERING_POLICY_PROVISIONING_NOT_BEFORE"),
    ],
)
def test_it_says_which_setting_it_needs(
    ready: pytest.MonkeyPatch, lacking: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ready.delenv(lacking)
    assert main(["adopt", "map.csv"]) == 2
    assert said in capsys.readouterr().err


def test_without_an_org_there_is_nothing_to_adopt(
    ready: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("URL", "IDENTIFIER", "SECRET"):
        ready.delenv(f"ORDERING_WHMCS_{name}")
    assert main(["adopt", "map.csv"]) == 2
    assert "nothing to adopt" in capsys.readouterr().err


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("arguments", [[], ["map.csv", "--provision", "801"]])
def test_it_does_one_of_two_things(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", *arguments]) == 2
    assert "--provision ORDER" in capsys.readouterr().err


@pytest.mark.usefixtures("ready")
def test_taking_an_order_over_needs_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "--provision", "801000000000001AAA"]) == 2
    assert "--reason TEXT" in capsys.readouterr().err


@pytest.mark.usefixtures("ready")
def test_a_map_that_cannot_be_read_is_refused_before_anybody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = written(tmp_path, HEAD + "u,1,9001,\n")
    assert main(["adopt", name, "--json"]) == 2
    told = capsys.readouterr()
    assert [error["pointer"] for error in json.loads(told.out)["errors"]] == ["/2/account"]
    assert main(["adopt", name]) == 2
    assert "/2/account" in capsys.readouterr().out


@pytest.mark.usefixtures("ready")
def test_an_org_that_does_not_answer_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adopt", written(tmp_path, HEAD)]) == 2
    assert "Salesforce" in capsys.readouterr().err
