"""A mail server for tests: RFC 5321 as far as a submission needs it, with answers that can be changed."""

import base64
import socketserver
import ssl

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from ipaddress import ip_address
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


USER: Final = "shop"
PASSWORD: Final = "correct horse"

VANISH: Final = "vanish"
"""In place of an answer: the connection ends without one."""


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail on a free port; *answers* replace its own, by command, and ``content`` for the text's."""

    daemon_threads = False
    allow_reuse_address = True

    def __init__(self, certificate: Path, *, is_tls: bool, offers_tls: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.is_tls = is_tls
        self.offers_tls = offers_tls
        self.answers: dict[str, str] = {}
        self.taken: list[tuple[str, Message]] = []
        self.logins: list[bytes] = []
        self.seen: list[str] = []
        self.lock = Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away in the middle are what is tested."""


class _Session(socketserver.StreamRequestHandler):
    @property
    def mail(self) -> MailServer:
        assert isinstance(self.server, MailServer)
        return self.server

    def finish(self) -> None:
        for each in (self.rfile, self.wfile, self.connection):
            with suppress(OSError):
                each.close()

    def handle(self) -> None:
        self.recipient = ""
        self.is_secret = self.mail.is_tls
        if self.is_secret:
            self._secure()
        if not self._say("connect", "220 mail.test ESMTP"):
            return
        while line := self.rfile.readline():
            word = line.decode().strip()
            verb = word[:4].upper()
            with self.mail.lock:
                self.mail.seen.append(verb)
            if not self._answer(verb, word):
                return

    def _answer(self, verb: str, word: str) -> bool:
        """Answer one command; tell whether the session goes on."""
        match verb:
            case "EHLO":
                offers = ["mail.test", "AUTH PLAIN"]
                if self.mail.offers_tls and not self.is_secret:
                    offers.append("STARTTLS")
                lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
                return self._say("ehlo", "\r\n".join(lines))
            case "STAR":
                if self._say("starttls", "220 go ahead"):
                    self._secure()
                    return True
                return False
            case "AUTH":
                given = base64.b64decode(word.split()[2])
                with self.mail.lock:
                    self.mail.logins.append(given)
                is_right = given == f"\0{USER}\0{PASSWORD}".encode()
                return self._say("auth", "235 welcome" if is_right else "535 no")
            case "RCPT":
                self.recipient = word.partition("<")[2].partition(">")[0]
                return self._say("rcpt", "250 ok")
            case "DATA":
                return self._content() if self._say("data", "354 go on") else False
            case "QUIT":
                self._say("quit", "221 bye")
                return False
            case _:
                return self._say(verb.lower(), "250 ok")

    def _content(self) -> bool:
        if "data" in self.mail.answers:
            return True
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        kept = message_from_bytes(b"".join(lines))
        answer = self.mail.answers.get("content", "250 kept")
        if answer.startswith("250") or answer == VANISH:
            with self.mail.lock:
                self.mail.taken.append((self.recipient, kept))
        return self._say("content", "250 kept")

    def _say(self, what: str, usual: str) -> bool:
        answer = self.mail.answers.get(what, usual)
        if answer == VANISH:
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        self.wfile.flush()
        return True

    def _secure(self) -> None:
        self.connection = self.mail.context.wrap_socket(self.request, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.is_secret = True


@contextmanager
def mail_server(certificate: Path, *, is_tls: bool = False, offers_tls: bool = True) -> Iterator[MailServer]:
    """Yield a server that runs until it is left."""
    with MailServer(certificate, is_tls=is_tls, offers_tls=offers_tls) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def new_certificate(file: Path) -> Path:
    """Write a key and its own certificate for this machine to *file*."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)  # noqa: TID251 - certificates go by the machine's clock
    here = [x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(here), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
