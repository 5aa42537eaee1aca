"""The description of the API says what it answers, and nothing else."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI

_INVENTED: Final = ("HTTPValidationError", "ValidationError")


def leave_out_unused_422(app: FastAPI) -> None:
    """Leave out the 422 that FastAPI describes for every address with a slot.

    Our slots are texts, which always read: a code that is none is answered as an unknown one. The 422 of our own, a problem
    document, stays.
    """
    write = app.openapi

    def describe() -> dict[str, Any]:
        described = write()
        for path in described["paths"].values():
            for operation in path.values():
                if _INVENTED[0] in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
        for name in _INVENTED:
            described.get("components", {}).get("schemas", {}).pop(name, None)
        return described

    app.openapi = describe  # type: ignore[method-assign] # FastAPI's own way to change it
