"""Committing together: responses that arrive while the disk is busy share the next commit.

A disk that needs 5 ms to make a commit durable would otherwise take 200 responses a second however many tablets send.
Nobody waits for company: who comes first commits alone, who comes meanwhile commits next, all at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

from sqlalchemy import Connection

from survey_app.storage.faults import UnavailableError

T = TypeVar("T")
Transaction = Callable[[], AbstractContextManager[Connection]]

MOST_AT_ONCE: Final = 64


@dataclass(slots=True, eq=False)
class _Work(Generic[T]):
    """One piece of work; ``outcome`` is there when it is durable, ``fault`` when it is not."""

    write: Callable[[Connection], T]
    outcome: T | None = None
    fault: BaseException | None = None
    is_done: bool = False


class Together:
    """Runs pieces of work in transactions that they share. Each is durable, or undone with its fault, on return."""

    def __init__(self, transaction: Transaction) -> None:
        """Give the transaction to share, as ``Database.writing``."""
        self._transaction = transaction
        self._changed = threading.Condition()
        self._waiting: list[_Work[Any]] = []
        self._is_committing = False

    def run(self, write: Callable[[Connection], T]) -> T:
        """Run ``write`` and return its result after the commit. It may run twice, so it only touches its connection."""
        mine = _Work(write)
        with self._changed:
            self._waiting.append(mine)
            while self._is_committing and not mine.is_done:
                self._changed.wait()
            batch = [] if mine.is_done else self._take_batch(mine)
        if batch:
            self._commit(batch)
        if mine.fault is not None:
            raise mine.fault
        return cast("T", mine.outcome)

    def _take_batch(self, mine: _Work[Any]) -> list[_Work[Any]]:
        self._is_committing = True
        others = [work for work in self._waiting if work is not mine][: MOST_AT_ONCE - 1]
        batch = [mine, *others]
        self._waiting = [work for work in self._waiting if work not in batch]
        return batch

    def _commit(self, batch: list[_Work[Any]]) -> None:
        try:
            is_done = self._succeeds(batch)
            is_worth_another_try = not is_done and len(batch) > 1 and not isinstance(batch[0].fault, UnavailableError)
            for work in batch if is_worth_another_try else ():  # one is at fault: the others shall not suffer for it
                self._succeeds([work])
        finally:
            with self._changed:
                for work in batch:
                    work.is_done = True
                self._is_committing = False
                self._changed.notify_all()

    def _succeeds(self, batch: list[_Work[Any]]) -> bool:
        try:
            with self._transaction() as connection:
                outcomes = [work.write(connection) for work in batch]
        except BaseException as fault:  # noqa: BLE001 - handed to the thread whose work it is
            for work in batch:
                work.outcome, work.fault = None, fault
            return False
        for work, outcome in zip(batch, outcomes, strict=True):
            work.outcome, work.fault = outcome, None
        return True
