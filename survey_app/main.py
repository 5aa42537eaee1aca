"""Where everything meets: settings, database, questionnaires, languages, policies and pages become one app.

It starts whole or not at all: a faulty file or setting is named with its line before the first request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final, TypeVar

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from survey_app.comments import keep_tidy
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import SPOKEN_LANGUAGES, Language, written_language
from survey_app.foundation.settings import Settings
from survey_app.ledger import HEAD, find_faults, keep_head
from survey_app.parcels import keep_auditing
from survey_app.protection.policy import PolicyError, load_all_policies
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import Questionnaires
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.translation import Catalogues, missing, offered_languages
from survey_app.retention import keep_deleting
from survey_app.storage import database, sealing, structure
from survey_app.storage.arrival_order import forget_at_the_end, keep_forgetting
from survey_app.storage.database import Database
from survey_app.supplements.contents import Contents, load_contents
from survey_app.supplements.shelf import SHELF, stamp
from survey_app.voices.clips import Voices
from survey_app.voices.script import count_voices, write_script
from survey_app.web import console, exchange
from survey_app.web.console.making import Makings
from survey_app.web.console.provider import Trips, open_provider
from survey_app.web.kit import health
from survey_app.web.kit.assets import Assets, Compressing
from survey_app.web.kit.description import leave_out_unused_422
from survey_app.web.kit.device_keys import DeviceKeys
from survey_app.web.kit.failures import answer_failures
from survey_app.web.kit.guessing import WrongCodes
from survey_app.web.kit.headers import SecurityHeaders
from survey_app.web.kit.pages import STATIC
from survey_app.web.kit.watching import Watching
from survey_app.web.respond import api, batches, devices, pages, speaking, tablet, worker

T = TypeVar("T")
LOOK_SECONDS: Final = 3
log = structlog.get_logger()


class CannotStartError(RequestMistakenError):
    """The server does not start; the message has one line for each fault, saying what to mend."""


def create_app(settings: Settings) -> FastAPI:
    """Build the app of one installation, for ``survey-app serve``.

    Another server than that of ``commands.serve.run`` bounds no request's head: what holds the memory is its parser, which no
    app sees.

    Raises:
        CannotStartError: a questionnaire, a catalogue, a policy, the database or the identity provider's files are at fault.
    """
    faults: list[str] = []
    contents = _collect(faults, lambda: load_contents(settings))
    policies = _collect(faults, load_all_policies)
    db = _collect(faults, lambda: open_database(settings))
    provider = _collect(faults, lambda: open_provider(settings))
    if contents is not None and db is not None:
        faults += _find_missing_questionnaires(db, contents.questionnaires)
    if contents is None or policies is None or db is None or faults:
        raise CannotStartError("\n".join(faults))
    sealing.ensure_key(db, clock.today())
    _look_at_the_ledger(db, settings)
    app = _make_app(db, settings)
    app.state.settings = settings
    app.state.database = db
    app.state.taken_up = stamp(settings.data_dir / SHELF)
    _speak(app, contents)
    app.state.policies = policies
    app.state.take_up = partial(take_up, app)
    app.state.wrong_codes = WrongCodes()
    app.state.provider = provider
    app.state.trips = Trips()
    app.state.presence = None
    app.state.is_demo = False
    app.state.reset_demo = None
    return app


def _speak(app: FastAPI, contents: Contents) -> None:
    """Ask and say from now on what these contents hold. A request that is being answered keeps what it began with."""
    languages = find_languages(contents.questionnaires, contents.catalogues, contents.voices)
    app.state.languages = languages
    app.state.questionnaires = contents.questionnaires
    app.state.catalogues = contents.catalogues
    app.state.voices = contents.voices
    app.state.contents = contents


def take_up(app: FastAPI) -> None:
    """Ask and say what was laid down last, where that is not so yet; what cannot be loaded is logged, and nothing changes."""
    settings: Settings = app.state.settings
    there = stamp(settings.data_dir / SHELF)
    if there == app.state.taken_up:
        return
    app.state.taken_up = there
    try:
        _speak(app, load_contents(settings))
    except (RequestMistakenError, OSError) as error:
        log.error("supplement-not-taken-up", fault=str(error).partition("\n")[0])  # noqa: TRY400 - told, not traced


async def _keep_taking_up(app: FastAPI) -> None:
    """Look again and again whether a command, or a restored backup, changed what is said here."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await asyncio.to_thread(take_up, app)


def _look_at_the_ledger(db: Database, settings: Settings) -> None:
    """Log why no release can be made. Respondents can still answer: nothing is compared with the ledger for them."""
    faults = find_faults(db, settings.data_dir / HEAD, clock.now())
    for fault in faults:
        log.error("ledger-not-trusted", code=fault.code, release=fault.slots.get("release", ""))
    if not faults:
        keep_head(db, settings.data_dir / HEAD)


def open_database(settings: Settings) -> Database:
    """Open the database of these settings and bring its tables up to date.

    Raises:
        RequestMistakenError: it cannot be opened, or is newer than this program.
    """
    return database.open_database(settings.database)


def find_languages(
    questionnaires: Questionnaires, catalogues: Catalogues, voices: Voices
) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return the tags of the languages in which each questionnaire is offered.

    Those without a blank sentence, and those that are only spoken once every sentence is recorded.
    """
    return {
        form: (
            *(language.tag for language in offered_languages(questionnaire, catalogues)),
            *(language.tag for language in SPOKEN_LANGUAGES if _is_spoken(language, questionnaire, catalogues, voices)),
        )
        for form, questionnaire in questionnaires.items()
    }


def _is_spoken(language: Language, questionnaire: Questionnaire, catalogues: Catalogues, voices: Voices) -> bool:
    if missing(questionnaire, written_language(language), catalogues):
        return False
    lines = write_script(language, (questionnaire, load_practice()), catalogues)
    return count_voices(lines, language.tag, voices).recorded == len(lines)


def _collect(faults: list[str], load: Callable[[], T]) -> T | None:
    """Load, or add what is wrong to the faults, so that all of them are told at once."""
    try:
        return load()
    except (RequestMistakenError, PolicyError) as error:
        faults += str(error).splitlines()
        return None


def _find_missing_questionnaires(db: Database, questionnaires: Questionnaires) -> Iterable[str]:
    for project in structure.list_projects(db):
        if project.form not in questionnaires:
            yield (
                f'project "{project.code}" asks questionnaire "{project.questionnaire}" version {project.version}, '
                "which is not in the folder of questionnaires. Put its file back."
            )


def _error_page(request: Request, status: int) -> Response:
    """Answer staff in their language, everybody else as a respondent."""
    write = console.error_page if request.url.path.startswith("/console") else pages.error_page
    return write(request, status)


def _make_app(db: Database, settings: Settings) -> FastAPI:
    @asynccontextmanager
    async def tidy_and_close_at_the_end(_app: FastAPI) -> AsyncIterator[None]:
        chores = [
            asyncio.create_task(keep_tidy(db, settings.comment_months)),
            asyncio.create_task(keep_forgetting(db)),
            asyncio.create_task(keep_deleting(db)),
            asyncio.create_task(_keep_taking_up(app)),
            asyncio.create_task(keep_auditing(db, settings.data_dir)),
        ]
        yield
        for chore in chores:
            chore.cancel()
            with suppress(asyncio.CancelledError):
                await chore
        await run_in_threadpool(app.state.makings.close)
        await forget_at_the_end(db)
        db.close()

    app = FastAPI(
        title="survey-app",
        description="A speaking, multilingual, offline and anonymous survey. This is the API of its tablets.",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=tidy_and_close_at_the_end,
    )
    app.state.metrics = health.Metrics()
    app.state.makings = Makings()
    app.state.error_page = _error_page
    app.include_router(api.router)
    app.include_router(batches.router)
    app.include_router(exchange.router)
    app.include_router(health.router)
    for desk in (devices, pages, worker, speaking, tablet, console):
        app.include_router(desk.router, include_in_schema=False)
    app.mount("/static", Assets(directory=STATIC), name="static")
    answer_failures(app)
    leave_out_unused_422(app)
    app.add_middleware(DeviceKeys, db=db, is_enrolled_only=settings.enrolled_only)
    app.add_middleware(Compressing)
    app.add_middleware(Watching, metrics=app.state.metrics)
    app.add_middleware(SecurityHeaders)
    return app
