"""What could say who somebody is, is found before anybody reads it."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.masking.numbers import is_iban, is_national_number
from survey_app.masking.parts import MASK, cut, find_parts, mask

CASES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "cases" / "masking.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda case: case["name"])
def test_a_text_has_these_parts(case) -> None:
    found = [[part.kind, case["text"][part.start : part.end]] for part in find_parts(case["text"])]
    assert found == case["found"]


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda case: case["name"])
def test_nothing_that_was_found_is_left_in_the_masked_text(case) -> None:
    masked = mask(case["text"])
    assert masked.count(MASK) == len(case["found"])
    assert [words for _, words in case["found"] if words in masked] == []


@pytest.mark.parametrize("case", CASES["national_numbers"], ids=lambda case: case["why"])
def test_a_national_number_is_known_by_its_check_digits(case) -> None:
    assert is_national_number(case["text"]) is case["is_one"]


@pytest.mark.parametrize("case", CASES["ibans"], ids=lambda case: case["text"])
def test_an_account_is_known_by_its_check_digits(case) -> None:
    assert is_iban(case["text"]) is case["is_one"]


@given(st.integers(0, 99), st.integers(1, 12), st.integers(1, 28), st.integers(1, 998), st.sampled_from(["", "2"]))
@settings(max_examples=60, deadline=None)
def test_every_number_of_the_register_is_found_and_one_wrong_digit_at_its_end_is_not_taken_for_one(
    year: int, month: int, day: int, number: int, century: str
) -> None:
    nine = f"{year:02}{month:02}{day:02}{number:03}"
    right = 97 - int(century + nine) % 97
    assert find_parts(f"c'est {nine}{right:02} chez moi")[0].kind == "national-number"
    other = 97 - int(("" if century else "2") + nine) % 97
    wrong = next(each for each in range(1, 98) if each not in {right, other})
    assert not is_national_number(f"{nine}{wrong:02}")


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_the_pieces_of_any_text_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in cut(text, find_parts(text))) == text


def test_a_long_text_is_searched_in_no_time() -> None:
    began = perf_counter()
    for text in ("a" * 500, "1 " * 250, "Aa " * 166, "a@" * 250, "rue " + "a " * 248, "." * 500, "a-" * 250):
        find_parts(text)
    assert perf_counter() - began < 2
