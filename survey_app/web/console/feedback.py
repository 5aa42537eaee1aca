"""Back to the group and to the network: the poster "You said" and the practice sheet, from a release that left already.

What staff choose as answer to each wish is kept, so that the poster and the tablets of the next sessions say the same.
What they type for the practice sheet goes into the file and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Final, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from survey_app.fieldwork.news import News, WishAnswer
from survey_app.foundation import clock
from survey_app.foundation.became import BECAME, Became
from survey_app.foundation.languages import Language, find_language
from survey_app.paper.printing import NoPaperError
from survey_app.population import word_report
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.translated import translate
from survey_app.report.poster import (
    MOST_LANGUAGES,
    Size,
    Tongue,
    find_wishes,
    option_of,
    print_poster,
    write_poster,
)
from survey_app.report.practice import TYPED, name_typed, write_practice
from survey_app.report.reading import Reading
from survey_app.report.report_files import print_in_words
from survey_app.storage.ledger import Release
from survey_app.storage.news import find_news, keep_news
from survey_app.web.console.naming import name_language
from survey_app.web.console.shelf import ALL, Line, describe, find_readable, put_in_words, read_folder
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, SeesReleases, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/releases", route_class=ConsoleRoute, include_in_schema=False)

SIZES: Final[tuple[Size, ...]] = get_args(Size)
SHEETS: Final = ("fr", "nl")
LONGEST: Final = 400
"""Letters of each typed part: four of them fit on the sheet with its figures."""
Languages = Annotated[tuple[str, ...], Query(alias="language", max_length=30)]


async def read_became(request: Request) -> Mapping[str, Became]:
    """Read what became of each wish from a form: ``became-`` and its code; what is no answer is left out."""
    async with request.form() as form:
        said = {name.removeprefix("became-"): text for name, text in form.items() if name.startswith("became-")}
    return {code: known for code, text in said.items() for known in BECAME if text == known}


@dataclass(frozen=True, slots=True)
class GroupPage(ConsolePage):
    """What can go back to the group. ``wishes``: code and words; none where nothing may hang on a wall.

    ``languages``: tag, name in the reader's language, and whether the project chose it; ``parts``: name and title of what is
    typed; ``typed`` and ``errors``: by those names.
    ``chosen``: what became of each wish, as kept; ``on_tablets``: whether tablets can show it.
    """

    release: Line
    wishes: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str, bool], ...]
    became: tuple[Became, ...]
    sizes: Mapping[Size, int]
    parts: tuple[tuple[str, str], ...]
    sheet: str
    chosen: Mapping[str, Became] = field(default_factory=dict)
    is_kept: bool = False
    on_tablets: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("/{release_id}/group")
def show_group(visit: SeesReleases, release_id: str, kept: str = "") -> Response:
    """Show what can be made of a release for its group and for the network."""
    found = _find(visit, release_id)
    if found is None:
        return stopped(visit, "no-release", 404)
    return show("console/group.html", replace(_page(visit, found), is_kept=bool(kept)))


@router.post("/{release_id}/news")
def keep_chosen(  # noqa: PLR0913, PLR0917 - each field of the form
    visit: SeesReleases,
    release_id: str,
    became: Annotated[Mapping[str, Became], Depends(read_became)],
    languages: Annotated[tuple[str, ...], Form(alias="language", max_length=30)] = (),
    size: Annotated[str, Form()] = "a3",
    then: Annotated[str, Form()] = "poster",
) -> Response:
    """Keep what became of each wish, for the poster and the tablets alike; then make the poster, or stay."""
    found = _find(visit, release_id)
    if found is None:
        return stopped(visit, "no-release", 404)
    release, reading, _form = found
    wishes = tuple(
        WishAnswer(each.item.partition(":")[0], option_of(each), became.get(option_of(each), "heard"))
        for each in find_wishes(reading)
    )
    if not wishes:
        return stopped(visit, "no-wishes", 404)
    keep_news(visit.db, News(release.id, None if release.scope == ALL else release.scope, wishes), clock.now())
    visit.note("news-kept", f"release {release.id}")
    if then == "stay":
        return RedirectResponse(f"/console/releases/{release.id}/group?kept=1", status_code=303)
    asked = urlencode([*(("language", tag) for tag in languages), ("size", size)])
    return RedirectResponse(f"/console/releases/{release.id}/poster.pdf?{asked}", status_code=303)


@router.get("/{release_id}/poster.pdf")
def make_poster(visit: SeesReleases, release_id: str, languages: Languages = (), size: str = "a3") -> Response:
    """Hand out the poster, with what was kept of each wish; else it was heard."""
    found = _find(visit, release_id)
    if found is None or size not in SIZES:
        return stopped(visit, "no-release", 404)
    release, reading, form = found
    if not find_wishes(reading):
        return stopped(visit, "no-wishes", 404)
    chosen = _choose(visit, found, languages)[: MOST_LANGUAGES[size]]
    tongues = [
        Tongue(language, visit.catalogues.respond(language.tag), translate(form, language, visit.catalogues))
        for language in chosen
    ]
    try:
        printed = print_poster(write_poster(reading, tongues, _kept(visit, release)), size)
    except NoPaperError:
        return stopped(visit, "no-paper", 503)
    visit.note("poster-made", f"release {release.id}")
    return _pdf(printed, f"poster-{release.id}.pdf")


@router.post("/{release_id}/practice")
def make_practice(  # noqa: PLR0913, PLR0917 - each field of the form
    visit: SeesReleases,
    release_id: str,
    does: Annotated[str, Form()] = "",
    works: Annotated[str, Form()] = "",
    otherwise: Annotated[str, Form()] = "",
    advice: Annotated[str, Form()] = "",
    sheet: Annotated[str, Form()] = "fr",
) -> Response:
    """Hand out the practice sheet, or say beside the field what is wrong."""
    found = _find(visit, release_id)
    if found is None or sheet not in SHEETS:
        return stopped(visit, "no-release", 404)
    release, reading, _form = found
    typed = dict(zip(TYPED, (does, works, otherwise, advice), strict=True))
    errors = {name: "text-too-long" for name, text in typed.items() if len(text) > LONGEST}
    if not does.strip():
        errors = {"does": "text-missing", **errors}
    if errors:
        return show("console/group.html", _page(visit, found, typed, errors, sheet), status=422)
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, sheet)
    reading.told.wording = words
    try:
        printed = print_in_words(write_practice(reading, typed), words)
    except NoPaperError:
        return stopped(visit, "no-paper", 503)
    visit.note("practice-sheet-made", f"release {release.id}")
    return _pdf(printed, f"practice-{release.id}-{sheet}.pdf")


_Found = tuple[Release, Reading, Questionnaire]


def _find(visit: DutyVisit, release_id: str) -> _Found | None:
    """Return a release, what it says, and the latest questionnaire that it counts; ``None`` where one is not here."""
    release = find_readable(visit, release_id)
    read = None if release is None else read_folder(visit, release)
    reading = None if release is None or read is None else put_in_words(visit, release, read)
    if release is None or reading is None or read is None:
        return None
    used = {(str(one["id"]), int(one["version"])) for one in read.document["questionnaires"]}
    known = sorted(used & set(visit.questionnaires))
    return (release, reading, visit.questionnaires[known[-1]]) if known else None


def _kept(visit: DutyVisit, release: Release) -> Mapping[str, Became]:
    """Return what became of each wish of a release, by its code, where somebody chose it."""
    news = find_news(visit.db, release.id)
    return {} if news is None else news.became


def _page(
    visit: DutyVisit,
    found: _Found,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    sheet: str = "",
) -> GroupPage:
    release, reading, _form = found
    wording = reading.told.wording
    own = {language.tag for language in _choose(visit, found, ())}
    return GroupPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("releases"),
        release=describe(visit, [release])[0],
        wishes=tuple(
            (option_of(each), wording.answer(each.item.partition(":")[0], option_of(each)))
            for each in find_wishes(reading)
        ),
        languages=tuple(
            (language.tag, name_language(language, visit.language), language.tag in own)
            for language in _offered(visit, found)
        ),
        became=BECAME,
        sizes=MOST_LANGUAGES,
        parts=tuple(name_typed(wording).items()),
        sheet=sheet or (visit.language.tag if visit.language.tag in SHEETS else SHEETS[0]),
        chosen=_kept(visit, release),
        on_tablets=release.scope != ALL,
        typed=typed or {},
        errors=errors or {},
    )


def _offered(visit: DutyVisit, found: _Found) -> tuple[Language, ...]:
    """Return the written languages in which its questionnaire is complete, those of the project first."""
    release, _reading, form = found
    tags: Sequence[str] = tuple(visit.request.app.state.languages[form.id, form.version])
    project = None if release.scope == ALL else visit.find_project(release.scope)
    ordered = project.order_languages(tuple(tags)) if project is not None else tags
    known = (find_language(tag) for tag in ordered)
    return tuple(language for language in known if language is not None and not language.is_only_spoken)


def _choose(visit: DutyVisit, found: _Found, tags: Sequence[str]) -> list[Language]:
    """Return the languages asked for; else those of the project; else that of the reader."""
    scope = found[0].scope
    project = None if scope == ALL else visit.find_project(scope)
    offered = _offered(visit, found)
    for wanted in (tags, project.languages if project else (), (visit.language.tag,)):
        if chosen := [language for language in offered if language.tag in wanted]:
            return chosen
    return list(offered[:1])


def _pdf(printed: bytes, name: str) -> Response:
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(printed, media_type="application/pdf", headers=headers)
