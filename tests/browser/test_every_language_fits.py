"""Every sentence of the exit survey in each language, on the smallest phone and on a tablet, in the letters that are sent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation.languages import RESPONDENT_LANGUAGES
from survey_app.foundation.places import shipped
from survey_app.questionnaire.loader import load_all
from survey_app.storage import structure

PHONE, TABLET = (360, 640), (800, 1280)
WALK = """async () => {
  const seen = (part) => part.checkVisibility() && part.getBoundingClientRect().width > 1;
  const frame = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  const parts = ".answer, .off, .button, .asked, .stem, .example, .said, p, li, legend";
  const measure = () => {
    const step = [...document.querySelectorAll(".step")].find(seen);
    const pager = document.querySelector(".pager");
    const floor = seen(pager) ? pager.getBoundingClientRect().top : innerHeight;
    const cut = [...document.querySelectorAll(parts)].filter(seen).filter((part) =>
      getComputedStyle(part).display !== "inline" &&
      (part.scrollWidth > part.clientWidth + 1 || part.getBoundingClientRect().height > innerHeight / 2));
    const below = (part) => part ? Math.round(part.getBoundingClientRect().bottom - floor) : 0;
    return {
      step: step.id,
      sideways: document.documentElement.scrollWidth - innerWidth,
      wide: [...document.querySelectorAll("body *")].filter(seen).filter((part) =>
        part.getBoundingClientRect().right > innerWidth + 1 || part.getBoundingClientRect().left < -1).map((part) =>
        part.textContent.trim().slice(0, 60)),
      cut: cut.filter((part) => part.tagName !== "UL" && !part.matches("#promise ul, .practice")).map((part) =>
        part.textContent.trim().slice(0, 60)),
      answersBelow: below(step.querySelector(".answers")),
      below: below(step),
    };
  };
  await document.fonts.ready;
  const met = [measure()];
  document.querySelector("[data-action=start]").click();
  while (met.at(-1).step !== "send" && met.length < 40) {
    await frame();
    met.push(measure());
    [...document.querySelectorAll(".step input")].find((input) => seen(input.parentElement))?.click();
    document.querySelector(".pager [data-action=next]").click();
  }
  return met;
}"""


@pytest.fixture(scope="module")
def everything(server) -> str:
    """A session that asks all that the exit survey can ask, in every language."""
    asked = load_all(shipped("questionnaires"))["amif-exit", 2]
    activities = frozenset(item.activity for item in asked.items if item.activity)
    languages = tuple(language.tag for language in RESPONDENT_LANGUAGES)
    project = Project("everything", "centre", "Tout", "amif-exit", 2, activities, languages)
    structure.write_structure(
        server.db, [Organisation("centre", "Centre")], [project], [Module("course", "Cours", project.code)]
    )
    return server.open_session("everything", people=6)


pytestmark = pytest.mark.browser

EVERY_LANGUAGE = [language.tag for language in RESPONDENT_LANGUAGES]
ON_TABLETS = ("fr", "ar", "om", "bn")  # the longest of each kind of script: on a tablet all the others have more room


@pytest.mark.parametrize(
    ("language", "size"),
    [
        *(pytest.param(tag, PHONE, id=f"{tag}-phone") for tag in EVERY_LANGUAGE),
        *(
            pytest.param(tag, TABLET, id=f"{tag}-tablet", marks=() if tag in ON_TABLETS else pytest.mark.slow)
            for tag in EVERY_LANGUAGE
        ),
    ],
)
def test_no_sentence_is_longer_than_its_screen(
    page: Page, everything: str, language: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"/s/{everything}/{language}")
    page.wait_for_selector("html.ready")

    met = page.evaluate(WALK)

    assert met[-1]["step"] == "send"
    assert len(met) >= 19  # the promise, the practice, sixteen questions at least, the end
    assert [step for step in met if step["sideways"] > 0 or step["cut"]] == []
    on_scale = [step for step in met if step["step"] != "item-more"]
    assert [step for step in on_scale if step["answersBelow"] > 0] == []  # answers are seen without scrolling
    if size == TABLET:
        assert [step for step in met if step["below"] > 0] == []  # and here everything is
