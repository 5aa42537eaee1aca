"""The exact totals of R.2.9 are taken out by those who have the right, and everybody sees who did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import builders
import pytest

from survey_app import journeys
from survey_app.fieldwork.rights import RIGHTS
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.storage import audit, indicator_returns
from survey_app.storage.store_response import keep

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PERIOD = period_of(clock.today()).code
FORM = {"period": PERIOD, "sure": "yes"}


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Seven people answered, three women among them."""
    desk.sign_in("an")
    code = desk.start_session()
    for gender in ("female",) * 3 + ("male",) * 4:
        keep(desk.db, code, builders.build_response({"helpful": "a-lot", "gender": gender, "age": "18-60"}))
    journeys.close_session(desk.db, code, clock.now())
    return desk


def test_who_has_the_right_reads_the_warnings_and_downloads_the_files(filled: Desk) -> None:
    made = filled.browser.post("/console/indicator", data=FORM)
    assert made.status_code == 303, made.text
    page = filled.browser.get(made.headers["location"]).text
    assert "Positive answers · Female: fewer than 10 people." in page
    assert "all who answered, or all but fewer than 10, said the same." in page
    for name in ("indicator-fr.xlsx", "indicator-nl.xlsx", "indicator-en.xlsx", "indicator.json"):
        reply = filled.browser.get(f"{made.headers['location']}/files/{name}")
        assert reply.status_code == 200, name
        assert reply.headers["cache-control"] == "no-store"
    assert filled.browser.get(f"{made.headers['location']}/files/other").status_code == 404


def test_a_manager_finds_no_such_page_and_the_log_names_who_took_them_out(filled: Desk) -> None:
    made = filled.browser.post("/console/indicator", data=FORM).headers["location"]
    manager = filled.sign_in("max", filled.other_browser())
    for method, address in (
        ("GET", "/console/indicator"),
        ("POST", "/console/indicator"),
        ("GET", made),
        ("GET", f"{made}/files/indicator.json"),
    ):
        assert manager.request(method, address, data=FORM).status_code == 404
    (entry,) = indicator_returns.list_returns(filled.db)
    assert entry.made_by == "an"
    assert "an ·" in filled.browser.get("/console/indicator").text
    deeds = [each.deed for each in audit.list_latest(filled.db, 20)]
    assert audit.Deed("an", "indicator-returned", entry.id) in deeds


def test_the_right_is_one_of_its_own_and_not_the_administrators() -> None:
    assert set(RIGHTS["return-indicator"]) == {"reviewer"}


def test_nothing_is_taken_out_unless_one_says_to_whom_it_goes(filled: Desk) -> None:
    reply = filled.browser.post("/console/indicator", data={"period": PERIOD})
    assert reply.status_code == 422
    assert "Say first that you send these numbers to the managing authority only." in reply.text
    assert filled.browser.post("/console/indicator", data={"period": "nonsense", "sure": "yes"}).status_code == 422
    assert filled.browser.post("/console/indicator", data={"period": "2020-H1", "sure": "yes"}).status_code == 422
    assert indicator_returns.list_returns(filled.db) == ()


def test_a_file_that_was_edited_is_not_handed_out(filled: Desk) -> None:
    made = filled.browser.post("/console/indicator", data=FORM).headers["location"]
    (entry,) = indicator_returns.list_returns(filled.db)
    folder = filled.app.state.settings.data_dir / "returns" / entry.id
    (folder / "indicator-fr.xlsx").write_bytes(b"other")
    assert filled.browser.get(f"{made}/files/indicator-fr.xlsx").status_code == 404
    (folder / "indicator.json").write_text("{}")
    assert "Their folder is gone or was changed." in filled.browser.get(made).text
