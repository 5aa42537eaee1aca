"""The installation's own certificate authority: made once, trusted once by each tablet, able to vouch for a local network only.

Sources: RFC 5280 (4.2.1.10, name constraints); support.apple.com/103769 (what iPadOS asks of a certificate: names and
addresses as subject alternative names, use for servers, at most 825 days); 397 days is the least that any browser allows.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from survey_app.foundation.errors import RequestMistakenError

AUTHORITY_YEARS: Final = 10
SERVER_DAYS: Final = 397
RENEW_BEFORE: Final = timedelta(days=30)
SLOW_CLOCKS: Final = timedelta(hours=24)
"""A tablet's clock may be a day late without refusing a new certificate."""
NAMES: Final = ("local", "home.arpa", "localhost")
NETWORKS: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
"""What the authority may vouch for: names and addresses that exist on a local network only. Whoever steals its key can
impersonate no site of the internet."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_ALWAYS: Final = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        """The certificate as tablets install it."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def name(self) -> str:
        """What a tablet's list of certificates calls it."""
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def fingerprint(self) -> str:
        """SHA-256 as tablets show it, to compare by eye."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def is_local(address: IPAddress) -> bool:
    """Say whether the authority may vouch for an address."""
    return any(address.version == network.version and address in network for network in NETWORKS)


def open_authority(folder: Path, name: str, now: datetime) -> Authority:
    """Read the authority of a folder; make it where there is none. It is never made anew by itself.

    Raises:
        RequestMistakenError: the folder cannot be written, its files belong to no authority, or it is not valid now.
    """
    certificate_file, key_file = folder / "authority.crt", folder / "authority.key"
    if not certificate_file.exists() and not key_file.exists():
        made = _make_authority(name, now)
        _write(key_file, _pem_of(made.key))
        _write(certificate_file, made.certificate.public_bytes(serialization.Encoding.PEM))
    authority = _read_authority(certificate_file, key_file)
    _refuse_other_times(authority.certificate, folder, now)
    return authority


def _read_authority(certificate_file: Path, key_file: Path) -> Authority:
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        raise _unfit(certificate_file.parent) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise _unfit(certificate_file.parent)
    return Authority(certificate, key)


def _unfit(folder: Path) -> RequestMistakenError:
    return RequestMistakenError(
        f"authority.crt and authority.key in {folder} do not belong together or cannot be read. Put back those of a backup; "
        "or delete both, and enrol every tablet anew."
    )


def _refuse_other_times(certificate: x509.Certificate, folder: Path, now: datetime) -> None:
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < first:
        raise RequestMistakenError(
            f"the clock of this computer says {now:%Y-%m-%d}, but its certificates begin on {first:%Y-%m-%d}. Set the clock and "
            "start again."
        )
    if now >= last:
        raise RequestMistakenError(
            f"the certificate authority ended on {last:%Y-%m-%d}. If the clock is right, delete {folder} and enrol every tablet "
            "anew."
        )


def _make_authority(name: str, now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Survey app {name}.local {now:%Y-%m-%d}")])
    permitted = [*map(x509.DNSName, NAMES), *map(x509.IPAddress, NETWORKS)]
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _begin(subject, subject, key.public_key(), now, now + timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """The server's certificate and key as files, as TLS libraries read them."""

    certificate: Path
    key: Path

    def read(self) -> x509.Certificate | None:
        """Return the certificate; ``None`` where there is none that can be read with its key."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
            key = serialization.load_pem_private_key(self.key.read_bytes(), None)
        except (OSError, ValueError, TypeError):
            return None
        return certificate if key.public_key() == certificate.public_key() else None


def server_files(folder: Path) -> ServerFiles:
    """Say where the server's certificate lies."""
    return ServerFiles(folder / "server.crt", folder / "server.key")


def renew_server(
    folder: Path, authority: Authority, name: str, addresses: Iterable[IPAddress], now: datetime
) -> tuple[ServerFiles, bool]:
    """Make sure that the folder holds a certificate of this name and these addresses that is good for a while.

    Returns:
        Where it lies, and whether it was made now.

    Raises:
        RequestMistakenError: an address is none of a local network, or the folder cannot be written.
    """
    wanted = frozenset({*addresses, *_ALWAYS})
    for address in wanted:
        if not is_local(address):
            raise RequestMistakenError(f"{address} is no address of a local network. Choose one of those with --host.")
    files = server_files(folder)
    held = files.read()
    if held is not None and _is_good(held, authority, name, wanted, now):
        return files, False
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = sign_server(authority, key.public_key(), _names_of(name), wanted, now)
    chain = (certificate, authority.certificate)
    _write(files.key, _pem_of(key))
    _write(files.certificate, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
    return files, True


def _is_good(
    held: x509.Certificate, authority: Authority, name: str, wanted: frozenset[IPAddress], now: datetime
) -> bool:
    end = authority.certificate.not_valid_after_utc
    is_long_enough = now < held.not_valid_after_utc - RENEW_BEFORE or held.not_valid_after_utc >= end
    is_in_time = held.not_valid_before_utc <= now and is_long_enough
    alternatives = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        is_in_time
        and held.issuer == authority.certificate.subject
        and frozenset(alternatives.get_values_for_type(x509.IPAddress)) == wanted
        and tuple(alternatives.get_values_for_type(x509.DNSName)) == _names_of(name)
    )


def sign_server(
    authority: Authority,
    public_key: ec.EllipticCurvePublicKey,
    names: Iterable[str],
    addresses: Iterable[IPAddress],
    now: datetime,
) -> x509.Certificate:
    """Sign a certificate of a server, of ``SERVER_DAYS`` days."""
    named = tuple(names)
    ordered = sorted(addresses, key=lambda address: (address.version, int(address)))
    last = min(now - SLOW_CLOCKS + timedelta(days=SERVER_DAYS), authority.certificate.not_valid_after_utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, named[0])])
    alternatives = x509.SubjectAlternativeName([*map(x509.DNSName, named), *map(x509.IPAddress, ordered)])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    return (
        _begin(subject, authority.certificate.subject, public_key, now, last)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(alternatives, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _names_of(name: str) -> tuple[str, ...]:
    return (f"{name}.local", "localhost")


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, last: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLOW_CLOCKS)
        .not_valid_after(last)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    beside = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as opened:
            opened.write(content)
        beside.replace(file)
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}). Make room, or let this user write there."
        raise RequestMistakenError(message) from None
