"""``survey-app voices ...``: which sentences have a voice, drafts by an engine, recordings by people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from survey_app.foundation.errors import RequestMistakenError

if TYPE_CHECKING:
    from survey_app.foundation.languages import Language
    from survey_app.voices.clips import Voices
    from survey_app.voices.script import Line

app = typer.Typer(help="Record, draft and count the voices of sentences.", no_args_is_help=True)

MISTAKEN: Final = 2
_AT_ONCE: Final = 2  # processes of the engine

Tag = Annotated[str, typer.Option("--language", help="Tag of a language, such as ps or ymm.")]
Tags = Annotated[list[str] | None, typer.Option("--language", help="Tag of a language; without it, all.")]


@dataclass(frozen=True, slots=True)
class _Studio:
    """What every command here works on: the script of each language, and its clips."""

    scripts: dict[str, tuple[Line, ...]]
    voices: Voices


@app.command()
def status(
    language: Tags = None,
    *,
    strict: Annotated[bool, typer.Option(help="Exit with 2 where a sentence has no voice.")] = False,
) -> None:
    """Show how many sentences of each language have a recorded voice, a draft, or none."""
    from survey_app.voices.clips import SUFFIX, folder_of
    from survey_app.voices.engine import REFUSED
    from survey_app.voices.recording import read_index
    from survey_app.voices.script import count_voices

    studio = _open(language)
    lacking = False
    typer.echo(f"{'language':<9} {'recorded':>9} {'draft':>6} {'missing':>8} {'of':>4}")
    for tag, lines in studio.scripts.items():
        count = count_voices(lines, tag, studio.voices)
        lacking = lacking or count.missing > 0
        reason = f"  only people can speak it: {REFUSED[tag]}" if count.missing and tag in REFUSED else ""
        typer.echo(f"{tag:<9} {count.recorded:>9} {count.draft:>6} {count.missing:>8} {count.total:>4}{reason}")
        folder = folder_of(studio.voices.recorded, tag)
        there = {path.stem for path in folder.glob(f"*{SUFFIX}")} - {line.key for line in lines}
        for sentence in sorted(text for key, text in read_index(folder).items() if key in there):
            typer.echo(f'{tag}: the recording of "{sentence}" fits no sentence any more. Record what stands there now.')
    if strict and lacking:
        typer.echo("Some sentences have no voice. Record them: survey-app voices script --language TAG", err=True)
        raise typer.Exit(MISTAKEN)


@app.command()
def draft(
    language: Tags = None,
    *,
    quiet: Annotated[bool, typer.Option(help="Say nothing where there is nothing to do.")] = False,
) -> None:
    """Let the engine speak every sentence without a voice, in the languages that it speaks. Again: only what is new."""
    from survey_app.voices.drafting import check_engine
    from survey_app.voices.drafting import draft as draft_language
    from survey_app.voices.engine import ENGINE_VOICES, REFUSED
    from survey_app.voices.script import count_voices

    studio = _open(language)
    for tag in language or ():
        if tag in REFUSED:
            raise RequestMistakenError(f"{tag}: {REFUSED[tag]}. Record it: survey-app voices script --language {tag}")
    spoken = [tag for tag in studio.scripts if tag in ENGINE_VOICES]
    if any(count_voices(studio.scripts[tag], tag, studio.voices).missing for tag in spoken):
        check_engine()
    with ThreadPoolExecutor(_AT_ONCE) as engines:
        all_done = list(engines.map(lambda tag: draft_language(tag, studio.scripts[tag], studio.voices), spoken))
    for tag, done in zip(spoken, all_done, strict=True):
        if done.made or done.refused or not quiet:
            typer.echo(f"{tag}: {len(done.made)} drafts made, {len(done.refused)} refused, {len(done.dropped)} dropped")


@app.command()
def script(
    language: Tag, out: Annotated[Path | None, typer.Option(help="CSV file; without it, standard output.")] = None
) -> None:
    """Write the sheet for a person who records: each sentence, and the name that its file must have."""
    from survey_app.voices.recording import write_sheet

    studio = _open([language])
    sheet = write_sheet(language, studio.scripts[language], studio.voices)
    if out is None:
        typer.echo(sheet, nl=False)
    else:
        out.write_text(sheet, encoding="utf-8-sig", newline="")


@app.command("import")
def take(
    source: Annotated[Path, typer.Argument(help="An MP3 file, or a folder of them with its sheet.", exists=True)],
    language: Tag,
) -> None:
    """Take recordings of people: mono MP3 files, named as the sheet says. All are taken or none."""
    from survey_app.voices.recording import take_recordings
    from survey_app.voices.script import count_voices

    studio = _open([language])
    lines = studio.scripts[language]
    taken = take_recordings(source, language, lines, studio.voices.recorded)
    count = count_voices(lines, language, studio.voices)
    typer.echo(f"{language}: {len(taken)} recordings taken; {count.recorded} of {count.total} sentences are recorded.")


def _open(tags: list[str] | None) -> _Studio:
    """Write the scripts of these languages, or of all.

    Raises:
        RequestMistakenError: a tag is unknown, or a setting or a file is at fault.
    """
    from survey_app.foundation.languages import RESPONDENT_LANGUAGES, SPOKEN_LANGUAGES, find_language
    from survey_app.foundation.settings import read_settings
    from survey_app.supplements.contents import load_contents
    from survey_app.voices.script import write_script

    chosen: list[Language] = [*RESPONDENT_LANGUAGES, *SPOKEN_LANGUAGES]
    if tags:
        chosen = [found for tag in tags if (found := find_language(tag)) is not None]
        unknown = sorted({*tags} - {found.tag for found in chosen})
        if unknown:
            raise RequestMistakenError(f'language "{unknown[0]}" is unknown. Look at: survey-app voices status')
    here = load_contents(read_settings())
    asked = here.questionnaires.values()
    return _Studio({found.tag: write_script(found, asked, here.catalogues) for found in chosen}, here.voices)
