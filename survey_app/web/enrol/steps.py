"""The steps with which each kind of tablet comes to trust the laptop, as codes; the template has the words and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.foundation.languages import Language
from survey_app.web.kit.pages import Page

Device = Literal["android", "ipad", "windows", "chromebook"]
DEVICES: Final[tuple[Device, ...]] = ("android", "ipad", "windows", "chromebook")

_STEPS: Final[Mapping[Device, tuple[str, ...]]] = {
    "android": ("screen-lock", "download", "android-settings", "android-warning", "android-file"),
    "ipad": ("ipad-safari", "profile", "ipad-install", "ipad-trust"),
    "windows": ("download", "windows-open", "windows-store", "windows-restart"),
    "chromebook": ("download", "chromebook-settings", "chromebook-import", "chromebook-tick"),
}


@dataclass(frozen=True, slots=True)
class EnrolPage(Page):
    """Leads one kind of tablet. ``by_name`` and ``by_address``: where it goes then; ``name_probe`` tells which.

    ``authority``: what the tablet's list of certificates calls it; ``fingerprint``: to compare by eye.
    """

    languages: tuple[Language, ...]
    device: Device
    devices: tuple[Device, ...]
    steps: tuple[str, ...]
    by_name: str
    by_address: str
    name_probe: str
    is_announced: bool
    authority: str
    fingerprint: str


def steps_of(device: Device) -> tuple[str, ...]:
    """Return the steps of a kind of tablet, in order."""
    return _STEPS[device]


def guess_device(agent: str) -> Device:
    """Guess the kind of tablet from what its browser says; an iPad says that it is a Mac."""
    for mark, device in (("CrOS", "chromebook"), ("Android", "android"), ("Windows", "windows")):
        if mark in agent:
            return device  # type: ignore[return-value] # one of the four
    return "ipad" if any(mark in agent for mark in ("iPad", "iPhone", "Macintosh")) else "android"
