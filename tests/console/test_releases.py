"""Desk "Releases": make one, read what it promises, download its files, and nothing else."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from threading import Event
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from releasing import make_release, wait_for
from starlette.testclient import TestClient

from survey_app import journeys
from survey_app.demo.people import Tendencies, make_up
from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of, read_period
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.protection.protected import Coordinates, Refused
from survey_app.protection.reasons import Reason
from survey_app.storage import ledger, sessions, structure
from survey_app.storage.structure import write_structure
from survey_app.web.console import preview, releases
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PASSWORD = "four words are enough"
PERIOD = period_of(clock.today()).code
FROM_HERE = {"sec-fetch-site": "same-origin", "accept-language": "en"}
FORM = {"tier": "inside", "period": PERIOD, "scope": "all"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("released")


@pytest.fixture(scope="module")
def released(folder: Path) -> Iterator[TestClient]:
    """A browser of staff on an installation with 40 made-up responses and one release."""
    app = create_app(Settings(data_dir=folder))
    db = app.state.database
    project = Project("gent-samen", "gent", "Samen in Gent", "amif-exit", 1, frozenset({"speaking"}), ("nl",), True)
    write_structure(db, [Organisation("gent", "OCMW Gent")], [project], [Module("ict", "Computer", project.code)])
    session = journeys.open_session(db, project.code, "ict", 40, clock.today())
    random = Random(7)
    for _ in range(40):
        one = make_up(app.state.questionnaires[project.form], project.activities, ("nl",), Tendencies(), random)
        answer = journeys.receive(
            db,
            app.state.questionnaires,
            session.code,
            str(one.id),
            one.body,
            clock.now(),
            languages=app.state.languages,
            grace_days=0,
        )
        assert isinstance(answer, journeys.Receipt)
    tally = {"finished": 40, "items": {"helpful": {"met": 40, "replayed-once": 6, "replayed-more": 6, "left": 2}}}
    journeys.receive_tally(db, app.state.questionnaires, session.code, str(uuid4()), tally, clock.now(), grace_days=0)
    journeys.close_session(db, session.code, clock.now())
    add_member(db, "an", PASSWORD, Post("reviewer"), Post("manager", "gent"))
    with TestClient(app, headers=FROM_HERE, follow_redirects=False) as browser:
        assert browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD}).status_code == 303
        made = make_release(browser, FORM)
        assert made.status_code == 303, made.text
        assert made.headers["location"].startswith(f"/console/releases/{PERIOD}-inside-")
        yield browser


@pytest.fixture
def address(released: TestClient) -> str:
    """The address of the release."""
    listed = re.search(
        r'href="(/console/releases/\d{4}-H[12]-inside-[0-9a-f]+)"', released.get("/console/releases").text
    )
    assert listed is not None
    return listed[1]


def test_a_release_says_in_plain_words_what_it_promises(released: TestClient, address: str) -> None:
    text = released.get(address).text
    assert "Every number of people in it is 0, or 5 and more." in text
    assert re.search(r"[1-9]\d* of \d+ figures are withheld\.", text)
    assert "Before it was written, a second program tried to compute" in text
    assert "Synthetic data." in text
    assert "Every file says that the answers were made up." in text
    assert "The tables are as fine as they were asked for." in text
    assert re.search(r"[1-9]\d% of the information is shown\.", text)


def test_a_release_says_which_sentences_need_work_from_protected_figures_only(
    released: TestClient, address: str
) -> None:
    text = released.get(address).text
    assert "These sentences need work" in text
    lines = text.split("<li data-sentence")[1:]
    assert lines
    helpful = next(line for line in lines if "30 % listened to it again." in line.replace("\xa0", " "))
    assert "of those who began left here" not in helpful, "two people left: too few to be shown"
    assert "data-needs-work" not in text.partition("How the other sentences were understood")[2]
    shares = [float(found) for line in lines for found in re.findall(r"did not understand \((\d+)", line)]
    assert shares == sorted(shares, reverse=True)
    table = list(csv.DictReader(io.StringIO(released.get(f"{address}/files/tables.csv").text)))
    shown = {line["value"] for line in table if line["answer"] == "not-understood" and line["status"] == "published"}
    assert {found for line in lines for found in re.findall(r"(\d+) of \d+ people did not understand", line)} <= shown


def test_every_file_is_downloaded_as_it_lies_in_the_folder(released: TestClient, address: str, folder: Path) -> None:
    names = re.findall(r'data-file="([^"]+)"', released.get(address).text)
    first = released.get(address).text.partition("Other languages, and files for programs")[0]
    assert (
        re.findall(r'data-file="([^"]+)"', first)
        == ["report-en.pdf", "report-en.docx", "workbook-en.xlsx"]
        == names[:3]
    )
    assert {
        "report-fr.pdf",
        "report-nl.docx",
        "release.json",
        "tables.csv",
        "tables.json",
        "workbook-fr.xlsx",
        "workbook-nl.xlsx",
    } < set(names)
    release = address.rpartition("/")[2]
    for name in names:
        reply = released.get(f"{address}/files/{name}")
        assert reply.status_code == 200
        assert reply.headers["content-disposition"] == f'attachment; filename="{release}-{name}"'
        assert reply.headers["cache-control"] == "no-store"
        assert reply.content == (folder / "releases" / release / name).read_bytes()


def test_the_files_open_in_the_programs_they_are_for(released: TestClient, address: str) -> None:
    workbook = load_workbook(io.BytesIO(released.get(f"{address}/files/workbook-fr.xlsx").content))
    assert len(workbook.sheetnames) > 2
    printed = released.get(f"{address}/files/report-nl.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    rows = list(csv.DictReader(io.StringIO(released.get(f"{address}/files/tables.csv").text)))
    assert {row["status"] for row in rows} == {"published", "withheld"}
    assert json.loads(released.get(f"{address}/files/release.json").content)["synthetic"] is True


@pytest.mark.parametrize("name", ["../../survey.sqlite3", "survey.sqlite3", "..%2F..%2Fsurvey.sqlite3", "", "x.csv"])
def test_nothing_but_the_files_of_a_release_can_be_fetched(released: TestClient, address: str, name: str) -> None:
    assert released.get(f"{address}/files/{name}").status_code == 404


def test_a_stranger_gets_neither_page_nor_file(released: TestClient, address: str) -> None:
    stranger = TestClient(released.app, headers=FROM_HERE, follow_redirects=False)
    for wanted in (address, f"{address}/files/tables.csv", "/console/releases"):
        reply = stranger.get(wanted)
        assert reply.status_code == 303
        assert reply.headers["location"].startswith("/console/sign-in")


def test_a_file_that_was_changed_by_another_hand_is_not_handed_out(
    released: TestClient, address: str, folder: Path
) -> None:
    file = folder / "releases" / address.rpartition("/")[2] / "release.json"
    sound = file.read_bytes()
    file.write_bytes(sound.replace(b'"tier":"inside"', b'"tier":"public"'))
    try:
        assert "The files are not here" in released.get(address).text
        assert released.get(f"{address}/files/release.json").status_code == 404
    finally:
        file.write_bytes(sound)
    assert "The files are not here" not in released.get(address).text


def test_a_table_that_was_changed_by_another_hand_is_not_handed_out(
    released: TestClient, address: str, folder: Path
) -> None:
    file = folder / "releases" / address.rpartition("/")[2] / "workbook-nl.xlsx"
    sound = file.read_bytes()
    file.write_bytes(sound + b"0")
    try:
        assert released.get(f"{address}/files/workbook-nl.xlsx").status_code == 404
        assert released.get(f"{address}/files/workbook-fr.xlsx").status_code == 200
    finally:
        file.write_bytes(sound)


def test_htmx_is_led_to_the_release_by_a_header(released: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        journeys, "publish", lambda *_, release_id, **__: journeys.Published(release_id, Path("x"), "y")
    )
    made = make_release(released, FORM)
    assert made.status_code == 303
    reply = released.get(str(made.url.path), headers={"hx-request": "true"})
    assert (reply.status_code, reply.headers["hx-redirect"]) == (204, made.headers["location"])


def test_a_release_that_cannot_be_protected_says_why(released: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Coordinates("item:helpful", "people", "total", "total", item="helpful", answer="not-much")
    monkeypatch.setattr(journeys, "publish", lambda *_, **__: Refused((Reason("narrowed", cell),)))
    spoken_to = {"accept-language": "nl"}
    reply = make_release(released, FORM | {"scope": "gent-samen"}, headers=spoken_to)
    assert "dit cijfer zou uit de andere te berekenen zijn" in reply.text
    assert "not-much" not in reply.text
    back = re.search(r'href="(/console/releases\?[^"]+)"', reply.text)
    assert back is not None
    form = released.get(html.unescape(back[1])).text
    assert re.search(r'<option value="gent-samen" selected', form)
    assert re.search(r'name="tier" value="inside" required checked', form)


def test_a_release_that_another_one_overtook_asks_to_try_again(
    released: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*_: object, **__: object) -> None:
        raise RequestMistakenError("another release was made at the same moment. Try again.")

    monkeypatch.setattr(journeys, "publish", overtaken)
    reply = make_release(released, FORM, headers={"accept-language": "fr"})
    assert "Réessayez" in reply.text
    assert "same moment" not in reply.text


def test_a_half_year_without_answers_says_so(released: TestClient) -> None:
    reply = make_release(released, FORM | {"period": "2020-H1"})
    assert "No closed session with answers lies in this half-year." in reply.text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (FORM | {"tier": ""}, "Choose who will read the release."),
        (FORM | {"tier": "secret"}, "Choose who will read the release."),
        (FORM | {"period": "2026"}, "Choose a half-year."),
        (FORM | {"scope": "nowhere"}, "Choose one of the list."),
        ({}, "Choose a half-year."),
    ],
)
def test_a_fault_stands_beside_its_field(staff: Desk, form: dict[str, str], told: str) -> None:
    reply = staff.browser.post("/console/releases", data=form)
    assert reply.status_code == 422
    assert told in reply.text
    assert reply.text.count("autofocus") == 1


def test_a_public_release_is_rounded_where_the_box_is_ticked_and_says_so(released: TestClient, folder: Path) -> None:
    made = make_release(released, FORM | {"tier": "public", "rounded": "yes"})
    assert made.status_code == 303, made.text
    page = released.get(made.headers["location"]).text
    assert "Every number is rounded to a multiple of 5" in page
    certificate = json.loads(
        (folder / "releases" / made.headers["location"].rpartition("/")[2] / "release.json").read_bytes()
    )
    assert certificate["certificate"]["rounded"]["base"] == 5


def test_what_is_for_staff_is_not_rounded_and_the_tick_stays(staff: Desk) -> None:
    reply = staff.browser.post("/console/releases", data=FORM | {"rounded": "yes"})
    assert reply.status_code == 422
    assert "Only a public release can be rounded." in reply.text
    assert re.search(r'name="rounded" value="yes" aria-invalid="true"[^>]* checked>', reply.text)
    assert not ledger.list_releases(staff.db)


@pytest.mark.parametrize("tier", ["network", "public"])
def test_a_manager_releases_inside_the_organisation_only(desk: Desk, tier: str) -> None:
    desk.sign_in("max")
    page = desk.browser.get("/console/releases").text
    assert 'value="inside"' in page
    assert f'value="{tier}"' not in page
    assert 'name="rounded"' not in page
    reply = desk.browser.post("/console/releases", data=FORM | {"tier": tier})
    assert reply.status_code == 422
    assert "Your account can not make this release." in reply.text
    assert not ledger.list_releases(desk.db)


def test_a_manager_releases_all_projects_where_they_are_the_own_ones_and_never_a_foreign_ones(desk: Desk) -> None:
    partner = Organisation("aalst", "OCMW Aalst", lead="gent")
    project = Project("aalst-samen", "aalst", "Samen in Aalst", "amif-exit", 1, frozenset({"speaking"}), ("nl",))
    write_structure(desk.db, [partner], [project], [Module("taal", "Taal", "aalst-samen")])
    desk.sign_in("max")
    assert 'value="all"' in desk.browser.get("/console/releases").text
    foreign = replace(project, code="luik-parole", organisation="luik")
    write_structure(desk.db, [Organisation("luik", "CPAS de Liège")], [foreign])
    page = desk.browser.get("/console/releases").text
    assert ('value="all"' in page, 'value="aalst-samen"' in page, "luik-parole" in page) == (False, True, False)
    for scope, told in (("all", "All projects together are not yours"), ("luik-parole", "Choose one of the list.")):
        reply = desk.browser.post("/console/releases", data=FORM | {"scope": scope})
        assert (reply.status_code, told in reply.text) == (422, True)
    assert not ledger.list_releases(desk.db)


def test_an_empty_desk_says_what_a_release_is(staff: Desk) -> None:
    page = staff.browser.get("/console/releases").text
    assert "There is none yet." in page
    assert f'<option value="{PERIOD}" selected>' in page
    assert "(no closed session)" in page
    assert staff.browser.get("/console/releases/none").status_code == 404


def test_the_page_says_that_the_ledger_was_checked_or_what_is_wrong_with_it(
    released: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "it is whole, and no file was changed" in released.get("/console/releases").text
    changed = Reason("ledger-changed", slots={"release": "2026-H1-inside-1"})
    monkeypatch.setattr(releases, "find_faults", lambda *_: (changed,))
    monkeypatch.setattr(journeys, "find_faults", lambda *_: (changed,))
    monkeypatch.setattr(preview, "find_faults", lambda *_: (changed,))
    looked = released.get("/console/releases/preview", params=FORM)
    assert "make-release" not in looked.text
    for page in (released.get("/console/releases"), make_release(released, FORM), looked):
        assert "it is whole, and no file was changed" not in page.text
        assert "The ledger was changed" in page.text
        assert "2026-H1-inside-1" in page.text


def test_all_half_years_from_the_start_can_be_chosen(released: TestClient) -> None:
    from datetime import timedelta

    before = period_of(read_period(PERIOD).first - timedelta(days=1))
    db = released.app.state.database
    sessions.close(db, journeys.open_session(db, "gent-samen", "ict", 5, before.first).code, clock.now())
    page = released.get("/console/releases").text
    assert f'<option value="..{PERIOD}"' in page
    assert "From the start to the end of " in page
    made = make_release(released, FORM | {"period": f"..{PERIOD}"})
    assert made.headers["location"].startswith(f"/console/releases/until-{PERIOD}-inside-")
    assert "From the start to the end of " in released.get(made.headers["location"]).text


def test_a_second_tap_a_reload_and_a_form_sent_again_make_one_release(
    released: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    may_end = Event()

    def publish(*_: object, release_id: str, **__: object) -> journeys.Published:
        begun.append(release_id)
        assert may_end.wait(30)
        return journeys.Published(release_id, Path("x"), "y")

    monkeypatch.setattr(journeys, "publish", publish)
    drawn = re.search(r'name="attempt" value="([0-9a-f]{16})"', released.get("/console/releases").text)
    assert drawn is not None
    form = FORM | {"attempt": drawn[1]}
    taps = [released.post("/console/releases", data=form) for _ in range(2)]
    taps.append(released.post("/console/releases", data=FORM | {"attempt": "0" * 16}))
    addresses = {tap.headers["location"] for tap in taps}
    (address,) = addresses
    page = released.get(address).text
    assert "You can close this page" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert released.get(address, headers={"hx-request": "true"}).status_code == 204
    later = released.post("/console/releases", data=FORM | {"scope": "gent-samen", "attempt": drawn[1]})
    assert "Another release is made first" in released.get(later.headers["location"]).text
    may_end.set()
    made = wait_for(released, address)
    assert made.headers["location"] == f"/console/releases/{begun[0]}"
    assert released.post("/console/releases", data=form).headers["location"] == address
    assert wait_for(released, later.headers["location"]).status_code == 303
    assert begun == [address.rpartition("/")[2], later.headers["location"].rpartition("/")[2]]
    again = make_release(released, FORM)
    assert (again.status_code, len(begun)) == (303, 3), "whoever asks anew later gets a new one"


def test_how_a_release_stands_is_for_who_asked_for_it(released: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journeys, "publish", lambda *_, **__: Refused((Reason("no-rounding", slots={"tier": "x"}),)))
    address = released.post("/console/releases", data=FORM).headers["location"]
    assert wait_for(released, address).status_code == 200
    add_member(released.app.state.database, "bo", PASSWORD, Post("reviewer"), Post("manager", "gent"))  # type: ignore[attr-defined]
    other = TestClient(released.app, headers=FROM_HERE, follow_redirects=False)
    assert other.post("/console/sign-in", data={"name": "bo", "password": PASSWORD}).status_code == 303
    assert other.get(address).status_code == 404


def test_a_fault_of_ours_is_said_in_words_and_nothing_of_it_is_logged(
    released: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("an answer of somebody")

    monkeypatch.setattr(journeys, "publish", fail)
    page = make_release(released, FORM).text
    assert "A fault of ours ended the work." in page
    told = capsys.readouterr()
    assert "release-failed" in told.out + told.err
    assert "an answer of somebody" not in page + told.out + told.err


def test_a_preview_tells_sizes_and_rules_and_never_what_was_answered(released: TestClient, address: str) -> None:
    page = released.get("/console/releases/preview", params=FORM | {"scope": "gent-samen"}).text
    assert "40 responses received" in page
    assert "Every number from 1 to 4 is withheld" in page
    assert "How many numbers that makes depends on the answers" in page
    kinds = set(re.findall(r'data-kind="([\w-]+)"', page))
    assert kinds == set(re.findall(r'<li class="([\w-]+)"><a', released.get(address).text))
    public = released.get("/console/releases/preview", params=FORM | {"tier": "public", "rounded": "yes"}).text
    assert "Gender and age are not shown of one organisation alone." in public
    assert "Every number that is shown is a multiple of 5." in public
    assert released.get("/console/releases/preview", params=FORM | {"scope": "nowhere"}).status_code == 422


def test_the_same_sizes_give_the_same_preview_whatever_was_answered(
    released: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer is even read: the page comes when reading one is a fault."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("an answer was read")

    monkeypatch.setattr(sessions, "documents", fail)
    assert released.get("/console/releases/preview", params=FORM).status_code == 200


def test_a_preview_names_what_is_too_small_and_keeps_sizes_from_who_sees_no_counter(desk: Desk) -> None:
    write_structure(
        desk.db,
        [Organisation("aalst", "OCMW Aalst", lead="gent")],
        [Project("aalst-samen", "aalst", "Samen in Aalst", "amif-exit", 1, frozenset({"speaking"}), ("nl",))],
        [Module("ict", "Computer", "aalst-samen")],
    )
    for project, module, people in (("gent-samen", "ict", 9), ("gent-samen", "taal", 3), ("aalst-samen", "ict", 4)):
        code = journeys.open_session(desk.db, project, module, 12, clock.today()).code
        for _ in range(people):
            hand_in(desk, code, project)
        journeys.close_session(desk.db, code, clock.now())
    journeys.open_session(desk.db, "gent-samen", "ict", 12, clock.today())
    desk.sign_in("max")
    page = desk.browser.get("/console/releases/preview", params=FORM).text
    assert "16 responses received" in page
    assert "OCMW Aalst has too few people to be shown alone. It is counted together with OCMW Gent." in page
    assert "Samen in Gent · Taalcafé: fewer than 5 people answered" in page
    assert "Samen in Aalst: fewer" not in page
    assert "1 session still runs and is not counted." in page
    add_member(desk.db, "rik", PASSWORD, Post("reviewer"))
    reviewer = desk.sign_in("rik", desk.other_browser())
    told = reviewer.get("/console/releases/preview", params=FORM | {"tier": "network"}).text
    assert "3 closed sessions" in told
    assert "received" not in told
    assert "Aalst" not in told


def hand_in(desk: Desk, code: str, project: str) -> None:
    found = structure.find_project(desk.db, project)
    assert found is not None
    one = make_up(desk.app.state.questionnaires[found.form], found.activities, ("nl",), Tendencies(), Random(7))
    said = journeys.receive(
        desk.db,
        desk.app.state.questionnaires,
        code,
        str(uuid4()),
        one.body,
        clock.now(),
        languages=desk.app.state.languages,
        grace_days=0,
    )
    assert isinstance(said, journeys.Receipt)
