"""Catalogues follow the sources, word for word, and no translation is ever lost on the way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.plurals import get_plural

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES
from survey_app.questionnaire.extraction import gather_sentences
from survey_app.questionnaire.loader import FaultyQuestionnaires
from survey_app.questionnaire.translation import DOMAINS, Domain, State, load_catalogues
from survey_app.questionnaire.upkeep import find_stale, update_catalogues, write_templates

ROOT = Path(__file__).parents[2]
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def templates_of(*sentences: str) -> dict[Domain, Catalog]:
    made: dict[Domain, Catalog] = {domain: Catalog() for domain in DOMAINS}
    for sentence in sentences:
        made["respond"].add(sentence)
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a small checkout with sentences of every kind."""
    root = tmp_path / "checkout"
    (root / "questionnaires").mkdir(parents=True)
    shutil.copy(ROOT / "babel.cfg", root)
    shutil.copy(ROOT / "questionnaires" / "practice.v1.yaml", root / "questionnaires")
    sources = {
        "survey_app/web/templates/respond/start.html": "{# For translators: a button #}{{ _('Start') }}",
        "survey_app/web/templates/layouts/respond.html": "{{ _('Layout of respondents') }}",
        "survey_app/web/templates/layouts/console.html": "{{ _('Layout of staff') }}",
        "survey_app/web/templates/components/button.html": "{{ _('Component') }}",
        "survey_app/web/templates/console/desk.html": "{{ ngettext('%(n)s person', '%(n)s people', n=3) }}",
        "survey_app/web/templates/errors/error.html": "{{ pgettext('page', 'Not here') }}",
        "survey_app/web/respond/routes.py": "_('From a respondent route')",
        "survey_app/report/wording.py": "words.gettext('From a report')",
        "survey_app/web/static/vendor/skipped.py": "_('Vendored')",
        "node_modules/skipped.py": "_('Not ours')",
    }
    for name, text in sources.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_each_sentence_is_found_in_the_catalogue_of_its_readers(checkout: Path) -> None:
    found = gather_sentences(checkout)

    respond = {message.id for message in found["respond"] if message.id}
    messages = {message.id for message in found["messages"] if message.id}
    assert respond == {"Start", "Layout of respondents", "Component", "From a respondent route", "Not here"}
    assert messages == {"Layout of staff", ("%(n)s person", "%(n)s people"), "From a report"}
    contexts = {message.context for message in found["questionnaires"] if message.id}
    assert {"practice/title", "practice/tea", "practice/scale/much-4/a-lot"} <= contexts


def test_translators_read_what_each_sentence_of_a_questionnaire_is(checkout: Path) -> None:
    message = gather_sentences(checkout)["questionnaires"].get("J'aime le thé ?", "practice/tea")

    assert message is not None
    assert message.auto_comments == ["question of item tea"]


def test_a_faulty_questionnaire_stops_the_extraction(checkout: Path) -> None:
    (checkout / "questionnaires" / "x.v1.yaml").write_text("id: x\n", encoding="utf-8")

    with pytest.raises(FaultyQuestionnaires, match=r"x\.v1\.yaml line 1"):
        gather_sentences(checkout)


def test_outside_a_checkout_nothing_can_be_extracted(tmp_path: Path) -> None:
    with pytest.raises(RequestMistakenError, match="Run this in a checkout"):
        gather_sentences(tmp_path)


def test_an_update_keeps_every_translation_with_its_state_and_remark(tmp_path: Path) -> None:
    path = tmp_path / "nl" / "LC_MESSAGES" / "respond.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        "# Written by hand.\n" + HEADER + '# state: tested\n# with a group in Ghent\nmsgid "Next"\nmsgstr "Verder"\n',
        encoding="utf-8",
    )

    update_catalogues(templates_of("Back", "Next"), tmp_path)

    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Written by hand.\n")
    assert '# state: tested\n# with a group in Ghent\nmsgid "Next"\nmsgstr "Verder"\n' in text
    assert 'msgid "Back"\nmsgstr ""\n' in text


def test_a_translation_whose_sentence_is_gone_waits_and_comes_back_with_it(tmp_path: Path) -> None:
    path = tmp_path / "nl" / "LC_MESSAGES" / "respond.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + '# state: reviewed\nmsgid "Next"\nmsgstr "Verder"\n', encoding="utf-8")

    update_catalogues(templates_of("Back"), tmp_path)
    assert '# state: reviewed\n#~ msgid "Next"\n#~ msgstr "Verder"\n' in path.read_text(encoding="utf-8")

    update_catalogues(templates_of("Next"), tmp_path)
    assert '# state: reviewed\nmsgid "Next"\nmsgstr "Verder"\n' in path.read_text(encoding="utf-8")
    assert '"Back"' not in path.read_text(encoding="utf-8"), "it was never translated"

    update_catalogues(templates_of("Back"), tmp_path, drops_obsolete=True)
    assert "Verder" not in path.read_text(encoding="utf-8")


def test_a_changed_sentence_does_not_take_over_the_words_of_one_like_it(tmp_path: Path) -> None:
    path = tmp_path / "nl" / "LC_MESSAGES" / "respond.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + 'msgid "Your answers are kept."\nmsgstr "Bewaard."\n', encoding="utf-8")

    update_catalogues(templates_of("Your answers are not kept."), tmp_path)

    assert 'msgid "Your answers are not kept."\nmsgstr ""\n' in path.read_text(encoding="utf-8")


def test_what_is_written_is_the_same_each_time_and_holds_no_date_and_no_place(tmp_path: Path, checkout: Path) -> None:
    templates = gather_sentences(checkout)
    assert len(write_templates(templates, tmp_path)) == 3
    assert update_catalogues(templates, tmp_path)

    assert write_templates(gather_sentences(checkout), tmp_path) == ()
    assert update_catalogues(gather_sentences(checkout), tmp_path) == ()
    for path in [*tmp_path.glob("*.pot"), *tmp_path.glob("*/LC_MESSAGES/*.po")]:
        text = path.read_text(encoding="utf-8")
        assert "-Date" not in text
        assert "\n#:" not in text
        assert max(len(line) for line in text.splitlines()) <= 110


def test_each_catalogue_carries_the_plural_forms_of_its_language(tmp_path: Path) -> None:
    update_catalogues(templates_of("Next"), tmp_path)

    for language in RESPONDENT_LANGUAGES:
        if language.tag == "en":
            continue
        text = (tmp_path / language.locale / "LC_MESSAGES" / "respond.po").read_text(encoding="utf-8")
        unwrapped = text.replace('"\n"', "")
        assert f"Plural-Forms: {get_plural(language.locale).plural_forms}\\n" in unwrapped


def test_no_catalogue_is_begun_in_the_language_of_the_sources(tmp_path: Path, checkout: Path) -> None:
    update_catalogues(gather_sentences(checkout), tmp_path)

    assert not (tmp_path / "en" / "LC_MESSAGES" / "respond.po").exists()
    assert not (tmp_path / "fr" / "LC_MESSAGES" / "questionnaires.po").exists()
    assert (tmp_path / "en" / "LC_MESSAGES" / "questionnaires.po").exists()


def test_an_updated_catalogue_says_the_same_as_before(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "translations", tmp_path / "translations")
    before = load_catalogues(ROOT / "translations")

    update_catalogues(gather_sentences(ROOT), tmp_path / "translations")

    after = load_catalogues(tmp_path / "translations")
    for domain in DOMAINS:
        for key in before.wanted[domain]:
            assert after.entry(domain, "ar", key) == before.entry(domain, "ar", key)
    assert {state.rank for state in State} == {0, 1, 2}


def test_the_committed_templates_are_in_step_with_the_sources() -> None:
    assert find_stale(gather_sentences(ROOT), ROOT / "translations") == (), "run: survey-app translations update"
