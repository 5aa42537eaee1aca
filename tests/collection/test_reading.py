"""Only a response to this session's questions is read; everything else is named by codes."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import UUID

import builders
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.collection.reading import Problem, Rejected, read_response
from survey_app.collection.response import Response, document
from survey_app.questionnaire.definition import OffScale

ID = UUID("0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10")
LANGUAGES = ("fr", "ar")


def read(raw: object) -> Response | Rejected:
    return read_response(raw, ID, builders.exit_questionnaire(), builders.ACTIVITIES, LANGUAGES)


def read_tiny(answers: dict[str, Any], off_scale: dict[str, Any] | None = None) -> Response | Rejected:
    raw = builders.build_raw(questionnaire="tiny", language="en", answers=answers, off_scale=off_scale or {})
    return read_response(raw, ID, builders.parse_questionnaire(), (), ("en",))


def problems_of(found: Response | Rejected) -> set[tuple[str, str]]:
    assert isinstance(found, Rejected)
    return {(problem.where, problem.code) for problem in found.problems}


def test_a_response_keeps_what_was_answered() -> None:
    found = read(builders.build_raw())
    assert isinstance(found, Response)
    assert found.id == ID
    assert found.answers["helpful"] == "a-lot"
    assert found.off_scale == {"gender": OffScale.NO_ANSWER, "money": OffScale.NOT_FOR_ME}


def test_several_choices_are_kept_in_reading_order() -> None:
    found = read(builders.build_raw(answers={"change": ["childcare", "more-hours", "slower"]}))
    assert isinstance(found, Response)
    assert found.answers["change"] == ("more-hours", "slower", "childcare")


def test_one_off_scale_answer_is_a_response() -> None:
    assert isinstance(read(builders.build_raw(answers={}, off_scale={"helpful": "not-understood"})), Response)


FAULTS: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "an unknown item": ({"answers": {"helpful": "a-lot", "secret": "a"}}, {("answers", "item-unknown")}),
    "an item of another project": ({"answers": {"letters": "a-lot"}}, {("letters", "item-not-asked")}),
    "off the scale, of another project": ({"off_scale": {"letters": "no-answer"}}, {("letters", "item-not-asked")}),
    "a wrong answer": ({"answers": {"helpful": "yes"}}, {("helpful", "answer-unknown")}),
    "a list where one is expected": ({"answers": {"helpful": ["a-lot"]}}, {("helpful", "answer-not-one-code")}),
    "one where a list is expected": ({"answers": {"change": "slower"}}, {("change", "answer-not-a-list")}),
    "a number": ({"answers": {"age": 18}}, {("age", "answer-not-one-code")}),
    "nothing": ({"answers": {"age": None}}, {("age", "answer-not-one-code")}),
    "an object": ({"answers": {"age": {}}}, {("age", "answer-not-one-code")}),
    "a choice made twice": ({"answers": {"change": ["slower", "slower"]}}, {("change", "answer-repeated")}),
    "an empty list": ({"answers": {"change": []}}, {("change", "answer-empty")}),
    "a list of lists": ({"answers": {"change": [["slower"]]}}, {("change", "answer-unknown")}),
    "both answered and off the scale": (
        {"answers": {"age": "18-60"}, "off_scale": {"age": "no-answer"}},
        {("age", "item-answered-twice")},
    ),
    "an unknown off-scale answer": ({"off_scale": {"age": "maybe"}}, {("age", "off-scale-unknown")}),
    "an unknown item off the scale": ({"off_scale": {"secret": "no-answer"}}, {("off_scale", "item-unknown")}),
    "another questionnaire": ({"questionnaire": "practice"}, {("questionnaire", "other-questionnaire")}),
    "another version": ({"version": 2}, {("version", "other-version")}),
    "true as a version": ({"version": True}, {("version", "other-version")}),
    "a fraction as a version": ({"version": 1.0}, {("version", "other-version")}),
    "a language that is not offered": ({"language": "xx"}, {("language", "language-not-offered")}),
    "a list as a language": ({"language": ["fr"]}, {("language", "language-not-offered")}),
    "an unknown mode": ({"mode": "by-phone"}, {("mode", "mode-unknown")}),
    "an extra field": ({"device": "tablet-3"}, {("response", "field-unknown")}),
    "nothing answered at all": ({"answers": {}, "off_scale": {}}, {("response", "nothing-answered")}),
    "answers as a list": ({"answers": ["a-lot"]}, {("answers", "not-an-object")}),
    "off-scale as a text": ({"off_scale": "no-answer"}, {("off_scale", "not-an-object")}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_named_by_its_code(fault: str) -> None:
    changes, expected = FAULTS[fault]
    assert problems_of(read(builders.build_raw(**{"off_scale": {}, **changes}))) == expected


def test_all_problems_are_named_at_once() -> None:
    raw = {"version": 3, "mode": "x", "answers": {"helpful": 1, "age": "old"}, "off_scale": {"change": "x"}}
    assert problems_of(read(raw)) == {
        ("questionnaire", "field-missing"),
        ("language", "field-missing"),
        ("version", "other-version"),
        ("mode", "mode-unknown"),
        ("helpful", "answer-not-one-code"),
        ("age", "answer-unknown"),
        ("change", "off-scale-unknown"),
    }


@pytest.mark.parametrize("raw", [None, [], "text", 3, True])
def test_a_response_is_an_object(raw: object) -> None:
    assert problems_of(read(raw)) == {("response", "not-an-object")}


def test_an_item_is_answered_only_on_its_path() -> None:
    assert isinstance(read_tiny({"first": "yes", "then": "no"}), Response)
    assert problems_of(read_tiny({"first": "no", "then": "no"})) == {("then", "item-off-path")}
    assert problems_of(read_tiny({"then": "no"})) == {("then", "item-off-path")}
    assert problems_of(read_tiny({"first": "no"}, {"then": "no-answer"})) == {("then", "item-off-path")}


def test_a_comment_is_not_collected_yet() -> None:
    items = [{"id": "comment", "type": "comment", "text": "More?", "picture": "age"}]
    questionnaire = builders.parse_questionnaire(items=items)
    for part in (
        {"answers": {"comment": "x"}, "off_scale": {}},
        {"answers": {}, "off_scale": {"comment": "no-answer"}},
    ):
        raw = builders.build_raw(questionnaire="tiny", language="en", **part)
        found = read_response(raw, ID, questionnaire, (), ("en",))
        assert ("comment", "comment-sent-apart") in problems_of(found)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just("a-lot"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["helpful", "change", "age", "letters", "zzz"]) | st.text(max_size=3), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    raw=st.fixed_dictionaries(
        {},
        optional={
            "questionnaire": st.just("amif-exit") | JSON_VALUES,
            "version": st.just(1) | JSON_VALUES,
            "language": st.just("fr") | JSON_VALUES,
            "mode": st.just("alone") | JSON_VALUES,
            "answers": JSON_VALUES,
            "off_scale": JSON_VALUES,
        },
    )
)
def test_anything_may_be_sent_and_nothing_sent_is_repeated(raw: dict[str, Any]) -> None:
    found = read(raw)
    if isinstance(found, Rejected):
        known = {item.id for item in builders.exit_questionnaire().items}
        fields = {"questionnaire", "version", "language", "mode", "answers", "off_scale", "response"}
        assert found.problems
        assert all(problem.where in known | fields for problem in found.problems)
        assert len(set(found.problems)) == len(found.problems)


def test_a_document_reads_back_as_the_same_response() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    numbers = random.Random(seed)
    for _ in range(100):
        found = read(builders.draw_raw(numbers))
        assert isinstance(found, Response)
        text = document(found)
        assert read(json.loads(text)) == found


def test_a_document_holds_no_id_and_no_time() -> None:
    found = read(builders.build_raw())
    assert isinstance(found, Response)
    assert document(found) == (
        '{"answers":{"age":"18-60","change":["slower","childcare"],"helpful":"a-lot","speaking":"a-little"},'
        '"language":"fr","mode":"alone","off_scale":{"gender":"no-answer","money":"not-for-me"},'
        '"questionnaire":"amif-exit","version":1}'
    )


def test_the_order_of_touching_leaves_no_trace() -> None:
    one = read(builders.build_raw(answers={"helpful": "a-lot", "change": ["slower", "childcare"]}))
    other = read(builders.build_raw(answers={"change": ["childcare", "slower"], "helpful": "a-lot"}))
    assert isinstance(one, Response)
    assert isinstance(other, Response)
    assert document(one) == document(other)


def test_problems_are_sorted() -> None:
    found = read(builders.build_raw(mode="x", language="y", version=2))
    assert found == Rejected(
        (
            Problem("language", "language-not-offered"),
            Problem("mode", "mode-unknown"),
            Problem("version", "other-version"),
        )
    )
