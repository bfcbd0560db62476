"""Mail kept in memory and mail over SMTP keep their contract; what the log is told names nobody."""

import logging
import socket

from collections.abc import Callable, Iterator
from email.header import decode_header, make_header
from functools import partial
from pathlib import Path
from typing import Final

import attrs
import pytest

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.notifications import MemoryNotifications
from ordering_adapters.notifications import ConsoleNotifications, Security, SmtpSettings
from ordering_adapters.notifications.smtp import KEY_HEADER, SmtpNotifications
from ordering_core.errors import OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.ports.notifications import NotificationKind, Notifications
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.notifications import NotificationsContract
from ordering_core.testing.contracts.samples import START
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.settings import Settings, SettingsError
from tests.contract.smtp_server import PASSWORD, USER, VANISH, MailServer, mail_server, new_certificate


MAIL = NotificationsContract.mail()
NOBODY_HAS_IT: Final = ("connect", "ehlo", "starttls", "auth", "mail", "rcpt")


class TestMemoryNotifications(NotificationsContract):
    @pytest.fixture
    def notifications(self) -> MemoryNotifications:
        return MemoryNotifications(MemoryFaults(ManualClock(START)))

    def delivered(self, notifications: Notifications) -> list[tuple[str, str]]:
        assert isinstance(notifications, MemoryNotifications)
        return [(mail.recipient, mail.key) for mail in notifications.sent]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_certificate(tmp_path_factory.mktemp("mail") / "server.pem")


def settings(server: MailServer, certificate: Path) -> SmtpSettings:
    security = Security.TLS if server.is_tls else Security.STARTTLS
    return SmtpSettings(
        host="127.0.0.1",
        port=server.port,
        sender="orders@shop.example",
        security=security,
        username=USER,
        password=PASSWORD,
        ca_file=certificate,
    )


@pytest.fixture
def server(certificate: Path) -> Iterator[MailServer]:
    with mail_server(certificate) as running:
        yield running


@pytest.fixture
def sends(server: MailServer, certificate: Path) -> SmtpNotifications:
    return SmtpNotifications(settings(server, certificate), ManualClock(START))


class OverSmtp(NotificationsContract):
    is_tls: bool

    @pytest.fixture(autouse=True)
    def _running(self, certificate: Path) -> Iterator[None]:
        with mail_server(certificate, is_tls=self.is_tls) as self.server:
            yield

    @pytest.fixture
    def notifications(self, _running: None, certificate: Path) -> SmtpNotifications:
        return SmtpNotifications(settings(self.server, certificate), ManualClock(START))

    def delivered(self, notifications: Notifications) -> list[tuple[str, str]]:
        return [(recipient, str(mail[KEY_HEADER])) for recipient, mail in self.server.taken]


class TestSmtpAfterStarttls(OverSmtp):
    is_tls = False


class TestSmtpWithinTls(OverSmtp):
    is_tls = True


def test_a_mail_says_what_it_is_about_in_both_languages(server: MailServer, sends: SmtpNotifications) -> None:
    sends.send(MAIL)
    [(_, mail)] = server.taken
    subject = str(make_header(decode_header(mail["Subject"])))
    assert subject == "ご注文を受け付けました / We have received your order [00000101]"
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    assert "ご注文番号: 00000101" in text
    assert "Order number: 00000101" in text
    assert text.count("6月10日") == 2
    assert mail["From"] == "orders@shop.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Wed, 03 Jun 2026 01:00:00 +0000"


def test_the_same_mail_has_the_same_id_and_another_another(
    server: MailServer, sends: SmtpNotifications
) -> None:
    for mail in (MAIL, MAIL, attrs.evolve(MAIL, key="801-one:active:1")):
        sends.send(mail)
    one, again, other = (mail["Message-ID"] for _, mail in server.taken)
    assert one == again != other


def outcome(sends: SmtpNotifications) -> type[PortError] | None:
    try:
        sends.send(MAIL)
    except PortError as error:
        told = f"{error!r} {error}"
        assert MAIL.recipient not in told
        assert PASSWORD not in told
        return type(error)
    return None


@pytest.mark.parametrize("where", NOBODY_HAS_IT)
@pytest.mark.parametrize("answer", ["421 later", VANISH])
def test_until_the_text_is_on_its_way_nothing_has_happened(
    server: MailServer, sends: SmtpNotifications, where: str, answer: str
) -> None:
    server.answers[where] = answer
    assert outcome(sends) is Unavailable
    assert server.taken == []
    del server.answers[where]
    assert outcome(sends) is None


@pytest.mark.parametrize(
    ("where", "answer", "error"),
    [
        ("rcpt", "550 no such user customer@example.com", Refused),
        ("rcpt", "450 greylisted customer@example.com", Unavailable),
        ("data", "451 not now", Unavailable),
        ("data", "554 never", Refused),
        ("data", VANISH, OutcomeUnknown),
        ("content", "452 no room", Unavailable),
        ("content", "554 looks like spam", Refused),
        ("content", VANISH, OutcomeUnknown),
        ("mail", "553 whose sender is that?", Unavailable),
        ("auth", "535 wrong password", Unavailable),
        ("quit", VANISH, None),
    ],
)
def test_what_the_server_says_decides(
    server: MailServer, sends: SmtpNotifications, where: str, answer: str, error: type[PortError] | None
) -> None:
    server.answers[where] = answer
    assert outcome(sends) is error
    may_be_there = error in {None, OutcomeUnknown} and where != "data"
    assert bool(server.taken) is may_be_there


ADDRESSES = (
    "",
    "nobody",
    "a@b.example, c@d.example",
    "a@b.example\r\nBcc: c@d.example",
    "A <a@b.example>",
    "山@例.jp",
)


@pytest.mark.parametrize("recipient", ADDRESSES)
def test_an_address_that_is_none_is_refused_and_nobody_gets_it(
    server: MailServer, sends: SmtpNotifications, recipient: str
) -> None:
    with pytest.raises(Refused) as refused:
        sends.send(attrs.evolve(MAIL, recipient=recipient))
    assert refused.value.code == "ADDRESS_REFUSED"
    assert not recipient or recipient not in str(refused.value)
    assert server.taken == []


def test_a_server_that_does_not_answer_is_given_up_in_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        told = SmtpSettings(
            host="127.0.0.1",
            port=silent.getsockname()[1],
            sender="orders@shop.example",
            timeout=0.2,
        )
        assert outcome(SmtpNotifications(told, ManualClock(START))) is Unavailable


def test_nothing_is_said_to_a_server_that_is_not_the_one_that_is_trusted(server: MailServer) -> None:
    stranger = attrs.evolve(settings(server, Path()), ca_file=None)
    assert outcome(SmtpNotifications(stranger, ManualClock(START))) is Unavailable
    assert not {"AUTH", "MAIL", "RCPT", "DATA"} & {*server.seen}


def test_a_server_without_starttls_is_told_no_password(certificate: Path) -> None:
    with mail_server(certificate, offers_tls=False) as plain:
        assert outcome(SmtpNotifications(settings(plain, certificate), ManualClock(START))) is Unavailable
        assert plain.logins == []
        usual = settings(plain, certificate)
        here = attrs.evolve(usual, security=Security.NONE, username=None, password=None)
        SmtpNotifications(here, ManualClock(START)).send(MAIL)
        assert len(plain.taken) == 1


HERE: Final = partial(SmtpSettings, host="127.0.0.1", sender="orders@shop.example")


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (partial(HERE, sender="orders"), "one address"),
        (partial(HERE, sender="a@b.example\n"), "one address"),
        (partial(HERE, username="u"), "go together"),
        (partial(HERE, password="p"), "go together"),
        (partial(HERE, security=Security.NONE, host="mail.example"), "needs starttls or tls"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(made: Callable[[], SmtpSettings], problem: str) -> None:
    assert HERE().port == 587
    with pytest.raises(ValueError, match=problem):
        made()


@pytest.mark.parametrize("kind", NotificationKind)
def test_a_mail_to_the_log_is_one_line_without_anything_of_the_customers(
    kind: NotificationKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ConsoleNotifications().send(attrs.evolve(MAIL, kind=kind))
    [line] = caplog.messages
    assert kind.value in line
    assert "801-one" in line
    assert not [each for each in (MAIL.recipient, MAIL.detail, MAIL.order_number) if each in line]


def test_a_process_sends_to_the_server_of_its_settings(server: MailServer, certificate: Path) -> None:
    env = {
        "ORDERING_MAIL_HOST": "127.0.0.1",
        "ORDERING_MAIL_PORT": str(server.port),
        "ORDERING_MAIL_SENDER": "orders@shop.example",
        "ORDERING_MAIL_USERNAME": USER,
        "ORDERING_MAIL_PASSWORD": PASSWORD,
        "ORDERING_MAIL_CA_FILE": str(certificate),
    }
    told = Settings.from_env(env)
    assert PASSWORD not in repr(told)
    with open_ordering(told) as ordering:
        ordering.notifications.send(MAIL)
    assert [recipient for recipient, _ in server.taken] == [MAIL.recipient]
    with open_ordering(Settings()) as ordering:
        assert isinstance(ordering.notifications, ConsoleNotifications)
    lost = Settings.from_env(env | {"ORDERING_MAIL_CA_FILE": "/nowhere/ca.pem"})
    with pytest.raises(SettingsError, match="file of authorities"), open_ordering(lost):
        pass


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"ORDERING_MAIL_TIMEOUT": "60s"}, "ORDERING_POLICY_CALL_TIMEOUT"),
        ({"ORDERING_MAIL_SENDER": "orders"}, "one address"),
        ({"ORDERING_MAIL_SECURITY": "none"}, "needs starttls or tls"),
    ],
)
def test_settings_of_mail_that_cannot_be_are_said_at_the_start(changed: dict[str, str], problem: str) -> None:
    env = {"ORDERING_MAIL_HOST": "mail.example", "ORDERING_MAIL_SENDER": "orders@shop.example"}
    assert Settings.from_env(env).mail is not None
    with pytest.raises(SettingsError, match=problem):
        Settings.from_env(env | changed)
