"""The app of the plain port: steps, certificate, profile, and a way to the secure address for everything else."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from survey_app.lan.presence import Presence
from survey_app.lan.profile import write_profile
from survey_app.questionnaire.translation import Catalogues
from survey_app.web.enrol.steps import DEVICES, EnrolPage, guess_device, steps_of
from survey_app.web.kit.assets import Assets
from survey_app.web.kit.headers import CONTENT_SECURITY_POLICY, SecurityHeaders
from survey_app.web.kit.pages import STATIC, show
from survey_app.web.kit.staff_language import LANGUAGES, choose_language

CERTIFICATE: Final = "application/x-x509-ca-cert"
PROFILE: Final = "application/x-apple-aspen-config"
_ANYWHERE: Final = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


def create_enrolment(presence: Presence, catalogues: Catalogues) -> FastAPI:
    """Build the app of the plain port."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/")
    def show_steps(request: Request, device: str = "", language: str = "") -> Response:
        """Lead one kind of tablet through trusting this computer, then to the check."""
        chosen = choose_language(language or None, request.headers.get("accept-language", ""))
        kind = device if device in DEVICES else guess_device(request.headers.get("user-agent", ""))
        page = EnrolPage(
            words=catalogues.messages(chosen.tag),
            language=chosen,
            languages=LANGUAGES,
            device=kind,
            devices=DEVICES,
            steps=steps_of(kind),
            by_name=presence.by_name,
            by_address=presence.by_address,
            name_probe=f"{presence.enrolment_by_name}/name",
            is_announced=presence.is_announced,
            authority=presence.authority.name,
            fingerprint=presence.authority.fingerprint,
        )
        reachable = f"{presence.enrolment_by_name} {presence.by_name} {presence.by_address}"
        policy = CONTENT_SECURITY_POLICY.replace("connect-src 'self'", f"connect-src 'self' {reachable}")
        return show("tablet/enrol.html", page, headers={"content-security-policy": policy})

    @app.get("/survey-app.crt")
    def give_certificate() -> Response:
        """Give the authority's certificate (DER), which Android, Windows and Chromebooks install."""
        headers = {"content-disposition": 'attachment; filename="survey-app.crt"'}
        return Response(presence.authority.der, media_type=CERTIFICATE, headers=headers)

    @app.get("/survey-app.mobileconfig")
    def give_profile() -> Response:
        """Give the profile, which iPads install."""
        headers = {"content-disposition": 'attachment; filename="survey-app.mobileconfig"'}
        return Response(write_profile(presence.authority), media_type=PROFILE, headers=headers)

    @app.get("/name")
    def answer_to_name() -> Response:
        """Answer, so that a page opened by address learns whether its tablet knows the name."""
        return PlainTextResponse("here", headers=_ANYWHERE)

    app.mount("/static", Assets(directory=STATIC), name="static")

    @app.api_route("/{path:path}", methods=["GET", "HEAD"])
    def lead_to_secure(request: Request, path: str) -> Response:
        """Lead to the same page at the secure address."""
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{presence.best}/{path.lstrip('/')}{query}", status_code=307)

    app.add_middleware(SecurityHeaders)
    return app
