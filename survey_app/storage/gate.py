"""A gate: many go in and out, and one may shut it, wait until nobody is inside, and exchange what lies behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from survey_app.storage.faults import UnavailableError


class Gate:
    """While it is shut, who wants to go in is told to come again; nobody inside is disturbed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_shut = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be inside for as long as the block lasts.

        Raises:
            UnavailableError: it is shut.
        """
        with self._changed:
            if self._is_shut:
                raise UnavailableError
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def shut(self, seconds: float) -> Iterator[None]:
        """Shut it for as long as the block lasts, once everybody has left.

        Raises:
            UnavailableError: somebody is still inside after so many seconds, or another one shut it; it is as it was.
        """
        with self._changed:
            if self._is_shut:
                raise UnavailableError
            self._is_shut = True
            if not self._changed.wait_for(lambda: self._inside == 0, seconds):
                self._is_shut = False
                raise UnavailableError
        try:
            yield
        finally:
            with self._changed:
                self._is_shut = False
