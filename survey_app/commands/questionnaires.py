"""``survey-app questionnaire ...`` and ``survey-app translations ...``.

Exit codes: 0 done; 2 the request was wrong, one line for each fault; 1 a fault of ours.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.places import PICTURES, shipped

if TYPE_CHECKING:
    from survey_app.questionnaire.definition import Questionnaire
    from survey_app.questionnaire.loader import Questionnaires
    from survey_app.questionnaire.translation import Catalogues, Domain, Gap

questionnaire_app = typer.Typer(help="Check, publish and describe questionnaires.", no_args_is_help=True)
translations_app = typer.Typer(help="Find, update and count translations.", no_args_is_help=True)

MISTAKEN = 2
_COLUMN: tuple[Domain, ...] = ("respond", "questionnaires", "messages")

Folder = Annotated[Path | None, typer.Option(help="Folder of catalogues; without it, those shipped.")]


@questionnaire_app.command()
def schema() -> None:
    """Print the JSON Schema of questionnaire files, for editors."""
    from survey_app.questionnaire.schema import questionnaire_schema

    typer.echo(json.dumps(questionnaire_schema(), indent=2, ensure_ascii=False))


@questionnaire_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Questionnaires, *.vN.yaml.")],
    translations: Annotated[Path | None, typer.Option(help="Folder of catalogues; without it, those shipped.")] = None,
    *,
    strict: Annotated[
        bool, typer.Option(help="Exit with 2 where a finding of plain language is not explained.")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print all findings as JSON, explained ones too.")] = False,
) -> None:
    """Check questionnaires: their form, their pictures, and how plain each message is in each language.

    Findings of plain language are advice: they fail only with --strict, and only where
    questionnaires/plain-language/explanations.yaml gives no reason why the message stays.
    """
    from survey_app.commands.plain_language import as_json, measure, print_report

    sound = [(file, found) for file in files if (found := _check_form(file, is_quiet=is_json)) is not None]
    report = measure(sound, translations)
    if is_json:
        typer.echo(json.dumps(as_json(report), indent=2, ensure_ascii=False))
    else:
        print_report(report)
    if len(sound) < len(files) or report.faults or (strict and report.unexplained):
        raise typer.Exit(MISTAKEN)


def _check_form(file: Path, *, is_quiet: bool) -> Questionnaire | None:
    """Print a file's faults and advice; return its questionnaire where it has no fault."""
    from survey_app.questionnaire.checks import check_file
    from survey_app.questionnaire.definition import Questionnaire
    from survey_app.questionnaire.loader import load_questionnaire

    try:
        checked = check_file(file, PICTURES)
        loaded = load_questionnaire(file)
    except RequestMistakenError as error:
        typer.echo(str(error), err=True)
        return None
    for fault in checked.faults:
        typer.echo(str(fault), err=True)
    for warning in checked.warnings:
        typer.echo(f"{warning} (advice)", err=True)
    if checked.faults or not isinstance(loaded, Questionnaire):
        return None
    if not is_quiet:
        typer.echo(f"{file}: sound{_count_advice(len(checked.warnings))}")
    return loaded


@questionnaire_app.command()
def publish(file: Annotated[Path, typer.Argument(help="A questionnaire, *.vN.yaml.")]) -> None:
    """Freeze a version: from now on its file can't be edited, only followed by the next version."""
    from survey_app.questionnaire.checks import check_file
    from survey_app.questionnaire.loader import FaultyQuestionnaires, load_questionnaire
    from survey_app.questionnaire.versions import name_version
    from survey_app.questionnaire.versions import publish as add_to_list

    checked = check_file(file, PICTURES)
    loaded = load_questionnaire(file)
    if checked.faults or isinstance(loaded, tuple):
        raise FaultyQuestionnaires(checked.faults)
    is_new = add_to_list(file, loaded)
    typer.echo(f"{name_version(loaded)} {'is published' if is_new else 'was published before, and is unchanged'}.")


@translations_app.command()
def extract(folder: Folder = None) -> None:
    """Write what there is to translate, found in the sources of a checkout, to translations/*.pot."""
    from survey_app.questionnaire.extraction import gather_sentences
    from survey_app.questionnaire.upkeep import write_templates

    _print_changed(write_templates(gather_sentences(_checkout()), folder or shipped("translations")))


@translations_app.command()
def update(
    folder: Folder = None,
    *,
    drop_obsolete: Annotated[bool, typer.Option(help="Delete translations whose sentence is gone.")] = False,
) -> None:
    """Extract, and bring every language's catalogues in step. Translations and their states stay."""
    from survey_app.questionnaire.extraction import gather_sentences
    from survey_app.questionnaire.upkeep import update_catalogues, write_templates

    target = folder or shipped("translations")
    templates = gather_sentences(_checkout())
    changed = write_templates(templates, target)
    _print_changed((*changed, *update_catalogues(templates, target, drops_obsolete=drop_obsolete)))


@translations_app.command()
def status(
    folder: Folder = None,
    questionnaires: Annotated[
        Path | None, typer.Option(help="Folder of questionnaires; without it, those shipped.")
    ] = None,
    *,
    strict: Annotated[bool, typer.Option(help="Exit with 2 where a language lacks anything.")] = False,
) -> None:
    """Show how complete each language is, whether respondents are offered it, and every sentence it lacks."""
    from survey_app.questionnaire.loader import load_all
    from survey_app.questionnaire.translation import load_catalogues

    target = folder or shipped("translations")
    catalogues = load_catalogues(target)
    lacking = _print_status(load_all(questionnaires or shipped("questionnaires")), catalogues)
    problems = _find_problems(target, catalogues)
    for problem in problems:
        typer.echo(problem)
    if strict and (lacking or problems):
        typer.echo("Not every language is complete. Translate what is missing and run this again.", err=True)
        raise typer.Exit(MISTAKEN)


def _count_advice(count: int) -> str:
    return {0: "", 1: ", with 1 piece of advice"}.get(count, f", with {count} pieces of advice")


def _print_status(asked: Questionnaires, catalogues: Catalogues) -> bool:
    """Print a table and every gap; return whether there is one."""
    from survey_app.foundation.languages import RESPONDENT_LANGUAGES
    from survey_app.questionnaire.translation import offered_languages

    offered = [frozenset(offered_languages(found, catalogues)) for found in asked.values()]
    gaps: list[tuple[str, Gap]] = []
    typer.echo(f"{'language':<9} {'domain':<15} {'translated':>12} {'draft':>6} {'reviewed':>9} {'tested':>7}  offered")
    for language in RESPONDENT_LANGUAGES:
        for number, domain in enumerate(_COLUMN):
            line = _count(domain, language.tag, asked, catalogues, gaps)
            if line:
                word = "" if number else ("yes" if all(language in each for each in offered) else "no")
                typer.echo(f"{line}  {word}".rstrip())
    for tag, gap in gaps:
        typer.echo(f'{tag}: {gap.domain} lacks "{gap.text}"' + (f" ({gap.context})" if gap.context else ""))
    return bool(gaps)


def _count(
    domain: Domain, tag: str, asked: Questionnaires, catalogues: Catalogues, gaps: list[tuple[str, Gap]]
) -> str | None:
    """Return a line of the table and note what is missing; ``None`` where the domain is not for this language."""
    from survey_app.questionnaire.translation import Gap, State, wanted_keys, wanted_languages

    if tag not in {language.tag for language in wanted_languages(domain)}:
        return None
    wanted = wanted_keys(domain, tag, tuple(asked.values()), catalogues)
    if wanted is None:
        return f"{tag:<9} {domain:<15} {'source':>12} {'':>6} {'':>9} {'':>7}"
    entries = [(key, catalogues.entry(domain, tag, key)) for key in wanted]
    gaps += [(tag, Gap(domain, *key)) for key, entry in entries if entry is None]
    states = [entry.state for _, entry in entries if entry is not None]
    counts = {state: states.count(state) for state in State}
    share = f"{len(states)}/{len(wanted)}"
    return (
        f"{tag:<9} {domain:<15} {share:>12} {counts[State.DRAFT]:>6} {counts[State.REVIEWED]:>9} "
        f"{counts[State.TESTED]:>7}"
    )


def _find_problems(folder: Path, catalogues: Catalogues) -> list[str]:
    """Return faulty translations, and templates that are behind the sources where there is a checkout."""
    problems = [str(fault) for fault in catalogues.faults]
    if (_checkout() / "babel.cfg").exists():
        from survey_app.questionnaire.extraction import gather_sentences
        from survey_app.questionnaire.upkeep import find_stale

        stale = find_stale(gather_sentences(_checkout()), folder)
        problems += [f"{path} is behind the sources. Run: survey-app translations update" for path in stale]
    return problems


def _checkout() -> Path:
    """Return the folder that holds the package: a checkout's root, or nothing of interest in an installation."""
    return Path(__file__).resolve().parent.parent.parent


def _print_changed(paths: tuple[Path, ...]) -> None:
    for path in paths:
        typer.echo(f"{path} is new or changed.")
    if not paths:
        typer.echo("Everything is in step already.")
