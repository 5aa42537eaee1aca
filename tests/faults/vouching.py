"""Who vouches for whom: authorities, certificates, and a home in which browsers trust one authority, as staff brought them to.

No flag here makes a browser forgive a certificate. (``--ignore-certificate-errors`` would hide what happens in the field.)
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from survey_app.foundation import clock
from survey_app.lan.authority import open_authority, sign_server

needs_certutil = pytest.mark.skipif(shutil.which("certutil") is None, reason="certutil missing (Debian: libnss3-tools)")


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
    context.num_tickets = 0  # who comes again looks at the certificate again
    context.options |= ssl.OP_NO_TICKET
    return context


def trust(home: Path, folder: Path) -> None:
    """Let browsers of a home folder trust the authority of a folder."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certificate = str(folder / "authority.crt")
    for command in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "survey", "-i", certificate]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *command], check=True, timeout=30)
