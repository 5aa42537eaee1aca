"""How this computer is present on the network now: its addresses, the certificate that it shows, the name it announces."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from survey_app.foundation.errors import RequestMistakenError
from survey_app.lan.addresses import Addresses, find_addresses
from survey_app.lan.announcing import Announcer, check_name
from survey_app.lan.authority import Authority, ServerFiles, open_authority, renew_server, server_files

LOOK_EVERY_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Ports:
    """``secure``: pages and API by https; ``plain``: by http, how to trust this computer and nothing else."""

    secure: int
    plain: int


class Presence:
    """One computer on its networks. ``look_again`` follows what changes; addresses asked for are always today's."""

    def __init__(
        self,
        folder: Path,
        name: str,
        ports: Ports,
        now: Callable[[], datetime],
        find: Callable[[], Addresses],
    ) -> None:
        """Find the addresses, open the authority, and make sure of a certificate. Nothing is announced yet.

        Args:
            folder: where certificates and keys lie.
            name: of the computer, without ``.local``.
            ports: of both servers.
            now: the time, aware.
            find: the addresses of today.

        Raises:
            RequestMistakenError: the name or an address cannot be used, or the authority is not fit.
        """
        self.name = check_name(name)
        self.ports = ports
        self._folder = folder
        self._now = now
        self._find = find
        self._announcer = Announcer(name, ports.secure)
        self.why_silent: str | None = "not announced yet"
        self.addresses = find()
        self.authority: Authority = open_authority(folder, name, now())
        files, _ = renew_server(folder, self.authority, name, self.addresses, now())
        self._shown = _open_context(files)

    @property
    def certificate_ends(self) -> tuple[datetime, datetime]:
        """The last moments of the certificate that is shown now, and of the authority that tablets trust."""
        authority = self.authority.certificate.not_valid_after_utc
        held = server_files(self._folder).read()
        return (authority if held is None else held.not_valid_after_utc), authority

    @property
    def by_name(self) -> str:
        """The address of pages and API that outlives a change of network."""
        return f"https://{self.name}.local:{self.ports.secure}"

    @property
    def by_address(self) -> str:
        """The same where a tablet does not know the name."""
        return f"https://{self.addresses[0]}:{self.ports.secure}"

    @property
    def is_announced(self) -> bool:
        return self.why_silent is None

    @property
    def best(self) -> str:
        """What links and QR codes open: the name where it is announced."""
        return self.by_name if self.is_announced else self.by_address

    @property
    def enrolment(self) -> str:
        """Where a tablet learns to trust this computer; by address, which every tablet can open."""
        return f"http://{self.addresses[0]}:{self.ports.plain}"

    @property
    def enrolment_by_name(self) -> str:
        return f"http://{self.name}.local:{self.ports.plain}"

    def announce(self) -> None:
        """Announce the name; ``why_silent`` says where that did not work."""
        self.why_silent = self._announcer.announce(self.addresses)

    def tls(self) -> ssl.SSLContext:
        """Return a context that shows each new connection the certificate of that moment."""

        def show_todays(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = self._shown

        listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        listening.sni_callback = show_todays
        return listening

    def look_again(self) -> bool:
        """Follow the network and the calendar; say whether anything changed. Where no address is left, all stays as it was."""
        try:
            addresses = self._find()
            files, is_new = renew_server(self._folder, self.authority, self.name, addresses, self._now())
        except RequestMistakenError:
            return False
        if is_new:
            self._shown = _open_context(files)
        if addresses != self.addresses:
            self.addresses = addresses
            self.announce()
            return True
        return is_new

    def keep_looking(self, until: threading.Event) -> None:
        """Look again from time to time, then say goodbye to the network."""
        while not until.wait(LOOK_EVERY_SECONDS):
            self.look_again()
        self._announcer.stop()


def open_presence(folder: Path, name: str, host: str, ports: Ports, now: Callable[[], datetime]) -> Presence:
    """Open the presence of this computer; ``host`` is what it listens on."""
    return Presence(folder, name, ports, now, lambda: find_addresses(host))


def _open_context(files: ServerFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate, files.key)
    return context
