"""One change in the source of one function, and the test that must notice it."""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """``old`` becomes ``new`` in a function; ``noticed_by`` must fail then. ``alone``: the assurance does not mend it."""

    name: str
    function: FunctionType
    old: str
    new: str
    noticed_by: Callable[..., object]
    alone: bool = False

    def code(self) -> Any:
        """Return the code of the function with the change in it."""
        source = textwrap.dedent(inspect.getsource(self.function))
        assert source.count(self.old) == 1, f"{self.name}: the rule is written otherwise now"
        made: dict[str, Any] = {}
        changed = "from __future__ import annotations\n" + source.replace(self.old, self.new)
        exec(compile(changed, self.name, "exec"), self.function.__globals__, made)  # noqa: S102 - our own source
        function = made[self.function.__name__]
        return getattr(function, "__func__", function).__code__  # of a static method, what is inside
