"""A certificate authority of the sandbox's own, and its servers' certificates, in files clients can trust."""

from __future__ import annotations

import ipaddress

from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ordering_sandbox.clock import machine_time


_LIVES: Final = timedelta(days=3650)
_EARLIER: Final = timedelta(days=1)
_PRIVATE: Final = 0o600
_HOSTS: Final = ("localhost", "*.salesforce.com", "*.my.salesforce.com", "*.sandbox.my.salesforce.com")
_ADDRESSES: Final = ("127.0.0.1", "::1")


@attrs.frozen(kw_only=True)
class Certificate:
    """
    A certificate and its key, in files.

    A server that names *trusted_clients*, a file of certificates, answers nobody else.
    """

    certificate: Path
    key: Path
    trusted_clients: Path | None = None


def certify(folder: Path, *, hosts: tuple[str, ...] = _HOSTS) -> tuple[Path, Certificate]:
    """
    Return the authority's certificate file in *folder*, and a certificate for this machine and *hosts*.

    What is in the folder already is used again, so that clients may keep trusting it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority = folder / "ca.pem"
    server = Certificate(certificate=folder / "server.pem", key=folder / "server-key.pem")
    if not (authority.exists() and server.certificate.exists() and server.key.exists()):
        _make(authority, server, hosts)
    return authority, server


def certify_client(folder: Path) -> Certificate:
    """Return a client's certificate in *folder*, signed by itself, to be trusted by name."""
    client = Certificate(certificate=folder / "client.pem", key=folder / "client-key.pem")
    if not (client.certificate.exists() and client.key.exists()):
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("ordering sandbox client")
        certificate = (
            _builder(name, name, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(key, SHA256())
        )
        _write_private(client.key, key)
        client.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    return client


def make_signing_key(path: Path) -> str:
    """Return the public key (PEM) of the RSA key in the file *path*, which is made when it is not there."""
    public = path.with_suffix(".pub.pem")
    if not (path.exists() and public.exists()):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write_private(path, key)
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public.read_text(encoding="ascii")


def _make(authority: Path, server: Certificate, hosts: tuple[str, ...]) -> None:
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    issuer = _name("ordering sandbox CA")
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority_certificate = (
        _builder(issuer, issuer, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(authority_key, SHA256())
    )
    names = [
        *(x509.DNSName(host) for host in hosts),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in _ADDRESSES),
    ]
    server_certificate = (
        _builder(_name("localhost"), issuer, server_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, SHA256())
    )
    _write_private(server.key, server_key)
    server.certificate.write_bytes(server_certificate.public_bytes(Encoding.PEM))
    authority.write_bytes(authority_certificate.public_bytes(Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    begins = machine_time() - _EARLIER
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + _LIVES)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    path.touch(mode=_PRIVATE, exist_ok=True)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
