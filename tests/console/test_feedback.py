"""Back to the group: the poster and the practice sheet, made in the console from a release that left."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import golden_world
import pytest
from starlette.testclient import TestClient

from survey_app import journeys
from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.protection.protected import ProtectedCell
from survey_app.report.folder import read_release, read_tables
from survey_app.report.poster import find_wishes
from survey_app.report.practice import TYPED
from survey_app.report.reading import Reading
from survey_app.report.release import ReleaseFacts
from survey_app.report.told import Told
from survey_app.report.wording import Wording
from survey_app.storage import rooms
from survey_app.storage.ledger import find_release
from survey_app.web.console.accounts import add_member
from survey_app.web.console.feedback import LONGEST

PASSWORD = "four words are enough"
HALF = "2026-H1"
RELEASE = f"/console/releases/{HALF}-network-golden"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("feedback")
    app = create_app(Settings(data_dir=folder))
    golden_world.fill(app)
    golden_world.release(app, HALF, folder / "releases" / HALF)
    add_member(app.state.database, "rita", PASSWORD, Post("reviewer"))
    headers = {"sec-fetch-site": "same-origin", "accept-language": "nl"}
    with TestClient(app, headers=headers, follow_redirects=False) as console:
        assert console.post("/console/sign-in", data={"name": "rita", "password": PASSWORD}).status_code == 303
        yield console


def poster(console: TestClient, query: str, tmp_path: Path, became: dict[str, str] | None = None) -> tuple[str, str]:
    """Choose what became of wishes; return the poster's words and what ``pdfinfo`` says of it."""
    form = {**{f"became-{wish}": said for wish, said in (became or {}).items()}, **parse_qs(query.removeprefix("?"))}
    reply = console.post(f"{RELEASE}/news", data=form)
    assert reply.status_code == 303, reply.text
    reply = console.get(reply.headers["location"])
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/pdf"
    path = tmp_path / "poster.pdf"
    path.write_bytes(reply.content)
    return " ".join(ask("pdftotext", "-enc", "UTF-8", str(path), "-").split()), ask("pdfinfo", str(path))


def ask(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_one_click_on_a_release_makes_the_poster_with_what_was_said_most_often_first(
    console: TestClient, tmp_path: Path
) -> None:
    assert f'href="{RELEASE}/poster.pdf"' in console.get(RELEASE).text
    words, about = poster(console, "", tmp_path)
    assert re.search(r"^Tagged:\s+yes$", about, re.MULTILINE)
    assert re.search(r"^Pages:\s+1$", about, re.MULTILINE)
    assert re.search(r"^Page size:.*A3", about, re.MULTILINE)
    places = [words.index(wish) for wish in ("Meer uren", "Meer spreken", "Trager gaan")]
    chosen = {
        wish: sum(wish in person["change"] for person in golden_world.everybody(HALF))
        for wish in ("more-hours", "talk-more", "slower")
    }
    assert places == sorted(places)
    assert list(chosen.values()) == sorted(chosen.values(), reverse=True)
    assert words.count("We hebben u gehoord.") == 3
    assert "Dit is om te proberen." in words


@pytest.mark.parametrize("size", ["a3", "a4"])
def test_a_poster_shows_no_number_stays_on_one_page_and_says_what_became_of_each_wish(
    console: TestClient, size: str, tmp_path: Path
) -> None:
    query = f"?language=ar&language=ti&language=fr&size={size}"
    words, about = poster(console, query, tmp_path, {"more-hours": "changed", "slower": "not-possible"})
    assert re.search(r"^Pages:\s+1$", about, re.MULTILINE)
    assert not re.search(r"\d", words)
    assert "Nous l'avons changé." in words
    assert "Ce n'est pas possible maintenant." in words
    assert ("ቀይርናዮ ኣለና።" in words) is (size == "a3"), "as many languages as fit in large letters"
    assert "SurveyArabic" in ask("pdffonts", str(tmp_path / "poster.pdf"))


def test_poster_and_tablets_say_the_same_and_the_tablets_show_no_figure(console: TestClient, tmp_path: Path) -> None:
    state = console.app.state  # type: ignore[attr-defined]
    db, project, own = state.database, "gent-samen", f"/console/releases/{HALF}-own"
    made = journeys.publish(
        db,
        state.questionnaires,
        state.catalogues,
        journeys.ReleaseRequest("network", HALF, project),
        tmp_path / "own",
        now=golden_world.MADE_ON[HALF] + timedelta(hours=1),
        release_id=f"{HALF}-own",
    )
    assert isinstance(made, journeys.Published), made
    code = journeys.open_session(db, project, "base", 12, clock.today()).code
    rooms.begin_with_news(db, code, is_chosen=True)
    assert f'href="/s/{code}/nl"' in console.get(f"/s/{code}").text, "nothing is told before somebody chose it"
    chosen = {"became-more-hours": "changed", "became-slower": "not-possible", "then": "stay"}
    kept = console.post(f"{own}/news", data=chosen)
    assert kept.headers["location"] == f"{own}/group?kept=1"
    assert '<option value="changed" selected>' in console.get(kept.headers["location"]).text
    assert f'href="/s/{code}/nl/news" data-then="/s/{code}/nl"' in console.get(f"/s/{code}").text
    page = console.get(f"/s/{code}/nl/news").text
    told = re.findall(r"<li>.*?<p>([^<]+)</p>.*?<p>([^<]+)</p>", page, re.DOTALL)
    assert dict(told)["Meer uren"] == "We hebben het veranderd."
    assert len(told) == 3
    path = tmp_path / "poster.pdf"
    path.write_bytes(console.get(f"{own}/poster.pdf?language=nl").content)
    words = " ".join(ask("pdftotext", "-enc", "UTF-8", str(path), "-").split())
    places = [words.index(wish) for wish, _became in told]
    assert places == sorted(places)
    assert sorted(words.count(became) for _wish, became in told) == sorted(
        [one for _wish, one in told].count(became) for _wish, became in told
    )
    assert not re.search(r"\d", re.sub(r"<[^>]+>", "", page.partition("<main")[2]))
    assert f'href="/s/{code}/nl" data-action="start"' in page
    assert console.get(f"/s/{code}/ar/news").text.count("<li>") == 3
    rooms.begin_with_news(db, code, is_chosen=False)
    assert console.get(f"/s/{code}/nl/news").headers["location"] == f"/s/{code}/nl"


def test_an_unknown_size_release_or_answer_makes_nothing_strange(console: TestClient, tmp_path: Path) -> None:
    assert console.get(f"{RELEASE}/poster.pdf?size=a0").status_code == 404
    assert console.get("/console/releases/nothing/poster.pdf").status_code == 404
    words, _about = poster(console, "?language=xx", tmp_path, {"slower": "sold", "nothing": "changed"})
    assert words.count("We hebben u gehoord.") == 3


def test_a_practice_sheet_says_what_was_typed_and_what_the_release_tells(console: TestClient, tmp_path: Path) -> None:
    typed = {"does": "Nous apprenons au magasin.", "advice": 'Prenez le temps.\n#eval("1")', "sheet": "fr"}
    reply = console.post(f"{RELEASE}/practice", data=typed)
    assert reply.status_code == 200
    path = tmp_path / "practice.pdf"
    path.write_bytes(reply.content)
    words = " ".join(ask("pdftotext", "-enc", "UTF-8", str(path), "-").split())
    assert "Nous apprenons au magasin." in words
    assert '#eval("1")' in words, "what is typed stays text"
    assert "Ce que nous ferions autrement" not in words, "an empty part is left out"
    helpful = [person["helpful"] for person in golden_world.everybody(HALF)]
    positive = sum(said in {"a-lot", "a-little"} for said in helpful)
    answered = sum(said in golden_world.SCALE for said in helpful)
    assert f"{positive} des {answered} personnes qui ont répondu disent oui" in words
    full = dict.fromkeys(TYPED, "Un mot de plus. " * (LONGEST // 16))
    path.write_bytes(console.post(f"{RELEASE}/practice", data=full).content)
    assert re.search(r"^Pages:\s+1$", ask("pdfinfo", str(path)), re.MULTILINE)


def test_a_release_of_a_questionnaire_that_is_not_here_any_more_has_no_poster(
    console: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(console.app.state._state, "questionnaires", {})  # type: ignore[attr-defined]
    assert console.get(f"{RELEASE}/group").status_code == 404
    assert console.get(f"{RELEASE}/poster.pdf").status_code == 404


def test_a_practice_sheet_without_words_says_so_beside_the_field_and_keeps_what_was_typed(console: TestClient) -> None:
    reply = console.post(f"{RELEASE}/practice", data={"does": " ", "works": "x" * 401, "advice": "Neem tijd."})
    assert reply.status_code == 422
    text = unescape(reply.text)
    assert 'id="does-fault">Schrijf enkele regels.' in text
    assert 'id="works-fault"' in text
    assert ">Neem tijd.</textarea>" in text


def test_nothing_hangs_on_a_wall_that_fewer_than_ten_people_answered(console: TestClient) -> None:
    release = find_release(console.app.state.database, f"{HALF}-network-golden")  # type: ignore[attr-defined]
    assert release is not None
    tables = read_tables(Path(release.folder), read_release(Path(release.folder)).document)
    assert tables is not None
    facts = ReleaseFacts(release.id, release.created, release.tier, release.period)

    def wishes(people: int) -> int:
        few = tuple(
            replace(table, cells={codes: at_most(cell, people) for codes, cell in table.cells.items()})
            for table in tables
        )
        return len(find_wishes(Reading(Told(facts, Wording("en")), few, 5)))

    assert wishes(1000) == 3
    assert wishes(10) == 3
    assert wishes(9) == 0


def at_most(cell: ProtectedCell, people: int) -> ProtectedCell:
    return replace(cell, value=None if cell.value is None else min(cell.value, people))


def test_each_language_of_the_tablets_fits_on_a_poster_with_its_own_letters(
    console: TestClient, tmp_path: Path
) -> None:
    tags = re.findall(r'name="language" value="([^"]+)"', console.get(f"{RELEASE}/group").text)
    assert len(tags) >= 26
    for first in range(0, len(tags), 3):
        query = "&".join(f"language={tag}" for tag in tags[first : first + 3])
        became = {"slower": "in-discussion", "talk-more": "not-possible"}
        _words, about = poster(console, f"?{query}", tmp_path, became)
        assert re.search(r"^Pages:\s+1$", about, re.MULTILINE), tags[first : first + 3]
