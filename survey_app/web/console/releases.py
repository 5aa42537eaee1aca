"""Desk "Releases": make a release, read its certificate in plain words, download its files, see the earlier ones."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

from babel.numbers import format_decimal
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, Response

from survey_app import journeys
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of, read_period
from survey_app.ledger import find_faults
from survey_app.population import word_report
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import Quality, Rounded, Status
from survey_app.protection.reasons import EngineUsed, Reason
from survey_app.report.csvw import csvw_name
from survey_app.report.folder import CSV, DICTIONARY, RELEASE, SDMX, SDMX_STRUCTURE
from survey_app.report.reasons import name_engines, say_quality, say_reason, say_rounded, sentences_of_steps
from survey_app.report.wording import Wording
from survey_app.storage import sessions, structure
from survey_app.storage.ledger import Release, list_without_figures
from survey_app.storage.sign_offs import list_sign_offs
from survey_app.web.console.making import begin_release, head_of
from survey_app.web.console.preview import Wish, look_ahead
from survey_app.web.console.said import Said, say_signed
from survey_app.web.console.shelf import (
    ALL,
    TIER_NEEDS,
    Line,
    describe,
    find_readable,
    folder_of,
    list_readable,
    open_shelf,
    read_folder,
)
from survey_app.web.console.understanding import SentenceLine, list_sentences
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, SeesReleases, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/releases", route_class=ConsoleRoute, include_in_schema=False)

MEDIA: Final[Mapping[str, str]] = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".parquet": "application/vnd.apache.parquet",
    ".sav": "application/x-spss-sav",
    ".xml": "application/xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class ReleasesPage(ConsolePage):
    """The desk. ``tiers``: those that this member of staff may release; ``may_take_all``: all projects in one release.

    ``base``: what numbers can be rounded to a multiple of; ``None`` where no tier of this member of staff is ever rounded.

    ``periods``: code, and whether it holds closed sessions; the half-years first. ``distrusted``: why the
    ledger of earlier releases can not be compared with. ``remarks``: what reviewers said, by release.
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
    remarks: tuple[tuple[Line, tuple[Said, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file. ``kind``: the end of its name, ``dictionary``, ``described`` or ``release``; ``language``: tag or empty.

    ``is_first``: for people, in the reader's language.
    """

    name: str
    kind: str
    size: str
    language: str = ""
    is_first: bool = False


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
    said: tuple[Said, ...] = ()


@router.get("")
def show_releases(
    visit: SeesReleases, tier: str = "inside", period: str = "", scope: str = ALL, rounded: str = ""
) -> HTMLResponse:
    """Show the form, as it was filled in before where an address says so, and the earlier releases."""
    wanted = period if period in _periods(visit) else _usual_period(visit)
    return _desk(visit, Wish(tier, wanted, scope, bool(rounded)))


@router.get("/preview")
def show_preview(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: SeesReleases, tier: str = "", period: str = "", scope: str = ALL, rounded: str = "", attempt: str = ""
) -> Response:
    """Say what is known of a release before it is made. Nothing is made, written or remembered."""
    wish = Wish(tier, period, scope, bool(rounded), attempt)
    errors = _faults(visit, wish)
    if errors:
        return _desk(visit, wish, errors=errors, status=422)
    return show("console/preview.html", look_ahead(visit, wish))


@router.post("")
def make(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: SeesReleases,
    tier: Annotated[str, Form()] = "",
    period: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = ALL,
    rounded: Annotated[str, Form()] = "",
    attempt: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Make a release in the background and lead to the page that says how it stands."""
    wish = Wish(tier, period, scope, bool(rounded), attempt)
    errors = _faults(visit, wish)
    if errors:
        return _desk(visit, wish, errors=errors, status=422)
    project = None if scope == ALL else scope
    request = journeys.ReleaseRequest(tier=tier, period=period, project=project, rounded=wish.rounded)
    return begin_release(visit, request, attempt)


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


def _desk(visit: DutyVisit, wish: Wish, *, errors: Mapping[str, str] | None = None, status: int = 200) -> HTMLResponse:
    page = ReleasesPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("releases"),
        tiers=tuple(tier for tier, right in TIER_NEEDS.items() if visit.may(right)),
        periods=tuple(_periods(visit).items()),
        projects=visit.projects(),
        wish=replace(wish, attempt=secrets.token_hex(8)),
        earlier=describe(visit, reversed(list_readable(visit))),
        distrusted=_say(visit, find_faults(visit.db, head_of(visit), clock.now())),
        may_take_all=_owners(visit, ALL) <= visit.reached,
        base=next((base for tier, right in TIER_NEEDS.items() if visit.may(right) and (base := _base_of(tier))), None),
        errors=errors or {},
        remarks=tuple(_remarks(visit)),
    )
    return show("console/releases.html", page, status=status)


def _remarks(visit: DutyVisit) -> Iterator[tuple[Line, tuple[Said, ...]]]:
    """Give what reviewers said of releases that count people of this member of staff, the last release first.

    The organisation hears what is said of a release for the network too, whose figures it does not read.
    """
    said, owners = list_sign_offs(visit.db), open_shelf(visit).owners
    about = [
        release
        for release in reversed(list_without_figures(visit.db))
        if release.hash in said and visit.reached & {owners.get(code, "") for code in release.sessions}
    ]
    for release, line in zip(about, describe(visit, about), strict=True):
        yield line, say_signed(visit, said, release.hash)


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
    said = say_signed(visit, list_sign_offs(visit.db), release.hash)
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
        said=said,
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
_KINDS: Final = {
    DICTIONARY: "dictionary",
    csvw_name(CSV): "described",
    SDMX: "sdmx",
    SDMX_STRUCTURE: "sdmx-structure",
}


def _files(visit: DutyVisit, document: Mapping[str, Any]) -> Iterator[File]:
    """Give the files: those for people in the reader's language, those in other languages, those for programs."""
    for name in sorted(document["files"], key=lambda name: _place_of(name, visit.language.tag)):
        about = document["files"][name]
        size = f"{format_decimal(-(-about['bytes'] // 1024), locale=visit.language.locale)} kB"
        stem, _, kind = name.rpartition(".")
        language = stem.rpartition("-")[2] if kind in _IN_A_LANGUAGE else ""
        is_first = kind in _FOR_PEOPLE and language == visit.language.tag
        yield File(name, _KINDS.get(name, kind), size, language, is_first)
    yield File(RELEASE, "release", "")


def _place_of(name: str, own: str) -> tuple[bool, bool, str, int]:
    stem, _, kind = name.rpartition(".")
    if kind not in _FOR_PEOPLE:
        return (True, f"-{own}." not in name and kind in _IN_A_LANGUAGE, name, 0)
    language = stem.rpartition("-")[2]
    return (False, language != own, language, _FOR_PEOPLE.index(kind))
