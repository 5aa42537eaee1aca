"""Where no page of the console opens, staff read why in their language and find a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from survey_app.storage import staff as accounts_kept
from survey_app.storage import structure
from survey_app.storage.database import UnavailableError

if TYPE_CHECKING:
    from tests.console.conftest import Desk

WAY_BACK = '<a class="button" href="/console">'


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "pas de page à cette adresse"), ("nl", "geen pagina"), ("en", "There is no page")]
)
def test_an_unknown_address_answers_in_the_language_of_the_reader(staff: Desk, language: str, said: str) -> None:
    reply = staff.browser.get("/console/nowhere", headers={"accept-language": language})
    assert reply.status_code == 404
    assert f'<html lang="{language}"' in reply.text
    assert said in reply.text
    assert WAY_BACK in reply.text
    assert '<a class="who" href="/console/account" >an</a>' in reply.text


def test_an_unknown_address_tells_a_stranger_no_more_than_that(desk: Desk) -> None:
    reply = desk.browser.get("/console/nowhere")
    assert reply.status_code == 404
    assert 'class="who"' not in reply.text


@pytest.fixture
def without_database(staff: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise UnavailableError

    monkeypatch.setattr(accounts_kept, "find_signed_in", fail)
    monkeypatch.setattr(structure, "list_projects", fail)


@pytest.mark.usefixtures("without_database")
def test_a_database_that_does_not_answer_is_a_page_with_a_way_back(staff: Desk) -> None:
    reply = staff.browser.get("/console", headers={"accept-language": "nl"})
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0
    assert "De databank antwoordt nu niet" in reply.text
    assert WAY_BACK in reply.text
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("without_database")
def test_a_counter_that_cannot_be_read_stays_as_it_was(staff: Desk) -> None:
    reply = staff.browser.get("/console/sessions/482913/counter", headers={"hx-request": "true"})
    assert (reply.status_code, reply.headers["hx-reswap"]) == (503, "none")


def test_a_fault_of_ours_is_a_page_without_what_was_sent(staff: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(structure, "list_projects", fail)
    browser = TestClient(
        staff.app, headers=staff.browser.headers, cookies=staff.browser.cookies, raise_server_exceptions=False
    )
    reply = browser.get("/console", headers={"accept-language": "fr"})
    assert reply.status_code == 500
    assert "erreur de notre part" in reply.text
    assert WAY_BACK in reply.text
    assert "canary" not in reply.text


def test_a_form_that_is_too_large_is_refused_on_a_page(staff: Desk) -> None:
    reply = staff.browser.post("/console/sessions", data={"people": "1" * 20_000})
    assert reply.status_code == 413
    assert "larger than any form" in reply.text
    assert WAY_BACK in reply.text
