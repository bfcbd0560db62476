"""Wrong arguments and unreadable input: exit status 2, a sentence with the way out, never a traceback."""

import contextlib
import io
import json
import subprocess
import sys
import tempfile

from pathlib import Path

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_entrypoints.cli import main


COMMANDS = ("validate", "price")


class Stdin(io.TextIOWrapper):
    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))


def file_with(folder: Path, content: bytes) -> str:
    file = folder / "order.json"
    file.write_bytes(content)
    return str(file)


UNREADABLE = {
    "nothing": (b"", "line 1 column 1"),
    "cut off": (b'{"type": "VPN",\n "skus": [', "line 2 column 11"),
    "a trailing comma": (b'{"type": "VPN",}', "line 1 column 16"),
    "a field named twice": (b'{"type": "VPN", "type": "SIM"}', "twice"),
    "not a number": (b'{"type": NaN}', "NaN"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "UTF-8 without one"),
    "not UTF-8": (b'{"type": "\xff"}', "UTF-8"),
    "too deep": (b"[" * 100_000, "deep"),
    "too large": (b" " * 1_000_001, "1,000,000 bytes"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("content", "told"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_not_json_is_told_with_its_place(
    command: str, content: bytes, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_with(tmp_path, content)
    assert main([command, file]) == 2
    written = capsys.readouterr()
    assert written.err.startswith(f"ordering: {file}: ")
    assert told in written.err
    assert not written.out


@pytest.mark.parametrize(
    ("content", "pointer", "told"),
    [
        (b"[]", "/", "not a JSON object"),
        (b'"VPN"', "/", "not a JSON object"),
        (b"{}", "/type", "Internet, SIM, VPN"),
        (b'{"type": "Fax"}', "/type", "Internet, SIM, VPN"),
        (b'{"type": "VPN", "regoin": "US"}', "/regoin", "spelling"),
        (b'{"type": "VPN", "skus": "VPN-US"}', "/skus", "square brackets"),
        (b'{"type": "SIM", "voice_mail": "yes"}', "/voice_mail", "true or false"),
        (b'{"type": "SIM", "scheduled_on": "8 April"}', "/scheduled_on", "2026-04-01"),
        (b'{"type": "SIM", "porting": {"birth_date": 1990}}', "/porting/birth_date", "2026-04-01"),
    ],
)
def test_what_is_json_but_no_draft_is_told_field_by_field(
    content: bytes, pointer: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", file_with(tmp_path, content)]) == 2
    written = capsys.readouterr()
    assert "not a draft" in written.err
    (line,) = [line for line in written.out.splitlines() if line.startswith(f"{pointer} ")]
    assert told in line


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("content", [b"{", b"[]", b'{"type": "VPN", "a": 1, "b": 2}'])
def test_in_json_it_is_told_as_errors(
    command: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, file_with(tmp_path, content), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"errors"}
    assert told["errors"]
    for error in told["errors"]:
        assert set(error) == {"code", "pointer", "message", "remedy"}
        assert all(error[field] for field in ("code", "message", "remedy"))


@pytest.mark.parametrize(
    ("name", "told"), [("missing.json", "no such file"), (".", "a folder"), ("a\0b", "name of a file")]
)
def test_a_file_that_cannot_be_opened_is_named_with_the_way_out(
    name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", name]) == 2
    written = capsys.readouterr().err
    assert written.startswith(f"ordering: {name}: ")
    assert told in written
    assert "or - for standard input" in written


def test_a_dash_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b'{"type": "VPN", "skus": ["VPN-UK"], "region": "UK"}'))
    assert main(["validate", "-"]) == 0
    monkeypatch.setattr(sys, "stdin", Stdin(b"{"))
    assert main(["validate", "-"]) == 2
    assert "standard input: " in capsys.readouterr().err


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.dictionaries(st.text(), st.text()).map(json.dumps).map(str.encode)
)
def test_whatever_a_file_holds_there_is_an_answer(content: bytes) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()) as errors,
    ):
        assert main(["validate", file_with(Path(folder), content)]) == 2
        assert errors.getvalue()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "COMMAND"),
        (["order"], "'order'"),
        (["validate"], "FILE"),
        (["validate", "x.json", "--gate", "checkout"], "configure"),
        (["validate", "x.json", "--at", "yesterday"], "2026-04-08"),
        (["validate", "x.json", "--at", "2026-04-08T10:00"], "time zone"),
        (["price", "x.json", "--at", "2026-02-30"], "2026-04-08"),
        (["catalogue"], "ACTION"),
        (["catalogue", "show", "--type", "Fax"], "Internet"),
        (["rules", "--json", "--markdown"], "not allowed"),
        (["demo", "--port", "65536"], "0 (a free one) to 65535"),
        (["demo", "--port", "http"], "0 (a free one) to 65535"),
    ],
)
def test_wrong_arguments_are_told_with_the_right_ones(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_reader_who_has_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "ordering_entrypoints.cli", "rules", "--markdown"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0
