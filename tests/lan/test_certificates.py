"""The authority vouches for the local network only, and the server's certificate renews itself."""

from __future__ import annotations

import ipaddress
import plistlib
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from survey_app.foundation.errors import RequestMistakenError
from survey_app.lan.addresses import EVERYWHERE, choose
from survey_app.lan.authority import Authority, IPAddress, open_authority, renew_server, sign_server
from survey_app.lan.profile import write_profile

NOW = datetime.now(UTC).replace(microsecond=0)  # openssl verifies by the machine's clock
HERE = (ipaddress.ip_address("192.168.1.10"),)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path, "survey", NOW)


def verdict(tmp_path: Path, authority: Authority, names: tuple[str, ...], addresses: tuple[IPAddress, ...] = ()) -> str:
    """What openssl says of a certificate that the authority signed."""
    leaf = sign_server(authority, ec.generate_private_key(ec.SECP256R1()).public_key(), names, addresses, NOW)
    (tmp_path / "leaf.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    command = ["openssl", "verify", "-x509_strict", "-CAfile", tmp_path / "authority.crt", tmp_path / "leaf.pem"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return "good" if told.returncode == 0 else told.stdout + told.stderr


@pytest.mark.parametrize("name", ["survey.local", "kitchen.home.arpa", "localhost"])
def test_a_name_of_the_local_network_is_good(tmp_path, authority, name) -> None:
    assert verdict(tmp_path, authority, (name,), HERE) == "good"


@pytest.mark.parametrize("name", ["www.example.com", "local.example", "notlocal", "bank.be"])
def test_a_foreign_name_is_refused_although_the_authority_signed_it(tmp_path, authority, name) -> None:
    assert "permitted subtree violation" in verdict(tmp_path, authority, (name,))


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2001:4860:4860::8888"])
def test_a_public_address_is_refused_although_the_authority_signed_it(tmp_path, authority, address) -> None:
    told = verdict(tmp_path, authority, ("survey.local",), (ipaddress.ip_address(address),))
    assert "permitted subtree violation" in told


def test_the_limits_of_the_authority_cannot_be_ignored(authority) -> None:
    assert authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_the_authority_is_made_once_and_its_key_is_its_owners(tmp_path, authority) -> None:
    again = open_authority(tmp_path, "other", NOW + timedelta(days=2000))
    assert again.der == authority.der
    assert stat.S_IMODE((tmp_path / "authority.key").stat().st_mode) == 0o600


def test_the_folder_of_keys_is_its_owners(tmp_path) -> None:
    open_authority(tmp_path / "tls", "survey", NOW)
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def test_a_server_certificate_is_what_tablets_accept(tmp_path, authority) -> None:
    files, _ = renew_server(tmp_path, authority, "survey", HERE, NOW)
    leaf = files.read()
    assert leaf is not None
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["survey.local", "localhost"]
    assert HERE[0] in names.get_values_for_type(x509.IPAddress)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=397)
    assert leaf.not_valid_before_utc == NOW - timedelta(hours=24)
    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600


def test_a_server_certificate_is_kept_until_its_last_month_and_then_renewed(tmp_path, authority) -> None:
    renew_server(tmp_path, authority, "survey", HERE, NOW)
    made = [
        renew_server(tmp_path, authority, "survey", HERE, NOW + timedelta(days=days))[1] for days in (1, 360, 367, 368)
    ]
    assert made == [False, False, True, False]


@pytest.mark.parametrize(
    ("name", "addresses"),
    [("survey", ("192.168.1.11",)), ("survey", ("192.168.1.10", "10.0.0.4")), ("survey-2", ("192.168.1.10",))],
)
def test_another_address_or_name_makes_another_certificate(tmp_path, authority, name, addresses) -> None:
    renew_server(tmp_path, authority, "survey", HERE, NOW)
    changed = tuple(ipaddress.ip_address(address) for address in addresses)
    files, is_new = renew_server(tmp_path, authority, name, changed, NOW)
    assert is_new
    leaf = files.read()
    assert leaf is not None
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert f"{name}.local" in names.get_values_for_type(x509.DNSName)
    assert set(changed) <= set(names.get_values_for_type(x509.IPAddress))


def test_a_server_certificate_that_cannot_be_read_is_made_anew(tmp_path, authority) -> None:
    files, _ = renew_server(tmp_path, authority, "survey", HERE, NOW)
    files.certificate.write_text("torn")
    assert renew_server(tmp_path, authority, "survey", HERE, NOW)[1]
    assert files.read() is not None


def test_near_the_end_of_the_authority_no_certificate_outlives_it_and_none_is_made_for_nothing(
    tmp_path, authority
) -> None:
    late = authority.certificate.not_valid_after_utc - timedelta(days=10)
    files, _ = renew_server(tmp_path, authority, "survey", HERE, late)
    leaf = files.read()
    assert leaf is not None
    assert leaf.not_valid_after_utc == authority.certificate.not_valid_after_utc
    assert not renew_server(tmp_path, authority, "survey", HERE, late + timedelta(minutes=1))[1]


def test_a_clock_before_the_certificates_is_told_in_one_line(tmp_path, authority) -> None:
    with pytest.raises(RequestMistakenError, match=r"the clock of this computer says 2019-01-01") as told:
        open_authority(tmp_path, "survey", datetime(2019, 1, 1, tzinfo=UTC))
    assert "\n" not in str(told.value)


def test_an_authority_that_has_ended_is_told(tmp_path, authority) -> None:
    with pytest.raises(RequestMistakenError, match="ended on"):
        open_authority(tmp_path, "survey", NOW + timedelta(days=366 * 10))


@pytest.mark.parametrize("fault", ["torn", "missing", "other"])
def test_an_authority_whose_key_is_lost_is_never_replaced_in_silence(tmp_path, authority, fault) -> None:
    key = tmp_path / "authority.key"
    if fault == "missing":
        key.unlink()
    elif fault == "torn":
        key.write_text("torn")
    else:
        open_authority(tmp_path / "other", "survey", NOW)
        key.write_bytes((tmp_path / "other" / "authority.key").read_bytes())
    with pytest.raises(RequestMistakenError, match="do not belong together"):
        open_authority(tmp_path, "survey", NOW)


def test_a_public_address_of_the_laptop_gets_no_certificate(tmp_path, authority) -> None:
    with pytest.raises(RequestMistakenError, match="no address of a local network"):
        renew_server(tmp_path, authority, "survey", (ipaddress.ip_address("8.8.8.8"),), NOW)


def test_tablets_are_given_local_addresses_only_those_of_a_router_first() -> None:
    present = ["127.0.0.1", "169.254.7.7", "8.8.8.8", "192.168.1.10", "10.0.0.4"]
    assert [str(address) for address in choose(EVERYWHERE, present)] == ["10.0.0.4", "192.168.1.10", "169.254.7.7"]


@pytest.mark.parametrize("host", ["8.8.8.8", "survey.local", "::1", "nonsense"])
def test_a_host_that_is_no_local_address_is_told(host) -> None:
    with pytest.raises(RequestMistakenError, match="is no address of a local network"):
        choose(host, [])


def test_an_ipad_gets_the_authority_as_a_profile(authority) -> None:
    profile = plistlib.loads(write_profile(authority))
    (root,) = profile["PayloadContent"]
    assert root["PayloadType"] == "com.apple.security.root"
    assert root["PayloadContent"] == authority.der
    assert write_profile(authority) == write_profile(authority)
