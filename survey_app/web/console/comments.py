"""Desk "Comments": a reviewer hears or reads one comment at a time, and decides what of it may be passed on.

Comments come in the order of their random ids, from groups that are large enough, never from a session that runs. What
could say who somebody is stands masked; the reviewer sees what was hidden on purpose, and has the last word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from survey_app import comments, signals
from survey_app.collection.comment import clean
from survey_app.collection.sound import write_wave
from survey_app.comments import Desk, ToReview
from survey_app.foundation import clock
from survey_app.masking.parts import MASK, Kind
from survey_app.protection.policy import Policy
from survey_app.storage import comments as kept
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ReviewsComments, on_duty, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/comments", route_class=ConsoleRoute, include_in_schema=False)

LONGEST_PASSED: Final = 2_000
"""Letters that may be passed on; a minute of speech has about a thousand."""


@dataclass(frozen=True, slots=True)
class CommentsPage(ConsolePage):
    """Every project and half-year that asks for a comment. ``least``: people of the smallest group that is opened."""

    desks: tuple[Desk, ...]
    least: int


@dataclass(frozen=True, slots=True)
class ReviewPage(ConsolePage):
    """One comment, or none left.

    ``typed``: what the reviewer wants to pass on; ``left_over``: kinds that are still in it; ``problem``: a code, empty
    where there is none; ``undo``: the comment decided on a moment ago; ``mask``: stands for what is hidden.
    """

    desk: Desk
    comment: ToReview | None
    typed: str
    left_over: tuple[Kind, ...] = ()
    problem: str = ""
    undo: str = ""
    mask: str = MASK
    longest: int = LONGEST_PASSED


@router.get("")
def show_comments(visit: ReviewsComments) -> Response:
    """Show where comments wait for a reviewer."""
    comments.tidy(visit.db, clock.now(), visit.settings.comment_months)
    page = CommentsPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("comments"),
        desks=_desks(visit),
        least=least_people(visit),
    )
    return show("console/comments.html", page)


@router.post("/{project}/{period}/open")
def open_group(visit: ReviewsComments, project: str, period: str) -> Response:
    """Let the reviewer see what waits in a group that is large enough."""
    if _find_desk(visit, project, period) is None:
        return stopped(visit, "no-page", 404)
    if not kept.open_comments(visit.db, project, period, least_people(visit)):
        return RedirectResponse("/console/comments", status_code=303)
    visit.note("comments-opened", f"project {project}")  # not each decision: how many there were is nobody's business
    return _to_next(project, period)


@router.get("/{project}/{period}")
def show_next(
    visit: ReviewsComments, project: str, period: str, undo: Annotated[str, Query(max_length=36)] = ""
) -> Response:
    """Show the next comment to decide on."""
    return _review(visit, project, period, undo=undo)


@router.get("/{project}/{period}/passed.csv")
def download(visit: ReviewsComments, project: str, period: str) -> Response:
    """Hand out what passed in a group that is large enough: text only, in an order that says nothing."""
    comments.tidy(visit.db, clock.now(), visit.settings.comment_months)
    desk = _find_desk(visit, project, period)
    if desk is None or desk.group.people < least_people(visit):
        return stopped(visit, "no-page", 404)
    say = visit.words.gettext
    content = comments.write_passed(
        visit.db, desk.group, (say("Project"), say("Half-year"), say("Comment")), (desk.project_name, period)
    )
    name = f"comments-{project}-{period}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{project}/{period}/{comment_id}/sound.wav")
def play(visit: ReviewsComments, project: str, period: str, comment_id: UUID) -> Response:
    """Play a comment that waits for a decision."""
    desk = _find_desk(visit, project, period)
    samples = None if desk is None else kept.find_sound(visit.db, desk.group, comment_id)
    if samples is None:
        return stopped(visit, "no-page", 404)
    return Response(write_wave(samples), media_type="audio/wav")


@router.post("/{project}/{period}/{comment_id}/pass")
def let_pass(  # noqa: PLR0913, PLR0917 - where it is, and what the form says
    visit: ReviewsComments,
    project: str,
    period: str,
    comment_id: UUID,
    text: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Pass on what the reviewer typed; ask once more where a number or an address is surely still in it."""
    typed = clean(text)
    if fault := comments.find_text_fault(typed, LONGEST_PASSED, is_sure=bool(sure)):
        return _review_again(visit, project, period, comment_id, typed, fault)
    return _decide(visit, project, period, comment_id, typed)


@router.post("/{project}/{period}/{comment_id}/reject")
def reject(visit: ReviewsComments, project: str, period: str, comment_id: UUID) -> Response:
    """Delete a comment after the moment in which it can be taken back."""
    return _decide(visit, project, period, comment_id, None)


@router.post("/{project}/{period}/{comment_id}/undo")
def take_back(visit: ReviewsComments, project: str, period: str, comment_id: UUID) -> Response:
    """Take a decision back within its minute."""
    desk = _find_desk(visit, project, period)
    if desk is None:
        return stopped(visit, "no-page", 404)
    kept.take_back(visit.db, desk.group, comment_id, clock.now())
    return _to_next(project, period)


def _decide(visit: DutyVisit, project: str, period: str, comment_id: UUID, passed: str | None) -> Response:
    desk = _find_desk(visit, project, period)
    if desk is None:
        return stopped(visit, "no-page", 404)
    is_decided = kept.decide(visit.db, desk.group, comment_id, passed, clock.now())
    return _to_next(project, period, f"?undo={comment_id}" if is_decided else "")


def _to_next(project: str, period: str, query: str = "") -> Response:
    return RedirectResponse(f"/console/comments/{project}/{period}{query}", status_code=303)


def least_people(visit: DutyVisit) -> int:
    """Return how many people of a group must have answered before anybody sees something of it."""
    policies: Mapping[str, Policy] = visit.request.app.state.policies
    return signals.least_people(visit.settings.comments_from_people, policies.values())


def _desks(visit: DutyVisit) -> tuple[Desk, ...]:
    own = {project.code for project in visit.projects()}
    desks = comments.list_desks(visit.db, visit.questionnaires, least_people(visit))
    return tuple(desk for desk in desks if desk.group.project in own)


def list_passed_on(visit: DutyVisit, period: str) -> Iterator[tuple[str, str, int]]:
    """Give code and name of each project with comments of a half-year that may be passed on, and how many."""
    for desk in _desks(on_duty(visit, "review-comments")):
        if desk.group.period == period and desk.group.passed and desk.group.people >= least_people(visit):
            yield desk.group.project, desk.project_name, desk.group.passed


def _find_desk(visit: DutyVisit, project: str, period: str) -> Desk | None:
    """Find the comments of a project within reach."""
    if visit.find_project(project) is None:
        return None
    return next((desk for desk in _desks(visit) if (desk.group.project, desk.group.period) == (project, period)), None)


def _review(visit: DutyVisit, project: str, period: str, *, undo: str) -> Response:
    desk = _find_desk(visit, project, period)
    if desk is None:
        return stopped(visit, "no-page", 404)
    comment = comments.find_next(visit.db, project, period)
    proposal = comment.proposal if comment else ""
    return show("console/comment.html", _page(visit, desk, comment, proposal, undo=undo if _is_id(undo) else ""))


def _review_again(  # noqa: PLR0913, PLR0917 - where it is, and what is wrong with what was typed
    visit: DutyVisit, project: str, period: str, comment_id: UUID, typed: str, problem: str
) -> Response:
    """Show the comment again with what was typed; the next one where somebody else has decided on it meanwhile."""
    desk = _find_desk(visit, project, period)
    if desk is None:
        return stopped(visit, "no-page", 404)
    comment = comments.find_next(visit.db, project, period)
    if comment is None or comment.id != comment_id:
        return _to_next(project, period)
    return show("console/comment.html", _page(visit, desk, comment, typed, problem=problem), status=422)


def _page(  # noqa: PLR0913 - each way that the form can come back
    visit: DutyVisit, desk: Desk, comment: ToReview | None, typed: str, *, problem: str = "", undo: str = ""
) -> ReviewPage:
    return ReviewPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("comments"),
        desk=desk,
        comment=comment,
        typed=typed,
        left_over=comments.find_left_over(typed) if problem == "left-over" else (),
        problem=problem,
        undo=undo,
    )


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
