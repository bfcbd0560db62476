"""Settings come from the environment, all of them, and whatever is wrong with them is said at once."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import Policy
from ordering_core.domain.calendar import ActivationWindow
from ordering_core.domain.policy import InternetOnDate
from ordering_core.domain.vocabulary import Offering
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.http.settings import EventSettings, HttpSettings, RateLimit, TokenSettings
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.settings_limits import MAY_BE_NOTHING
from ordering_entrypoints.worker_settings import WorkerVariables


DIGEST: Final = "0123456789abcdef" * 4
TOKENS: Final = {
    "ORDERING_TOKENS_ISSUER": "https://login.example",
    "ORDERING_TOKENS_AUDIENCE": "ordering",
    "ORDERING_TOKENS_SECRET": "a secret of at least 32 bytes...",
}


def problems(env: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env)
    assert str(caught.value).splitlines()[1:] == [f"  {problem}" for problem in caught.value.problems]
    return caught.value.problems


def test_nothing_set_is_all_defaults() -> None:
    assert Settings.from_env({"PATH": "/bin", "HOME": "/root"}) == Settings()


def test_everything_can_be_set() -> None:
    settings = Settings.from_env(
        {
            **TOKENS,
            "ORDERING_TOKENS_ROLES_CLAIM": "https://ordering.example/roles",
            "ORDERING_TOKENS_LEEWAY": "5s",
            "ORDERING_HTTP_PATH": "/v1",
            "ORDERING_HTTP_JSON_LIMIT": "500000",
            "ORDERING_HTTP_RATE_LIMIT": "120/minute",
            "ORDERING_HTTP_RETRY_AFTER": "1m",
            "ORDERING_HTTP_SERVICE_KEYS": f"billing:changes:{DIGEST}, desk:retry+changes:{DIGEST}",
            "ORDERING_EVENTS_HEARTBEAT": "10s",
            "ORDERING_EVENTS_QUEUE": "64",
            "ORDERING_POLICY_CHECKOUT_TTL": "2d",
            "ORDERING_POLICY_ACTIVATION_WINDOW": "09:30-17:00",
            "ORDERING_POLICY_INTERNET_ACTIVATION_TIME": "19:15",
            "ORDERING_POLICY_INTERNET_ON_DATE": "confirm",
            "ORDERING_POLICY_SIM_SHIP_DAYS": "1",
            "ORDERING_POLICY_TAX_RATE": "0.08",
            "ORDERING_POLICY_UPDATE_ACCOUNT_ADDRESS": "false",
            "ORDERING_POLICY_PROVISIONING_NOT_BEFORE": "2026-04-01T00:00:00+09:00",
            "ORDERING_POLICY_OFFERING_TEXTS": "Mansion 1G=Apartment 1G; House 1G = Home 1G",
            "ORDERING_CATALOGUE": "/etc/ordering/catalogue.toml",
            "ORDERING_DATABASE": "sqlite:////srv/ordering.db",
            "ORDERING_DATABASE_KEYS": " new= ,old=,",
        }
    )
    assert settings.http.tokens is not None
    assert settings.http.tokens.roles_claim == "https://ordering.example/roles"
    assert settings.http.tokens.leeway == timedelta(seconds=5)
    assert (settings.http.path, settings.http.json_limit) == ("/v1", 500_000)
    assert settings.http.rate_limit == RateLimit(requests=120, unit="minute")
    assert settings.http.retry_after == timedelta(minutes=1)
    assert [(key.name, set(key.permissions)) for key in settings.http.service_keys] == [
        ("billing", {Permission.CHANGES}),
        ("desk", {Permission.RETRY, Permission.CHANGES}),
    ]
    assert (settings.http.events.heartbeat, settings.http.events.queue) == (timedelta(seconds=10), 64)
    policy = settings.policy
    assert policy.checkout_ttl == timedelta(days=2)
    assert policy.activation_window == ActivationWindow(opens=time(9, 30), closes=time(17))
    assert policy.internet_activation_time == time(19, 15)
    assert policy.internet_on_date is InternetOnDate.CONFIRM
    assert (policy.sim_ship_days, policy.tax_rate) == (1, Decimal("0.08"))
    assert policy.update_account_address is False
    assert policy.provisioning_not_before == datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert policy.offering_texts == {"Mansion 1G": Offering.APARTMENT_1G, "House 1G": Offering.HOME_1G}
    assert settings.catalogue == Path("/etc/ordering/catalogue.toml")
    assert settings.database == "sqlite:////srv/ordering.db"
    assert settings.database_keys == ("new=", "old=")
    assert "new=" not in repr(settings)


WRONG: Final = {
    "CHECKOUT_TTL": ["", "24", "h", "-1h", "1.5h", "1 h", "1w"],
    "ACTIVATION_WINDOW": ["", "10:00", "18:00-10:00", "10:00-10:00", "10-18", "25:00-26:00"],
    "INTERNET_ACTIVATION_TIME": ["", "18", "24:00", "6:00", "18:00:00+09:00"],
    "INTERNET_ON_DATE": ["", "Confirm", "never"],
    "SIM_SHIP_DAYS": ["", "two", "-1", "1.0", "٣", "1" * 20],
    "TAX_RATE": ["", "10%", "NaN", "-0.1", "1e9"],
    "UPDATE_ACCOUNT_ADDRESS": ["", "1", "yes", "True"],
    "PROVISIONING_NOT_BEFORE": ["", "2026-04-01", "2026-04-01T00:00:00", "tomorrow"],
    "OFFERING_TEXTS": ["", "x", "x=y", "Home 1G", "a=Home 1G=b"],
}


@pytest.mark.parametrize(
    ("field", "text"), [(field, text) for field, texts in WRONG.items() for text in texts]
)
def test_a_value_that_is_none_is_named_with_what_to_write(field: str, text: str) -> None:
    (problem,) = problems({f"ORDERING_POLICY_{field}": text})
    assert problem.startswith(f"ORDERING_POLICY_{field} has to be ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ORDERING_HTTP_RATE_LIMIT", "120"),
        ("ORDERING_HTTP_RATE_LIMIT", "120/year"),
        ("ORDERING_HTTP_SERVICE_KEYS", "billing"),
        ("ORDERING_HTTP_SERVICE_KEYS", f"billing:everything:{DIGEST}"),
        ("ORDERING_HTTP_SERVICE_KEYS", "billing:changes:osk_the_key_itself"),
    ],
)
def test_a_value_of_the_api_that_is_none_is_not_repeated(name: str, text: str) -> None:
    (problem,) = problems({name: text})
    assert problem.startswith(f"{name} has to be ")
    assert "osk_the_key_itself" not in problem


BEYOND: Final = {
    "ORDERING_EVENTS_HEARTBEAT": ["0s"],  # a stream would send nothing but heartbeats
    "ORDERING_EVENTS_QUEUE": ["0"],
    "ORDERING_HTTP_JSON_LIMIT": ["0"],
    "ORDERING_HTTP_RATE_LIMIT": ["0/minute"],
    "ORDERING_POLICY_CHECKOUT_TTL": ["0s", "999999999d", "3651d"],
    "ORDERING_POLICY_RETRY_AFTER": ["0s"],
    "ORDERING_POLICY_SETTLE": ["0m"],
    "ORDERING_POLICY_TAX_RATE": ["10", "1", "1.0"],
    "ORDERING_TOKENS_LEEWAY": ["601s", "10d"],
    "ORDERING_WORKER_CONCURRENCY": ["0"],
    "ORDERING_WORKER_STATUS_PORT": ["65536", "99999"],
}
WITHIN: Final = {
    "ORDERING_EVENTS_HEARTBEAT": ["1s"],
    "ORDERING_EVENTS_QUEUE": ["1"],
    "ORDERING_EVENTS_RECONNECT": ["0s"],
    "ORDERING_HTTP_DRAIN": ["0s"],
    "ORDERING_HTTP_RATE_LIMIT": ["1/day"],
    "ORDERING_POLICY_CHECKOUT_TTL": ["1s", "3650d"],
    "ORDERING_POLICY_ORDERS_MAX_AGE": ["0s"],
    "ORDERING_POLICY_TAX_RATE": ["0", "0.999999"],
    "ORDERING_TOKENS_LEEWAY": ["0s", "10m"],
    "ORDERING_WORKER_STATUS_PORT": ["0", "65535"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BEYOND.items() for text in texts])
def test_more_or_less_than_a_setting_may_be_is_named_with_the_limit(name: str, text: str) -> None:
    (problem,) = problems({**TOKENS, name: text})
    assert problem.startswith(f"{name} has to ")


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WITHIN.items() for text in texts])
def test_a_setting_may_be_all_up_to_its_limit(name: str, text: str) -> None:
    Settings.from_env({**TOKENS, name: text})


def test_every_setting_that_may_be_nothing_is_one() -> None:
    known = {
        f"{group}.{field.name}"
        for group, cls in (
            ("events", EventSettings),
            ("http", HttpSettings),
            ("policy", Policy),
            ("tokens", TokenSettings),
            ("worker", WorkerVariables),
        )
        for field in attrs.fields(cls)
    }
    assert known >= MAY_BE_NOTHING


@pytest.mark.parametrize("name", ["ORDERING_TOKENS_ISSUER", "ORDERING_TOKENS_AUDIENCE"])
@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_text_is_no_value(name: str, text: str) -> None:
    assert problems(TOKENS | {name: text}) == (f"{name} has to be a text that is not empty; else remove it",)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = problems(
        {
            "ORDERING_POLICY_CHECKOUT_TTL": "long",
            "ORDERING_POLICY_SIM_SHIP_DAYS": "two",
            "ORDERING_HTTP_JSON_LIMIT": "much",
            "ORDERING_POLICY_CHEKOUT_TTL": "24h",
            "ORDERING_NONSENSE": "1",
        }
    )
    assert [problem.split()[0] for problem in found] == [
        "ORDERING_HTTP_JSON_LIMIT",
        "ORDERING_POLICY_CHECKOUT_TTL",
        "ORDERING_POLICY_SIM_SHIP_DAYS",
        "ORDERING_NONSENSE",
        "ORDERING_POLICY_CHEKOUT_TTL",
    ]
    assert found[-1] == "ORDERING_POLICY_CHEKOUT_TTL is no setting; ORDERING_POLICY_CHECKOUT_TTL is"


def test_settings_that_contradict_each_other_are_refused_as_the_policy_refuses_them() -> None:
    (problem,) = problems({"ORDERING_POLICY_MNP_CARRIER_DAYS": "14"})
    assert problem.startswith("ORDERING_POLICY_*: MNP days at submit")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"ORDERING_TOKENS_SECRET": "short"}, "ORDERING_TOKENS_*: the tokens' shared secret needs"),
        ({"ORDERING_TOKENS_JWKS_URL": "https://x"}, "ORDERING_TOKENS_*: set exactly one"),
    ],
)
def test_tokens_have_one_key_that_is_long_enough(changed: dict[str, str], problem: str) -> None:
    (found,) = problems(TOKENS | changed)
    assert found.startswith(problem)
    assert "short" not in found


@pytest.mark.parametrize(
    "jwks",
    ["foo", "[]", "{}", '{"keys": []}', '{"keys": [{}]}', '{"keys": [{"kty": "RSA", "n": "secret-part"}]}'],
)
def test_a_key_set_without_a_key_is_refused_and_not_repeated(jwks: str) -> None:
    told = {name: text for name, text in TOKENS.items() if not name.endswith("SECRET")}
    (found,) = problems(told | {"ORDERING_TOKENS_JWKS": jwks})
    assert found.startswith("ORDERING_TOKENS_*: the JWKS has to be JSON")
    assert "secret-part" not in found


@pytest.mark.parametrize("address", ["http://login.example/keys", "file:///etc/keys", "login.example/keys"])
def test_keys_come_over_tls_or_from_this_machine(address: str) -> None:
    told = {name: text for name, text in TOKENS.items() if not name.endswith("SECRET")}
    (found,) = problems(told | {"ORDERING_TOKENS_JWKS_URL": address})
    assert found.startswith("ORDERING_TOKENS_*: the JWKS address has to begin with https")
    for safe in ("https://login.example/keys", "http://127.0.0.1:8080/keys"):
        assert Settings.from_env(told | {"ORDERING_TOKENS_JWKS_URL": safe}).http.tokens is not None


def test_tokens_are_set_wholly_or_not_at_all() -> None:
    assert problems({"ORDERING_TOKENS_SECRET": TOKENS["ORDERING_TOKENS_SECRET"]}) == (
        "ORDERING_TOKENS_ISSUER is missing",
        "ORDERING_TOKENS_AUDIENCE is missing",
    )


def test_secrets_do_not_show() -> None:
    settings = Settings.from_env(TOKENS | {"ORDERING_HTTP_SERVICE_KEYS": f"billing:changes:{DIGEST}"})
    assert TOKENS["ORDERING_TOKENS_SECRET"] not in repr(settings)
    assert DIGEST not in repr(settings)


@pytest.mark.parametrize("group", [HttpSettings, TokenSettings, EventSettings, Policy])
def test_every_field_of_every_group_is_a_setting(group: type) -> None:
    prefix = {
        HttpSettings: "HTTP",
        TokenSettings: "TOKENS",
        EventSettings: "EVENTS",
        Policy: "POLICY",
    }[group]
    for field in attrs.fields(group):
        if field.name in {"tokens", "events"}:
            continue
        name = f"ORDERING_{prefix}_{field.name.upper()}"
        try:
            Settings.from_env({**TOKENS, name: "\0"})
        except SettingsError as error:
            assert not any("is no setting" in problem for problem in error.problems)  # noqa: PT017 - any other is fine


@given(st.text(max_size=30), st.sampled_from([*WRONG, "WHMCS_GATEWAY", "MNP_REVIEW_DAYS"]))
def test_any_text_is_a_value_or_a_problem(text: str, field: str) -> None:
    try:
        Settings.from_env({f"ORDERING_POLICY_{field}": text})
    except SettingsError as error:
        found = error.problems
    else:
        found = ("fine",)
    assert len(found) == 1


def test_lines_are_contracted_in_a_way_that_the_network_knows() -> None:
    network = {
        "ORDERING_SIM_URL": "https://network.example/",
        "ORDERING_SIM_OEM_ID": "i",
        "ORDERING_SIM_OEM_KEY": "k",
    }
    assert problems({**network, "ORDERING_SIM_CONTRACT_LINE": "6G"}) == (
        "ORDERING_SIM_CONTRACT_LINE has to be one of 5G, 4G",
    )
