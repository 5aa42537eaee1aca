"""Keeps the catalogues in step with the sources: templates (``.pot``) and one PO file per language and domain.

What is written is the same for the same sentences: no dates, no line numbers, so that a change shows only itself.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, normalize, read_po, write_po

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import Language
from survey_app.questionnaire.translation import DOMAINS, Domain, wanted_languages

WIDTH: Final = 100
"""Letters of a line, at most."""

_DRAFT: Final = "# Draft: no speaker of this language has checked these sentences yet."
_WRITTEN_IN: Final[dict[Domain, str]] = {"messages": "en", "respond": "en", "questionnaires": "fr"}
"""A catalogue in the language of the sources is kept in step where there is one, but none is begun."""


def write_templates(templates: Mapping[Domain, Catalog], folder: Path) -> tuple[Path, ...]:
    """Write ``<domain>.pot`` for each domain; return the files that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(
        path
        for domain in DOMAINS
        if _write(
            path := folder / f"{domain}.pot", _head(f"# What there is to translate: {domain}.", None), templates[domain]
        )
    )


def find_stale(templates: Mapping[Domain, Catalog], folder: Path) -> tuple[Path, ...]:
    """Return the templates that are behind the sources."""
    stale = []
    for domain in DOMAINS:
        path = folder / f"{domain}.pot"
        if not path.exists() or _keys(_read(path, None)) != _keys(templates[domain]):
            stale.append(path)
    return tuple(stale)


def update_catalogues(
    templates: Mapping[Domain, Catalog], folder: Path, *, drops_obsolete: bool = False
) -> tuple[Path, ...]:
    """Bring each language's PO files in step with the templates; return those that changed.

    Every translation, its state and its remarks stay. A translation whose sentence is gone is kept at the end of its
    file (``#~``) and comes back with its sentence, unless ``drops_obsolete``.
    """
    changed = []
    for domain in DOMAINS:
        for language in wanted_languages(domain):
            path = folder / language.locale / "LC_MESSAGES" / f"{domain}.po"
            if language.tag == _WRITTEN_IN[domain] and not path.exists():
                continue
            if _update(path, language, templates[domain], drops_obsolete=drops_obsolete):
                changed.append(path)
    return tuple(changed)


def _update(path: Path, language: Language, template: Catalog, *, drops_obsolete: bool) -> bool:
    began = Catalog(locale=language.locale, header_comment=_DRAFT)
    catalogue = _read(path, language.locale) if path.exists() else began
    for message in list(catalogue.obsolete.values()):
        if catalogue.get(message.id, message.context) is None:
            catalogue[message.id] = message
    catalogue.obsolete.clear()
    remarks = {_key(message): list(message.user_comments) for message in catalogue}
    catalogue.update(_copy(template), no_fuzzy_matching=True)
    for message in catalogue:
        message.user_comments = remarks.get(_key(message), [])
    kept = {key: message for key, message in catalogue.obsolete.items() if _is_filled(message.string)}
    catalogue.obsolete = {} if drops_obsolete else kept
    if not path.exists() and not any(message.id for message in catalogue):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    return _write(path, _head(catalogue.header_comment, language), catalogue)


def _copy(template: Catalog) -> Catalog:
    """Copy a template: Babel hands its own messages on to the catalogue that it updates."""
    copied = Catalog()
    for message in template:
        if message.id:
            copied[message.id] = message.clone()
    return copied


def _key(message: object) -> tuple[object, object]:
    return getattr(message, "context", None), getattr(message, "id", None)


def _keys(catalogue: Catalog) -> list[tuple[object, object]]:
    return [_key(message) for message in catalogue if message.id]


def _is_filled(texts: str | tuple[str, ...] | list[str] | None) -> bool:
    return any(texts) if isinstance(texts, tuple | list) else bool(texts)


def _read(path: Path, locale: str | None) -> Catalog:
    try:
        return read_po(io.BytesIO(path.read_bytes()), locale=locale, abort_invalid=True)
    except PoFileError as error:
        raise RequestMistakenError(f"{path} line {error.lineno + 1} can't be read ({error}). Mend that line.") from None


def _head(comment: str, language: Language | None) -> str:
    fields = {"Project-Id-Version": "survey-app"}
    if language is not None:
        fields["Language"] = language.locale
    fields |= {
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if language is not None:
        fields["Plural-Forms"] = get_plural(Locale.parse(language.locale)).plural_forms
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f'{comment}\nmsgid ""\nmsgstr {normalize(lines, width=WIDTH)}\n\n'


def write_out(catalogue: Catalog, language: Language, comment: str) -> str:
    """Return a catalogue of a language as text, with our own head."""
    return _write_out(_head(comment, language), catalogue)


def _write_out(head: str, catalogue: Catalog) -> str:
    body = io.BytesIO()
    write_po(body, catalogue, width=WIDTH, no_location=True, omit_header=True)
    return head + body.getvalue().decode().strip("\n") + "\n"


def _write(path: Path, head: str, catalogue: Catalog) -> bool:
    """Write a file where its content changes; return whether it did."""
    text = _write_out(head, catalogue)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True
