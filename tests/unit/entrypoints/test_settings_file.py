"""A settings file says the same as the environment, and what is wrong with it is said as clearly."""

import json

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.policy import Policy
from ordering_entrypoints.cli import UNUSABLE, main
from ordering_entrypoints.http.settings import EventSettings, HttpSettings, TokenSettings
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.sim_settings import Es2PlusVariables, SimVariables
from ordering_entrypoints.whmcs_settings import WhmcsVariables
from ordering_entrypoints.worker_settings import WorkerVariables


DIGEST: Final = "0123456789abcdef" * 4
SECRET: Final = "nobody guesses these 32 characters"
TOKENS: Final = f"""
[tokens]
issuer = "https://login.example"
audience = "ordering"
secret = "{SECRET}"
"""
VENDORS: Final = (SalesforceVariables, WhmcsVariables, SimVariables, Es2PlusVariables, WorkerVariables)
OWN_ONLY: Final = 0o600


def written(folder: Path, text: str, mode: int = OWN_ONLY) -> str:
    """Write *text* to a settings file in *folder* and return its name."""
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return str(file)


def read(file: str, env: Mapping[str, str] | None = None) -> Settings:
    return Settings.from_env({"ORDERING_SETTINGS": file, **(env or {})})


def problems(file: str, env: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read(file, env)
    return caught.value.problems


def test_it_says_in_tables_what_variables_say(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        f"""
        database = "postgresql://ordering:pass@db.example/ordering"
        database_keys = ["new=", "old="]
        catalogue = "/etc/ordering/catalogue.toml"
        {TOKENS}
        leeway = "5s"
        [http]
        path = "/v1"
        json_limit = 500_000
        rate_limit = "120/minute"
        service_keys = [
            "billing:changes:{DIGEST}",
            {{ name = "desk", permissions = ["retry", "changes"], sha256 = "{DIGEST}" }},
        ]
        [events]
        queue = 64
        [policy]
        checkout_ttl = "2d"
        activation_window = "09:30-17:00"
        internet_activation_time = 19:15:00
        internet_on_date = "confirm"
        tax_rate = 0.08
        update_account_address = false
        provisioning_not_before = 2026-04-01T00:00:00+09:00
        offering_texts = {{ "Mansion 1G" = "Apartment 1G", "House 1G" = "Home 1G" }}
        [worker]
        where = "apart"
        executor = "worker-7"
        """,
    )
    assert read(file) == Settings.from_env(
        {
            "ORDERING_DATABASE": "postgresql://ordering:pass@db.example/ordering",
            "ORDERING_DATABASE_KEYS": "new=,old=",
            "ORDERING_CATALOGUE": "/etc/ordering/catalogue.toml",
            "ORDERING_TOKENS_ISSUER": "https://login.example",
            "ORDERING_TOKENS_AUDIENCE": "ordering",
            "ORDERING_TOKENS_SECRET": SECRET,
            "ORDERING_TOKENS_LEEWAY": "5s",
            "ORDERING_HTTP_PATH": "/v1",
            "ORDERING_HTTP_JSON_LIMIT": "500000",
            "ORDERING_HTTP_RATE_LIMIT": "120/minute",
            "ORDERING_HTTP_SERVICE_KEYS": f"billing:changes:{DIGEST},desk:retry+changes:{DIGEST}",
            "ORDERING_EVENTS_QUEUE": "64",
            "ORDERING_POLICY_CHECKOUT_TTL": "2d",
            "ORDERING_POLICY_ACTIVATION_WINDOW": "09:30-17:00",
            "ORDERING_POLICY_INTERNET_ACTIVATION_TIME": "19:15",
            "ORDERING_POLICY_INTERNET_ON_DATE": "confirm",
            "ORDERING_POLICY_TAX_RATE": "0.08",
            "ORDERING_POLICY_UPDATE_ACCOUNT_ADDRESS": "false",
            "ORDERING_POLICY_PROVISIONING_NOT_BEFORE": "2026-04-01T00:00:00+09:00",
            "ORDERING_POLICY_OFFERING_TEXTS": "Mansion 1G=Apartment 1G;House 1G=Home 1G",
            "ORDERING_WORKER_WHERE": "apart",
            "ORDERING_WORKER_EXECUTOR": "worker-7",
        }
    )


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, "")) == Settings()


FIELDS: Final = ("checkout_ttl", "activation_window", "internet_on_date", "sim_ship_days", "whmcs_gateway")
TEXTS: Final = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.sampled_from(FIELDS), TEXTS | st.sampled_from(["24h", "10:00-17:00", "confirm", "3"]))
def test_a_text_is_the_same_in_both(field: str, text: str) -> None:
    def outcome(env: Mapping[str, str]) -> Settings | str:
        try:
            return Settings.from_env(env)
        except SettingsError as error:
            (problem,) = error.problems
            return problem.partition(" has to be ")[2]

    with TemporaryDirectory() as folder:
        file = written(Path(folder), f"[policy]\n{field} = {json.dumps(text, ensure_ascii=False)}\n")
        assert outcome({"ORDERING_SETTINGS": file}) == outcome({f"ORDERING_POLICY_{field.upper()}": text})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("checkout_ttl = 24", "checkout_ttl has to be a number and one of s, m, h and d"),
        ("checkout_ttl = 10:00:00", "checkout_ttl has to be a number and one of s, m, h and d"),
        ("sim_ship_days = 2.0", "sim_ship_days has to be a whole number"),
        ("sim_ship_days = true", "sim_ship_days has to be a whole number"),
        ("sim_ship_days = [2]", "sim_ship_days has to be a whole number"),
        ("sim_ship_days = {days = 2}", "sim_ship_days has to be a whole number"),
        ("update_account_address = 1", "update_account_address has to be true or false"),
        ("tax_rate = nan", "tax_rate has to be a fraction"),
        ("internet_activation_time = 18:00:30", "internet_activation_time has to be a time in Japan"),
        (
            "provisioning_not_before = 2026-04-01T00:00:00",
            "provisioning_not_before has to be an instant with its",
        ),
        ("provisioning_not_before = 2026-04-01", "provisioning_not_before has to be an instant with its"),
        ("whmcs_gateway = 7", "whmcs_gateway has to be a text, in quotation marks"),
        ("internet_on_date = true", "internet_on_date has to be one of activate, confirm"),
        ('offering_texts = {"Mansion 1G" = "Mansion"}', "offering_texts has to be text=offering"),
        ('offering_texts = ["Mansion 1G=Apartment 1G"]', "offering_texts has to be"),
    ],
)
def test_a_value_of_another_type_is_named_with_what_to_write(tmp_path: Path, line: str, said: str) -> None:
    file = written(tmp_path, f"[policy]\n{line}\n")
    (problem,) = problems(file)
    assert problem.startswith(f"{file}: policy.{said}")


def test_everything_that_is_wrong_is_said_at_once_and_no_value_is(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        databas = "sesame"
        events = "sesame"
        [polcy]
        mode = "sesame"
        [policy]
        checkout_ttl = "sesame"
        chekout_ttl = "sesame"
        [http]
        service_keys = [{ name = "sesame", permissions = ["sesame"], sha256 = "sesame" }, "sesame", 7]
        [somewhere_else]
        [tokens]
        issuer = "sesame"
        secret = "sesame"
        """,
    )
    found = problems(file, {"ORDERING_NONSENSE": "sesame", "ORDERING_HTTP_JSON_LIMIT": "sesame"})
    assert "sesame" not in "".join(found)
    for expected in (
        f"{file}: databas is no setting; database is",
        f"{file}: events has to be a table, [events]",
        f"{file}: [polcy] is no table of settings; [policy] is",
        f"{file}: policy.checkout_ttl has to be a number and one of s, m, h and d",
        f"{file}: policy.chekout_ttl is no setting; policy.checkout_ttl is",
        f"{file}: http.service_keys has to be name:permissions:sha256",
        f"{file}: [somewhere_else] is no table of settings; tables are ",
        f"{file}: tokens.audience is missing",
        "ORDERING_NONSENSE is no setting",
        "ORDERING_HTTP_JSON_LIMIT has to be a whole number",
    ):
        assert len([problem for problem in found if problem.startswith(expected)]) == 1, expected
    assert len(found) == 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[policy\nmode = 1", "is no TOML: "),
        (b"[policy]\nmode = 'live'\nmode = 'observe'", "is no TOML: "),
        (b"# \xff", "is no text in UTF-8"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "settings.toml"
    if content is not None:
        file.write_bytes(content)
    (problem,) = problems(str(file))
    assert problem.startswith(f"{file} {said}")


def test_the_environment_goes_before_credentials_and_those_before_the_file(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "ordering_tokens_secret").write_text("c" * 32)
    file = written(tmp_path, TOKENS)
    everywhere = {"CREDENTIALS_DIRECTORY": str(credentials), "ORDERING_TOKENS_SECRET": "e" * 32}
    for env, secret in (
        (everywhere, "e" * 32),
        ({"CREDENTIALS_DIRECTORY": str(credentials)}, "c" * 32),
        ({}, SECRET),
    ):
        tokens = read(file, env).http.tokens
        assert tokens is not None
        assert tokens.secret == secret


def test_settings_of_one_group_may_be_in_several_places(tmp_path: Path) -> None:
    file = written(tmp_path, TOKENS.replace("secret", "roles_claim"))
    tokens = read(file, {"ORDERING_TOKENS_JWKS_URL": "https://login.example/keys"}).http.tokens
    assert tokens is not None
    assert (tokens.roles_claim, tokens.jwks_url) == (SECRET, "https://login.example/keys")


def test_what_does_not_go_together_is_named_where_it_stands(tmp_path: Path) -> None:
    file = written(tmp_path, TOKENS)
    (here_and_there,) = problems(file, {"ORDERING_TOKENS_JWKS_URL": "https://login.example/keys"})
    assert here_and_there.startswith(f"ORDERING_TOKENS_* and {file}: [tokens]: set exactly one")
    file = written(tmp_path, "[policy]\nmnp_carrier_days = 14")
    (of_file,) = problems(file)
    assert of_file.startswith(f"{file}: [policy]: MNP days at submit")


def test_a_contradiction_between_groups_names_what_stands_in_the_file(tmp_path: Path) -> None:
    whmcs = '[whmcs]\nurl = "https://billing.example/"\nidentifier = "i"\nsecret = "s"\ntimeout = "40s"\n'
    (problem,) = problems(written(tmp_path, whmcs))
    file = tmp_path / "settings.toml"
    assert problem.startswith(f"{file}: whmcs.timeout and ORDERING_WHMCS_CONNECT_TIMEOUT together")


class TestSecrets:
    SECRETS: Final = (
        TOKENS,
        'database_keys = ["k"]',
        'database = "postgresql://ordering:pass@db.example/ordering"',
        'database = "postgresql://db.example/ordering?user=ordering&password=pass"',
    )

    @pytest.mark.parametrize("text", SECRETS)
    @pytest.mark.parametrize("mode", [0o604, 0o644, 0o602])
    def test_a_file_that_holds_one_is_refused_while_others_may_read_it(
        self, tmp_path: Path, text: str, mode: int
    ) -> None:
        file = written(tmp_path, text, mode)
        (problem,) = problems(file)
        name = text.split(" ", maxsplit=1)[0] if text != TOKENS else "tokens.secret"
        assert problem == f"{file} holds {name} and others on this machine may read it: chmod o-rwx {file}"

    @pytest.mark.parametrize("text", SECRETS)
    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o440])
    def test_its_owner_and_their_group_may_read_one(self, tmp_path: Path, text: str, mode: int) -> None:
        assert read(written(tmp_path, text, mode)) != Settings()

    @pytest.mark.parametrize(
        "text",
        [
            '[policy]\nmode = "observe"',
            'database = "sqlite:////srv/ordering.db"',
            'database = "postgresql://ordering@db.example/ordering"',
        ],
    )
    def test_a_file_without_any_may_be_read_by_all(self, tmp_path: Path, text: str) -> None:
        assert read(written(tmp_path, text, 0o644)) != Settings()

    def test_one_may_be_in_a_file_of_its_own(self, tmp_path: Path) -> None:
        held = tmp_path / "secret"
        held.write_text(f"{SECRET}\n")
        file = written(tmp_path, TOKENS.replace("secret", "secret_file").replace(SECRET, str(held)), 0o644)
        by_variable = {
            "ORDERING_TOKENS_ISSUER": "https://login.example",
            "ORDERING_TOKENS_AUDIENCE": "ordering",
            "ORDERING_TOKENS_SECRET_FILE": str(held),
        }
        for settings in (read(file), Settings.from_env(by_variable)):
            assert settings.http.tokens is not None
            assert settings.http.tokens.secret == SECRET

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (None, "names a file that cannot be read: No such file or directory"),
            (b"\n", "names an empty file"),
            (b"\xff" * 32, "names a file that is no text in UTF-8"),
        ],
    )
    def test_a_file_of_one_that_cannot_be_used_is_named_by_its_setting(
        self, tmp_path: Path, content: bytes | None, said: str
    ) -> None:
        held = tmp_path / "secret"
        if content is not None:
            held.write_bytes(content)
        (problem,) = problems(written(tmp_path, ""), {"ORDERING_DATABASE_KEYS_FILE": str(held)})
        assert problem == f"ORDERING_DATABASE_KEYS_FILE {said}"
        file = written(tmp_path, f'database_keys_file = "{held}"')
        assert problems(file) == (f"{file}: database_keys_file {said}",)

    def test_one_that_is_set_twice_in_one_place_is_refused(self, tmp_path: Path) -> None:
        held = tmp_path / "secret"
        held.write_text("k")
        env = {"ORDERING_DATABASE_KEYS": "k", "ORDERING_DATABASE_KEYS_FILE": str(held)}
        (problem,) = problems(written(tmp_path, ""), env)
        assert problem == "ORDERING_DATABASE_KEYS and ORDERING_DATABASE_KEYS_FILE are both set; keep one"
        file = written(tmp_path, f'database_keys = "k"\ndatabase_keys_file = "{held}"')
        (problem,) = problems(file)
        assert problem == f"{file}: database_keys and {file}: database_keys_file are both set; keep one"

    def test_credentials_of_systemd_are_settings_and_those_of_others_are_not(self, tmp_path: Path) -> None:
        (tmp_path / "ordering_database").write_text("sqlite:////srv/ordering.db\n")
        (tmp_path / "es2plus.key").write_text("a certificate's")
        settings = Settings.from_env({"CREDENTIALS_DIRECTORY": str(tmp_path)})
        assert settings.database == "sqlite:////srv/ordering.db"

    def test_a_misspelt_credential_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "ordering_databse").write_text("sqlite:////srv/ordering.db\n")
        with pytest.raises(SettingsError) as caught:
            Settings.from_env({"CREDENTIALS_DIRECTORY": str(tmp_path)})
        assert caught.value.problems == (
            "the credential ordering_databse is no setting; ORDERING_DATABASE is",
        )

    def test_credentials_that_cannot_be_read_are_said(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="CREDENTIALS_DIRECTORY cannot be read: No such file"):
            Settings.from_env({"CREDENTIALS_DIRECTORY": str(tmp_path / "none")})

    @pytest.mark.parametrize("group", [HttpSettings, TokenSettings, EventSettings, *VENDORS, Policy])
    def test_no_setting_is_called_as_the_file_of_another(self, group: type[attrs.AttrsInstance]) -> None:
        names = {field.name for field in attrs.fields(group)}
        assert not {f"{name}_file" for name in names} & names


class TestAtTheCommandLine:
    @pytest.fixture(autouse=True)
    def nothing_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("ORDERING_SETTINGS", "ORDERING_DATABASE", "ORDERING_POLICY_MODE"):
            monkeypatch.delenv(name, raising=False)

    def test_what_is_set_is_shown_with_its_place_and_without_secrets(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = written(tmp_path, f'database = "postgresql://o:pass@db.example/o"\n{TOKENS}')
        monkeypatch.setenv("ORDERING_POLICY_MODE", "observe")
        assert main(["--settings", file, "settings"]) == 0
        shown = capsys.readouterr().out
        assert SECRET not in shown
        assert "pass@" not in shown
        rows = [line.split(maxsplit=2) for line in shown.splitlines()[2:]]
        assert ["policy.mode", "observe", "ORDERING_POLICY_MODE"] in rows
        assert ["tokens.secret", "***", f"{file}: tokens.secret"] in rows
        assert ["tokens.issuer", "https://login.example", f"{file}: tokens.issuer"] in rows
        assert ["database", "***", f"{file}: database"] in rows
        assert main(["--settings", file, "settings", "--json"]) == 0
        views = json.loads(capsys.readouterr().out)["settings"]
        assert [[view["name"], view["value"], view["place"]] for view in views] == rows

    def test_nothing_set_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["settings"]) == 0
        assert "Nothing is set" in capsys.readouterr().out

    @pytest.mark.parametrize("command", ["serve", "worker", "settings", "doctor", "pause", "catalogue show"])
    def test_every_command_reads_the_file_that_is_named(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        command: str,
    ) -> None:
        monkeypatch.setenv("ORDERING_SETTINGS", "/nowhere")
        file = written(tmp_path, "[policy]\nchekout_ttl = '1h'")
        assert main(["--settings", file, *command.split()]) == UNUSABLE
        said = capsys.readouterr().err
        assert f"{file}: policy.chekout_ttl is no setting; policy.checkout_ttl is" in said
        assert "/nowhere" not in said
