"""`survey-app serve --lan` as a whole, on addresses of this machine only."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
import servers

from survey_app.cli import run

COMMAND = [sys.executable, "-m", "survey_app", "serve", "--lan", "--host", "127.0.0.1"]
FREE = ["--port", "0", "--plain-port", "0", "--desk-port"]


@pytest.fixture(scope="module")
def laptop(tmp_path_factory) -> Iterator[servers.Server]:
    folder = tmp_path_factory.mktemp("laptop")
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(folder / "data"), "PYTHONUNBUFFERED": "1"}
    with servers.Server(servers.command([*COMMAND, *FREE], environment), folder / "log") as made:
        yield made


def address(laptop: servers.Server, pattern: str) -> str:
    found = re.search(pattern, laptop.log.read_text("utf-8"))
    assert found is not None, laptop.log.read_text("utf-8")
    return found[1]


def test_three_doors_each_for_its_own(laptop) -> None:
    by_http = address(laptop, r"trust this computer:\s+(http://\S+)")
    authority = urllib.request.urlopen(f"{by_http}/survey-app.crt", timeout=20).read()
    port = address(laptop, r"Then the survey:\s+https://\S+:(\d+)")
    trusting = ssl.create_default_context()
    trusting.load_verify_locations(cadata=authority)
    with urllib.request.urlopen(f"https://127.0.0.1:{port}/healthz", timeout=20, context=trusting) as secure:
        assert secure.status == 200
    assert urllib.request.urlopen(f"{laptop.url}/console/sign-in", timeout=20).status == 200
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/healthz", timeout=20)


def test_both_addresses_and_their_pictures_are_printed_for_who_stands_beside(laptop) -> None:
    said = laptop.log.read_text("utf-8")
    assert said.count("▄") > 100
    assert re.search(
        r"Certificate\s+Survey app survey\.local \d{4}-\d\d-\d\d\n(\s+([0-9A-F]{2}:){15}[0-9A-F]{2}\n){2}", said
    )
    assert "http://localhost:" in said


@pytest.mark.parametrize("option", ["--port", "--plain-port", "--desk-port"])
def test_a_port_that_is_taken_is_told_with_the_option_that_mends_it(option, tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"--port": "0", "--plain-port": "0", "--desk-port": "0", option: str(taken.getsockname()[1])}
        told = run(["serve", "--lan", "--host", "127.0.0.1", *(part for pair in ports.items() for part in pair)])
    said = capfd.readouterr().err.strip()
    assert told == 2
    assert "\n" not in said
    assert f"Choose another one with {option}" in said


def test_a_laptop_without_a_network_is_told_before_anything_listens(tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("survey_app.lan.addresses.ifaddr.get_adapters", list)
    assert run(["serve", "--lan"]) == 2
    said = capfd.readouterr().err.strip()
    assert "no address on a local network" in said
    assert "\n" not in said


def test_it_stops_when_told_to(laptop) -> None:
    laptop.end(signal.SIGTERM)
    assert laptop._process is not None
    assert laptop._process.exitcode == 0
