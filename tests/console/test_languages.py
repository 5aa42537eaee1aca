"""Desk "Languages": what is missing and what nobody checked yet, and the files to work on."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.questionnaire.translation import State
from survey_app.storage import audit
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from httpx import Response
    from starlette.testclient import TestClient

    from tests.console.conftest import Desk


@pytest.fixture
def editor(desk: Desk) -> TestClient:
    add_member(desk.db, "eva", "four words are enough", Post("editor"))
    return desk.sign_in("eva")


def test_an_editor_begins_at_the_languages_and_sees_how_far_each_has_come(editor: TestClient) -> None:
    assert editor.get("/console").headers["location"] == "/console/languages"
    page = editor.get("/console/languages").text
    assert len(re.findall(r'<th scope="row"><a href="/console/languages/[\w-]+"', page)) == 26
    tigrinya = next(row for row in page.split("<tr>") if "/console/languages/ti" in row)
    assert re.search(r"[1-9]\d+ draft", tigrinya)
    assert "original" not in tigrinya
    assert " missing" not in tigrinya
    french = next(row for row in page.split("<tr>") if "/console/languages/fr" in row)
    assert " original" in french


def test_sentences_are_found_by_their_words_in_either_language_and_by_their_state(editor: TestClient) -> None:
    everything = editor.get("/console/languages/nl").text
    found = editor.get("/console/languages/nl", params={"q": "DANK U"}).text
    assert 0 < found.count("data-sentence") < everything.count("data-sentence")
    assert all("dank u" in row.lower() for row in found.split("data-sentence")[1:])
    by_source = editor.get("/console/languages/nl", params={"q": "thank you"}).text
    assert by_source.count("data-sentence") > 0
    assert "No sentence fits." in editor.get("/console/languages/nl", params={"state": "missing"}).text
    assert editor.get("/console/languages/xx").status_code == 404


def test_the_file_of_a_language_is_taken_along_as_it_is(editor: TestClient) -> None:
    reply = editor.get("/console/languages/ti/questionnaires.po")
    assert reply.headers["content-disposition"] == 'attachment; filename="ti-questionnaires.po"'
    assert len([message for message in read_po(io.BytesIO(reply.content)) if message.id]) > 30
    assert editor.get("/console/languages/fr/messages.po").status_code == 404
    assert editor.get("/console/languages/xx/respond.po").status_code == 404


def a_file(editor: TestClient, tag: str = "nl", domain: str = "respond") -> str:
    return editor.get(f"/console/languages/{tag}/{domain}.po").text


def bring(editor: TestClient, content: str, tag: str = "nl", reviewed: str = "") -> Response:
    files = {"file": (f"{tag}.po", content.encode())}
    return editor.post(f"/console/languages/{tag}/bring", files=files, data={"reviewed": reviewed})


def keep(editor: TestClient, page: str, tag: str = "nl", **more: str) -> Response:
    """Send the form of a preview as a browser does."""
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    data = {name: html.unescape(value) for name, value in sent.items()}
    return editor.post(f"/console/languages/{tag}/keep", data={**data, **more})


def sentence_of(editor: TestClient, source: str, tag: str = "nl") -> str:
    """The address of the page of a sentence."""
    page = editor.get(f"/console/languages/{tag}", params={"q": source}).text
    row = next(
        row
        for row in page.split("<tr data-sentence")[1:]
        if re.search(f"<td>{re.escape(source)}( <|<)", html.unescape(row))
    )
    found = re.search(r'href="(/console/languages/[\w-]+/sentences/\w+)"', row)
    assert found is not None
    return found[1]


def said(desk: Desk, source: str, tag: str = "nl") -> tuple[str, State, str]:
    entry = desk.app.state.catalogues.entry("respond", tag, ("", source))
    return entry.texts[0], entry.state, entry.changed


def test_a_corrected_file_is_shown_before_it_holds_and_then_respondents_meet_it(desk: Desk, editor: TestClient) -> None:
    content = a_file(editor).replace('msgstr "Volgende"', 'msgstr "Vooruit"')
    assert "Vooruit" in content
    before = said(desk, "Next")
    preview = bring(editor, content, reviewed="changed").text
    assert preview.count("data-change") == 1
    assert all(words in preview for words in ("Volgende", "Vooruit", "reviewed"))
    assert said(desk, "Next") == before
    reply = keep(editor, preview)
    assert reply.headers["location"] == "/console/languages/nl?done=1"
    assert said(desk, "Next") == ("Vooruit", State.REVIEWED, clock.today().isoformat())
    assert audit.list_latest(desk.db, 1)[0].deed == audit.Deed("eva", "language-corrected", "language nl")

    exported = read_po(io.BytesIO(editor.get("/console/languages/nl/corrections/respond.po").content))
    assert [(one.id, one.string) for one in exported if one.id] == [("Next", "Vooruit")]
    assert bring(editor, a_file(editor)).text.count("data-change") == 0  # what is here already changes nothing
    assert editor.get("/console/languages/nl/corrections/questionnaires.po").status_code == 404


def test_every_fault_of_a_file_is_told_at_once_with_its_line_and_nothing_is_changed(editor: TestClient) -> None:
    content = (
        a_file(editor)
        .replace('msgstr "Volgende"', 'msgstr "<b>Volgende"')
        .replace('msgstr "Terug"', 'msgstr "Terug {x}"')
    )
    reply = bring(editor, content)
    lines = [int(line) for line in re.findall(r'data-line="(\d+)"', reply.text)]
    assert (reply.status_code, len(lines)) == (422, 2)
    assert [content.splitlines()[line - 1] for line in lines] == ['msgid "Back"', 'msgid "Next"']
    assert "another language: ti" in bring(editor, a_file(editor, "ti")).text
    cut = bring(editor, content[: content.index('msgstr "Terug') + 10])
    assert (cut.status_code, "can not be read" in cut.text) == (422, True)
    assert "UTF-8" in editor.post("/console/languages/nl/bring", files={"file": ("nl.po", b"\xff\xfe")}).text
    assert "Choose the file first" in editor.post("/console/languages/nl/bring").text
    assert editor.get("/console/languages/changes").text.count("data-version") == 0


def test_an_original_sentence_is_protected_and_has_no_page(editor: TestClient) -> None:
    head = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
    edited = (
        head + 'msgctxt "amif-exit/helpful"\nmsgid "Le groupe m\'aide pour ma vie en Belgique ?"\nmsgstr "Ça va ?"\n'
    )
    reply = bring(editor, edited, "fr")
    assert (reply.status_code, "original sentence" in reply.text) == (422, True)
    french = editor.get("/console/languages/fr", params={"q": "ma vie en Belgique"}).text
    assert french.count("data-sentence") > 0
    assert "/sentences/" not in french


def test_one_sentence_is_corrected_on_its_page_beside_its_picture_and_marked_as_reviewed(
    desk: Desk, editor: TestClient
) -> None:
    address = sentence_of(editor, "Le groupe m'aide pour ma vie en Belgique ?", "ti")
    assert "/pictures/" in editor.get(address).text or "pictures/helpful" in editor.get(address).text
    address = sentence_of(editor, "Next")
    wrong = editor.post(address, data={"text": "Vooruit {naam}"})
    assert (wrong.status_code, "Vooruit {naam}" in wrong.text, 'id="text-fault"' in wrong.text) == (422, True, True)
    assert editor.post(address, data={"text": " "}).status_code == 422
    assert editor.post(address, data={"text": "Vooruit", "reviewed": "yes"}).status_code == 303
    assert said(desk, "Next")[:2] == ("Vooruit", State.REVIEWED)
    code = desk.sign_in("an") and desk.start_session()
    assert "Vooruit" in editor.get(f"/s/{code}/nl").text


def test_what_was_tested_with_the_group_changes_only_on_purpose_and_never_to_a_draft(
    desk: Desk, editor: TestClient
) -> None:
    tested = a_file(editor).replace('# state: draft\nmsgid "Next"', '# state: tested\nmsgid "Next"')
    keep(editor, bring(editor, tested).text)
    assert said(desk, "Next")[:2] == ("Volgende", State.TESTED)

    draft = a_file(editor).replace('msgstr "Volgende"', 'msgstr "Vooruit"').replace("# state: tested", "# state: draft")
    page = bring(editor, draft).text
    assert ("data-stay" in page, page.count("data-change")) == (True, 0)
    page = bring(editor, draft, reviewed="changed").text
    assert keep(editor, page).status_code == 422
    assert said(desk, "Next")[:2] == ("Volgende", State.TESTED)

    address = sentence_of(editor, "Next")
    for typed in ({}, {"reviewed": "yes"}, {"sure": "yes"}):
        assert editor.post(address, data={"text": "Vooruit", **typed}).status_code == 422
    assert said(desk, "Next")[0] == "Volgende"
    assert keep(editor, page, tested="yes").status_code == 303
    assert said(desk, "Next")[:2] == ("Vooruit", State.REVIEWED)


def test_the_version_before_is_brought_back_by_page(desk: Desk, editor: TestClient) -> None:
    assert "Nothing yet" in editor.get("/console/languages/changes").text
    address = sentence_of(editor, "Next")
    for text in ("Vooruit", "Ga door"):
        editor.post(address, data={"text": text, "reviewed": "yes"})
    page = editor.get("/console/languages/changes").text
    assert re.findall(r'data-version="(\d+)"', page) == ["2", "1", "0"]
    assert editor.post("/console/languages/changes/1").status_code == 303
    assert said(desk, "Next")[0] == "Vooruit"
    assert editor.post("/console/languages/changes/0").status_code == 303
    assert said(desk, "Next")[0] == "Volgende"
    assert audit.list_latest(desk.db, 1)[0].deed == audit.Deed("eva", "version-brought-back", "version 0")
    assert editor.post("/console/languages/changes/9").status_code == 422
