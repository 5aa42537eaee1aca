"""A network that speaks TLS in the server's place, with a certificate that the tablet does not trust.

No flag here makes the browser forgive a certificate: the tablet trusts one authority in its own store, as one on which staff
followed the steps. (``--ignore-certificate-errors`` would hide what happens in the field.)
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import installation
import pytest
import wire
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Error, Playwright
from tablets import Light, Tablet

from survey_app.foundation import clock
from survey_app.lan.authority import open_authority, sign_server

CODE = "482920"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("certutil") is None, reason="certutil missing (Debian: libnss3-tools)"),
]


def vouch(folder: Path) -> ssl.SSLContext:
    """Make an authority in a folder, and what a server needs that it vouches for."""
    authority = open_authority(folder, "survey", clock.now())
    key = ec.generate_private_key(ec.SECP256R1())
    signed = sign_server(authority, key.public_key(), ["localhost"], [ip_address("127.0.0.1")], clock.now())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + signed.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def trust(home: Path, certificate: Path) -> None:
    """Let browsers of a home folder trust an authority."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for command in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "survey", "-i", str(certificate)]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *command], check=True, timeout=30)


@pytest.fixture
def trusting(
    playwright: Playwright,
    served: installation.Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Tablet, ssl.SSLContext]]:
    """A tablet that trusts one authority, prepared at an address that this authority vouches for; nobody is there now."""
    served.open_session(CODE)
    right = vouch(tmp_path / "right")
    trust(tmp_path / "home", tmp_path / "right" / "authority.crt")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = Tablet(playwright, tmp_path / "tablet", "", CODE)
    try:
        with wire.Wire(served.port, secure=right) as network:
            made.url = network.url
            made.start()
            made.prepare()
        yield made, right
    finally:
        made.kill()


def test_a_network_with_a_wrong_certificate_lets_responses_wait_in_sight(trusting, served, person, tmp_path) -> None:
    tablet, right = trusting
    port = int(tablet.url.rpartition(":")[2])
    with wire.Wire(served.port, secure=vouch(tmp_path / "wrong"), port=port) as portal:
        fresh = tablet.context.new_page()
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            fresh.goto(f"{portal.url}/console")
        fresh.close()
        tablet.open_form()
        tablet.answer([next(person), next(person)])
        assert tablet.sentence() == "waiting"
        assert tablet.look() == Light(waiting=2, offline=True)
        assert tablet.find_readable() == []
    with wire.Wire(served.port, secure=right, port=port):
        assert tablet.drain() == Light()
        counted = served.counted([CODE])
        assert tablet.sent <= set(counted)
        assert len(set(counted)) == len(counted)
