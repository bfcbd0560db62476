"""`ordering sim`: the network's own file is taken, once however often, and what is wrong with it is said."""

import io
import json

from pathlib import Path
from typing import Final

import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.sim_network.digests import sim_key
from ordering_adapters.storage import SqlLineBook, open_storage
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.journal import CaseFile
from ordering_core.domain.lines import Line, LineState
from ordering_core.domain.values import Eid
from ordering_entrypoints.cli import main
from ordering_sandbox.sim_network.completions import completion_file
from tests.unit.sandbox.sim_network.networks import EID, NetworkInHand, esim


ORDER: Final = OrderId("801000000000001AAA")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/ordering.db"
    monkeypatch.setenv("ORDERING_DATABASE", url)
    with open_storage(url, SystemClock()) as (store, *_), store.transaction() as tx:
        tx.journal.keep(CaseFile(subject=order_subject(ORDER)))
    return url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the network's file about two lines: one of our order, and one that names nothing but its EID."""
    network = NetworkInHand(completion_seconds=0.0)
    network.call("mvno/esim/addAcnt/", **esim(requestKey=ORDER))
    network.call("mvno/esim/addAcnt/", **esim(requestKey=""))
    network.lines(ORDER)
    with network.site.open() as (state, _):
        raw = completion_file(state.network.lines, since=None, encoding="cp932")
    path = tmp_path / "completions.csv"
    path.write_bytes(raw)
    return path


def lines(database: str, order: OrderId = ORDER) -> tuple[Line, ...]:
    with open_storage(database, SystemClock()) as (store, *_):
        return SqlLineBook(store).lines(order)


def taken(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    status = main(["sim", "complete", *arguments, "--json"])
    said: dict[str, object] = json.loads(capsys.readouterr().out)
    return status, said


def test_a_file_is_taken_as_often_as_one_likes(
    database: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert taken(capsys, str(file)) == (1, {"taken": 2, "unmatched": [3], "bad": []})
        (line,) = lines(database)
        assert (line.state, line.id) == (LineState.OPEN, "R0000000001")


def test_what_fits_no_order_is_kept_and_shown_without_its_sim(
    database: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sim", "complete", str(file)])
    told = capsys.readouterr().out
    assert "2 rows were taken." in told
    assert "lines 3" in told
    assert main(["sim", "unmatched"]) == 1
    shown = capsys.readouterr().out
    assert "R0000000002" in shown
    assert EID not in told + shown


def test_every_completion_that_fits_is_nothing_to_show(
    database: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_storage(database, SystemClock()) as (store, *_):
        other = Line(id=LineId("R0000000002"), mark=OrderId("801B"), state=LineState.SUBMITTED)
        SqlLineBook(store).learn(other, sim=sim_key(Eid(EID)))
    assert main(["sim", "complete", str(file)]) == 0
    assert main(["sim", "unmatched"]) == 0
    assert "Every completion fits an order." in capsys.readouterr().out
    assert main(["sim", "unmatched", "--json"]) == 0
    assert lines(database, OrderId("801B"))[0].state is LineState.OPEN


def test_a_bad_row_is_told_by_its_place_and_the_good_ones_are_taken(
    database: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(file.read_bytes() + "801C,R3,0312345678,,,OK,,\r\n".encode("cp932"))
    status, said = taken(capsys, str(file))
    assert status == 1
    assert said["taken"] == 2
    assert said["bad"] == [{"line": 4, "column": "電話番号", "problem": "line_number_length"}]
    main(["sim", "complete", str(file)])
    told = capsys.readouterr().out
    assert "電話番号" in told
    assert "0312345678" not in told


def test_the_form_of_the_file_is_a_setting(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = tmp_path / "contract.toml"
    contract.write_text(
        '[completions]\nencoding = "utf-8"\ndelimiter = ";"\norder = "ref"\nresult = "state"\n'
        'opened = ["up"]\nfailed = ["down"]\ncode = "why"\nline = ""\nnumber = ""\n'
        'eid = ""\ncard = ""\nwhen = ""\n'
        '[codes]\n"7" = "MNP_NAME_MISMATCH"\n',
        encoding="utf-8",
    )
    for name, value in (("URL", "https://network.example/"), ("OEM_ID", "us"), ("OEM_KEY", "key")):
        monkeypatch.setenv(f"ORDERING_SIM_{name}", value)
    monkeypatch.setenv("ORDERING_SIM_CONTRACT_FILE", str(contract))
    monkeypatch.setattr(
        "sys.stdin", io.TextIOWrapper(io.BytesIO(f"ref;state;why\n{ORDER};down;7\n".encode()))
    )
    assert taken(capsys, "-") == (0, {"taken": 1, "unmatched": [], "bad": []})
    assert [line.failure for line in lines(database)] == ["MNP_NAME_MISMATCH"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "contract file cannot be used"),
        ("[other]", "[other]"),
        ("[completions]\nordr = 1", "takes texts"),
        ('[paths]\nstauts = "x"', "paths are"),
        ('[fields]\nx = "y"', "field x"),
    ],
)
def test_a_contract_that_cannot_be_used_is_said(
    text: str, said: str, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{file.parent}/ordering.db")
    contract = file.parent / "contract.toml"
    contract.write_text(text, encoding="utf-8")
    for name, value in (
        ("URL", "https://network.example/"),
        ("OEM_ID", "us"),
        ("OEM_KEY", "key"),
        ("CONTRACT_FILE", str(contract)),
    ):
        monkeypatch.setenv(f"ORDERING_SIM_{name}", value)
    assert main(["sim", "complete", str(file)]) == 2
    assert said in capsys.readouterr().err


def test_what_is_no_such_file_is_refused_with_the_way_out(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    for name, said in ((other, "lacks the columns"), (tmp_path / "none", "no such file")):
        assert main(["sim", "complete", str(name)]) == 2
        assert said in capsys.readouterr().err


def test_without_a_database_there_is_nowhere_to_keep_them(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORDERING_DATABASE", raising=False)
    assert main(["sim", "complete", str(file)]) == 2
    assert "ORDERING_DATABASE" in capsys.readouterr().err


def test_ranges_of_profiles_are_read_from_the_settings(
    database: str, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERING_ES2PLUS_URL", "https://smdp.example/")
    monkeypatch.setenv("ORDERING_ES2PLUS_REQUESTER", "1.3.6.1")
    assert main(["sim", "unmatched"]) == 2
    assert "ORDERING_POLICY_ESIM_PROFILE_DELIVERY has to be true" in capsys.readouterr().err
    monkeypatch.setenv("ORDERING_POLICY_ESIM_PROFILE_DELIVERY", "true")
    monkeypatch.setenv("ORDERING_ES2PLUS_ICCIDS", "PASI_10G=898119904000000001+500;PASI_1G=1+2")
    assert main(["sim", "unmatched"]) == 2
    assert "18 digits" in capsys.readouterr().err
    monkeypatch.setenv(
        "ORDERING_ES2PLUS_ICCIDS", "PASI_10G=898119904000000001+500; PASI_1G=898119901000000001+1"
    )
    assert main(["sim", "unmatched"]) == 0
