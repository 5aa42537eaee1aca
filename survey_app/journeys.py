"""The flow on one page: what happens from a person's answers to a protected report.

Each journey takes what it needs as arguments, reads from the top to the bottom, and answers with a value for everything
that is expected to go wrong.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args
from uuid import UUID

from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.facts import NothingToCount as NothingToCount  # noqa: PLC0414 - what a journey answers with
from survey_app.aggregation.facts import Population, ResponseDocument
from survey_app.aggregation.tables import LinkedTables, SessionPlace
from survey_app.collection.comment import Comment, Words
from survey_app.collection.reading import Problem, Rejected, read_response
from survey_app.collection.response import Response
from survey_app.collection.sealed import (
    SealedComment,
    SealedResponse,
    SealedTally,
    SealingKey,
    open_comment,
    open_response,
    open_share,
    read_sealed,
)
from survey_app.collection.tally import NotATally, Tally, TallyProblem, add_up, read_tally
from survey_app.fieldwork.keeping import date_setting
from survey_app.fieldwork.session import MOST_PEOPLE, Session, draw_code, is_code
from survey_app.fieldwork.setup_file import Known, Setup, read_setup
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import STAFF_LANGUAGES
from survey_app.foundation.periods import period_of, read_period
from survey_app.ledger import find_faults, keep_head, read_half_before, recall, remember, remember_return
from survey_app.population import AnswersDeleted, Gathered, gather, read_responses, say_deleted, word_report
from survey_app.protection.exact_totals import ExactTotals, GendersByAge, take_exact_totals
from survey_app.protection.policy import Policy, load_policy
from survey_app.protection.protected import ProtectedTables, Refused
from survey_app.protection.reasons import Reason
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.practice import choosable
from survey_app.questionnaire.translation import Catalogues
from survey_app.report.canonical import sha256
from survey_app.report.folder import refuse_to_write_over, write_folder, write_release
from survey_app.report.indicator_return import INDICATOR, TIER, ReturnFacts, return_files
from survey_app.report.release import ReleaseFacts
from survey_app.storage import indicator_returns, ledger, sessions, structure
from survey_app.storage.comments import CommentKept, keep_comment
from survey_app.storage.comprehension import Added, add_tally
from survey_app.storage.database import Database, UnavailableError
from survey_app.storage.sealing import find_key
from survey_app.storage.stamp import Stamp, find_stamp
from survey_app.storage.store_response import Kept, keep_all

Questionnaires = Mapping[tuple[str, int], Questionnaire]
OfferedLanguages = Mapping[tuple[str, int], Collection[str]]

# Version 4 is random throughout; the others carry a clock time or a device's address.
_RANDOM_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The response (or tally) is durable. ``status``: ``stored`` now, or ``stored-before`` where it was sent again.

    ``stamp``: of the database that has it, for responses. Of a practice session it says that everything arrived; nothing
    is kept, as its pages say.
    """

    receipt: UUID
    status: Literal["stored", "stored-before"]
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """One response of a batch: the join code and the id that it comes under, and what was sent."""

    session: str
    id: str
    raw: object


def read_sent(one: object) -> Sent:
    """Read one sealed response of a batch or a rescue file; what it lacks, its journey refuses."""
    if not isinstance(one, Mapping):
        return Sent("", "", read_sealed(one))
    session, sent_id = (one.get(name) for name in _UNDER)
    inside = {name: value for name, value in one.items() if name not in _UNDER}
    return Sent(
        session if isinstance(session, str) and is_code(session) else "",
        sent_id if isinstance(sent_id, str) else "",
        read_sealed(inside),
    )


_UNDER: Final = ("session", "id")

RefusalReason = Literal[
    "comment-id",
    "device-not-enrolled",
    "not-a-comment",
    "no-session",
    "session-closed",
    "not-a-response",
    "response-id",
    "different",
    "unavailable",
    "not-a-tally",
    "tally-id",
    "too-many-people",
    "fault",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was stored; the device keeps its copy. ``problems`` are given where it is not a response or a tally."""

    reason: RefusalReason
    problems: tuple[Problem | TallyProblem, ...] = ()


def receive(  # noqa: PLR0913, PLR0917 - all that a response is judged by, and each way it can end
    db: Database,
    questionnaires: Questionnaires,
    code: str,
    response_id: str,
    raw: object,
    now: datetime,
    *,
    languages: OfferedLanguages,
    grace_days: int,
    by_phone: bool = False,
) -> Receipt | Refusal:
    """Receive one response. Sending it again is harmless; a receipt is only given for what is durable.

    Args:
        db: where it is kept.
        questionnaires: all that are known here.
        code: join code of its session.
        response_id: what the device drew, a random UUID (version 4) in lower case.
        raw: the JSON value that was sent, or ``SealedResponse``.
        now: aware.
        languages: tags offered, by questionnaire.
        grace_days: days after its end in which a session still takes what tablets kept.
        by_phone: it came from a person's own phone, not from an enrolled tablet nor through staff.
    """
    sent = Sent(code, response_id, raw)
    (outcome,) = receive_all(
        db, questionnaires, [sent], now, languages=languages, grace_days=grace_days, by_phone=by_phone
    )
    return outcome


def receive_all(  # noqa: PLR0913 - all that responses are judged by
    db: Database,
    questionnaires: Questionnaires,
    batch: Sequence[Sent],
    now: datetime,
    *,
    languages: OfferedLanguages,
    grace_days: int,
    by_phone: bool = False,
) -> tuple[Receipt | Refusal, ...]:
    """Receive responses, all that can be kept in one commit; say of each what became of it, in the order they came.

    Each is judged as if it had come alone: one that is refused changes nothing for the others. Sessions and keys are looked
    up once for all of them.
    """
    look_up = _LookUp(
        taking=cache(lambda code: _find_taking(db, code, now, grace_days, by_phone=by_phone)),
        key=cache(lambda key_id: find_key(db, key_id)),
    )

    def judge(sent: Sent) -> Response | Receipt | Refusal:
        try:
            return _judge(db, questionnaires, sent, look_up, languages)
        except UnavailableError:
            return Refusal("unavailable")

    judged = [judge(sent) for sent in batch]
    fit = [(sent.session, found) for sent, found in zip(batch, judged, strict=True) if isinstance(found, Response)]
    kept = iter(_keep(db, fit) if fit else ())
    return tuple(next(kept) if isinstance(found, Response) else found for found in judged)


def _keep(db: Database, fit: Sequence[tuple[str, Response]]) -> tuple[Receipt | Refusal, ...]:
    try:
        kept = keep_all(db, fit)
    except UnavailableError:
        return (Refusal("unavailable"),) * len(fit)
    return tuple(
        Refusal(_NOT_STORED[outcome]) if outcome in _NOT_STORED else Receipt(response.id, _STORED[outcome], kept.stamp)
        for (_, response), outcome in zip(fit, kept.outcomes, strict=True)
    )


_STORED: Final[Mapping[Kept, Literal["stored", "stored-before"]]] = {
    Kept.STORED_NOW: "stored",
    Kept.STORED_BEFORE: "stored-before",
}
_NOT_STORED: Final[Mapping[Kept, RefusalReason]] = {Kept.DIFFERENT: "different", Kept.FAULT: "fault"}


@dataclass(frozen=True, slots=True)
class _LookUp:
    """What responses that come together are judged by: the session of a code, and the key of an id."""

    taking: Callable[[str], tuple[Session, Project] | Refusal]
    key: Callable[[str], SealingKey | None]


def _judge(
    db: Database, questionnaires: Questionnaires, sent: Sent, look_up: _LookUp, languages: OfferedLanguages
) -> Response | Receipt | Refusal:
    """Return the response that was sent, opened where it is sealed; or why it cannot be taken.

    One of a practice session is counted and forgotten: no answer that was only tried out is ever stored.
    """
    if _RANDOM_ID.fullmatch(sent.id) is None:
        return Refusal("response-id")
    found = look_up.taking(sent.session)
    if isinstance(found, Refusal):
        return found
    session, project = found
    response = _read(_open(sent, look_up), UUID(sent.id), questionnaires, project, languages)
    if isinstance(response, Rejected):
        return Refusal("not-a-response", response.problems)
    if session.is_practice:
        sessions.count_practised(db, session.code)
        return Receipt(response.id, "stored", find_stamp(db))
    return response


def _open(sent: Sent, look_up: _LookUp) -> object:
    """Open what is sealed with the key that it names; ``Rejected`` where it does not open."""
    if not isinstance(sent.raw, SealedResponse):
        return sent.raw
    return open_response(sent.raw, look_up.key(sent.raw.key), sent.session, UUID(sent.id))


def _read(
    raw: object, response_id: UUID, questionnaires: Questionnaires, project: Project, languages: OfferedLanguages
) -> Response | Rejected:
    """Read a response to what this project asks; what could not be opened stays rejected."""
    if isinstance(raw, Rejected):
        return raw
    return read_response(raw, response_id, questionnaires[project.form], project.activities, languages[project.form])


def receive_tally(  # noqa: PLR0913, PLR0917 - all that a tally is judged by, and each way it can end
    db: Database,
    questionnaires: Questionnaires,
    code: str,
    tally_id: str,
    raw: object,
    now: datetime,
    *,
    grace_days: int,
    by_phone: bool = False,
) -> Receipt | Refusal:
    """Add sums of a tablet to those of their session: how a form was understood. Sending them again is harmless.

    Args:
        db: where they are kept.
        questionnaires: all that are known here.
        code: join code of the session.
        tally_id: what the device drew for these sums, a random UUID (version 4) in lower case.
        raw: the JSON value that was sent, ``SealedTally``, or ``Rejected`` where it is neither.
        now: aware.
        grace_days: days after its end in which a session still takes what tablets kept.
        by_phone: it came from a person's own phone, not from an enrolled tablet nor through staff.
    """
    if _RANDOM_ID.fullmatch(tally_id) is None:
        return Refusal("tally-id")
    try:
        found = _find_taking(db, code, now, grace_days, by_phone=by_phone)
        if isinstance(found, Refusal):
            return found
        session, project = found
        tally = _read_tally(db, code, raw, UUID(tally_id), questionnaires[project.form], project)
        if isinstance(tally, NotATally | Rejected):
            return Refusal("not-a-tally", tally.problems)
        over_before = now - timedelta(days=grace_days)
        added = Added.ADDED_NOW if session.is_practice else add_tally(db, code, tally, over_before=over_before)
    except UnavailableError:
        return Refusal("unavailable")
    if added is Added.TOO_MANY:
        return Refusal("too-many-people")
    return Receipt(tally.id, "stored" if added is Added.ADDED_NOW else "stored-before")


def _read_tally(  # noqa: PLR0913, PLR0917 - all that a tally is judged by
    db: Database, code: str, raw: object, tally_id: UUID, questionnaire: Questionnaire, project: Project
) -> Tally | NotATally | Rejected:
    """Read sums to what this project asks; shares that are sealed are opened and added up."""
    if isinstance(raw, Rejected):
        return raw
    known = {item.id for item in questionnaire.items}
    asked = {item.id for item in questionnaire.asked_for(project.activities)}
    if not isinstance(raw, SealedTally):
        return read_tally(raw, tally_id, known, asked)
    shares = [open_share(share, find_key(db, share.key), code) for share in raw.shares]
    closed = next((share for share in shares if isinstance(share, Rejected)), None)
    return closed or add_up(shares, tally_id, known, asked)


_NOT_KEPT: Final[Mapping[CommentKept, RefusalReason]] = {
    CommentKept.FULL: "unavailable",
    CommentKept.DIFFERENT: "different",
}


def receive_comment(  # noqa: PLR0913, PLR0917, PLR0911 - all that a comment is judged by, and each way it can end
    db: Database,
    questionnaires: Questionnaires,
    code: str,
    comment_id: str,
    words: Words | SealedComment | Rejected,
    now: datetime,
    *,
    grace_days: int,
    by_phone: bool = False,
) -> Receipt | Refusal:
    """Receive what somebody says beside the answers, under an id of its own. The session is asked and then forgotten.

    Args:
        db: where it is kept, under project and half-year.
        questionnaires: all that are known here.
        code: join code of the session that it comes from.
        comment_id: what the device drew for it alone, a random UUID (version 4) in lower case.
        words: as ``read_written`` or ``read_spoken`` read them, or sealed.
        now: aware.
        grace_days: days after its end in which a session still takes what tablets kept.
        by_phone: it came from a person's own phone, not from an enrolled tablet nor through staff.
    """
    if _RANDOM_ID.fullmatch(comment_id) is None:
        return Refusal("comment-id")
    try:
        found = _find_taking(db, code, now, grace_days, by_phone=by_phone)
        if isinstance(found, Refusal):
            return found
        session, project = found
        if questionnaires[project.form].comment_for(project.activities) is None:
            return Refusal("not-a-comment", (Problem("comment", "comment-not-asked"),))
        if isinstance(words, SealedComment):
            words = open_comment(words, find_key(db, words.key), code, UUID(comment_id))
        if isinstance(words, Rejected):
            return Refusal("not-a-comment", words.problems)
        comment = Comment(UUID(comment_id), words)
        period = period_of(session.opened_on).code
        kept = CommentKept.STORED_NOW if session.is_practice else keep_comment(db, project.code, period, comment)
    except UnavailableError:
        return Refusal("unavailable")
    if kept in _NOT_KEPT:
        return Refusal(_NOT_KEPT[kept])
    return Receipt(comment.id, "stored" if kept is CommentKept.STORED_NOW else "stored-before")


def _find_taking(
    db: Database, code: str, now: datetime, grace_days: int, *, by_phone: bool
) -> tuple[Session, Project] | Refusal:
    """Find the session of a code, where it still takes what a tablet hands in, or a person's own phone."""
    found = sessions.find_asking(db, code)
    if found is None:
        return Refusal("no-session")
    if by_phone and not found.takes_phones:
        return Refusal("device-not-enrolled")
    if found.session.state(now, grace_days) == "closed":
        return Refusal("session-closed")
    return found.session, found.project


def open_session(  # noqa: PLR0913, PLR0917 - what staff type, and the day and the chance
    db: Database,
    project: str,
    module: str,
    people: int,
    today: date,
    randbelow: Callable[[int], int] = secrets.randbelow,
    *,
    code: str | None = None,
    is_practice: bool = False,
) -> Session:
    """Open a session under a new join code, or under the one that a restored backup does not know any more.

    Args:
        db: where it is kept.
        project: its code.
        module: code of one of the project's modules.
        people: persons expected in the room.
        today: date in Belgium.
        randbelow: draws the join code.
        code: the former one of a session that is not known any more; drawn where it is not given.
        is_practice: staff try it out: nothing that is handed in is kept.

    Raises:
        RequestMistakenError: no such project or module, or a number of people that is no group.
        UnavailableError: the database cannot be written now.
    """
    if not 1 <= people <= MOST_PEOPLE:
        raise RequestMistakenError(f"{people} people are not a group. Give a number from 1 to {MOST_PEOPLE}.")
    found = structure.find_project(db, project)
    if found is None:
        known = ", ".join(each.code for each in structure.list_projects(db)) or "none yet"
        raise RequestMistakenError(f'there is no project "{project}". The projects are: {known}.')
    if found.aside_since is not None:
        raise RequestMistakenError(f'project "{project}" is put aside. Bring it back on the desk "Set-up" first.')
    if not found.runs_on(today):
        raise RequestMistakenError(
            f'project "{project}" runs from {found.first_day or "the start"} to {found.last_day or "open"}, and today is '
            f"{today}. Change its period first."
        )
    modules = [each.code for each in structure.list_groups(db, project)]
    if module not in modules:
        known = ", ".join(modules) or "none yet"
        raise RequestMistakenError(f'project "{project}" has no module "{module}". Its modules are: {known}.')
    used = sessions.list_codes(db)
    if code is not None and (code in used or not is_code(code)):
        raise RequestMistakenError(
            f'"{code}" is no join code, or a session has it already. Give six digits that none has.'
        )
    drawn = code or draw_code(used, randbelow)
    session = Session(drawn, project, module, people, opened_on=today, practised=0 if is_practice else None)
    sessions.add(db, session)
    return session


def close_session(db: Database, code: str, now: datetime) -> Session:
    """Close a session: tablets may still hand in what they keep for the days of grace. Closing again changes nothing.

    Raises:
        RequestMistakenError: there is no such session.
        UnavailableError: the database cannot be written now.
    """
    sessions.close(db, code, now)
    session = sessions.find(db, code)
    if session is None:
        raise RequestMistakenError("there is no session with this code. Check the six digits.")
    return session


def set_up(  # noqa: PLR0913 - the file, and what it is judged by
    db: Database,
    questionnaires: Questionnaires,
    languages: OfferedLanguages,
    text: str,
    path: Path,
    *,
    synthetic: bool = False,
) -> Setup | tuple[Fault, ...]:
    """Write organisations, projects, modules and register counts as a set-up file says: all of it, or nothing.

    Args:
        db: where they are kept.
        questionnaires: all that are known here.
        languages: tags offered, by questionnaire.
        text: of the file.
        path: where faults are told to be.
        synthetic: the projects are made up for demonstration.

    Raises:
        UnavailableError: the database cannot be written now.
    """
    projects = {project.code: project for project in structure.list_projects(db)}
    with_sessions = {session.project for session in sessions.list_all(db) if not session.is_practice}
    known = Known(
        questionnaires=choosable(questionnaires),
        languages=languages,
        organisations={organisation.code: organisation for organisation in structure.list_organisations(db)},
        in_use={code: project for code, project in projects.items() if code in with_sessions},
        synthetic={code for code, project in projects.items() if project.synthetic},
        keep_months={code: one.keep_months for code, one in projects.items() if one.keep_months is not None},
        aside=_list_aside(projects.values(), structure.list_modules(db)),
    )
    read = read_setup(text, path, known, synthetic=synthetic)
    if isinstance(read, Setup):
        dated = [date_setting(project, projects.get(project.code), clock.today()) for project in read.projects]
        structure.write_structure(db, read.organisations, dated, read.modules, read.registered)
    return read


def _list_aside(projects: Iterable[Project], modules: Iterable[Module]) -> dict[tuple[str, str], datetime]:
    """Return since when projects (with ``""``) and modules are put aside."""
    known = {(project.code, ""): project.aside_since for project in projects}
    known |= {(module.project, module.code): module.aside_since for module in modules}
    return {key: since for key, since in known.items() if since is not None}


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """What staff ask for: for whom, which period (``2026-H1``, ``..2026-H1``), one project (``None``: all organisations).

    ``rounded``: every figure as a multiple of the policy's base.
    """

    tier: str
    period: str
    project: str | None = None
    rounded: bool = False


Stage = Literal["counting", "protecting", "writing"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""What making a release goes through; protecting it, with the attack, takes the longest."""
TellStage = Callable[[Stage], None]


def _tell_nobody(stage: Stage) -> None:
    """Tell nobody which stage begins."""


@dataclass(frozen=True, slots=True)
class Published:
    """A release that left: its folder, and what the ledger knows it by."""

    release_id: str
    folder: Path
    hash: str


def draw_release_id(request: ReleaseRequest) -> str:
    """Draw an id that says the half-year and the tier."""
    return f"{read_period(request.period).name}-{request.tier}-{secrets.token_hex(3)}"


@dataclass(frozen=True, slots=True)
class ProtectedRelease:
    """What would leave, and what the ledger would remember of it; nothing is written yet.

    ``shown``: ``exact`` or, where it was asked for, rounded. ``counted``: session code -> responses; ``places``: where each
    was held; ``previous``: hash of the release before.
    """

    gathered: Gathered
    shown: ProtectedTables
    exact: ProtectedTables
    counted: Mapping[str, int]
    places: Mapping[str, SessionPlace]
    previous: str


def protect_release(  # noqa: PLR0913 - what a release is made from
    db: Database,
    questionnaires: Questionnaires,
    request: ReleaseRequest,
    *,
    now: datetime,
    head: Path | None = None,
    by: GendersByAge = "crossed",
    tell: TellStage = _tell_nobody,
) -> ProtectedRelease | Refused | NothingToCount:
    """Count, protect and attack what a release would tell; or say why nothing may leave. See ``publish``.

    Raises:
        RequestMistakenError: the tier, period or project is wrong.
    """
    from survey_app.protection.engine import protect  # noqa: PLC0415 - its solver is not loaded until a release is made

    policy = load_policy(request.tier)
    tell("counting")
    gathered = gather(db, questionnaires, read_period(request.period), request.project)
    if isinstance(gathered, AnswersDeleted):
        return Refused((say_deleted(gathered),))
    if faults := find_faults(db, head, now):
        return Refused(faults)
    previous = ledger.last_hash(db)
    linked, counted = _count(db, gathered.population)
    if isinstance(linked, NothingToCount):
        return linked
    tell("protecting")
    exact = protect(replace(linked, responses=counted), policy, recall(db), by)
    if isinstance(exact, Refused):
        return exact
    shown = _round(exact, policy) if request.rounded else exact
    if isinstance(shown, Refused):
        return shown
    return ProtectedRelease(gathered, shown, exact, counted, linked.session_places, previous)


def _count(db: Database, population: Population) -> tuple[LinkedTables | NothingToCount, dict[str, int]]:
    """Count the responses of a population; and how many each session gave."""
    counted = dict.fromkeys((session.code for session in population.sessions), 0)
    return build_linked_tables(population, _tally(read_responses(db, population), counted)), counted


def publish(  # noqa: PLR0913 - what a release is made from
    db: Database,
    questionnaires: Questionnaires,
    catalogues: Catalogues,
    request: ReleaseRequest,
    folder: Path,
    *,
    now: datetime,
    release_id: str | None = None,
    head: Path | None = None,
    by: GendersByAge = "crossed",
    tell: TellStage = _tell_nobody,
) -> Published | Refused | NothingToCount:
    """Count, protect, attack, write and remember a release; or say why nothing may leave.

    The ledger is written before the folder appears: a release that anybody may have seen is always remembered.

    Args:
        db: where responses and ledger are.
        questionnaires: all that are known here.
        catalogues: words of the report.
        request: tier, period, scope.
        folder: the new release folder; it must not exist, or be empty.
        now: aware.
        release_id: drawn where it is not given.
        by: gender by age crossed, or each alone.
        tell: hears of each stage when it begins.
        head: the file that names the last release, beside the data; without it a ledger that lost its end is believed.

    Raises:
        RequestMistakenError: the tier, period, project or folder is wrong, or another release was made meanwhile.
    """
    _refuse_folder(folder)
    made = protect_release(db, questionnaires, request, now=now, head=head, by=by, tell=tell)
    if not isinstance(made, ProtectedRelease):
        return made
    gathered, population = made.gathered, made.gathered.population
    facts = ReleaseFacts(
        id=release_id or draw_release_id(request),
        created=now,
        tier=request.tier,
        period=request.period,
        questionnaires=gathered.questionnaires,
        organisation=population.scope.organisation if population.scope else "",
        project=population.scope.project if population.scope else "",
        synthetic=gathered.synthetic,
        previous=made.previous or None,
    )
    tell("writing")
    words = [word_report(db, questionnaires, catalogues, tag) for tag in STAFF_LANGUAGES]
    try:
        written = write_release(
            folder,
            made.shown,
            facts,
            words,
            before_it_shows=lambda done: remember(db, facts, made.exact, made.counted, made.places, done),
            earlier=read_half_before(db, facts, folder.parent),
        )
    except ledger.LedgerMovedError:
        raise RequestMistakenError("another release was made at the same moment. Try again.") from None
    except FileExistsError as error:
        raise RequestMistakenError(str(error)) from None
    if head is not None:
        keep_head(db, head)
    return Published(facts.id, written.folder, written.hash)


@dataclass(frozen=True, slots=True)
class Returned:
    """An indicator return that was made: its folder, and each warning about it, in codes."""

    return_id: str
    folder: Path
    totals: tuple[ExactTotals, ...]
    smallest: int


def draw_return_id(period: str) -> str:
    """Draw an id that says up to which half-year a return counts."""
    return f"indicator-until-{period}-{secrets.token_hex(3)}"


def return_indicator(  # noqa: PLR0913 - what a return is made from, and by whom
    db: Database,
    questionnaires: Questionnaires,
    catalogues: Catalogues,
    period: str,
    folder: Path,
    *,
    by: GendersByAge,
    made_by: str,
    now: datetime,
    return_id: str | None = None,
    head: Path | None = None,
) -> Returned | Refused | NothingToCount | AnswersDeleted:
    """Write the exact totals of R.2.9 that the law requires, from the start of the programme to the end of a half-year.

    The log is written before the folder appears, and every later release is compared with these figures. Where the ledger of
    what left can not be trusted, nothing is taken out.

    Args:
        db: where responses and the log are.
        questionnaires: all that are known here.
        catalogues: words of the report.
        period: the last half-year that is counted, such as ``2026-H1``.
        folder: the new folder; it must not exist, or be empty.
        by: gender by age crossed, or each alone.
        made_by: name of the member of staff, empty for a command.
        now: aware.
        return_id: drawn where it is not given.
        head: the file that names what left last, beside the data; without it a log that lost its end is believed.

    Raises:
        RequestMistakenError: the period or folder is wrong, or another return was made meanwhile.
    """
    _refuse_folder(folder)
    policy = load_policy("public")
    until = read_period(f"..{read_period(period).half}")
    if faults := find_faults(db, head, now):
        return Refused(faults)
    gathered = gather(db, questionnaires, until, None)
    if isinstance(gathered, AnswersDeleted):
        return gathered
    previous = indicator_returns.last_return_hash(db)
    linked, counted = _count(db, gathered.population)
    if isinstance(linked, NothingToCount):
        return linked
    totals = take_exact_totals(linked, policy, by)
    if not totals:
        return NothingToCount(until.code, None)
    own = return_id or draw_return_id(until.half)
    release = ReleaseFacts(
        own, now, TIER, until.code, gathered.questionnaires, synthetic=gathered.synthetic, previous=previous or None
    )
    words = [word_report(db, questionnaires, catalogues, tag) for tag in STAFF_LANGUAGES]
    files = return_files(totals, ReturnFacts(release, until.last, by, policy.as_applied()), words)

    def write_log() -> None:
        remember_return(
            db,
            release,
            (figure for each in totals for figure in each.figures),
            made_by=made_by,
            responses=counted,
            places=linked.session_places,
            folder=folder,
            own_hash=sha256(files[INDICATOR]),
        )

    try:
        write_folder(folder, files, own, write_log)
    except ledger.LedgerMovedError:
        raise RequestMistakenError("another return was made at the same moment. Try again.") from None
    if head is not None:
        keep_head(db, head)
    return Returned(own, folder, totals, policy.smallest_count)


def _round(protected: ProtectedTables, policy: Policy) -> ProtectedTables | Refused:
    """Round what leaves; the ledger remembers the exact figures, so that later releases are safe against more than this."""
    from survey_app.protection.rounding import round_release  # noqa: PLC0415 - its solver, as above

    if policy.rounding_base is None:
        return Refused((Reason("no-rounding", slots={"tier": policy.name}),))
    return round_release(protected, policy)


def _refuse_folder(folder: Path) -> None:
    """Say that a folder is taken before the work, not after it."""
    try:
        refuse_to_write_over(folder)
    except FileExistsError as error:
        raise RequestMistakenError(str(error)) from None


def _tally(responses: Iterable[ResponseDocument], counted: dict[str, int]) -> Iterator[ResponseDocument]:
    """Pass responses on, counting them by session: the ledger remembers of how many people a release spoke."""
    for response in responses:
        counted[response.session] += 1
        yield response
