"""A respondent's whole path, in three scripts, on the real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["fr", "ar", "ti"])
def test_a_person_answers_every_question_and_the_server_holds_exactly_that(server, tablet, language) -> None:
    code = server.open_session()
    tablet.begin(code, language)

    given = tablet.fill()
    tablet.send()

    expect(tablet.page.locator("[data-where=kept]")).to_be_visible()
    stored = server.stored(code)
    assert stored["language"] == language
    assert stored["answers"] == {**given, "change": [given["change"]]}
    assert stored["off_scale"] == {}
    assert list(given) == ["helpful", "speaking", "doctor", "housing", "transport", "change", "age", "gender"]


def test_from_the_code_to_the_wall_to_the_form(server, tablet, say) -> None:
    code = server.open_session()
    page = tablet.page
    page.goto("/")
    page.get_by_label(say("Type the code")).fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name=say("Go")).click()
    tongues = page.locator("[data-keep]")

    assert [tongue.get_attribute("lang") for tongue in tongues.all()][:4] == ["fr", "ar", "ti", "nl"]
    expect(tongues.nth(1)).to_have_attribute("dir", "rtl")
    tongues.nth(1).click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page).to_have_url(re.compile(f"/s/{code}/ar$"))


def test_a_wrong_code_is_answered_with_a_plain_sentence(server, tablet, say) -> None:
    answer = tablet.page.goto("/s/999999")

    assert answer is not None
    assert answer.status == 404
    expect(tablet.page.get_by_role("alert")).to_have_text(
        say("We do not find this code. Please ask the person of the group.")
    )


def test_the_practice_answer_is_neither_kept_nor_sent(server, tablet) -> None:
    code = server.open_session()
    sent: list[str] = []
    tablet.page.on("request", lambda request: sent.append(request.post_data or ""))
    tablet.begin(code)
    tablet.fill()
    tablet.send()
    expect(tablet.page.locator("[data-where=kept]")).to_be_visible()

    (body,) = [data for data in sent if data]
    assert "practice" not in body
    assert "tea" not in body


def test_next_asks_for_an_answer_and_an_answer_off_the_scale_is_one(server, tablet) -> None:
    code = server.open_session()
    tablet.begin(code)
    tablet.press("next")
    expect(tablet.page.locator("[data-hint]")).to_be_visible()
    assert tablet.item == "helpful"

    tablet.press("not-understood")
    expect(tablet.page.locator("[data-hint]")).to_be_hidden()
    tablet.press("next")
    assert tablet.item == "speaking"
    tablet.press("no-answer")
    tablet.press("next")
    tablet.fill()
    tablet.send()

    stored = server.stored(code)
    assert stored["off_scale"] == {"helpful": "not-understood", "speaking": "no-answer"}


def test_several_answers_and_an_answer_off_the_scale_exclude_each_other(server, tablet) -> None:
    code = server.open_session("short")
    tablet.begin(code)
    tablet.answer("no")
    tablet.press("next")
    assert tablet.item == "change"
    tablet.answer("more")
    tablet.answer("slower")
    tablet.press("not-for-me")
    assert tablet.page.locator("section:visible input:checked").evaluate_all("all => all.map((one) => one.value)") == [
        "not-for-me"
    ]
    tablet.answer("slower")
    assert tablet.page.locator("section:visible input:checked").evaluate_all("all => all.map((one) => one.value)") == [
        "slower"
    ]


def test_an_answer_off_the_path_is_not_sent(server, tablet) -> None:
    code = server.open_session("short")
    tablet.begin(code)
    tablet.answer("yes")
    tablet.press("next")
    assert tablet.item == "liked"
    tablet.answer("no")
    tablet.press("back")
    tablet.answer("no")
    tablet.press("next")
    assert tablet.item == "change"
    tablet.answer("more")
    tablet.press("next")
    tablet.send()

    stored = server.stored(code)
    assert stored["answers"] == {"came": "no", "change": ["more"]}


def test_the_browsers_back_button_goes_one_step_back_and_never_further_than_the_promise(server, tablet) -> None:
    code = server.open_session()
    tablet.begin(code)
    tablet.answer("a-lot")
    tablet.press("next")
    assert tablet.item == "speaking"

    tablet.page.go_back()
    assert tablet.item == "helpful"
    tablet.page.go_back()
    expect(tablet.page.locator("#try")).to_be_visible()
    assert tablet.page.url.endswith(f"/s/{code}/fr")


def test_the_form_is_answered_with_the_keyboard_alone(server, tablet) -> None:
    code = server.open_session("short")
    tablet.open(code)
    keys = tablet.page.keyboard

    def go_to(action: str) -> None:
        for _ in range(12):
            keys.press("Tab")
            if tablet.page.evaluate("document.activeElement.dataset.action") == action:
                return
        message = f"no {action} within reach of the Tab key"
        raise AssertionError(message)

    go_to("start")
    keys.press("Enter")
    go_to("answer")
    keys.press("Space")
    go_to("next")
    keys.press("Enter")
    assert tablet.item == "came"
    assert tablet.page.evaluate("document.activeElement.tagName") == "H2"
    go_to("answer")
    keys.press("ArrowRight")
    go_to("next")
    keys.press("Enter")
    go_to("answer")
    keys.press("Space")
    go_to("next")
    keys.press("Enter")
    go_to("submit")
    keys.press("Enter")
    expect(tablet.page.locator("#thanks")).to_be_visible()
    expect(tablet.page.locator("[data-where=kept]")).to_be_visible()

    stored = server.stored(code)
    assert stored["answers"] == {"came": "no", "change": ["more"]}


def test_a_small_group_is_told_and_a_try_out_says_so(server, tablet, say) -> None:
    tablet.open(server.open_session("try-out", people=6))
    expect(
        tablet.page.get_by_text(say("The group is small. We do not show the answers of a small group."))
    ).to_be_visible()
    expect(tablet.page.get_by_text(say("This is a try-out. No real answers."))).to_be_visible()

    tablet.open(server.open_session("group", people=10))
    expect(
        tablet.page.get_by_text(say("The group is small. We do not show the answers of a small group."))
    ).to_have_count(0)
    expect(tablet.page.get_by_text(say("This is a try-out. No real answers."))).to_have_count(0)


def test_no_answer_is_ever_in_an_address(server, tablet, context: BrowserContext) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    code = server.open_session()
    tablet.begin(code)
    tablet.fill()
    tablet.send()
    tablet.press("next-person")
    expect(tablet.page).to_have_url(re.compile(f"/s/{code}$"))

    assert any("/responses/" in url for url in asked)
    assert not [
        url
        for url in asked
        if re.search(r"a-lot|a-little|more-hours|18-60|female", url.replace("/pictures/", "")) and "/static/" not in url
    ]


def test_a_form_without_a_script_sends_the_same_answers(server, browser, browser_context_args, say) -> None:
    code = server.open_session("short")
    plain = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"/s/{code}/fr")
    page.locator("input[name=came][value=no]").check()
    page.locator("input[name=liked][value=yes]").check()  # off the path: the server leaves it out
    page.locator("input[name=change][value=more]").check()
    page.locator("input[name=change][value=slower]").check()
    page.locator("[data-action=submit]").click()

    expect(page.get_by_role("heading", name=say("Thank you!"))).to_be_visible()
    assert page.url.endswith(f"/s/{code}/fr/thanks")
    stored = server.stored(code)
    assert stored["answers"] == {"came": "no", "change": ["more", "slower"]}
    plain.close()


def test_a_plain_form_with_a_fault_keeps_everything_that_was_entered(server, browser, browser_context_args) -> None:
    code = server.open_session("short")
    plain = browser.new_context(**browser_context_args)
    page: Page = plain.new_page()
    page.route("**/modules/**", lambda route: route.abort())  # scripts allowed, but they never come
    page.goto(f"/s/{code}/fr")
    page.locator("[data-action=start]").click()
    expect(page.locator("input[name=came]").first).not_to_be_visible()  # first the practice question, alone
    page.locator("input[name=practice]").first.check()
    page.locator("input[name=came][value=yes]").check()
    page.locator("input[name=change][value=more]").check()
    page.locator("input[name=liked][value=yes]").evaluate("input => { input.value = 'perhaps'; }")
    page.locator("input[name=liked]").first.check()
    with page.expect_response(lambda response: response.request.method == "POST") as answered:
        page.locator("[data-action=submit]").click()

    assert answered.value.status == 422
    assert answered.value.headers["cache-control"] == "no-store"
    expect(page.get_by_role("alert").first).to_contain_text("Le groupe est bien ?")
    expect(page.locator("input[name=came][value=yes]")).to_be_checked()
    expect(page.locator("input[name=change][value=more]")).to_be_checked()
    assert server.responses(code) == []
    plain.close()


def test_an_address_that_does_not_exist_is_answered_in_plain_words_with_a_picture(server, tablet, say) -> None:
    code = server.open_session()
    answer = tablet.page.goto(f"/s/{code}/ar/nothing/here")

    assert answer is not None
    assert answer.status == 404
    expect(tablet.page.get_by_role("heading")).to_have_text(say("This page does not exist.", "ar"))
    expect(tablet.page.locator("html")).to_have_attribute("dir", "rtl")


def test_a_closed_group_takes_no_new_respondent_but_says_so_kindly(server, tablet, say) -> None:
    code = server.open_session("short")
    server.close_session(code)
    answer = tablet.page.goto(f"/s/{code}/fr")

    assert answer is not None
    assert answer.status == 410
    expect(tablet.page.get_by_role("alert")).to_have_text(
        say("This group is closed. Please ask the person of the group.")
    )


def test_what_a_tablet_kept_is_taken_in_the_days_of_grace(server, tablet, context) -> None:
    code = server.open_session("short")
    tablet.kept_offline(code)
    context.set_offline(True)
    tablet.begin(code)
    tablet.fill()
    tablet.send()
    server.close_session(code)
    context.set_offline(False)

    assert len(server.wait_for_responses(code, 1, tablet.page)) == 1
