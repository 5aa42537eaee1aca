"""A real identity provider on loopback, in a process of its own, and somebody who signs in at it."""

from __future__ import annotations

import html
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from survey_app.foundation.settings import Settings

CLIENT = "survey-app"
SECRET = "agreed with the provider"
PASSWORD = "what they know there"
STARTS_WITHIN_SECONDS = 60

_SETTINGS = """
config_version: 1
server: {{host: "127.0.0.1", port: {port}}}
oauth:
  issuer: "http://127.0.0.1:{port}"
  audience: "another-service"
  clients:
    - {{client_id: "{client}", client_secret: "{secret}", redirect_uris: ["{here}/console/sign-in/provider/return"]}}
"""


@dataclass(frozen=True)
class IdentityProvider:
    """Where it is, and the folder of its settings."""

    issuer: str
    folder: Path

    def settings(self, data_dir: Path, here: str) -> Settings:
        """Settings of an installation at ``here`` that lets people in by this provider."""
        secret = self.folder / "secret"
        secret.write_text(f"{SECRET}\n", encoding="utf-8")
        return Settings(
            data_dir=data_dir,
            base_url=here,
            oidc_issuer=self.issuer,
            oidc_client_id=CLIENT,
            oidc_secret_file=secret,
            oidc_name="Badge",
        )

    def sign_in(self, address: str, name: str) -> httpx2.URL:
        """Sign somebody in at the address that the console leads to; return where the provider leads them next."""
        with httpx2.Client() as visitor:
            page = visitor.get(address, follow_redirects=True)
            form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
            typed = {key: html.unescape(value) for key, value in form.items()}
            answer = visitor.post(page.url, data=typed | {"username": name, "password": PASSWORD})
        assert answer.status_code in {302, 303}, answer.text
        return httpx2.URL(answer.headers["location"])


@contextmanager
def run_identity_provider(folder: Path, here: str, *people: str) -> Iterator[IdentityProvider]:
    """Run a provider that knows these people, and an installation at ``here``; with the strictest of its profiles."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    known = "".join(f'  {name}: {{password: "{PASSWORD}", roles: ["ADMIN"]}}\n' for name in people)
    (folder / "users.yaml").write_text(f"config_version: 1\nusers:\n{known}", encoding="utf-8")
    text = _SETTINGS.format(port=port, client=CLIENT, secret=SECRET, here=here)
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "nanoidp", "--config", str(folder), "--profile", "oauth21", "--port", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/.well-known/openid-configuration", process)
            yield IdentityProvider(f"http://127.0.0.1:{port}", folder)
        finally:
            process.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the provider ended by itself"
        try:
            httpx2.get(address).raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the provider did not start")
