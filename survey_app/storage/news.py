"""News for groups: what staff chose for the wishes of a release, the latest of a project for its tablets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from survey_app.fieldwork.news import News, WishAnswer
from survey_app.storage.database import Database
from survey_app.storage.tables import NewsRow

_COLUMNS: Final = (col(NewsRow.release), col(NewsRow.project), col(NewsRow.wishes))


def keep_news(db: Database, news: News, at: datetime) -> None:
    """Keep what became of the wishes of a release, in place of what was chosen for it before."""
    chosen = {"project": news.project, "wishes": [list(astuple(one)) for one in news.wishes], "chosen_at": at}
    with db.writing() as connection:
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(NewsRow)
        row = insert.values(release=news.release, **chosen)
        connection.execute(row.on_conflict_do_update(index_elements=["release"], set_=chosen))


def find_news(db: Database, release: str) -> News | None:
    """Return what was chosen for a release."""
    with db.reading() as connection:
        row = connection.execute(select(*_COLUMNS).where(col(NewsRow.release) == release)).one_or_none()
    return None if row is None else _news_of(row)


def latest_news(db: Database, project: str) -> News | None:
    """Return what was chosen last for a release of a project."""
    query = select(*_COLUMNS).where(col(NewsRow.project) == project)
    latest = query.order_by(col(NewsRow.chosen_at).desc(), col(NewsRow.release).desc()).limit(1)
    with db.reading() as connection:
        row = connection.execute(latest).one_or_none()
    return None if row is None else _news_of(row)


def _news_of(row: Sequence[Any]) -> News:
    release, project, wishes = row
    return News(release, project, tuple(WishAnswer(*one) for one in wishes))
