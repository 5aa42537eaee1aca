"""The laptop follows its network: another address, another certificate, the same name and the same authority."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from zeroconf import Zeroconf

from survey_app.foundation.errors import RequestMistakenError
from survey_app.lan.announcing import Announcer, check_name


def shown(presence, serving: ssl.SSLContext, host: str) -> set[str]:
    """The names and addresses in the certificate that a tablet is shown which trusts the authority."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with serving.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    trusting = ssl.create_default_context(cadata=presence.authority.der)
    with (
        socket.create_connection(listening.getsockname(), timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname=host) as secured,
    ):
        certificate = secured.getpeercert()
        secured.send(b"x")
    thread.join(timeout=10)
    listening.close()
    assert certificate is not None
    return {value for _, value in certificate["subjectAltName"]}


@pytest.mark.parametrize("host", ["survey.local", "127.0.0.7"])
def test_a_tablet_that_trusts_the_authority_reaches_the_laptop_by_name_and_by_address(presence, host) -> None:
    assert {"survey.local", "127.0.0.7"} <= shown(presence, presence.tls(), host)


def test_another_address_is_in_the_certificate_without_a_new_start(presence, router) -> None:
    serving = presence.tls()
    router.give("127.0.0.9")
    assert presence.look_again()
    assert "127.0.0.9" in shown(presence, serving, "127.0.0.9")
    assert presence.by_address == "https://127.0.0.9:8443"
    assert presence.by_name == "https://survey.local:8443"
    assert not presence.look_again()
    presence._announcer.stop()


def test_a_laptop_whose_network_is_gone_keeps_what_it_has(presence, router) -> None:
    def gone() -> None:
        raise RequestMistakenError("no address")

    presence._find = gone
    assert not presence.look_again()
    assert presence.by_address == "https://127.0.0.7:8443"


@pytest.mark.parametrize("name", ["", "Survey", "a b", "survey.local", "-x", "x" * 41, "été"])
def test_a_name_that_no_network_knows_is_told(name) -> None:
    with pytest.raises(RequestMistakenError, match="is no name for a network"):
        check_name(name)


def test_the_name_is_told_by_a_caller_that_runs_a_loop() -> None:
    async def tell() -> str | None:
        announcer = Announcer("survey-of-a-loop", 8443)
        try:
            return announcer.announce((ipaddress.IPv4Address("127.0.0.1"),))
        finally:
            announcer.stop()

    with ThreadPoolExecutor(1) as elsewhere:  # where no other test left a loop running
        assert elsewhere.submit(lambda: asyncio.run(tell())).result(timeout=60) is None


def test_the_network_is_told_the_name() -> None:
    announcer = Announcer("survey-of-a-test", 8443)
    here = (ipaddress.IPv4Address("127.0.0.1"),)
    why_silent = announcer.announce(here)
    if why_silent is not None:
        pytest.skip(f"MULTICAST DNS COULD NOT BE TRIED: this machine refuses multicast ({why_silent})")
    try:
        with Zeroconf(interfaces=["127.0.0.1"], use_asyncio=False) as asking:
            found = asking.get_service_info("_https._tcp.local.", "survey-of-a-test._https._tcp.local.", timeout=5000)
        assert found is not None
        assert (found.server, found.port) == ("survey-of-a-test.local.", 8443)
        assert found.parsed_addresses() == ["127.0.0.1"]
        twin = Announcer("survey-of-a-test", 8443)
        assert twin.announce(here) == "NonUniqueNameException", "two laptops must not share a name"
    finally:
        announcer.stop()


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # zeroconf leaves a socket where it fails
def test_without_multicast_the_address_is_used_and_the_reason_is_known() -> None:
    announcer = Announcer("survey-of-a-test", 8443)
    assert announcer.announce((ipaddress.IPv4Address("10.254.254.254"),)) is not None, "not an address of this machine"
