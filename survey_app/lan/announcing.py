"""Tells the local network that this computer is ``NAME.local`` (multicast DNS, RFC 6762)."""

from __future__ import annotations

import re
from typing import Final

from zeroconf import Error, ServiceInfo, Zeroconf

from survey_app.foundation.errors import RequestMistakenError
from survey_app.lan.addresses import Addresses

KIND: Final = "_https._tcp.local."
_NAME: Final = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)


def check_name(name: str) -> str:
    """Return a name that may stand before ``.local``.

    Raises:
        RequestMistakenError: it may not.
    """
    if _NAME.fullmatch(name) is None:
        raise RequestMistakenError(
            f'"{name[:60]}" is no name for a network. Choose up to 40 small letters a-z, digits and hyphens, such as survey-2.'
        )
    return name


class Announcer:
    """Announces a name and its addresses, and stops doing so."""

    def __init__(self, name: str, port: int) -> None:
        self._name = name
        self._port = port
        self._voice: Zeroconf | None = None

    def announce(self, addresses: Addresses) -> str | None:
        """Announce the name at these addresses in place of those before; return why that did not work, ``None`` if it did.

        It speaks from a thread of its own: on the loop of the caller it would wait for itself.
        """
        self.stop()
        service = ServiceInfo(
            KIND,
            f"{self._name}.{KIND}",
            port=self._port,
            server=f"{self._name}.local.",
            parsed_addresses=[str(address) for address in addresses],
        )
        try:
            self._voice = Zeroconf(interfaces=[str(address) for address in addresses], use_asyncio=False)
            self._voice.register_service(service)
        except (Error, OSError) as error:
            self.stop()
            return getattr(error, "strerror", None) or type(error).__name__
        return None

    def stop(self) -> None:
        """Say goodbye."""
        if self._voice is not None:
            self._voice.close()
            self._voice = None
