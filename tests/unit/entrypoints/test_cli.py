"""The commands that answer one question: rules, catalogue, validate, price."""

import json
import subprocess
import sys

from pathlib import Path
from typing import Any

import attrs
import pytest

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_core.domain.rules import rule_book
from ordering_core.domain.rules.document import render_rule_book
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.cli import main


ROOT = Path(__file__).parents[3]
ORDERS = ROOT / "examples" / "orders"
VALID = ("internet.json", "esim-with-porting.json", "physical-sim.json", "vpn.json")
DAY = "2026-04-08"


@attrs.frozen
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> "Run":
    return Run(capsys)


class Run:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Ran:
        status = main([str(argument) for argument in arguments])
        written = self._capsys.readouterr()
        return Ran(status, written.out, written.err)


class TestRules:
    def test_the_table_shows_every_rule_with_its_codes(self, run: Run) -> None:
        ran = run("rules")
        assert ran.status == 0
        for rule in rule_book():
            assert rule.sentence in ran.out
            assert all(code in ran.out for code in rule.codes)

    def test_json_shows_every_rule_with_the_words_of_every_code(self, run: Run) -> None:
        rules = run("rules", "--json").json["rules"]
        assert isinstance(rules, list)
        assert [rule["name"] for rule in rules] == [entry.name for entry in rule_book()]
        for shown, entry in zip(rules, rule_book(), strict=True):
            assert set(shown) == {"name", "sentence", "types", "gates", "codes", "source"}
            assert shown["gates"] == {gate.value: severity.value for gate, severity in entry.gates.items()}
            assert {code: words["remedy"] for code, words in shown["codes"].items()} == {
                code: words.remedy for code, words in entry.words.items()
            }

    def test_markdown_is_the_page_of_the_documentation(self, run: Run) -> None:
        assert run("rules", "--markdown").out == render_rule_book()


class TestCatalogue:
    def test_it_lists_every_product_for_sale(self, run: Run) -> None:
        ran = run("catalogue", "show")
        assert ran.status == 0
        for product in shipped_catalogue().products.values():
            lines = [line for line in ran.out.splitlines() if line.startswith(f"{product.sku} ")]
            assert len(lines) == product.active
            assert all(product.name in line and f"¥{product.price:,}" in line for line in lines)

    @pytest.mark.parametrize("order_type", OrderType)
    def test_of_one_service_it_lists_that_alone(self, run: Run, order_type: OrderType) -> None:
        products = run("catalogue", "show", "--type", order_type, "--json").json["products"]
        assert isinstance(products, list)
        assert {product["type"] for product in products} == {order_type.value}
        listed = {product.sku for product in shipped_catalogue().of_type(order_type)}
        assert {product["sku"] for product in products} == listed


class TestValidate:
    @pytest.mark.parametrize("name", VALID)
    def test_an_example_is_valid(self, run: Run, name: str) -> None:
        ran = run("validate", ORDERS / name, "--at", DAY)
        assert ran.status == 0
        assert f"{name}: valid at the gate configure" in ran.out
        assert not ran.err

    def test_everything_that_is_wrong_is_shown_with_its_place_and_way_out(self, run: Run) -> None:
        arguments = ("validate", ORDERS / "broken.json", "--at", DAY)
        found = verdict_of(run(*arguments, "--json"))["violations"]
        ran = run(*arguments)
        assert ran.status == 1
        assert f"{len(found)} errors" in ran.out
        assert len(found) == 11
        for violation in found:
            (line,) = [
                line
                for line in ran.out.splitlines()
                if line.startswith(f"{violation['pointer']} ") and violation["code"] in line
            ]
            assert violation["message"] in line
            assert violation["remedy"] in line

    def test_two_swapped_digits_of_the_eid_are_named(self, run: Run) -> None:
        ran = run("validate", ORDERS / "broken.json", "--at", DAY)
        assert "Digits 11 and 12 look swapped" in ran.out

    def test_what_was_typed_is_not_shown_with_what_is_wrong(self, run: Run) -> None:
        typed = json.loads((ORDERS / "broken.json").read_text(encoding="utf-8"))
        ran = run("validate", ORDERS / "broken.json", "--at", DAY)
        for value in (typed["eid"], *typed["porting"].values()):
            assert value not in ran.out

    def test_json_has_the_shape_of_the_api(self, run: Run) -> None:
        ran = run("validate", ORDERS / "broken.json", "--at", DAY, "--json")
        assert ran.status == 1
        assert set(ran.json) == {"draft", "verdict", "quote"}
        verdict = verdict_of(ran)
        assert set(verdict) == {"gate", "at", "passed", "violations", "satisfied"}
        assert verdict["passed"] is False
        assert verdict["at"] == "2026-04-07T15:00:00Z"
        for violation in verdict["violations"]:
            assert set(violation) == {
                "code",
                "rule",
                "pointer",
                "message",
                "message_ja",
                "remedy",
                "severity",
                "facts",
            }

    def test_json_shows_the_draft_as_it_was_understood(self, run: Run) -> None:
        draft = run("validate", ORDERS / "esim-with-porting.json", "--at", DAY, "--json").json["draft"]
        assert isinstance(draft, dict)
        assert draft["eid"] == "89049032123451234512345678901235"
        assert draft["porting"]["phone_number"] == "09012345678"

    @pytest.mark.parametrize(
        ("at", "status"),
        [
            ("2026-04-13", 0),
            ("2026-04-13T23:59:59+09:00", 0),
            ("2026-04-13T14:59:59Z", 0),
            ("2026-04-13T15:00:00Z", 1),
            ("2026-04-14T00:00+09:00", 1),
            ("2026-04-14", 1),
        ],
    )
    def test_a_reservation_counts_in_days_of_japan(self, run: Run, at: str, status: int) -> None:
        assert run("validate", ORDERS / "esim-with-porting.json", "--at", at).status == status

    @pytest.mark.parametrize(
        ("gate", "last_day"),
        [(Gate.CONFIGURE, 13), (Gate.SUBMIT, 13), (Gate.APPROVE, 15), (Gate.PROVISION, 16)],
    )
    def test_each_gate_has_its_own_rules(self, run: Run, gate: Gate, last_day: int) -> None:
        file = ORDERS / "esim-with-porting.json"
        for day, status in ((last_day, 0), (last_day + 1, 1)):
            ran = run("validate", file, "--gate", gate, "--at", f"2026-04-{day}")
            assert ran.status == status
            assert f"at the gate {gate}" in ran.out
            assert ("mnp_too_short" in ran.out) is (status == 1)

    @pytest.mark.parametrize("gate", list(Gate)[1:])
    @pytest.mark.parametrize("name", VALID)
    def test_after_the_configuration_the_customer_is_taken_to_be_in_good_standing(
        self, run: Run, name: str, gate: Gate
    ) -> None:
        ran = run("validate", ORDERS / name, "--gate", gate, "--at", DAY)
        assert ran.status == 0
        assert "in good standing" in ran.out

    def test_without_a_time_it_is_now(self, run: Run) -> None:
        assert run("validate", ORDERS / "vpn.json").status == 0
        assert run("validate", ORDERS / "esim-with-porting.json", "--at", "2031-01-01").status == 1

    @pytest.mark.parametrize("at", ["tomorrow", "2026-04-08T10:00", "0001-01-01", "0001-01-01T00:00+14:00"])
    def test_a_time_that_is_none_is_told_with_the_way_out(
        self, at: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(["validate", str(ORDERS / "vpn.json"), "--at", at])
        assert stopped.value.code == 2
        assert "2026-04-08T10:00+09:00" in capsys.readouterr().err


class TestPrice:
    def test_it_shows_every_line_and_the_three_estimates(self, run: Run) -> None:
        ran = run("price", ORDERS / "internet.json")
        assert ran.status == 0
        for shown in ("Internet Home 1G Pro", "12 payments", "monthly", "one-time", "first bill", "¥9,130"):
            assert shown in ran.out

    def test_json_has_the_shape_of_the_api(self, run: Run) -> None:
        quote = run("price", ORDERS / "vpn.json", "--json").json
        assert set(quote) == {
            "lines",
            "monthly",
            "one_time",
            "first_bill",
            "catalogue_version",
            "quoted_at",
        }
        assert quote["monthly"] == {"net": 2800, "tax": 280, "gross": 3080}
        assert quote["one_time"] == {"net": 3000, "tax": 300, "gross": 3300}
        assert quote["first_bill"] == {"net": 5800, "tax": 580, "gross": 6380}

    def test_an_invalid_draft_has_no_price_and_is_told_why(self, run: Run) -> None:
        ran = run("price", ORDERS / "broken.json", "--at", DAY)
        assert ran.status == 1
        assert "eid_check_digits" in ran.out

    def test_in_json_too(self, run: Run) -> None:
        ran = run("price", ORDERS / "broken.json", "--at", DAY, "--json")
        assert ran.status == 1
        errors = ran.json["errors"]
        assert isinstance(errors, list)
        assert len(errors) == 11
        assert {"code", "pointer", "message", "remedy"} <= set(errors[0])


def verdict_of(ran: Ran) -> dict[str, Any]:
    verdict = ran.json["verdict"]
    assert isinstance(verdict, dict)
    return verdict


class TestSettings:
    def test_the_catalogue_file_of_the_environment_is_for_sale(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "catalogue.toml"
        file.write_text(
            '[vpn.VPN-MOON]\nname = "VPN router Moon"\nitem_class = "Service"\ncycle = "Monthly"\n'
            'price = 9000\nbilling_product = 1\nregion = "US"\n',
            encoding="utf-8",
        )
        monkeypatch.setenv("ORDERING_CATALOGUE", str(file))
        products = run("catalogue", "show", "--json").json["products"]
        assert isinstance(products, list)
        assert [product["sku"] for product in products] == ["VPN-MOON"]

    def test_the_policy_of_the_environment_counts(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ORDERING_POLICY_TAX_RATE", "0.08")
        quote = run("price", ORDERS / "vpn.json", "--json").json
        assert quote["monthly"] == {"net": 2800, "tax": 224, "gross": 3024}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ORDERING_CATALOGUE", "/nowhere.toml"),
            ("ORDERING_POLICY_TAX_RATE", "ten"),
            ("ORDERING_COLOUR", "blue"),
        ],
    )
    def test_an_environment_that_cannot_be_used_is_told(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        ran = run("catalogue", "show")
        assert ran.status == 2
        assert (name if name != "ORDERING_CATALOGUE" else value) in ran.err
        assert not ran.out


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
        (OSError(), "builtins.OSError"),
    ],
)
def test_what_is_no_matter_of_room_is_not_told_as_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr("ordering_entrypoints.cli_commands.catalogue", broken)
    ran = run("catalogue", "show")
    assert ran.status == 2
    assert why in ran.err
    assert "room" not in ran.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_answer_that_cannot_be_written_is_no_verdict() -> None:
    command = [sys.executable, "-m", "ordering_entrypoints.cli", "catalogue", "show"]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 2
    assert "could not be written" in ran.stderr
    assert "Traceback" not in ran.stderr
