"""How often a word is said: frequency lists of the package wordfreq, where it is installed.

It is an optional extra: staff who translate want it, a server that asks questions does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

PACKAGE = "wordfreq"


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Word frequencies on the Zipf scale: 3 is once in a million words, 6 once in a thousand, 0 never seen."""

    zipf: Callable[[str, str], float]
    lists: frozenset[str]

    def of(self, word: str, name: str) -> float | None:
        """Return the frequency of a word in a list, ``None`` where there is no such list."""
        return self.zipf(word, name) if name in self.lists else None


def find_frequencies() -> Frequencies | None:
    """Return the frequency lists, ``None`` where the package is not installed."""
    if find_spec(PACKAGE) is None:
        return None
    package = import_module(PACKAGE)
    available: Mapping[str, object] = package.available_languages("best")
    return Frequencies(package.zipf_frequency, frozenset(available))
