"""Codes made of names."""

from __future__ import annotations

import re

import pytest

from survey_app.fieldwork.codes import draw_readable_code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("CPAS de Liège", "cpas-de-liege"),
        ("Français débutant 2", "francais-debutant-2"),
        ("2026 – start", "c-2026-start"),
        ("مركز", "c"),
        ("Total", "total-2"),
        ("gent own", "gent"),
        ("gent", "gent-2"),
    ],
)
def test_a_code_looks_like_its_name_and_is_free(name: str, code: str) -> None:
    taken = {"gent"} if name == "gent" else set()
    drawn = draw_readable_code(name, taken)
    assert drawn == code
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", drawn)
    assert len(draw_readable_code(name * 30, taken)) <= 40
