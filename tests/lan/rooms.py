"""Two computers on one cable, as two network namespaces: a laptop that serves, a tablet whose browser trusts it or not."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LAPTOP_ADDRESS = "192.168.8.10"
TABLET_ADDRESS = "192.168.8.20"
NEEDED = ("ip", "certutil", "chromium")
ASK_NAME = """
import sys
from zeroconf import Zeroconf
with Zeroconf(interfaces=[sys.argv[1]]) as asking:
    found = asking.get_service_info("_https._tcp.local.", "survey._https._tcp.local.", timeout=10000)
print(*(found.parsed_addresses() if found else ()))
"""


def run(*command: object, **more: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=60, **more
    )  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}")
    return str(done.stdout)


def why_not() -> str | None:
    """Why this machine cannot have two computers; ``None`` where it can."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} missing (Debian: iproute2, libnss3-tools, chromium)"
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    try:
        run("ip", "netns", "add", f"try-{os.getpid()}")
        run("ip", "netns", "del", f"try-{os.getpid()}")
    except RuntimeError as error:
        return f"this machine refuses network namespaces ({error})"
    return None


@dataclass(frozen=True)
class Rooms:
    """The names of both namespaces; their ends of the cable bear the same names."""

    laptop: str
    tablet: str
    folder: Path

    def at_laptop(self, *command: object) -> list[str]:
        return ["ip", "netns", "exec", self.laptop, *map(str, command)]

    def ask_for_name(self) -> str:
        """What the tablet hears when it asks the network for the laptop (multicast DNS); empty where nobody answers."""
        return run("ip", "netns", "exec", self.tablet, sys.executable, "-c", ASK_NAME, TABLET_ADDRESS).strip()

    def wait_for_name(self, address: str) -> None:
        """Wait until the tablet hears the laptop's name at this address; the laptop looks at its own every twenty seconds."""
        until = time.monotonic() + 90
        while self.ask_for_name() != address:
            if time.monotonic() > until:
                raise RuntimeError(f"the name was never heard at {address}")
            time.sleep(1)

    def know(self, names: Mapping[str, str]) -> None:
        """Let the tablet's system resolve these names, as one does that knows multicast DNS; this Linux does not."""
        lines = (f"{address} {name}\n" for name, address in {"localhost": "127.0.0.1", **names}.items())
        (self.hosts / "hosts").write_text("".join(lines))

    @property
    def hosts(self) -> Path:
        return Path("/etc/netns") / self.tablet

    def cut(self) -> None:
        run("ip", "-n", self.laptop, "link", "set", self.laptop, "down")

    def join(self) -> None:
        run("ip", "-n", self.laptop, "link", "set", self.laptop, "up")

    def give_address(self, address: str) -> None:
        """The router gives the laptop another address."""
        run("ip", "-n", self.laptop, "addr", "flush", "dev", self.laptop)
        run("ip", "-n", self.laptop, "addr", "add", f"{address}/24", "dev", self.laptop)

    @property
    def browser(self) -> Path:
        """A command that starts Chromium on the tablet."""
        return self.browser_at(self.tablet)

    def browser_at(self, room: str) -> Path:
        """A command that starts Chromium on one of both computers."""
        command = self.folder / f"chromium-at-{room}"
        command.write_text(f'#!/bin/sh\nexec ip netns exec {room} {shutil.which("chromium")} "$@"\n')
        command.chmod(0o755)
        return command


def make_home(folder: Path, authority: Path | None) -> Path:
    """Make the home folder of a browser's user who trusts this authority, or none of ours."""
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    run("certutil", "-d", f"sql:{store}", "-N", "--empty-password")
    if authority is not None:
        run("certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "survey-app", "-i", authority)
    return folder


@contextlib.contextmanager
def made(folder: Path) -> Iterator[Rooms]:
    """Make both computers and the cable, and take them away again."""
    rooms = Rooms(f"laptop{os.getpid()}"[:15], f"tablet{os.getpid()}"[:15], folder)
    try:
        for name in (rooms.laptop, rooms.tablet):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run(
            "ip",
            "-n",
            rooms.laptop,
            "link",
            "add",
            rooms.laptop,
            "type",
            "veth",
            "peer",
            "name",
            rooms.tablet,
            "netns",
            rooms.tablet,
        )
        for name, address in ((rooms.laptop, LAPTOP_ADDRESS), (rooms.tablet, TABLET_ADDRESS)):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", name)
            run("ip", "-n", name, "link", "set", name, "up")
        rooms.hosts.mkdir(parents=True)
        yield rooms
    finally:
        shutil.rmtree(rooms.hosts, ignore_errors=True)
        for name in (rooms.laptop, rooms.tablet):
            with contextlib.suppress(RuntimeError):
                run("ip", "netns", "del", name)
