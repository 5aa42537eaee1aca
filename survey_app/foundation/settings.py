"""Settings, read once from the environment (prefix ``SURVEY_APP_``); a faulty one refuses to start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, Field, FilePath, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from survey_app.foundation.errors import RequestMistakenError

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


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

    oidc_issuer: str = ""
    """Address of the identity provider at which staff may sign in too (OpenID Connect); empty: none."""

    oidc_client_id: str = ""
    """Under which name the identity provider knows this installation."""

    oidc_secret_file: FilePath | None = None
    """File that holds the secret agreed with the identity provider."""

    oidc_ca_file: FilePath | None = None
    """Certificates (PEM) that vouch for the identity provider; empty: those of the machine."""

    oidc_name: Annotated[str, Field(max_length=40)] = ""
    """What staff call the identity provider; empty: the name of its machine."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Refuse half an identity provider: each part needs the others."""
        needed = {
            "SURVEY_APP_OIDC_ISSUER": bool(self.oidc_issuer),
            "SURVEY_APP_OIDC_CLIENT_ID": bool(self.oidc_client_id),
            "SURVEY_APP_OIDC_SECRET_FILE": self.oidc_secret_file is not None,
        }
        missing = [name for name, is_set in needed.items() if not is_set]
        is_begun = len(missing) < len(needed) or self.oidc_ca_file is not None or bool(self.oidc_name)
        if is_begun and missing:
            raise ValueError(f"a sign-in by an identity provider needs {' and '.join(missing)} too")
        return self

    @field_validator("oidc_issuer")
    @classmethod
    def _is_private(cls, issuer: str) -> str:
        """Refuse an address on which others could listen."""
        if issuer and (not is_private_address(issuer) or "?" in issuer):
            raise ValueError("an address that begins with https:// and has no question mark is needed")
        return issuer

    @property
    def provider_name(self) -> str:
        """What staff call the identity provider; empty: there is none."""
        return self.oidc_name or urlsplit(self.oidc_issuer).hostname or ""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'survey.sqlite3').resolve()}"


def is_private_address(address: str) -> bool:
    """Say whether nobody listens on the way to an address: https, or this machine itself. It is one word of plain letters."""
    if not (address.isascii() and address.isprintable()) or " " in address:
        return False  # it goes into a header
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    is_plain = bool(host) and parts.username is None and not parts.fragment
    return is_plain and (parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE))


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        RequestMistakenError: a setting is wrong; the message names each one and the mend.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [_say(fault["loc"], fault["msg"]) for fault in error.errors()]
        message = "The settings are wrong. " + "; ".join(faults) + ". Mend them in the environment and start again."
        raise RequestMistakenError(message) from None


def _say(place: tuple[int | str, ...], message: str) -> str:
    """Name a setting and what is wrong with it; a fault of several settings together names them itself."""
    told = message.removeprefix("Value error, ")
    return f"SURVEY_APP_{str(place[0]).upper()}: {told}" if place else told
