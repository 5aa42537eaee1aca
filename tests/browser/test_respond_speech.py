"""The tablet speaks, in Debian's Chromium with its own rules for sound: nothing before a touch, then everything in order."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from survey_app.voices.clips import Voices

pytestmark = pytest.mark.browser

# Notes each sound when it begins, with what is highlighted then, and whether one sounds already.
LISTEN = """(() => {
  window.heard = [];
  window.most = 0;
  const sounding = new Set();
  const create = AudioContext.prototype.createBufferSource;
  AudioContext.prototype.createBufferSource = function () {
    const made = create.call(this);
    made.addEventListener("ended", () => sounding.delete(made));
    return made;
  };
  const { start, stop } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.stop = function (...when) {
    sounding.delete(this);
    return stop.apply(this, when);
  };
  AudioBufferSourceNode.prototype.start = function (...when) {
    window.heard.push(document.querySelector(".speaking")?.getAttribute("data-say"));
    sounding.add(this);
    window.most = Math.max(window.most, sounding.size);
    return start.apply(this, when);
  };
})()"""
QUIET_AGAIN = "() => !document.body.classList.contains('aloud') && window.heard.length > 0"


class Ear:
    """What was heard, as sentences."""

    def __init__(self, page: Page, voices: Voices) -> None:
        self.page = page
        self.voices = voices
        page.add_init_script(LISTEN)

    def name_of(self, sentence: str, tag: str = "fr") -> str:
        clip = self.voices.find(tag, sentence)
        assert clip is not None, sentence
        return clip.name

    def wait(self) -> list[str]:
        """Wait until it is quiet again; return the names of what was heard since."""
        self.page.wait_for_function(QUIET_AGAIN, timeout=20_000)
        heard: list[str] = self.page.evaluate("window.heard.splice(0)")
        assert self.page.evaluate("window.most") == 1
        return heard

    def shown(self, within: str) -> list[str]:
        """Return the names of what a part of the page says, in reading order."""
        script = "part => [...part.querySelectorAll('[data-say]')].filter(e => !e.closest('[hidden]')).map(e => e.dataset.say)"
        found: list[str] = self.page.locator(within).evaluate(script)
        return found


@pytest.fixture
def ear(page: Page, server: Any) -> Ear:
    return Ear(page, Voices(server.folder / "translations" / "voice", server.folder / "none"))


def open_aloud(tablet: Any, code: str, language: str = "fr") -> None:
    tablet.open(code, language)
    tablet.page.wait_for_selector("#promise [data-action=replay]:visible")


def test_nothing_sounds_before_a_touch_then_the_promise_is_spoken_in_order(tablet: Any, server: Any, ear: Ear) -> None:
    open_aloud(tablet, server.open_session())
    tablet.page.wait_for_timeout(500)
    assert tablet.page.evaluate("window.heard") == []
    tablet.page.locator("#promise [data-action=replay]").click()
    heard = ear.wait()
    assert heard == ear.shown("#promise")
    assert heard.index(ear.name_of("Nous ne demandons pas votre nom.")) > 0
    assert len(heard) >= 8


def test_a_question_is_spoken_when_it_appears_then_each_answer_highlighted(tablet: Any, server: Any, ear: Ear) -> None:
    open_aloud(tablet, server.open_session())
    tablet.press("start")
    ear.wait()
    tablet.answer("a-little")
    ear.wait()
    tablet.press("next")
    first = ear.wait()
    assert first == ear.shown("#item-helpful")
    assert first[0] == ear.name_of("Le groupe m'aide pour ma vie en Belgique ?")
    tail = ["Je ne comprends pas", "Ce n'est pas pour moi", "Je ne veux pas répondre"]
    assert first[-3:] == [ear.name_of(sentence) for sentence in tail]
    tablet.answer("a-lot")
    assert ear.wait() == [ear.name_of("Oui, beaucoup")]
    tablet.press("next")
    second = ear.wait()
    spoken = ["Grâce au groupe :", "Je parle mieux la langue d'ici ?", "Par exemple : au magasin.", "Oui, beaucoup"]
    assert second[:4] == [ear.name_of(sentence) for sentence in spoken]


def test_answers_off_the_scale_are_said_with_two_questions_then_on_replay(tablet: Any, server: Any, ear: Ear) -> None:
    apart = ear.name_of("Je ne comprends pas")
    open_aloud(tablet, server.open_session())
    tablet.press("start")
    tablet.answer("a-little")
    tablet.press("next")
    said = []
    for _ in range(3):
        said.append(apart in ear.wait())
        tablet.page.locator("[data-action=replay]:visible").click()
        assert apart in ear.wait()
        tablet.answer("a-lot")
        tablet.press("next")
    assert said == [True, True, False]


def test_a_touch_stops_the_voice_and_speaks_what_was_touched(
    tablet: Any, server: Any, ear: Ear, say: Callable[..., str]
) -> None:
    open_aloud(tablet, server.open_session())
    tablet.press("start")
    tablet.page.wait_for_function("() => window.heard.length > 1")
    chosen = tablet.page.locator("#try [value=a-lot]")
    for _ in range(3):
        chosen.click()
    heard = ear.wait()
    assert chosen.is_checked()
    assert ear.name_of("Oui, beaucoup") in heard
    assert ear.name_of(say("I do not understand")) not in heard
    assert heard[-1] in {ear.name_of("Oui, beaucoup"), ear.name_of(say("Well done. This answer is not kept."))}


def test_a_hint_is_spoken_and_replay_says_it_all_again(
    tablet: Any, server: Any, ear: Ear, say: Callable[..., str]
) -> None:
    open_aloud(tablet, server.open_session())
    tablet.press("start")
    tablet.page.wait_for_function("() => window.heard.length > 0")
    tablet.press("next")
    heard = ear.wait()
    assert heard[-1] == ear.name_of(say("Please touch one answer."))
    tablet.page.locator(".bar [data-action=replay]").click()
    assert ear.wait() == ear.shown("#try")


def test_moving_on_stops_the_voice(tablet: Any, server: Any, ear: Ear) -> None:
    open_aloud(tablet, server.open_session())
    tablet.press("start")
    ear.wait()
    tablet.answer("a-lot")
    tablet.press("next")
    tablet.page.wait_for_function("() => document.querySelector('#item-helpful .speaking')")
    tablet.press("back")
    heard = ear.wait()
    assert heard[-len(ear.shown("#try")) :] == ear.shown("#try")


def test_from_right_to_left_the_voice_follows_the_eye(tablet: Any, server: Any, ear: Ear) -> None:
    open_aloud(tablet, server.open_session(), "ar")
    tablet.press("start")
    ear.wait()
    tiles = tablet.page.locator("#try .answer")
    places = [tile.bounding_box() for tile in tiles.all()]
    order = sorted(range(len(places)), key=lambda i: (round(places[i]["y"]), -places[i]["x"]))
    assert order == list(range(len(places)))
    tablet.answer("a-lot")
    assert ear.wait()[0] == tiles.first.get_attribute("data-say")


def test_the_last_screen_says_thank_you(tablet: Any, server: Any, ear: Ear, say: Callable[..., str]) -> None:
    code = server.open_session("short")
    open_aloud(tablet, code)
    tablet.press("start")
    tablet.answer("a-little")
    tablet.press("next")
    tablet.fill()
    ear.wait()
    tablet.send()
    heard = ear.wait()
    assert heard[-1] == ear.name_of(say("Your answers are kept."))
    assert ear.name_of(say("Thank you!")) in heard
    assert server.stored(code)


def test_without_a_network_the_kept_sounds_are_heard(
    tablet: Any, server: Any, ear: Ear, context: BrowserContext
) -> None:
    code = server.open_session()
    tablet.kept_offline(code)
    page = tablet.page
    page.wait_for_function(
        """() => {
          const [kept, all] = (document.documentElement.dataset.voices ?? "").split("/");
          return kept > 50 && kept === all;
        }""",
        timeout=30_000,
    )
    assert re.fullmatch(r"0\.\d MB", page.locator("[data-sounds] b").inner_text())
    context.set_offline(True)
    server.end()
    try:
        open_aloud(tablet, code)
        tablet.press("start")
        assert ear.wait() == ear.shown("#try")
        assert page.locator("[data-silent]").is_hidden()
    finally:
        context.set_offline(False)
        server.start()


@pytest.mark.parametrize("fault", ["missing", "broken", "gone"])
def test_a_form_without_its_sounds_stays_answerable(tablet: Any, server: Any, page: Page, fault: str) -> None:
    def answer(route: Route) -> None:
        if fault == "gone":
            route.abort()
        elif fault == "missing":
            route.fulfill(status=404, body="")
        else:
            route.fulfill(status=200, content_type="audio/mpeg", body=b"no sound" * 100)

    page.route("**/voices/**", answer)
    code = server.open_session("short")
    tablet.begin(code)
    expect(page.locator("[data-silent]")).to_be_visible()
    tablet.fill()
    tablet.send()
    assert server.stored(code)


def test_a_browser_that_lets_no_sound_out_leaves_the_form_answerable(tablet: Any, server: Any, page: Page) -> None:
    page.add_init_script("AudioContext.prototype.resume = () => Promise.reject(new DOMException('', 'NotAllowedError'));"
                         "Object.defineProperty(AudioContext.prototype, 'state', {get: () => 'suspended'});")  # fmt: skip
    code = server.open_session("short")
    tablet.begin(code)
    expect(page.locator("[data-silent]")).to_be_visible()
    tablet.fill()
    tablet.send()
    assert server.stored(code)


def test_a_language_without_voice_shows_no_sign_of_sound(tablet: Any, server: Any) -> None:
    tablet.open(server.open_session(), "ps")
    tablet.page.wait_for_timeout(400)
    assert tablet.page.locator("[data-action=replay]:visible").count() == 0
    assert tablet.page.locator("[data-say]").count() == 0


def test_the_wall_says_the_name_of_a_language_then_opens_it(page: Page, server: Any, ear: Ear) -> None:
    code = server.open_session()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/s/{code}")
    page.wait_for_load_state("networkidle")
    page.locator("a[hreflang=fr]").click()
    page.wait_for_url(f"**/s/{code}/fr")
    assert any(url.endswith(f"/voices/fr/{ear.name_of('Français')}.mp3") for url in asked)
    page.goto(f"/s/{code}")
    page.locator("a[hreflang=ps]").click()
    page.wait_for_url(f"**/s/{code}/ps")


def test_a_wall_whose_sounds_fail_still_opens(page: Page, server: Any) -> None:
    page.route("**/voices/**", lambda route: route.abort())
    code = server.open_session()
    page.goto(f"/s/{code}")
    page.wait_for_load_state("networkidle")
    page.locator("a[hreflang=fr]").click()
    page.wait_for_url(f"**/s/{code}/fr")
