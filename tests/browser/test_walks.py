"""Whole walks as people make them, each with one way in: by finger in five languages, by keys, and by what
a screen reader is told. What a person gives is what is stored, whatever way the page reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from survey_app.voices.clips import Voices

pytestmark = pytest.mark.browser

SIZES = {"phone": (360, 640), "tablet": (800, 1280), "turned": (1280, 800)}

# What a person means, as pictures: nothing here knows of places on the screen or of codes.
MEANT = {
    "helpful": ("face-a-little",),
    "speaking": ("off-not-understood",),
    "doctor": ("face-not-at-all",),
    "housing": ("face-a-lot",),
    "transport": ("off-not-for-me",),
    "change": ("more-hours", "slower"),
    "age": ("age-adult",),
    "gender": ("woman",),
}
ANSWERS = {
    "helpful": "a-little",
    "doctor": "not-much",  # gone back to, and changed
    "housing": "a-lot",
    "change": ["more-hours", "slower"],
    "age": "18-60",
    "gender": "female",
}
OFF_SCALE = {"speaking": "not-understood", "transport": "not-for-me"}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A tablet that is touched."""
    return {**browser_context_args, "has_touch": True, "is_mobile": True}


class Finger:
    """Touches pictures."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def touch(self, picture: str) -> None:
        target = self.page.locator("label:visible, button:visible, a:visible")
        target.filter(has=self.page.locator(f"img[src$='#{picture}']")).first.tap()

    def step(self) -> str:
        """Return the id of the step on the screen."""
        return str(self.page.locator(".step:visible").get_attribute("id")).removeprefix("item-")

    def walk(self) -> Iterator[str]:
        """Go from the promise to the last question, back once; say each step before it is left."""
        yield self.step()
        self.touch("next")
        yield self.step()
        self.touch("face-a-little")
        yield "try, touched"
        self.touch("next")
        while (item := self.step()) != "send":
            for picture in MEANT[item]:
                self.touch(picture)
            yield item
            self.touch("next")
            if item == "doctor":
                self.change_doctor()
        yield "send"
        self.touch("send")
        self.page.wait_for_selector("#thanks:visible")
        yield "thanks"

    def change_doctor(self) -> None:
        self.touch("back")
        assert self.step() == "doctor"
        expect(self.page.locator("#item-doctor input:checked")).to_have_value("not-at-all")
        self.touch("face-not-much")
        self.touch("next")


@pytest.mark.parametrize(
    ("language", "size"),
    [
        pytest.param(language, size, id=f"{language}-{size}", marks=() if size == usual else pytest.mark.slow)
        for language, usual in {"fr": "turned", "ar": "tablet", "ti": "phone", "ps": "tablet", "uk": "phone"}.items()
        for size in SIZES
    ],
)
def test_a_finger_walks_from_the_wall_of_languages_to_thank_you(
    server: Any, page: Page, language: str, size: str, tmp_path: Path
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    code = server.open_session()
    page.goto(f"/s/{code}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=tmp_path / "00-wall.png")
    page.locator(f"a[hreflang='{language}']").tap()
    page.wait_for_url(f"**/s/{code}/{language}")
    page.wait_for_selector("html.ready")

    steps = []
    for step in Finger(page).walk():
        steps.append(step)
        page.screenshot(path=tmp_path / f"{len(steps):02}-{re.sub('[^a-z]+', '-', step)}.png")

    assert steps == ["promise", "try", "try, touched", *MEANT, "send", "thanks"]
    stored = server.stored(code)
    assert (stored["language"], stored["answers"], stored["off_scale"]) == (language, ANSWERS, OFF_SCALE)


# Text is neither seen nor takes room, whatever the page says.
HIDE_TEXT = """document.addEventListener("DOMContentLoaded", () => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("body * { color: transparent !important; font-size: 0 !important; }");
  document.adoptedStyleSheets = [sheet];
})"""
TEXT_SIZES = """() => [...new Set([...document.querySelectorAll("body *")].filter((part) => part.checkVisibility()
  && [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
  .map((part) => getComputedStyle(part).fontSize))]"""
# Notes each clip when it sounds, with the place on the screen that is marked meanwhile.
LISTEN = """(() => {
  window.heard = [];
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...when) {
    const part = document.querySelector(".speaking");
    const box = part?.getBoundingClientRect();
    if (box) {
      window.heard.push({ clip: part.dataset.say, x: box.x + box.width / 2, y: box.y + box.height / 2 });
    }
    return start.apply(this, when);
  };
})()"""


class Listener(Finger):
    """Knows what it means in spoken French, sees pictures and what is marked while a voice speaks, and reads nothing."""

    def __init__(self, page: Page, voices: Voices) -> None:
        super().__init__(page)
        self.voices = voices
        self.asked: list[str] = []
        page.add_init_script(HIDE_TEXT)
        page.add_init_script(LISTEN)
        page.on("request", lambda request: self.asked.append(request.url))

    def clip(self, sentence: str) -> str:
        found = self.voices.find("fr", sentence)
        assert found is not None, sentence
        return found.name

    def hear(self, sentence: str) -> dict[str, float]:
        """Wait until a sentence is heard; return the place that was marked."""
        clip = self.clip(sentence)
        self.page.wait_for_function("clip => window.heard.some((one) => one.clip === clip)", arg=clip, timeout=20_000)
        place: dict[str, float] = self.page.evaluate("clip => window.heard.find((one) => one.clip === clip)", clip)
        assert self.page.evaluate(TEXT_SIZES) == ["0px"]
        return place

    def touch(self, picture: str) -> None:
        self.page.evaluate("window.heard = []")
        super().touch(picture)

    def touch_what_says(self, sentence: str) -> None:
        """Touch what was marked while a sentence was heard; an answer says it again."""
        place = self.hear(sentence)
        self.page.wait_for_function("() => !document.body.classList.contains('aloud')")  # heard to the end
        self.page.evaluate("window.heard = []")
        self.page.touchscreen.tap(place["x"], place["y"])

    def touch_tongue(self, place: int) -> str:
        """Touch a tile of the wall; return the language of the voice that is heard."""
        self.asked.clear()
        self.page.locator("a:visible").nth(place).tap()
        self.page.wait_for_selector("#promise [data-action=replay]:visible")
        return next(url for url in self.asked if "/voices/" in url).split("/")[-2]


def test_who_cannot_read_finds_everything_by_voice_and_pictures(server: Any, page: Page, say: Any) -> None:
    listener = Listener(page, Voices(server.folder / "translations" / "voice", server.folder / "none"))
    code = server.open_session()
    page.goto(f"/s/{code}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(TEXT_SIZES) == ["0px"]
    assert listener.touch_tongue(1) == "ar"  # not mine: I leave
    listener.touch("leave")
    page.wait_for_url(f"**/s/{code}")
    page.wait_for_load_state("networkidle")
    assert listener.touch_tongue(0) == "fr"

    listener.touch("headphones")
    listener.touch_what_says(say("Start"))
    listener.touch_what_says("Oui, un peu")
    listener.hear(say("Well done. This answer is not kept."))
    for question, answer in {
        "Le groupe m'aide pour ma vie en Belgique ?": "Oui, un peu",
        "Je parle mieux la langue d'ici ?": "Je ne comprends pas",
        "Je sais prendre rendez-vous chez le médecin ?": "Pas beaucoup",
        "Je sais chercher un logement ?": "Oui, beaucoup",
        "Je prends le bus ou le train tout seul, toute seule ?": "Ce n'est pas pour moi",
        "Que faut-il changer dans le groupe ?": "Plus d'heures",
        "J'ai quel âge ?": "Entre 18 et 60 ans",
        "Je suis :": "Une femme",
    }.items():
        listener.touch("next")
        listener.hear(question)
        if answer == "Ce n'est pas pour moi":
            listener.touch("replay")  # said unasked with the first questions only
        listener.touch_what_says(answer)
        listener.hear(answer)
    listener.touch("next")
    listener.touch_what_says(say("Send"))
    listener.hear(say("Thank you!"))

    stored = server.stored(code)
    assert (stored["answers"], stored["off_scale"]) == ({**ANSWERS, "change": ["more-hours"]}, OFF_SCALE)


RING = """() => {
  const part = document.activeElement;
  const tile = part.closest("label") ?? part;
  const style = getComputedStyle(part);
  const box = part.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    colour: style.outlineColor,
    covered: !at || !(tile.contains(at) || at.contains(tile)),
    whole: box.top >= 0 && box.bottom <= innerHeight,
    picture: part.closest("label, a, button")?.querySelector("img")?.src.split("#")[1] ?? "",
    tongue: part.hreflang ?? "",
    kind: part.type ?? "",
    name: part.outerHTML.slice(0, 90),
  };
}"""


class Keys:
    """Goes by keys alone; at every stop the ring must be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> dict[str, Any]:
        """Press a key; return where one stands then, which must show it."""
        self.page.keyboard.press(key)
        stop: dict[str, Any] = self.page.evaluate(RING)
        assert shows_focus(stop), f"{key}: {stop}"
        return stop

    def go_to(self, wanted: str) -> None:
        """Go to a picture or a language: with Tab, and with the arrows among answers that exclude each other."""
        key = "Tab"
        for _ in range(60):
            stop = self.press(key)
            if wanted in {stop["picture"], stop["tongue"]}:
                return
            is_among = stop["kind"] == "radio" and (wanted in FACES_AND_SUCH)
            key = "ArrowDown" if is_among else "Tab"
        message = f"no key leads to {wanted}"
        raise AssertionError(message)


FACES_AND_SUCH = {"face-a-little", *(picture for pictures in MEANT.values() for picture in pictures)}


def shows_focus(stop: dict[str, Any]) -> bool:
    """Say whether where one stands is seen: a dark ring of 3 pixels or more, on a part that is not covered."""
    return bool(stop["ring"] >= 3 and stop["colour"] == "rgb(29, 36, 48)" and not stop["covered"] and stop["whole"])


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_keys_alone_lead_from_the_wall_to_thank_you_and_every_stop_is_seen(
    server: Any, page: Page, language: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    code = server.open_session()
    page.goto(f"/s/{code}")
    page.wait_for_load_state("networkidle")
    keys = Keys(page)
    keys.go_to(language)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/s/{code}/{language}")
    page.wait_for_selector("html.ready")

    keys.go_to("next")
    page.keyboard.press("Enter")
    keys.go_to("face-a-little")
    page.keyboard.press("Space")
    keys.go_to("next")
    page.keyboard.press("Enter")
    for item, pictures in MEANT.items():
        assert Finger(page).step() == item
        for picture in pictures:
            keys.go_to(picture)
            page.keyboard.press("Space")
        keys.go_to("next")
        page.keyboard.press("Space")
    keys.go_to("send")
    page.keyboard.press("Enter")
    expect(page.locator("#thanks")).to_be_visible()
    keys.go_to("next")

    stored = server.stored(code)
    assert stored["answers"] == {**ANSWERS, "doctor": "not-at-all"}
    assert stored["off_scale"] == OFF_SCALE


def test_a_ring_that_is_gone_or_pale_is_noticed(server: Any, page: Page) -> None:
    page.goto(f"/s/{server.open_session()}/fr")
    page.wait_for_selector("html.ready")
    page.keyboard.press("Tab")
    assert shows_focus(page.evaluate(RING))
    for fault in ("outline: none", "outline-color: #ccc"):
        style_with(page, f":focus-visible {{ {fault} !important }}")
        assert not shows_focus(page.evaluate(RING)), fault


def style_with(page: Page, rules: str) -> None:
    """Add rules to the page that is shown."""
    page.evaluate(
        "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules); document.adoptedStyleSheets = [sheet]; }",
        rules,
    )


class Reader:
    """Knows the page as a screen reader does: by the browser's tree of roles and names."""

    def __init__(self, page: Page) -> None:
        self.browser: CDPSession = page.context.new_cdp_session(page)

    def tree(self) -> list[dict[str, Any]]:
        """Return what is told, in order: role, name, focus, the number of the part, and all that is told inside it."""
        nodes = self.browser.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}

        def words(node: dict[str, Any]) -> str:
            if node.get("role", {}).get("value") == "StaticText":
                return str(node["name"]["value"])
            return " ".join(filter(None, (words(by_id[child]) for child in node.get("childIds", ()) if child in by_id)))

        return [
            {
                "role": node["role"]["value"],
                "name": " ".join(str(node.get("name", {}).get("value", "")).split()),
                "focused": any(
                    one["name"] == "focused" and one["value"]["value"] for one in node.get("properties", ())
                ),
                "part": node.get("backendDOMNodeId"),
                "words": " ".join(words(node).split()),
            }
            for node in nodes
            if not node["ignored"]
        ]

    def of(self, *roles: str) -> list[dict[str, Any]]:
        return [node for node in self.tree() if node["role"] in roles]

    def act(self, roles: str, name: str) -> None:
        """Do what a screen reader does with the one part of these roles and this name."""
        (node,) = [one for one in self.of(*roles.split()) if one["name"] == name]
        part = self.browser.send("DOM.resolveNode", {"backendNodeId": node["part"]})["object"]["objectId"]
        self.browser.send(
            "Runtime.callFunctionOn", {"objectId": part, "functionDeclaration": "function () { this.click(); }"}
        )


@pytest.mark.parametrize("language", ["fr", "ar", "ti"])
def test_a_screen_reader_is_told_every_step_every_answer_and_every_message(
    server: Any, page: Page, say: Any, language: str
) -> None:
    code = server.open_session()
    page.goto(f"/s/{code}/{language}")
    page.wait_for_selector("html.ready")
    reader = Reader(page)

    def told(sentence: str) -> str:
        return " ".join(str(say(sentence, language)).split())

    def headings() -> list[str]:
        return [node["name"] for node in reader.of("heading")]

    assert told("Welcome") in headings()
    reader.act("link", told("Start"))
    assert told("Let us try first.") in headings()
    reader.act("button", told("Next"))
    assert [node["words"] for node in reader.of("alert")] == [told("Please touch one answer.")]
    reader.act("radio", reader.of("radio")[1]["name"])
    assert reader.of("alert") == []
    assert told("Well done. This answer is not kept.") in " ".join(node["words"] for node in reader.of("status"))
    reader.act("button", told("Next"))
    for place in range(1, len(MEANT) + 1):
        asked = page.locator(".step:visible .asked").inner_text()
        (group,) = reader.of("group", "radiogroup")
        (focused,) = [node for node in reader.of("heading") if node["focused"]]
        assert asked in group["name"]
        assert asked in focused["name"]
        assert told("Question {n} of {total}").format(n=place, total=len(MEANT)) in focused["name"]
        seen = page.locator(".step:visible label").all_inner_texts()
        answers = [node["name"] for node in reader.of("radio", "checkbox")]
        assert answers == [" ".join(words.split()) for words in seen]
        assert answers[-3:] == [
            told(words) for words in ("I do not understand", "This is not for me", "I do not want to answer")
        ]
        reader.act("radio checkbox", answers[0] if place % 2 else answers[-3])
        reader.act("button", told("Next"))
    assert told("You are at the end.") in headings()
    reader.act("button", told("Send"))
    page.wait_for_selector("[data-where=kept]:visible")
    assert told("Thank you!") in headings()
    assert told("Your answers are kept.") in " ".join(node["words"] for node in reader.of("status"))

    stored = server.stored(code)
    assert set(stored["off_scale"]) == {"speaking", "housing", "change", "gender"}
    assert stored["answers"]["helpful"] == "a-lot"
