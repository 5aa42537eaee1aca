"""What a respondent's page says aloud, and the addresses of its sounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from survey_app.foundation.languages import find_language
from survey_app.voices.clips import Clip, Voices, key_of
from survey_app.web.kit.assets import FOR_EVER
from survey_app.web.kit.problems import problem

router = APIRouter()

MEDIA_TYPE: Final = "audio/mpeg"


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice for one page. Without clips the page is silent."""

    tag: str = ""
    clips: Mapping[str, Clip] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Address of the voice's clips up to their names; empty where there is none."""
        return f"/voices/{self.tag}/" if self.clips else ""

    def mark(self, sentence: str) -> dict[str, str]:
        """Return the attribute that names the clip of a sentence; none where nobody has spoken it."""
        clip = self.clips.get(key_of(self.tag, sentence))
        return {"data-say": clip.name} if clip else {}

    def address_of(self, sentence: str) -> str:
        """Return the address of a sentence's clip; empty where nobody has spoken it."""
        clip = self.clips.get(key_of(self.tag, sentence))
        return f"{self.base}{clip.name}.mp3" if clip else ""


def find_speaker(voices: Voices, tag: str) -> Speaker:
    """Return who speaks in the language of a tag."""
    return Speaker(tag, voices.clips(tag))


@router.get("/voices/{tag}/{name}.mp3")
def give_clip(request: Request, tag: str, name: str) -> Response:
    """Give one clip. Its address is made of its sound, so a tablet may keep it for ever."""
    clip = request.app.state.voices.named(tag, name) if find_language(tag) else None
    if clip is None or not clip.path.is_file():
        return problem(404, "no-clip", "There is no such clip.")
    return FileResponse(clip.path, media_type=MEDIA_TYPE, headers={"cache-control": FOR_EVER})
