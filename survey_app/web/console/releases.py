"""Desk "Releases": make a release, read its certificate in plain words, download its files, see the earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

from babel.numbers import format_decimal
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import journeys
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of, read_period
from survey_app.ledger import HEAD, find_faults
from survey_app.population import word_report
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import Quality, Refused, Rounded, Status
from survey_app.protection.reasons import EngineUsed, Reason
from survey_app.report.csvw import csvw_name
from survey_app.report.folder import CSV, DICTIONARY, RELEASE
from survey_app.report.reasons import name_engines, say_quality, say_reason, say_rounded, sentences_of_steps
from survey_app.report.wording import Wording
from survey_app.storage import sessions, structure
from survey_app.storage.ledger import Release
from survey_app.web.console.shelf import (
    ALL,
    TIER_NEEDS,
    Line,
    describe,
    find_readable,
    folder_of,
    list_readable,
    read_folder,
    releases_folder,
)
from survey_app.web.console.understanding import SentenceLine, list_sentences
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, SeesReleases, Visit, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/releases", route_class=ConsoleRoute, include_in_schema=False)

MEDIA: Final[Mapping[str, str]] = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".parquet": "application/vnd.apache.parquet",
    ".sav": "application/x-spss-sav",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed into the form."""

    tier: str = "inside"
    period: str = ""
    scope: str = ALL
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class ReleasesPage(ConsolePage):
    """The desk. ``tiers``: those that this member of staff may release; ``may_take_all``: all projects in one release.

    ``base``: what numbers can be rounded to a multiple of; ``None`` where no tier of this member of staff is ever rounded.

    ``periods``: code, and whether it holds closed sessions; the half-years first. ``refused``: why the last try did not
    leave. ``distrusted``: why the ledger of earlier releases can not be compared with. ``problem``: a code, empty where
    there is none.
    """

    tiers: tuple[str, ...]
    periods: tuple[tuple[str, bool], ...]
    projects: tuple[Project, ...]
    wish: Wish
    earlier: tuple[Line, ...]
    distrusted: tuple[str, ...]
    may_take_all: bool = True
    base: int | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file. ``kind``: the end of its name, ``dictionary``, ``described`` or ``release``; ``language``: tag or empty."""

    name: str
    kind: str
    size: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class ReleasePage(ConsolePage):
    """One release. ``files`` is empty where its folder is not here; then ``folder`` says where it was written.

    ``is_not_printed``: its report has no PDF.
    """

    release: Line
    folder: str
    files: tuple[File, ...] = ()
    is_synthetic: bool = False
    is_not_printed: bool = False
    is_first: bool = False
    cells: int = 0
    withheld: int = 0
    attacked: int = 0
    narrowest: int | None = None
    smallest: int | None = None
    engines: str = ""
    coarser: str = ""
    rounded: str = ""
    quality: tuple[str, ...] = ()
    folded: tuple[tuple[str, str], ...] = ()
    sentences: tuple[SentenceLine, ...] = ()


@router.get("")
def show_releases(visit: SeesReleases) -> HTMLResponse:
    """Show the form and the earlier releases."""
    return _desk(visit, Wish(period=_usual_period(visit)))


@router.post("")
def make(
    visit: SeesReleases,
    tier: Annotated[str, Form()] = "",
    period: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = ALL,
    rounded: Annotated[str, Form()] = "",
) -> Response:
    """Make a release and lead to its page, or say why nothing left."""
    wish = Wish(tier, period, scope, bool(rounded))
    errors = _faults(visit, wish)
    if errors:
        return _desk(visit, wish, errors=errors, status=422)
    project = None if scope == ALL else scope
    request = journeys.ReleaseRequest(tier=tier, period=period, project=project, rounded=wish.rounded)
    try:
        release_id = journeys.draw_release_id(request)
        made = journeys.publish(
            visit.db,
            visit.questionnaires,
            visit.catalogues,
            request,
            releases_folder(visit) / release_id,
            now=clock.now(),
            release_id=release_id,
            head=_head(visit),
            by=visit.settings.genders_by_age,
        )
    except RequestMistakenError:  # what the form can get wrong was found before
        return _desk(visit, wish, problem="changed-meanwhile", status=422)
    if isinstance(made, journeys.NothingToCount):
        return _desk(visit, wish, problem="nothing-to-count", status=422)
    if isinstance(made, Refused):
        return _desk(visit, wish, refused=_say(visit, made.reasons), status=422)
    visit.note("release-made", f"release {made.release_id}")
    address = f"/console/releases/{made.release_id}"
    if visit.wants_part:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


@router.get("/{release_id}")
def show_release(visit: SeesReleases, release_id: str) -> Response:
    """Show one release: what it promises, what is withheld, its files."""
    release = find_readable(visit, release_id)
    if release is None:
        return stopped(visit, "no-release", 404)
    return show("console/release.html", _release_page(visit, release))


@router.get("/{release_id}/files/{name}")
def download(visit: SeesReleases, release_id: str, name: str) -> Response:
    """Hand out a file of a release: only one that ``release.json`` names, and only as it was written."""
    release = find_readable(visit, release_id)
    content = None if release is None else _content(visit, release, name)
    if release is None or content is None:
        return stopped(visit, "no-release", 404)
    return Response(
        content,
        media_type=MEDIA.get(Path(name).suffix, "application/octet-stream"),
        headers={"content-disposition": f'attachment; filename="{release.id}-{name}"'},
    )


def _owners(visit: DutyVisit, scope: str) -> frozenset[str]:
    """Return the organisations whose projects a scope takes in."""
    projects = structure.list_projects(visit.db)
    return frozenset(project.organisation for project in projects if scope in {ALL, project.code})


def _words_of_a_report(visit: DutyVisit) -> Wording:
    return word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)


def _say(visit: DutyVisit, reasons: Iterable[Reason]) -> tuple[str, ...]:
    words = _words_of_a_report(visit)
    return tuple(say_reason(reason, words) for reason in reasons)


def _head(visit: Visit) -> Path:
    return visit.settings.data_dir / HEAD


def _faults(visit: DutyVisit, wish: Wish) -> dict[str, str]:
    errors: dict[str, str] = {}
    if wish.tier not in TIER_NEEDS:
        errors["tier"] = "tier-missing"
    elif not visit.may(TIER_NEEDS[wish.tier]):
        errors["tier"] = "tier-not-yours"
    elif wish.rounded and _base_of(wish.tier) is None:
        errors["rounded"] = "rounded-not-this-reader"
    try:
        read_period(wish.period)
    except RequestMistakenError:
        errors["period"] = "period-missing"
    if wish.scope != ALL and visit.find_project(wish.scope) is None:
        errors["scope"] = "scope-missing"
    elif not errors and not _owners(visit, wish.scope) <= visit.reach(TIER_NEEDS[wish.tier]):
        errors["scope"] = "scope-not-yours"
    return errors


def _periods(visit: DutyVisit) -> dict[str, bool]:
    """Return the periods to choose from, the latest first, and whether each holds closed sessions.

    First the half-years; then, for each that has another before it, all up to its end.
    """
    found = {period_of(clock.today()).code: False}
    for session in sessions.list_all(visit.db):
        code = period_of(session.opened_on).code
        found[code] = found.get(code, False) or session.closed_at is not None
    half_years = dict(sorted(found.items(), reverse=True))
    started = [code for code, has_sessions in sorted(found.items()) if has_sessions][:1]
    until = {f"..{code}": True for code in half_years if started and code > started[0]}
    return half_years | until


def _usual_period(visit: DutyVisit) -> str:
    periods = _periods(visit)
    return next((code for code, has_sessions in periods.items() if has_sessions), next(iter(periods)))


def _desk(  # noqa: PLR0913 - each way that the form can come back
    visit: DutyVisit,
    wish: Wish,
    *,
    errors: Mapping[str, str] | None = None,
    refused: tuple[str, ...] = (),
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    page = ReleasesPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("releases"),
        tiers=tuple(tier for tier, right in TIER_NEEDS.items() if visit.may(right)),
        periods=tuple(_periods(visit).items()),
        projects=visit.projects(),
        wish=wish,
        earlier=describe(visit, reversed(list_readable(visit))),
        distrusted=_say(visit, find_faults(visit.db, _head(visit), clock.now())),
        may_take_all=_owners(visit, ALL) <= visit.reached,
        base=next((base for tier, right in TIER_NEEDS.items() if visit.may(right) and (base := _base_of(tier))), None),
        errors=errors or {},
        refused=refused,
        problem=problem,
    )
    return show("console/releases.html", page, status=status)


def _base_of(tier: str) -> int | None:
    return load_policy(tier).rounding_base


def _content(visit: DutyVisit, release: Release, name: str) -> bytes | None:
    """Return a file of a release; ``None`` where it has none of this name, or the file was changed by another hand."""
    read = read_folder(visit, release)
    if read is None:
        return None
    hashes = {RELEASE: release.hash} | {known: about["sha256"] for known, about in read.document["files"].items()}
    if name not in hashes:
        return None
    try:
        content = (folder_of(visit, release) / name).read_bytes()
    except OSError:
        return None
    return content if sha256(content).hexdigest() == hashes[name] else None


def _release_page(visit: DutyVisit, release: Release) -> ReleasePage:
    frame = visit.desk("releases")
    (line,) = describe(visit, [release])
    folder = folder_of(visit, release)
    read = read_folder(visit, release)
    if read is None:
        return ReleasePage(words=visit.words, language=visit.language, frame=frame, release=line, folder=str(folder))
    document = read.document
    certificate = document["certificate"]
    names = {organisation.code: organisation.name for organisation in structure.list_organisations(visit.db)}
    words = _words_of_a_report(visit)
    files = tuple(_files(visit, document))
    return ReleasePage(
        words=visit.words,
        language=visit.language,
        frame=frame,
        release=line,
        folder=str(folder),
        files=files,
        is_synthetic=bool(document["synthetic"]),
        is_not_printed=any(file.kind == "docx" for file in files) and all(file.kind != "pdf" for file in files),
        is_first=document["previous"] is None,
        cells=len(read.cells),
        withheld=sum(cell.status is Status.WITHHELD for cell in read.cells),
        attacked=certificate["cells_attacked"],
        narrowest=certificate["narrowest_interval"],
        smallest=_number_of(document["policy"], "smallest_count"),
        engines=name_engines([EngineUsed(**used) for used in certificate["engines"]], words),
        coarser=sentences_of_steps(words.gettext).get(certificate.get("step", "full"), ""),
        rounded=say_rounded(Rounded(**certificate["rounded"]), words) if certificate.get("rounded") else "",
        quality=tuple(say_quality(Quality(**certificate["quality"]), words)) if certificate.get("quality") else (),
        folded=tuple((names.get(small, small), names.get(lead, lead)) for small, lead in document["folded"].items()),
        sentences=tuple(
            list_sentences(
                read.cells,
                _number_of(document["policy"], "smallest_percentage_base"),
                words,
                visit.language.locale,
            )
        ),
    )


def _number_of(policy: Mapping[str, Any], name: str) -> int | None:
    """Return a number of the policy that a release was made with; ``None`` where a later format names it otherwise."""
    number = policy.get(name)
    value = number.get("value") if isinstance(number, Mapping) else number
    return value if isinstance(value, int) else None


_FOR_PEOPLE: Final = ("pdf", "docx", "xlsx")
"""Kinds of files, in the order in which people look for them; each comes in several languages."""
_IN_A_LANGUAGE: Final = (*_FOR_PEOPLE, "sav")
_KINDS: Final = {DICTIONARY: "dictionary", csvw_name(CSV): "described"}


def _files(visit: DutyVisit, document: Mapping[str, Any]) -> Iterator[File]:
    """Give the files: those for people in the reader's language, those in other languages, those for programs."""
    for name in sorted(document["files"], key=lambda name: _place_of(name, visit.language.tag)):
        about = document["files"][name]
        size = f"{format_decimal(-(-about['bytes'] // 1024), locale=visit.language.locale)} kB"
        stem, _, kind = name.rpartition(".")
        yield File(name, _KINDS.get(name, kind), size, stem.rpartition("-")[2] if kind in _IN_A_LANGUAGE else "")
    yield File(RELEASE, "release", "")


def _place_of(name: str, own: str) -> tuple[bool, bool, str, int]:
    stem, _, kind = name.rpartition(".")
    if kind not in _FOR_PEOPLE:
        return (True, f"-{own}." not in name and kind in _IN_A_LANGUAGE, name, 0)
    language = stem.rpartition("-")[2]
    return (False, language != own, language, _FOR_PEOPLE.index(kind))
