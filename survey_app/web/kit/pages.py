"""Pages: one typed context goes into one template, in one language."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from survey_app.foundation.languages import Language
from survey_app.web.kit.pictures import picture_address

_WEB = Path(__file__).resolve().parent.parent
TEMPLATES = _WEB / "templates"
STATIC = _WEB / "static"


class Words(Protocol):
    """Sentences of one language, as gettext gives them."""

    def __hash__(self) -> int: ...
    def gettext(self, message: str) -> str: ...
    def ngettext(self, singular: str, plural: str, n: int) -> str: ...
    def pgettext(self, context: str, message: str) -> str: ...
    def npgettext(self, context: str, singular: str, plural: str, n: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Page:
    """Base of every page's context. ``template`` is a class attribute of the page: its file under ``templates/``."""

    words: Words
    language: Language


@lru_cache(maxsize=512)
def asset(name: str) -> str:
    """Return the address of a static file with the fingerprint of its content, cacheable for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def environment() -> Environment:
    """Make the environment of one language. Languages share none: an overlay would mix their sentences."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.filters.pop("safe")  # escape always: the filter does not exist here
    made.globals["asset"] = asset
    made.globals["picture_address"] = picture_address
    return made


@lru_cache(maxsize=64)
def _environment_in(words: Words) -> Environment:
    made = environment()
    made.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext, npgettext=words.npgettext
    )
    return made


def write_page(template: str, page: Page, **parts: Any) -> str:  # noqa: ANN401 - what a named part needs
    """Render a template with the fields of its context (and ``page`` itself)."""
    context: Mapping[str, Any] = {field.name: getattr(page, field.name) for field in fields(page)}
    return _environment_in(page.words).get_template(template).render(page=page, **context, **parts)


def show(template: str, page: Page, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Answer with a rendered page."""
    return HTMLResponse(write_page(template, page), status_code=status, headers=headers)
