"""A published version is never edited; its comments may change, its meaning may not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import FaultyQuestionnaires, load_all, load_questionnaire
from survey_app.questionnaire.versions import FILE, publish

SHIPPED = Path(__file__).parents[2] / "questionnaires"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one published questionnaire."""
    path = shutil.copy(SHIPPED / "practice.v1.yaml", tmp_path / "practice.v1.yaml")
    loaded = load_questionnaire(Path(path))
    assert isinstance(loaded, Questionnaire)
    assert publish(Path(path), loaded), "it is new on the list"
    return tmp_path


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "practice.v1.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_published_version_loads_as_long_as_it_is_not_edited(folder: Path) -> None:
    assert list(load_all(folder)) == [("practice", 1)]


def test_comments_spaces_and_quotes_may_change(folder: Path) -> None:
    edit(folder, '"On essaie"', "'On essaie'   # for the first minute")

    assert load_all(folder)


@pytest.mark.parametrize(
    ("old", "new"), [("le thé", "le café"), ("colour: blue", "colour: violet"), ("a-lot,", "lots,")]
)
def test_a_changed_word_look_or_code_is_refused_with_the_mend(folder: Path, old: str, new: str) -> None:
    edit(folder, old, new)

    with pytest.raises(FaultyQuestionnaires, match=r"practice.v1 was published .* copy the file to practice.v2.yaml"):
        load_all(folder)


def test_a_published_version_that_is_gone_is_missed(folder: Path) -> None:
    (folder / "practice.v1.yaml").unlink()

    with pytest.raises(FaultyQuestionnaires, match=r"Put practice\.v1\.yaml back"):
        load_all(folder)


def test_publishing_twice_changes_nothing(folder: Path) -> None:
    before = (folder / FILE).read_bytes()
    loaded = load_questionnaire(folder / "practice.v1.yaml")
    assert isinstance(loaded, Questionnaire)

    assert not publish(folder / "practice.v1.yaml", loaded)
    assert (folder / FILE).read_bytes() == before


def test_publishing_an_edited_version_again_is_refused(folder: Path) -> None:
    edit(folder, "le thé", "le café")
    loaded = load_questionnaire(folder / "practice.v1.yaml")
    assert isinstance(loaded, Questionnaire)

    with pytest.raises(FaultyQuestionnaires):
        publish(folder / "practice.v1.yaml", loaded)


def test_the_next_version_stands_beside_the_published_one(folder: Path) -> None:
    text = (folder / "practice.v1.yaml").read_text(encoding="utf-8")
    changed = text.replace("\nversion: 1", "\nversion: 2", 1).replace("le thé", "le café")
    (folder / "practice.v2.yaml").write_text(changed, encoding="utf-8")

    found = load_all(folder)

    assert list(found) == [("practice", 1), ("practice", 2)]
    latest = found.latest("practice")
    assert latest is not None
    assert latest.version == 2
    assert found.latest("nothing") is None


@pytest.mark.parametrize("content", ["{", "[]", '{"practice.v1": 1}'])
def test_a_broken_list_is_refused(folder: Path, content: str) -> None:
    (folder / FILE).write_text(content, encoding="utf-8")

    with pytest.raises(FaultyQuestionnaires, match="Take it back from the last commit"):
        load_all(folder)


def test_every_shipped_questionnaire_is_published() -> None:
    published = json.loads((SHIPPED / FILE).read_text(encoding="utf-8"))

    assert set(published) == {path.stem for path in SHIPPED.glob("*.yaml")}
