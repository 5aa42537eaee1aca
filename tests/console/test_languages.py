"""Desk "Languages": what is missing and what nobody checked yet, and the files to work on."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from survey_app.fieldwork.rights import Post
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.console.conftest import Desk


@pytest.fixture
def editor(desk: Desk) -> TestClient:
    add_member(desk.db, "eva", "four words are enough", Post("editor"))
    return desk.sign_in("eva")


def test_an_editor_begins_at_the_languages_and_sees_how_far_each_has_come(editor: TestClient) -> None:
    assert editor.get("/console").headers["location"] == "/console/languages"
    page = editor.get("/console/languages").text
    assert len(re.findall(r'href="/console/languages/[\w-]+"', page)) == 26
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
