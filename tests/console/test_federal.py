"""Signing in by an identity provider: with a real one on loopback, and with one that lies."""

from __future__ import annotations

import hmac
import html
import json
import re
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import time_machine
from identity_provider import CLIENT, SECRET, IdentityProvider, run_identity_provider
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.testclient import TestClient

from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.settings import Settings, read_settings
from survey_app.main import CannotStartError, create_app
from survey_app.storage import audit, staff
from survey_app.storage.audit import Deed
from survey_app.storage.staff import Identity, Link
from survey_app.web.console import accounts, openid, provider
from survey_app.web.console.accounts import LINK_HOURS, make_link
from survey_app.web.console.openid import OpenIdProvider, read_client

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PASSWORD = "four words are enough"
HERE = "http://localhost:8000"
SIGN_IN, ACCOUNT = "/console/sign-in/provider", "/console/account/provider"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with run_identity_provider(
        tmp_path_factory.mktemp("provider"), HERE, "an.there", "max.there", "eve.there"
    ) as running:
        yield running


@pytest.fixture
def settings(real: IdentityProvider, tmp_path: Path) -> Settings:
    return real.settings(tmp_path / "data", HERE)


def set_off(browser: TestClient, path: str = SIGN_IN, **form: str) -> str:
    """Ask to be led to the provider; return the address that the page leads to."""
    page = browser.post(path, data=form)
    assert page.status_code == 200, page.text
    return page.headers["refresh"].removeprefix("0; url=")


def come_back(browser: TestClient, address: httpx2.URL | str) -> httpx2.Response:
    """Follow the provider back to the console, as a browser that comes from another site."""
    assert str(address).startswith(f"{HERE}{SIGN_IN}/return?")
    return browser.get(str(address).removeprefix(HERE), headers={"sec-fetch-site": "cross-site"})


def link(desk: Desk, real: IdentityProvider, name: str, there: str) -> None:
    """Link somebody's account with who they are at the provider."""
    browser = desk.sign_in(name, desk.other_browser())
    back = real.sign_in(set_off(browser, ACCOUNT, current=PASSWORD), there)
    assert come_back(browser, back).headers["location"] == "/console/account?done=provider-linked"


def refusals(desk: Desk) -> list[tuple[str, str]]:
    latest = [entry.deed for entry in audit.list_latest(desk.db, 50)]
    return [(deed.who, deed.subject) for deed in latest if deed.action == "provider-refused"]


def test_who_linked_their_account_signs_in_at_a_real_provider_and_out_again(desk: Desk, real: IdentityProvider) -> None:
    link(desk, real, "max", "max.there")
    browser = desk.other_browser()
    address = set_off(browser, next="/console/set-up")
    asked = parse_qs(urlsplit(address).query)
    assert (asked["scope"], asked["code_challenge_method"], asked["response_type"]) == (["openid"], ["S256"], ["code"])
    back = real.sign_in(address, "max.there")
    assert browser.get("/console/set-up").status_code == 303, "not signed in yet"
    reply = come_back(browser, back)
    assert (reply.status_code, reply.headers["location"]) == (303, "/console/set-up")
    page = browser.get("/console/set-up")
    assert (page.status_code, ">max<" in page.text) == (200, True)
    assert browser.get("/console/staff").status_code == 404, "an administrator there, a manager here"
    assert come_back(browser, back).status_code == 422, "an answer is good once"

    out = browser.post("/console/sign-out")
    assert out.headers["refresh"].startswith(
        f"0; url={real.issuer}/logout?client_id={CLIENT}&post_logout_redirect_uri="
    )
    assert httpx2.get(out.headers["refresh"].removeprefix("0; url=")).headers["location"] == f"{HERE}/console/sign-in"
    assert browser.get("/console/set-up").status_code == 303
    with_password = desk.sign_in("max", desk.other_browser()).post("/console/sign-out")
    assert with_password.headers["location"] == "/console/sign-in", "the provider has nothing to do with it"


def test_signing_in_at_the_provider_makes_nobody_staff(desk: Desk, real: IdentityProvider) -> None:
    browser = desk.other_browser()
    reply = come_back(browser, real.sign_in(set_off(browser), "eve.there"))
    assert (reply.status_code, "no account here is linked to it" in html.unescape(reply.text)) == (422, True)
    assert browser.get("/console").status_code == 303
    assert refusals(desk) == [("", "not-linked")]
    assert {"eve", "eve.there"}.isdisjoint(member.name for member in staff.list_staff(desk.db))
    page = desk.sign_in("an").get("/console/log").text
    assert ("was not let in by the identity provider" in page, "nobody signed in" in page) == (True, True)


def test_who_accepts_an_invitation_links_the_new_account_at_once(desk: Desk, real: IdentityProvider) -> None:
    invitation = make_link(desk.db, Link(Post("editor")), LINK_HOURS, "an", clock.now())
    browser = desk.other_browser()
    assert "I also want to sign in with Badge" in browser.get(invitation).text
    form = {"name": "Eva", "password": PASSWORD, "again": PASSWORD, "provider": "yes"}
    reply = come_back(browser, real.sign_in(set_off(browser, invitation, **form), "eve.there"))
    assert reply.headers["location"] == "/console/account?done=provider-linked"
    assert "From now on you can sign in with Badge too." in browser.get(reply.headers["location"]).text
    other = desk.other_browser()
    assert come_back(other, real.sign_in(set_off(other), "eve.there")).headers["location"] == "/console"
    member = staff.find_staff(desk.db, "eva")
    assert member is not None
    assert member.posts == {Post("editor")}, "none comes from the provider"


def test_a_link_asks_for_the_password_and_is_one_persons_only(desk: Desk, real: IdentityProvider) -> None:
    link(desk, real, "max", "max.there")
    browser = desk.sign_in("an")
    wrong = browser.post(ACCOUNT, data={"current": "a thief at an open desk"})
    assert (wrong.status_code, "This is not your password." in wrong.text) == (422, True)
    taken = come_back(browser, real.sign_in(set_off(browser, ACCOUNT, current=PASSWORD), "max.there"))
    assert taken.headers["location"] == "/console/account?problem=provider-linked-elsewhere"
    assert "Another account here is linked" in browser.get(taken.headers["location"]).text
    back = real.sign_in(set_off(browser, ACCOUNT, current=PASSWORD), "an.there")
    desk.sign_in("max", browser)
    come_back(browser, back)
    assert refusals(desk) == [("an", "other-account"), ("an", "linked-elsewhere")]
    assert not staff.is_linked(desk.db, "an", real.issuer)


@pytest.mark.parametrize("who", ["max", "an"])
def test_a_link_is_taken_away_by_its_owner_or_an_administrator(desk: Desk, real: IdentityProvider, who: str) -> None:
    link(desk, real, "max", "max.there")
    inside = desk.other_browser()
    come_back(inside, real.sign_in(set_off(inside), "max.there"))
    by_password = desk.sign_in("max", desk.other_browser())
    path = f"{ACCOUNT}/remove" if who == "max" else "/console/staff/max/provider/remove"
    assert desk.sign_in(who).post(path).status_code == 303
    assert inside.get("/console").status_code == 303, "who came in by it is signed out"
    assert by_password.get("/console").status_code == 200
    again = desk.other_browser()
    assert come_back(again, real.sign_in(set_off(again), "max.there")).status_code == 422
    assert Deed(who, "provider-unlinked", "staff max") in [entry.deed for entry in audit.list_latest(desk.db, 9)]


def test_a_removed_account_stays_out_and_comes_back_with_its_link(desk: Desk, real: IdentityProvider) -> None:
    link(desk, real, "max", "max.there")
    desk.sign_in("an").post("/console/staff/max/remove", data={"sure": "yes"})
    browser = desk.other_browser()
    assert come_back(browser, real.sign_in(set_off(browser), "max.there")).status_code == 422
    desk.browser.post("/console/staff/max/give-back")
    assert come_back(browser, real.sign_in(set_off(browser), "max.there")).status_code == 303


def test_the_second_step_of_an_account_is_asked_for_whichever_the_first_was(desk: Desk, real: IdentityProvider) -> None:
    link(desk, real, "max", "max.there")
    secret = accounts.draw_secret()
    staff.change_second_step(desk.db, "max", secret, Deed("max", "second-step-set"), clock.now())
    browser = desk.other_browser()
    asked = come_back(browser, real.sign_in(set_off(browser, next="/console/set-up"), "max.there"))
    assert (asked.status_code, "six digits" in asked.text) == (200, True)
    assert browser.get("/console").status_code == 303
    code = accounts.code_at(secret, int(clock.now().timestamp()) // 30)
    assert browser.post("/console/sign-in/code", data={"code": code}).status_code == 303
    assert "refresh" in browser.post("/console/sign-out").headers, "the provider vouched for the first step"


def test_what_was_typed_before_the_sign_in_ended_comes_back_by_the_provider_too(
    desk: Desk, real: IdentityProvider
) -> None:
    link(desk, real, "max", "max.there")
    browser = desk.sign_in("max")
    with time_machine.travel(clock.now() + timedelta(hours=10)):
        sent = browser.post("/console/sessions", data={"module": "gent-samen/ict", "people": "17"}).text
        written = re.search(r'name="kept" value="([^"]*)"', sent)
        assert written is not None
        address = set_off(browser, kept=html.unescape(written[1]))
        answer = real.sign_in(address, "max.there")
        back = desk.app.state.trips._under_way[browser.cookies["trip"]][0]
        assert back.kept is not None
    # The clock of the provider is today's: what it signed is of today.
    page = come_back(browser, answer)
    assert ("You are signed in again" in page.text, 'value="17"' in page.text) == (True, True)


def test_neither_tokens_nor_names_of_the_provider_are_kept_or_logged(
    desk: Desk, real: IdentityProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    link(desk, real, "max", "max.there")
    browser = desk.other_browser()
    back = real.sign_in(set_off(browser), "max.there")
    come_back(browser, back)
    other = desk.other_browser()
    come_back(other, real.sign_in(set_off(other), "eve.there"))
    told = "".join(capfd.readouterr())
    log = [entry.deed for entry in audit.list_latest(desk.db, 50)]
    for secret in (SECRET, back.params["code"], back.params["state"], "max.there", "eve.there"):
        assert secret not in told
        assert all(secret not in f"{deed.who} {deed.action} {deed.subject}" for deed in log)
    stored = b"".join(path.read_bytes() for path in desk.app.state.settings.data_dir.glob("survey.sqlite3*"))
    assert b"max.there" in stored
    assert all(word.encode() not in stored for word in ("eyJ", SECRET, back.params["code"], "@example.org"))


class Liar:
    """A provider that says whatever a test wants: ``tell`` makes the answer of its token endpoint."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.keys = KeySet([self.key])
        self.description: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        self.nonce = ""
        self.tell: Callable[[Liar], str] = Liar.sign
        self.redeemed: list[dict[str, list[str]]] = []
        self.waits = threading.Event()
        self.waits.set()

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        told = {
            "iss": self.issuer,
            "sub": "max.there",
            "aud": CLIENT,
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
        }
        return {name: value for name, value in {**told, **changed}.items() if value is not None}

    def sign(self, **changed: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, self.claims(**changed), self.key)

    def answer(self, path: str, body: bytes) -> object:
        self.waits.wait(30)
        if path == "/token":
            self.redeemed.append(parse_qs(body.decode()))
            return {"access_token": "x", "token_type": "Bearer", "id_token": self.tell(self)}
        return self.keys.as_dict() if path == "/keys" else self.description


@pytest.fixture(scope="module")
def lying_machine() -> Iterator[ThreadingHTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            told = server.liar.answer(self.path, self.rfile.read(length))  # type: ignore[attr-defined]
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - as http.server calls them

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] - whoever waited too long is gone
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def liar(lying_machine: ThreadingHTTPServer) -> Liar:
    lying_machine.liar = Liar(lying_machine.server_port)  # type: ignore[attr-defined]
    return lying_machine.liar  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def lied_to(liar: Liar, desk: Desk, real: IdentityProvider) -> Desk:
    """The installation with the liar in place of the real provider, and somebody linked to it."""
    believing = real.settings(desk.app.state.settings.data_dir, HERE).model_copy(update={"oidc_issuer": liar.issuer})
    desk.app.state.settings = believing
    desk.app.state.provider = OpenIdProvider(read_client(believing))
    deed = Deed("max", "provider-linked", "staff max")
    assert staff.link_identity(desk.db, "max", Identity(liar.issuer, "max.there"), deed, clock.now())
    return desk


def try_to_come_in(desk: Desk, liar: Liar, **changed: str) -> httpx2.Response:
    """Go there and come back, with what somebody changed on the way."""
    asked = parse_qs(urlsplit(set_off(desk.browser)).query)
    liar.nonce = asked["nonce"][0]
    back = {"code": "a-code", "state": asked["state"][0], **changed}
    return desk.browser.get(f"{SIGN_IN}/return", params=back)


def test_the_liar_is_believed_while_it_tells_the_truth(lied_to: Desk, liar: Liar) -> None:
    assert try_to_come_in(lied_to, liar).headers["location"] == "/console"
    assert len(liar.redeemed[0]["code_verifier"][0]) >= 43
    liar.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    liar.keys = KeySet([liar.key])
    liar.tell = lambda liar: jwt.encode({"alg": "RS256", "kid": "two"}, liar.claims(), liar.key)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert try_to_come_in(lied_to, liar).status_code == 303, "its keys may change"


def unsigned(liar: Liar, algorithm: str) -> str:
    parts = ({"alg": algorithm, "kid": "one"}, liar.claims())
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def without_signature(liar: Liar) -> str:
    return f"{unsigned(liar, 'none')}."


def with_the_public_key_as_secret(liar: Liar) -> str:
    content = unsigned(liar, "HS256")
    signature = hmac.digest(liar.key.as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def signed_by_another(liar: Liar) -> str:
    another = RSAKey.generate_key(2048, {"kid": "one"})
    return jwt.encode({"alg": "RS256", "kid": "one"}, liar.claims(), another)


def changed_after_signing(liar: Liar) -> str:
    head, _, signature = liar.sign(sub="eve").split(".")
    return ".".join((head, liar.sign().split(".")[1], signature))


LIES: dict[str, tuple[Callable[[Liar], str], str]] = {
    "another's signature": (signed_by_another, "wrong-signature"),
    "changed after signing": (changed_after_signing, "wrong-signature"),
    "a key that nobody published": (
        lambda liar: jwt.encode({"alg": "RS256", "kid": "x"}, liar.claims(), liar.key),
        "wrong-signature",
    ),
    "no signature": (without_signature, "wrong-algorithm"),
    "the public key as a secret": (with_the_public_key_as_secret, "wrong-algorithm"),
    "another issuer": (lambda liar: liar.sign(iss="https://evil.example"), "wrong-issuer"),
    "no issuer": (lambda liar: liar.sign(iss=None), "wrong-issuer"),
    "another audience": (lambda liar: liar.sign(aud="another-service"), "wrong-audience"),
    "two audiences, for the other": (lambda liar: liar.sign(aud=[CLIENT, "other"], azp="other"), "wrong-audience"),
    "two audiences, for nobody": (lambda liar: liar.sign(aud=[CLIENT, "other"]), "wrong-audience"),
    "another nonce": (lambda liar: liar.sign(nonce="of another sign-in"), "wrong-nonce"),
    "no nonce": (lambda liar: liar.sign(nonce=None), "wrong-nonce"),
    "too old": (lambda liar: liar.sign(exp=int(clock.now().timestamp()) - 90), "expired"),
    "no end": (lambda liar: liar.sign(exp=None), "not-in-order"),
    "signed tomorrow": (lambda liar: liar.sign(iat=int(clock.now().timestamp()) + 86_400), "not-in-order"),
    "nobody": (lambda liar: liar.sign(sub=""), "not-in-order"),
    "a number for a subject": (lambda liar: liar.sign(sub=7), "not-in-order"),
    "an end that is a word": (lambda liar: liar.sign(exp="soon"), "not-in-order"),
    "no token at all": (lambda _: "x.y.z", "not-in-order"),
    "somebody unknown": (lambda liar: liar.sign(sub="eve"), "not-linked"),
}


def test_no_lie_of_the_provider_lets_anybody_in_and_each_is_named_in_the_log(lied_to: Desk, liar: Liar) -> None:
    named = {}
    for lie, (tell, _) in LIES.items():
        liar.tell = tell
        assert try_to_come_in(lied_to, liar).status_code == 422, lie
        assert lied_to.browser.get("/console").status_code == 303, "not signed in"
        named[lie] = refusals(lied_to)[0]
    assert named == {lie: ("", reason) for lie, (_, reason) in LIES.items()}
    assert lied_to.sign_in("max").get("/console").status_code == 200, "the local way stays"


def test_what_comes_back_belongs_to_the_browser_that_left(lied_to: Desk, liar: Liar) -> None:
    assert try_to_come_in(lied_to, liar, state="guessed").status_code == 422
    asked = parse_qs(urlsplit(set_off(lied_to.browser)).query)
    stolen = {"code": "a-code", "state": asked["state"][0]}
    liar.nonce = asked["nonce"][0]
    for thief in (lied_to.other_browser(), lied_to.other_browser()):
        if thief is not lied_to.browser:
            assert thief.get(f"{SIGN_IN}/return", params=stolen).status_code == 422
    victim = lied_to.other_browser()
    set_off(victim)
    assert victim.get(f"{SIGN_IN}/return", params=stolen).status_code == 422, "the code of another session"
    assert lied_to.browser.get(f"{SIGN_IN}/return", params=stolen).status_code == 303
    assert lied_to.browser.get(f"{SIGN_IN}/return", params=stolen).status_code == 422, "replayed"
    late = lied_to.other_browser()
    asked = parse_qs(urlsplit(set_off(late)).query)
    with time_machine.travel(clock.now() + timedelta(minutes=provider.TRIP_MINUTES, seconds=1)):
        assert late.get(f"{SIGN_IN}/return", params={"code": "c", "state": asked["state"][0]}).status_code == 422
    assert refusals(lied_to) == [("", "state-unknown")] * 6
    assert len(liar.redeemed) == 1, "no code of a stranger is redeemed"


@pytest.mark.parametrize(
    ("changed", "reason"), [({"iss": "https://evil.example"}, "wrong-issuer"), ({"code": ""}, "denied")]
)
def test_the_way_back_may_name_no_other_provider_and_needs_a_code(
    lied_to: Desk, liar: Liar, changed: dict[str, str], reason: str
) -> None:
    assert try_to_come_in(lied_to, liar, **changed).status_code == 422
    assert (refusals(lied_to), liar.redeemed) == ([("", reason)], [])


def test_what_is_too_long_to_come_from_a_provider_is_not_read(lied_to: Desk, liar: Liar) -> None:
    reply = try_to_come_in(lied_to, liar, code="x" * 5000)
    assert (reply.status_code, "could not be read" in reply.text, liar.redeemed) == (422, True, [])


def test_a_provider_that_says_it_names_itself_must(lied_to: Desk, liar: Liar) -> None:
    liar.description["authorization_response_iss_parameter_supported"] = True
    assert try_to_come_in(lied_to, liar).status_code == 422
    assert try_to_come_in(lied_to, liar, iss=liar.issuer).status_code == 303


def test_anybody_can_be_refused_but_nobody_can_fill_the_log(lied_to: Desk) -> None:
    for _ in range(60):
        assert lied_to.browser.get(f"{SIGN_IN}/return", params={"state": "x", "code": "y"}).status_code == 422
    assert len(refusals(lied_to)) == 40


def test_a_provider_that_is_not_there_is_said_in_a_sentence_and_the_password_lets_in(
    lied_to: Desk, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    liar.waits.clear()
    monkeypatch.setattr(openid, "SECONDS_AT_MOST", 0.3)
    try:
        for _ in range(2):
            reply = lied_to.browser.post(SIGN_IN)
            assert (reply.status_code, "does not answer now" in reply.text) == (503, True)
        browser = lied_to.sign_in("max")
        away = browser.post(ACCOUNT, data={"current": PASSWORD})
        assert away.headers["location"] == "/console/account?problem=provider-away"
        assert "does not answer now" in browser.get(away.headers["location"]).text
        assert browser.post("/console/sign-out").headers["location"] == "/console/sign-in"
    finally:
        liar.waits.set()
    assert refusals(lied_to) == [], "being away is no offence"


def test_a_provider_that_describes_itself_wrongly_is_not_gone_to(lied_to: Desk, liar: Liar) -> None:
    right = liar.description
    wrong: tuple[dict[str, str | None], ...] = (
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://badge.example/\r\nset-cookie: staff=stolen"},
        {"end_session_endpoint": "https://badge.example/ elsewhere"},
        {"jwks_uri": None},
        {"more": "x" * openid.LARGEST_ANSWER},
    )
    for described in wrong:
        liar.description = right | described
        assert lied_to.browser.post(SIGN_IN).status_code == 503, described
    liar.description = right
    assert lied_to.browser.post(SIGN_IN).status_code == 200


def test_without_a_provider_no_page_offers_or_has_one(settings: Settings, tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path / "none"))
    browser = TestClient(app, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
    assert "provider" not in browser.get("/console/sign-in").text
    assert browser.post(SIGN_IN).status_code == 404
    assert browser.get(f"{SIGN_IN}/return").status_code == 404
    app.state.database.close()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ISSUER": "http://badge.example"}, "SURVEY_APP_OIDC_ISSUER: an address that begins with https://"),
        ({"ISSUER": "https://badge.example?x=y"}, "SURVEY_APP_OIDC_ISSUER"),
        ({"ISSUER": "https://user@badge.example"}, "SURVEY_APP_OIDC_ISSUER"),
        ({"ISSUER": ""}, "needs SURVEY_APP_OIDC_ISSUER too"),
        ({"CLIENT_ID": ""}, "needs SURVEY_APP_OIDC_CLIENT_ID too"),
        ({"SECRET_FILE": "/nowhere"}, "SURVEY_APP_OIDC_SECRET_FILE: Path does not point to a file"),
        ({"CA_FILE": "/nowhere"}, "SURVEY_APP_OIDC_CA_FILE: Path does not point to a file"),
        ({"NAME": "x" * 41}, "SURVEY_APP_OIDC_NAME"),
    ],
)
def test_half_a_provider_refuses_to_start(
    changed: dict[str, str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    whole = {"ISSUER": "https://badge.example", "CLIENT_ID": CLIENT, "SECRET_FILE": str(tmp_path / "secret")}
    for name, value in (whole | changed).items():
        monkeypatch.setenv(f"SURVEY_APP_OIDC_{name}", value)
    with pytest.raises(RequestMistakenError) as refused:
        read_settings()
    assert told in str(refused.value)


@pytest.mark.parametrize(("name", "content"), [("secret_file", b" \n"), ("secret_file", b"\xff"), ("ca_file", b"none")])
def test_a_file_of_the_provider_that_says_nothing_refuses_to_start(
    settings: Settings, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(CannotStartError, match=f"SURVEY_APP_OIDC_{name.upper()}: no "):
        create_app(settings.model_copy(update={f"oidc_{name}": tmp_path / "file"}))
