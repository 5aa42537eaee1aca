"""The addresses that this computer has on local networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

import ifaddr

from survey_app.foundation.errors import RequestMistakenError
from survey_app.lan.authority import is_local

EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - the choice of ``serve --lan``, named
_SELF_GIVEN: Final = ipaddress.ip_network("169.254.0.0/16")

Addresses = tuple[ipaddress.IPv4Address, ...]


def find_addresses(host: str) -> Addresses:
    """Return the addresses under which tablets reach this computer; those that a router gave come first.

    Args:
        host: what the server listens on, ``0.0.0.0`` for every network.

    Raises:
        RequestMistakenError: there is none, or ``host`` is no address of a local network.
    """
    found = choose(host, (ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4))
    if not found:
        raise RequestMistakenError(
            "this computer has no address on a local network. Connect it to the router of the tablets and start again."
        )
    return found


def choose(host: str, present: Iterable[object]) -> Addresses:
    """Return those of the present addresses that tablets can use.

    Raises:
        RequestMistakenError: ``host`` is no address of a local network.
    """
    if host != EVERYWHERE:
        return (_read(host),)
    every = {ipaddress.IPv4Address(str(address)) for address in present}
    usable = (address for address in every if is_local(address) and not address.is_loopback)
    return tuple(sorted(usable, key=lambda address: (address in _SELF_GIVEN, int(address))))


def _read(host: str) -> ipaddress.IPv4Address:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        raise _no_local(host) from None
    if not is_local(address):
        raise _no_local(host)
    return address


def _no_local(host: str) -> RequestMistakenError:
    return RequestMistakenError(
        f"{host} is no address of a local network, such as 192.168.1.10. Leave --host out to use every one of this computer."
    )
