"""Settings, read once from the environment (prefix ``SURVEY_APP_``); a faulty one refuses to start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from survey_app.foundation.errors import RequestMistakenError


class Settings(BaseSettings):
    """What an operator may set. Defaults suit one laptop."""

    model_config = SettingsConfigDict(env_prefix="SURVEY_APP_", frozen=True, extra="ignore")

    data_dir: Path = Path("data")
    """Folder of the database and of the keys. Created at first start, readable by its owner only."""

    database_url: str = ""
    """SQLAlchemy URL of PostgreSQL (``postgresql+psycopg://...``); empty: SQLite in ``data_dir``."""

    base_url: AnyHttpUrl | None = None
    """Address that tablets open, for links and QR codes; empty: the address of each request."""

    grace_days: Annotated[int, Field(ge=0, le=60)] = 14
    """Days after a session's end in which a tablet may still hand in a response."""

    idle_seconds: Annotated[int, Field(ge=30, le=600)] = 90
    """Seconds without a touch after which a form is wiped."""

    largest_response: Annotated[int, Field(ge=1024, le=262_144)] = 16_384
    """Bytes of one response at most."""

    comments_from_people: Annotated[int, Field(ge=10, le=1000)] = 10
    """People who must have answered before a reviewer sees any comment of their group."""

    comment_months: Annotated[int, Field(ge=1, le=24)] = 6
    """Months after its half-year in which a comment that nobody reviewed is deleted."""

    genders_by_age: Literal["crossed", "margins"] = "crossed"
    """How R.2.9 is broken down in releases and indicator returns: gender by age, or each alone."""

    enrolled_only: bool = False
    """Whether nobody may let people use their own phones, in no session; otherwise staff say so of each."""

    staff_hours: Annotated[int, Field(ge=1, le=24)] = 9
    """Hours after which a member of staff signs in again."""

    log_format: Literal["text", "json"] = "text"
    """How the log is written."""

    questionnaires_dir: Path | None = None
    """Folder of questionnaires; empty: those shipped."""

    voices_dir: Path | None = None
    """Folder of recorded voices; empty: those shipped."""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'survey.sqlite3').resolve()}"


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        RequestMistakenError: a setting is wrong; the message names each one and the mend.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"SURVEY_APP_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        message = "The settings are wrong. " + "; ".join(faults) + ". Mend them in the environment and start again."
        raise RequestMistakenError(message) from None
