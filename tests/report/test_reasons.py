"""What the protection says in codes is said to people in words, in every language of the staff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

import pytest

from survey_app.aggregation.tables import Coordinates
from survey_app.foundation.languages import STAFF_LANGUAGES
from survey_app.foundation.places import shipped
from survey_app.protection.reasons import Attack, EngineCode, EngineUsed, Lost, Reason, ReasonCode, Step
from survey_app.questionnaire.translation import Catalogues, load_catalogues
from survey_app.report.reasons import (
    name_engines,
    names_of_attacks,
    names_of_engines,
    say_reason,
    sentences_of_reasons,
    sentences_of_steps,
)
from survey_app.report.wording import Wording

SPOKEN: tuple[tuple[Any, Callable[..., Mapping[Any, str]]], ...] = (
    (ReasonCode, sentences_of_reasons),
    (Attack, names_of_attacks),
    (EngineCode, names_of_engines),
    (Step, sentences_of_steps),
)
HELPFUL = Coordinates("item:helpful", "people", "charleroi", "", "", "2026-H1", "helpful", "a-lot", "total", "over-60")


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    return load_catalogues(shipped("translations"))


def codes_of(literal: Any) -> Iterable[str]:
    return [code for part in get_args(literal) for code in (get_args(part) or (part,))]


@pytest.mark.parametrize(("codes", "sentences"), SPOKEN)
def test_every_code_of_the_protection_has_a_sentence(codes, sentences) -> None:
    assert len(list(codes_of(codes))) > 2
    assert set(sentences(str)) == set(codes_of(codes))


@pytest.mark.parametrize("tag", sorted(set(STAFF_LANGUAGES) - {"en"}))
@pytest.mark.parametrize(("codes", "sentences"), SPOKEN)
def test_every_sentence_of_the_protection_is_translated_for_staff(codes, sentences, tag, catalogues) -> None:
    english, spoken = sentences(str), sentences(catalogues.messages(tag).gettext)
    for code in codes_of(codes):
        assert spoken[code] != english[code], code
        assert slots_of(spoken[code]) == slots_of(english[code]), code


def slots_of(sentence: str) -> set[str]:
    class Slots(dict[str, int]):
        def __missing__(self, name: str) -> int:
            self[name] = 1
            return 1

    slots = Slots()
    sentence % slots
    return set(slots)


def test_a_refused_cell_is_named_as_its_reader_knows_it(catalogues) -> None:
    words = Wording(
        "fr",
        catalogues.messages("fr").gettext,
        items={"helpful": "Le groupe aide ?"},
        answers={("helpful", "a-lot"): "Beaucoup"},
        organisations={"charleroi": "CPAS de Charleroi"},
    )
    said = say_reason(Reason("narrowed", HELPFUL), words)
    assert said.startswith("Le groupe aide ? · Beaucoup · CPAS de Charleroi · > 60 : ce chiffre")


def test_what_was_lost_everywhere_at_once_is_called_the_whole_release() -> None:
    nowhere = Coordinates("", "people")
    assert say_reason(Reason("not-possible", nowhere), Wording("en")).startswith("The whole release: ")


@pytest.mark.parametrize("code", get_args(Lost))
def test_no_reason_repeats_a_code(code) -> None:
    said = say_reason(Reason(code, HELPFUL), Wording("en", items={"helpful": "Does it help?"}))
    assert "helpful" not in said
    assert code not in said


def test_engines_stand_in_a_sentence_with_the_conjunction_of_the_language(catalogues) -> None:
    used = [EngineUsed("tau-argus", "pytauargus 0.6.0", 38, 39), EngineUsed("own-optimiser", "HiGHS")]
    dutch = name_engines(used, Wording("nl", catalogues.messages("nl").gettext))
    assert (
        dutch == "tau-ARGUS (pytauargus 0.6.0, 38 van 39 tabellen) en de eigen optimalisatie van dit programma (HiGHS)"
    )
