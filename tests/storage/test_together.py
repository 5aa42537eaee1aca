"""Responses that arrive while the disk is busy share a commit; each is durable or refused for its own reason."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from survey_app.storage.database import UnavailableError
from survey_app.storage.together import Together


class SlowDisk:
    """Transactions whose commit waits until it is let go; ``durable`` holds what was committed, commit by commit."""

    def __init__(self) -> None:
        self.durable: list[list[Any]] = []
        self.may_commit = threading.Event()
        self.is_in_commit = threading.Event()
        self.fault: Exception | None = None

    @contextmanager
    def writing(self) -> Iterator[Any]:
        written: list[Any] = []
        yield written
        self.is_in_commit.set()
        self.may_commit.wait(timeout=10)
        if self.fault is not None:
            raise self.fault
        self.durable.append(written)


def put(name: str) -> Callable[[Any], str]:
    def write(written: Any) -> str:
        if name == "faulty":
            raise ValueError(name)
        written.append(name)
        return f"{name} kept"

    return write


def send_meanwhile(disk: SlowDisk, names: list[str], fault: Exception | None = None) -> dict[str, Any]:
    """Send "first", then the others while its commit is under way; let go; return what each was told."""
    together = Together(disk.writing)
    told: dict[str, Any] = {}

    def send(name: str) -> None:
        try:
            told[name] = together.run(put(name))
        except Exception as error:  # noqa: BLE001 - it is what was told
            told[name] = error

    threads = [threading.Thread(target=send, args=(name,)) for name in ("first", *names)]
    threads[0].start()
    assert disk.is_in_commit.wait(timeout=10)
    for thread in threads[1:]:
        thread.start()
    while len(together._waiting) < len(names):
        pass
    assert told == {}
    disk.fault = fault
    disk.may_commit.set()
    for thread in threads:
        thread.join(timeout=10)
    return told


def test_who_comes_while_the_disk_is_busy_shares_the_next_commit() -> None:
    disk = SlowDisk()
    names = [f"tablet-{number}" for number in range(10)]
    told = send_meanwhile(disk, names)
    assert told == {name: f"{name} kept" for name in ("first", *names)}
    assert disk.durable[0] == ["first"]
    assert sorted(disk.durable[1]) == sorted(names)
    assert len(disk.durable) == 2


def test_one_faulty_piece_of_work_does_not_harm_the_others() -> None:
    disk = SlowDisk()
    told = send_meanwhile(disk, ["one", "faulty", "two"])
    assert isinstance(told["faulty"], ValueError)
    assert (told["one"], told["two"]) == ("one kept", "two kept")
    assert sorted(name for commit in disk.durable for name in commit) == ["first", "one", "two"]


def test_when_the_disk_is_full_everyone_is_refused() -> None:
    disk = SlowDisk()
    told = send_meanwhile(disk, ["one", "two"], fault=UnavailableError())
    assert {type(answer) for answer in told.values()} == {UnavailableError}
    assert disk.durable == []


def test_work_goes_on_after_a_fault() -> None:
    disk = SlowDisk()
    disk.may_commit.set()
    together = Together(disk.writing)
    with pytest.raises(ValueError, match="faulty"):
        together.run(put("faulty"))
    assert together.run(put("next")) == "next kept"
