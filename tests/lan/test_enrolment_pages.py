"""The plain port: how to trust the laptop, the certificate, a way to the secure address; nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography import x509
from starlette.testclient import TestClient

from survey_app.foundation.languages import STAFF_LANGUAGES
from survey_app.foundation.places import shipped
from survey_app.questionnaire.translation import load_catalogues
from survey_app.web.enrol import create_enrolment
from survey_app.web.enrol.steps import DEVICES, guess_device, steps_of
from survey_app.web.kit.headers import HEADERS
from survey_app.web.kit.pages import STATIC

AGENTS = {
    "android": "Mozilla/5.0 (Linux; Android 14; SM-X200) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "ipad": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Edg/140.0",
    "chromebook": "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
}


@pytest.fixture
def tablet(presence) -> Iterator[TestClient]:
    app = create_enrolment(presence, load_catalogues(shipped("translations")))
    with TestClient(app, base_url="http://127.0.0.7:8080", follow_redirects=False) as made:
        yield made


def test_each_kind_of_tablet_is_recognised() -> None:
    assert {kind: guess_device(agent) for kind, agent in AGENTS.items()} == {kind: kind for kind in AGENTS}
    assert set(AGENTS) == set(DEVICES)


@pytest.mark.parametrize("language", STAFF_LANGUAGES)
@pytest.mark.parametrize("device", DEVICES)
def test_each_step_has_its_words_and_its_drawing(tablet, device, language) -> None:
    page = tablet.get("/", params={"device": device, "language": language})
    assert page.status_code == 200
    assert f'lang="{language}"' in page.text
    for step in steps_of(device):
        assert f"/static/drawings/{step}.svg" in page.text
        assert (STATIC / "drawings" / f"{step}.svg").is_file()
    assert "<p></p>" not in page.text, "a step has no words"
    assert {name for name in HEADERS if name not in page.headers} == set()


def test_the_certificate_is_given_as_tablets_read_it(tablet, presence) -> None:
    file = tablet.get("/survey-app.crt")
    assert file.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(file.content) == presence.authority.certificate
    assert tablet.get("/survey-app.mobileconfig").headers["content-type"] == "application/x-apple-aspen-config"


def test_the_key_is_never_given(tablet, presence) -> None:
    secret = presence.authority.key.private_numbers().private_value
    for address in ("/", "/survey-app.crt", "/survey-app.mobileconfig", "/authority.key", "/tls/authority.key"):
        assert secret.to_bytes(32, "big") not in tablet.get(address).content


def test_the_name_is_offered_before_the_address_once_it_is_announced(tablet, presence) -> None:
    assert 'href="https://127.0.0.7:8443/tablet/fr"' in tablet.get("/?language=fr").text
    presence.why_silent = None
    page = tablet.get("/?language=fr").text
    assert 'href="https://survey.local:8443/tablet/fr"' in page
    assert page.index("https://survey.local:8443/tablet/fr") < page.index("https://127.0.0.7:8443/tablet/fr")


@pytest.mark.parametrize("address", ["/s/482913", "/console", "/api/v1/sessions/482913", "/healthz?x=1"])
def test_everything_else_leads_to_the_secure_address(tablet, address) -> None:
    reply = tablet.get(address)
    assert reply.status_code == 307
    assert reply.headers["location"] == f"https://127.0.0.7:8443{address}"


@pytest.mark.parametrize("address", ["//evil.example/x", "/\\evil.example", "/@evil.example"])
def test_nobody_is_led_to_another_site(tablet, address) -> None:
    location = tablet.get(f"http://127.0.0.7:8080{address}").headers["location"]
    assert location.startswith("https://127.0.0.7:8443/")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_nothing_can_be_handed_in_without_encryption(tablet, method) -> None:
    reply = tablet.request(method, "/api/v1/sessions/482913/responses/x", content=b"{}")
    assert reply.status_code == 405
