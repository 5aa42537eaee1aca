"""A release while it is made: in the background, once however often it is asked for, with a page that says how it stands.

Making takes from a second to minutes. The page may be closed meanwhile: the work goes on, and the release is on its desk when
it is done. One release is made at a time, because each is compared with those before it. What this process was making when
it was killed is not made: nothing is written before all of it can be.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Final, Literal, cast
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from survey_app import journeys
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.ledger import HEAD
from survey_app.population import word_report
from survey_app.protection.protected import Refused
from survey_app.report.reasons import say_reason
from survey_app.storage.database import UnavailableError
from survey_app.web.console.shelf import find_readable, releases_folder
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, SeesReleases, Visit, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/releases/making", route_class=ConsoleRoute, include_in_schema=False)
log = structlog.get_logger()

MOST_REMEMBERED: Final = 200
Problem = Literal["nothing-to-count", "changed-meanwhile", "not-now", "fault"]
Outcome = journeys.Published | Refused | Problem


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked for. ``attempt``: drawn with the form that was sent; ``session``: code of the one it began at."""

    who: str
    request: journeys.ReleaseRequest
    attempt: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Making:
    """An order under the id of its release; ``outcome`` is ``None`` while it is made or waits for its turn."""

    release_id: str
    order: Order
    outcome: Outcome | None = None

    def is_meant_by(self, order: Order) -> bool:
        """Say whether an order asks for this once more: a second tap, or a form that was sent again."""
        if (self.order.who, self.order.request) != (order.who, order.request):
            return False
        if self.outcome is None:
            return True
        return isinstance(self.outcome, journeys.Published) and self.order.attempt == order.attempt != ""


class Makings:
    """The releases that this process makes, one after the other, and what became of the latest ones."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, Making] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="release")

    def begin(self, order: Order, make: Callable[[str], Outcome]) -> str:
        """Make what was ordered, in the background; return the id of its release, or of the one that is meant already."""
        with self._lock:
            meant = next((one for one in self._known.values() if one.is_meant_by(order)), None)
            if meant is not None:
                return meant.release_id
            release_id = journeys.draw_release_id(order.request)
            self._forget_the_oldest()
            self._known[release_id] = Making(release_id, order)
        self._worker.submit(self._make, release_id, make)
        return release_id

    def find(self, release_id: str) -> Making | None:
        """Return what is known of a release that this process was asked for."""
        with self._lock:
            return self._known.get(release_id)

    def is_first(self, release_id: str) -> bool:
        """Say whether nothing else is made before this one."""
        with self._lock:
            return next((one.release_id for one in self._known.values() if one.outcome is None), "") == release_id

    def close(self) -> None:
        """Let the one that is made come to its end, and begin none of those that wait."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _make(self, release_id: str, make: Callable[[str], Outcome]) -> None:
        outcome: Outcome
        try:
            outcome = make(release_id)
        except UnavailableError:
            outcome = "not-now"
        except Exception as error:  # noqa: BLE001 - whoever waits is told; a message could hold an answer
            log.error("release-failed", release=release_id, problem=type(error).__name__)  # noqa: TRY400 - no message
            outcome = "fault"
        with self._lock:
            self._known[release_id] = replace(self._known[release_id], outcome=outcome)

    def _forget_the_oldest(self) -> None:
        done = [name for name, one in self._known.items() if one.outcome is not None]
        for name in done[: max(0, len(self._known) + 1 - MOST_REMEMBERED)]:
            del self._known[name]


@dataclass(frozen=True, slots=True)
class MakingPage(ConsolePage):
    """How a release stands. ``is_over``: none was made, and ``problem`` (a code) or ``refused`` (sentences) says why.

    ``scope``: ``all`` or the name of a project; ``is_first``: nothing else is made before it; ``back``: the form, as it was
    filled in; ``session``: code of the session that was closed for it.
    """

    release_id: str
    tier: str
    period: str
    scope: str
    is_first: bool
    back: str
    is_over: bool
    session: str = ""
    problem: str = ""
    refused: tuple[str, ...] = ()


def begin_release(
    visit: DutyVisit, request: journeys.ReleaseRequest, attempt: str, *, session: str = ""
) -> RedirectResponse:
    """Make a release in the background, and lead to the page that says how it stands."""
    order = Order(visit.staff.name, request, attempt, session)
    release_id = _makings(visit).begin(order, lambda drawn: _publish(visit, request, drawn))
    return RedirectResponse(f"{router.prefix}/{release_id}", status_code=303)


def head_of(visit: Visit) -> Path:
    """Return the file that names the last release."""
    return visit.settings.data_dir / HEAD


def _makings(visit: DutyVisit) -> Makings:
    return cast("Makings", visit.request.app.state.makings)


def _publish(visit: DutyVisit, request: journeys.ReleaseRequest, release_id: str) -> Outcome:
    try:
        made = journeys.publish(
            visit.db,
            visit.questionnaires,
            visit.catalogues,
            request,
            releases_folder(visit) / release_id,
            now=clock.now(),
            release_id=release_id,
            head=head_of(visit),
            by=visit.settings.genders_by_age,
        )
    except RequestMistakenError:  # what a form can get wrong was found before
        return "changed-meanwhile"
    if isinstance(made, journeys.NothingToCount):
        return "nothing-to-count"
    if isinstance(made, journeys.Published):
        visit.note("release-made", f"release {made.release_id}")
    return made


@router.get("/{release_id}")
def show_making(visit: SeesReleases, release_id: str) -> Response:
    """Say how a release stands, to who asked for it; lead to it as soon as it is there. A part is sent only for news."""
    making = _makings(visit).find(release_id)
    if making is None or making.order.who != visit.staff.name:
        return (
            stopped(visit, "no-release", 404) if find_readable(visit, release_id) is None else _lead(visit, release_id)
        )
    if isinstance(making.outcome, journeys.Published):
        return _lead(visit, release_id)
    if visit.wants_part and making.outcome is None:
        return Response(status_code=204)
    return show("console/making.html", _page(visit, making))


def _lead(visit: DutyVisit, release_id: str) -> Response:
    address = f"/console/releases/{release_id}"
    if visit.wants_part:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def _page(visit: DutyVisit, making: Making) -> MakingPage:
    request = making.order.request
    project = None if request.project is None else visit.find_project(request.project)
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
    reasons = making.outcome.reasons if isinstance(making.outcome, Refused) else ()
    typed = {"tier": request.tier, "period": request.period, "scope": request.project or "all"}
    return MakingPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("releases"),
        release_id=making.release_id,
        tier=request.tier,
        period=request.period,
        scope=(request.project or "all") if project is None else project.name,
        is_first=_makings(visit).is_first(making.release_id),
        back="/console/releases?" + urlencode(typed | ({"rounded": "yes"} if request.rounded else {})),
        is_over=making.outcome is not None,
        session=making.order.session,
        problem=making.outcome if isinstance(making.outcome, str) else "",
        refused=tuple(say_reason(reason, words) for reason in reasons),
    )
