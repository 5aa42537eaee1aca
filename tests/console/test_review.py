"""POD MI's desk: who has delivered, what it says of releases, and what comes from computers without internet."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import builders
import pytest
from console.test_comments import HERE, a_minute_later, decide, hold_session, say
from exchange.test_parcels import collect, pack, return_totals
from releasing import make_release

from survey_app import carrying, journeys
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.parcels import RECEIVED
from survey_app.questionnaire.definition import OffScale
from survey_app.storage import audit, indicator_returns, received
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep
from survey_app.storage.structure import write_structure

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PERIOD = period_of(clock.today()).code
NATIONAL = {"tier": "network", "period": PERIOD, "scope": "all"}


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Forty people answered in Gent."""
    desk.sign_in("an")
    code = desk.start_session(40)
    for number in range(40):
        gender, said = ("female", "male")[number % 2], ("a-lot", "a-little", "not-much")[number % 3]
        keep(desk.db, code, builders.build_response({"helpful": said, "gender": gender, "age": "18-60"}))
    journeys.close_session(desk.db, code, clock.now())
    return desk


@pytest.fixture
def laptop(tmp_path: Path, desk: Desk) -> Iterator[Database]:
    """A computer without internet that took exact totals out; it and the desk's know each other."""
    db = Database(f"sqlite:///{tmp_path / 'laptop.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    collect(db, "482913", 30)
    return_totals(db, tmp_path / "return", PERIOD)
    builders.introduce(db, "Luik", desk.db, "centre")
    yield db
    db.close()


def delivered(page: str) -> dict[str, bool]:
    rows = re.findall(r'<tr role="row" data-place="\w+" (data-delivered)?>\s*<th[^>]*>(.*?)</th>', page)
    return {name: bool(mark) for mark, name in rows}


def test_the_national_release_is_one_click_and_says_who_has_delivered(filled: Desk) -> None:
    before = filled.browser.get("/console/review")
    assert delivered(before.text) == {"OCMW Gent": False}
    assert "0 of 1 have delivered." in before.text
    form = re.search(r'<form method="post" action="/console/releases">(.*?)</form>', before.text, re.DOTALL)
    assert form is not None
    typed = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1]))
    assert len(typed.pop("attempt")) == 16
    assert typed == NATIONAL

    address = make_release(filled.browser, typed).headers["location"]
    after = filled.browser.get("/console/review").text
    assert delivered(after) == {"OCMW Gent": True}
    assert "1 of 1 have delivered." in after
    assert f'data-release="{address.rpartition("/")[2]}"' in after


def test_a_remark_reaches_the_organisation_though_it_cannot_read_the_release(filled: Desk) -> None:
    address = make_release(filled.browser, NATIONAL).headers["location"]
    page = filled.browser.get("/console/review").text
    release = re.search(r'name="release" value="([0-9a-f]{64})"', page)
    assert release is not None
    form = {"release": release[1], "period": PERIOD, "remark": "Well done. <b>Please</b> ask about housing too."}

    empty = filled.browser.post("/console/review/sign-off", data={**form, "remark": "  "})
    assert empty.status_code == 422
    assert "Write what you want to say of this release." in empty.text
    long = filled.browser.post("/console/review/sign-off", data={**form, "remark": "x" * 1001})
    assert long.status_code == 422
    assert "x" * 1001 in long.text  # what was typed is still there
    assert filled.browser.post("/console/review/sign-off", data={**form, "release": "0" * 64}).status_code == 404

    assert filled.browser.post("/console/review/sign-off", data=form).status_code == 303
    filled.browser.post("/console/review/sign-off", data={**form, "remark": "And once more."})
    told = "Well done. &lt;b&gt;Please&lt;/b&gt; ask about housing too."
    assert told in filled.browser.get(address).text
    manager = filled.sign_in("max", filled.other_browser())
    assert manager.get(address).status_code == 404  # a release for the network is not theirs to read
    theirs = manager.get("/console/releases").text
    assert told in theirs
    assert theirs.index(told) < theirs.index("And once more.")
    assert manager.get("/console/review").status_code == 404
    deeds = [each.deed for each in audit.list_latest(filled.db, 20)]
    assert audit.Deed("an", "release-signed-off", f"release {address.rpartition('/')[2]}") in deeds


def test_a_parcel_is_taken_in_on_the_page_and_the_national_figures_are_exact(filled: Desk, laptop: Database) -> None:
    raw = pack(laptop, clock.now())
    taken = filled.browser.post("/console/exchange/take", files={"file": ("a.survey-parcel", raw)})
    assert taken.status_code == 200, taken.text
    assert 'data-taken="1"' in taken.text
    again = filled.browser.post("/console/exchange/take", files={"file": ("a.survey-parcel", raw)})
    assert again.status_code == 422
    assert 'data-not-taken="repeated"' in again.text
    cut = filled.browser.post("/console/exchange/take", files={"file": ("a.survey-parcel", raw[:-9])})
    assert 'data-not-taken="damaged"' in cut.text
    assert filled.browser.post("/console/exchange/take").status_code == 422

    (one,) = received.list_received(filled.db)
    half = one.period.removeprefix("..")
    desk = filled.browser.get(f"/console/review?period={half}").text
    assert any(name.startswith("Luik (") and mark for name, mark in delivered(desk).items())
    page = filled.browser.get(f"/console/review/received/{one.hash}").text
    number = carrying.know_instance(laptop).card.id
    assert "From Luik, whose card has the number " + " ".join(re.findall("....", number)) in page
    assert "Taken in by an." in page
    file = filled.browser.get(f"/console/review/received/{one.hash}/files/indicator-fr.xlsx")
    assert file.status_code == 200
    assert filled.browser.get(f"/console/review/received/{one.hash}/files/../x").status_code == 404


def helpful(made: indicator_returns.IndicatorReturn) -> int:
    (found,) = (
        cell["value"]
        for cell in made.cells
        if cell["at"]["answer"] == "positive" and {cell["at"][by] for by in ("gender", "age")} == {"total"}
    )
    return int(found)


def helpful_in(page: str) -> list[str]:
    """The column of people who found it helpful, the total first."""
    return re.findall(r'<td role="cell" data-head="People who found it helpful">(.*?)</td>', page)


def test_national_figures_add_up_what_each_computer_sent_and_name_who_sent_nothing(
    filled: Desk, laptop: Database
) -> None:
    filled.browser.post("/console/exchange/take", files={"file": ("a", pack(laptop, clock.now()))})
    (theirs,) = indicator_returns.list_returns(laptop)

    alone = filled.browser.get(f"/console/review/national?period={PERIOD}").text
    assert re.findall(r'data-source="(\w+)"', alone) == ["nothing", "exact"]
    assert helpful_in(alone)[0] == str(helpful(theirs))

    assert filled.browser.post("/console/indicator", data={"period": PERIOD, "sure": "yes"}).status_code == 303
    (ours,) = indicator_returns.list_returns(filled.db)
    both = filled.browser.get(f"/console/review/national?period={PERIOD}").text
    assert re.findall(r'data-source="(\w+)"', both) == ["exact", "exact"]
    assert helpful_in(both)[0] == str(helpful(ours) + helpful(theirs))
    assert audit.Deed("an", "national-read", PERIOD) in [each.deed for each in audit.list_latest(filled.db, 20)]
    manager = filled.sign_in("max", filled.other_browser())
    assert manager.get(f"/console/review/national?period={PERIOD}").status_code == 404


def test_a_release_that_was_changed_after_it_came_is_not_shown(filled: Desk, laptop: Database) -> None:
    filled.browser.post("/console/exchange/take", files={"file": ("a", pack(laptop, clock.now()))})
    (one,) = received.list_received(filled.db)
    folder = filled.app.state.settings.data_dir / RECEIVED / one.folder
    (folder / "indicator-fr.xlsx").write_bytes(b"other")
    page = filled.browser.get(f"/console/review/received/{one.hash}")
    assert "They came in a sealed file, and are gone or were changed." in page.text
    assert filled.browser.get(f"/console/review/received/{one.hash}/files/indicator-fr.xlsx").status_code == 404
    half = one.period.removeprefix("..")
    assert 'data-source="exact"' not in filled.browser.get(f"/console/review/national?period={half}").text


def test_a_file_is_packed_on_the_page_for_a_computer_that_is_known(filled: Desk, laptop: Database) -> None:
    assert filled.browser.post("/console/exchange/pack", data={"to": "nobody"}).status_code == 422
    filled.browser.post("/console/indicator", data={"period": PERIOD, "sure": "yes"})
    packed = filled.browser.post("/console/exchange/pack", data={"to": "Luik"})
    assert packed.status_code == 200
    assert packed.headers["content-disposition"].endswith('.survey-parcel"')
    assert b"indicator" not in packed.content


def section(page: str, name: str) -> str:
    return html.unescape(page.partition(f'id="{name}"')[2].partition("</section>")[0])


def test_the_sentences_that_were_not_understood_stand_on_the_desk_in_their_language(desk: Desk) -> None:
    desk.sign_in("an")
    code = desk.start_session(60)
    for number in range(60):
        said = ("a-lot", "a-little", "not-much")[number % 3]
        is_lost = number % 2 and number < 24
        answers, off = ({}, {"helpful": OffScale.NOT_UNDERSTOOD}) if is_lost else ({"helpful": said}, {})
        keep(desk.db, code, builders.build_response(answers, off, language=("nl", "ar")[number % 2]))
    journeys.close_session(desk.db, code, clock.now())
    assert "No sentence stands out" in section(desk.browser.get("/console/review").text, "sentences")
    make_release(desk.browser, NATIONAL)
    sentences = section(desk.browser.get("/console/review").text, "sentences")
    first = sentences.partition("data-sentence")[2]
    assert re.search(r'lang="ar" dir="rtl">[^<]+</p>', first), "the sentence as people read it"
    assert "12 of 30 people did not understand (40 %)." in first
    assert 'lang="nl"' not in sentences, "nobody who read Dutch said so"


def test_comments_that_passed_review_are_handed_out_from_the_desk(desk: Desk) -> None:
    desk.sign_in("an")
    asks = Project("talk", "gent", "Praten", "amif-exit", 2, frozenset({"speaking", "comment"}), ("nl",))
    write_structure(desk.db, projects=[asks], modules=[Module("ict", "Computer", "talk")])
    hold_session(desk, 10)
    say(desk, "Meer uren, graag.")
    desk.browser.post(f"{HERE}/open")
    assert "None in this half-year." in section(desk.browser.get("/console/review").text, "comments")
    decide(desk, "pass", text="Meer uren, graag.")
    found = section(desk.browser.get("/console/review").text, "comments")
    assert "Praten: " in found
    assert "1 comment that may be passed on (CSV)" in found
    (address,) = re.findall(r'href="([^"]+)"', found)
    with a_minute_later():  # until then the decision can be taken back
        assert "Meer uren, graag." in desk.browser.get(address).content.decode("utf-8-sig")
