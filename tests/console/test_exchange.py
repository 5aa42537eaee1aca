"""The desk of exchange: questionnaires, languages and voices go out and come in by page, in one sealed file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import builders
import pytest

from survey_app.carrying import know_instance
from survey_app.demo.anew import begin_anew
from survey_app.exchange.parcel import pack_parcel
from survey_app.exchange.supplement import Content, Remark, pack_supplement
from survey_app.fieldwork.signal import CarriedSignal, Signal
from survey_app.foundation import clock
from survey_app.storage import audit, ledger, received_signals
from survey_app.storage.database import Database
from survey_app.supplements.contents import Contents
from survey_app.supplements.taking import Taken, take_supplement
from survey_app.voices.clips import Voices

if TYPE_CHECKING:
    from tests.console.conftest import Desk

DUTCH = 'msgid ""\nmsgstr ""\n"Language: nl\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
CORRECTED = f'{DUTCH}# state: reviewed\n# changed: 2026-11-27\nmsgid "Next"\nmsgstr "Vooruit"\n'


@pytest.fixture
def centre(staff: Desk, tmp_path: Path) -> Database:
    """Another instance; it and the desk's know each other."""
    other = Database(f"sqlite:///{tmp_path / 'centre.sqlite3'}")
    other.upgrade()
    builders.introduce(staff.db, "laptop", other, "pod-mi")
    return other


def write(centre: Database, staff: Desk, content: Content) -> bytes:
    return pack_supplement(content, know_instance(centre), know_instance(staff.db).card, uuid4(), clock.now())


def send(staff: Desk, raw: bytes) -> tuple[int, str]:
    reply = staff.browser.post("/console/exchange/take", files={"file": ("one.survey-supplement", raw)})
    return reply.status_code, reply.text


def test_what_comes_by_page_is_said_to_the_next_respondent_and_stands_in_the_log(staff: Desk, centre: Database) -> None:
    code = staff.start_session()
    raw = write(centre, staff, Content(sentences={("nl", "respond"): CORRECTED}))
    before = staff.browser.get(f"/s/{code}/nl").text
    status, page = send(staff, raw)
    assert (status, "data-supplied" in page, "1 sentence (nl)" in page) == (200, True, True)
    assert "Vooruit" in staff.browser.get(f"/s/{code}/nl").text
    assert "Vooruit" not in before
    deed = audit.list_latest(staff.db, 1)[0].deed
    assert (deed.who, deed.action) == ("an", "supplement-taken")
    assert re.search(r"pod-mi</strong> · 1 sentence \(nl\)", staff.browser.get("/console/exchange").text)


def test_what_is_refused_by_page_says_why_with_each_place(staff: Desk, centre: Database) -> None:
    wrong = CORRECTED.replace("Vooruit", "<b>") + '\nmsgid "Back"\nmsgstr "{x}"\n'
    status, page = send(staff, write(centre, staff, Content(sentences={("nl", "respond"): wrong})))
    assert (status, 'data-not-taken="sentence-faulty"' in page) == (422, True)
    assert re.findall(r"<code>nl-respond.po</code> · Line (\d+):", page) == ["8", "11"]
    assert "Keep exactly what is filled in: {x}." in page
    raw = write(centre, staff, Content(sentences={("nl", "respond"): CORRECTED}))
    assert 'data-not-taken="forged"' in send(staff, json.dumps({**json.loads(raw), "id": str(uuid4())}).encode())[1]
    assert send(staff, raw)[0] == 200
    assert 'data-not-taken="repeated"' in send(staff, raw)[1]
    assert audit.list_latest(staff.db, 1)[0].deed.action == "supplement-refused"


FAULTY: dict[str, tuple[Content, str, str]] = {
    "nl": (
        Content(sentences={("nl", "respond"): CORRECTED.replace("Vooruit", "{x}")}),
        "sentence-faulty",
        "<code>nl-respond.po</code> · Regel 8: Houd precies wat het programma invult: {x}.",
    ),
    "fr": (
        Content(clips={("recorded", "ti", "a" * 10): b"x" * 900}),
        "voice-faulty",
        "<code>ti/aaaaaaaaaa.mp3</code></li></ul>\n<p>Chaque voix doit être un fichier MP3",
    ),
}


@pytest.mark.parametrize("language", FAULTY)
def test_what_is_wrong_in_a_file_is_said_in_the_language_of_the_reader(
    staff: Desk, centre: Database, language: str
) -> None:
    content, reason, said = FAULTY[language]
    staff.browser.headers["accept-language"] = language
    status, page = send(staff, write(centre, staff, content))
    assert (status, f'data-not-taken="{reason}"' in page) == (422, True)
    assert said in page, re.findall(r"<ul>.*?</ul>.*", page, re.DOTALL)
    assert 'lang="en"' not in page.partition("data-not-taken")[2].partition("</section>")[0]


def test_what_goes_out_by_page_is_what_the_receiver_takes(staff: Desk, centre: Database, tmp_path: Path) -> None:
    here: Contents = staff.app.state.contents
    staff.app.state.contents = replace(
        here, voices=Voices(tmp_path / "none", tmp_path / "none")
    )  # its drafts are 10 MB
    reply = staff.browser.post("/console/exchange/supply", data={"to": "pod-mi"})
    assert reply.headers["content-disposition"].endswith('.survey-supplement"')
    there = replace(here, places=replace(here.places, shelf=tmp_path / "there"))
    taken = take_supplement(centre, there, reply.content, clock.now(), "")
    assert isinstance(taken, Taken)
    assert (taken.sender_name, taken.counts.is_nothing) == ("laptop", True)
    assert staff.browser.post("/console/exchange/supply", data={"to": "nobody"}).status_code == 422


def test_a_remark_that_came_stands_on_the_releases_page_of_who_made_the_release(staff: Desk, centre: Database) -> None:
    code = staff.start_session()
    first = ledger.last_hash(staff.db)
    release = ledger.Release(
        "one",
        clock.now(),
        "network",
        "2026-H1",
        "gent-samen",
        "a" * 64,
        first,
        frozenset({code}),
        (),
        {code: 12},
        "none",
    )
    ledger.append(staff.db, release)
    said = Remark("a" * 64, clock.now(), "rita", "Well done, all of you.")
    status, page = send(staff, write(centre, staff, Content(remarks=(said,))))
    assert (status, "1 remark on a release" in page) == (200, True)
    staff.sign_in("max")
    told = staff.browser.get("/console/releases").text
    assert "Well done, all of you." in told
    assert "rita, pod-mi" in told


def test_a_signal_that_came_is_answered_at_the_desk_and_the_answer_goes_back(staff: Desk, centre: Database) -> None:
    asked = Signal(uuid4(), "parole", "2026-H1", "hours", "Un cours le soir.", "network")
    carried = CarriedSignal(asked, "CPAS de Mons", "Parole", 10, None)
    sender, receiver = know_instance(centre), know_instance(staff.db).card
    status, page = send(staff, pack_parcel((), [carried], sender, receiver, uuid4(), clock.now()))
    assert (status, "1 new signal" in page) == (200, True)
    desk = staff.browser.get("/console/signals").text
    assert "Un cours le soir." in desk
    assert "Parole · CPAS de Mons" in desk
    assert "Came from pod-mi" in desk
    here = f"/console/signals/{asked.id}"
    assert "Pass it up" not in staff.browser.get(here).text
    refused = staff.browser.post(f"{here}/answer", data={"became": "not-possible", "why": ""})
    assert (refused.status_code, 'id="why-fault"' in refused.text) == (422, True)
    staff.browser.post(f"{here}/answer", data={"became": "changed", "why": "Cours le soir."})
    assert received_signals.list_answers_to(staff.db, sender.card.id) == ((asked.id, "changed", "Cours le soir."),)
    staff.sign_in("max")
    assert staff.browser.get(here).status_code in {303, 403, 404}  # who runs projects does not see what others ask for
    assert "Un cours le soir." not in staff.browser.get("/console/signals").text


def test_a_demonstration_that_begins_anew_forgets_what_was_corrected_in_it(staff: Desk, centre: Database) -> None:
    assert send(staff, write(centre, staff, Content(sentences={("nl", "respond"): CORRECTED})))[0] == 200
    assert staff.app.state.catalogues.respond("nl").gettext("Next") == "Vooruit"
    begin_anew(staff.db, staff.app.state.settings.data_dir, clock.today(), lambda _fresh: None, ("an", lambda _db: ()))
    staff.app.state.take_up()
    assert staff.app.state.catalogues.respond("nl").gettext("Next") != "Vooruit"
