"""Finds what there is to translate: Babel's extraction method for questionnaires, and the walk over all sources."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from survey_app.foundation.errors import RequestMistakenError
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import parse_document
from survey_app.questionnaire.faults import FaultyQuestionnaires
from survey_app.questionnaire.loader import parse_questionnaire
from survey_app.questionnaire.sentences import sentences_of
from survey_app.questionnaire.translation import DOMAINS, Domain

MAPPING: Final = "babel.cfg"
"""Which files are searched how, and to which domain their sentences belong (``domain = ...``)."""

SEARCHED: Final = ("survey_app", "questionnaires")
"""Folders of a checkout that hold sentences."""

COMMENT_TAG: Final = "For translators:"

KEYWORDS: Final[dict[str, Any]] = {
    name: DEFAULT_KEYWORDS[name] for name in ("_", "gettext", "ngettext", "pgettext", "npgettext")
}

Extracted = tuple[int, str, tuple[str, str], list[str]]


def extract_questionnaire(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[Extracted]:
    """Yield each sentence of a questionnaire with its context, as if ``pgettext`` had been called with it.

    Raises:
        FaultyQuestionnaires: the file is no sound questionnaire.
    """
    del keywords, comment_tags, options  # Babel hands them to every method
    path = Path(str(getattr(fileobj, "name", "questionnaire.yaml")))
    found = parse_questionnaire(parse_document(fileobj.read().decode("utf-8-sig"), path))
    if not isinstance(found, Questionnaire):
        raise FaultyQuestionnaires(found)
    for sentence in sentences_of(found):
        yield 1, "pgettext", (sentence.context, sentence.text), [sentence.note]


def gather_sentences(root: Path) -> dict[Domain, Catalog]:
    """Return a template for each domain, from the sources of a checkout, in a lasting order.

    Raises:
        RequestMistakenError: ``root`` is no checkout, or the mapping names no domain for a file.
        FaultyQuestionnaires: a questionnaire is faulty.
    """
    mapping = root / MAPPING
    if not mapping.exists():
        raise RequestMistakenError(f"{mapping} is missing. Run this in a checkout of the sources.")
    with mapping.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, str(mapping))  # type: ignore[no-untyped-call]
    templates: dict[Domain, Catalog] = {domain: Catalog(charset="utf-8", fuzzy=False) for domain in DOMAINS}
    current: dict[str, str] = {}

    def note_domain(_file: str, _method: str, chosen: dict[str, Any]) -> None:
        current["domain"] = str(chosen.get("domain", ""))

    found = extract_from_dir(
        root, methods, options, KEYWORDS, (COMMENT_TAG,), note_domain, True, lambda folder: _is_searched(root, folder)
    )
    for source, _, message, comments, context in found:
        domain = next((domain for domain in DOMAINS if domain == current["domain"]), None)
        if domain is None:
            raise RequestMistakenError(f'{mapping} gives no domain for {source}. Add "domain = ..." to its section.')
        templates[domain].add(message, auto_comments=comments, context=context)
    return templates


def _is_searched(root: Path, folder: str) -> bool:
    inside = Path(folder).relative_to(root).parts
    hidden = inside[-1].startswith((".", "_")) or inside[-1] in {"node_modules", "vendor", "shipped"}
    return inside[0] in SEARCHED and not hidden
