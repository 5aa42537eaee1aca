"""Speaks OpenID Connect with an identity provider, as a client that believes little (OpenID Connect Core 1.0, RFC 9700).

The code flow with PKCE. Of everything that the provider sends one thing is kept: the subject of an ID token whose
signature, issuer, audience, nonce and time are right. Signatures are asymmetric: what only the holder of a private key can
make. No token is kept, no claim beside the subject read, and none of them logged.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLongError
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.settings import Settings, is_private_address
from survey_app.storage.staff import Identity
from survey_app.web.console.provider import Doubt, Reason, Trip

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LARGEST_ANSWER: Final = 262_144  # bytes
SECONDS_AT_MOST: Final = 8
"""How long a person waits for a provider that does not answer; each part of an answer may take half of it."""
LEEWAY_SECONDS: Final = 60
"""How far the clocks of the two machines may be apart."""
DESCRIBED_FOR: Final = timedelta(hours=12)
KEYS_ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)
LONGEST_SUBJECT: Final = 255  # OpenID Connect Core 1.0, section 2
_WRONG: Final[dict[str, Reason]] = {
    "iss": "wrong-issuer",
    "aud": "wrong-audience",
    "azp": "wrong-audience",
    "nonce": "wrong-nonce",
}

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Client:
    """As whom an installation asks, and whom. ``trust``: who vouches for the provider's address."""

    issuer: str
    name: str
    secret: str = field(repr=False)
    trust: ssl.SSLContext


def read_client(settings: Settings) -> Client:
    """Read the secret and the certificates that the settings name.

    Raises:
        RequestMistakenError: one of them cannot be read.
    """
    if settings.oidc_secret_file is None:
        raise RequestMistakenError("SURVEY_APP_OIDC_SECRET_FILE: name the file of the secret.")
    try:
        secret = settings.oidc_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        secret = ""
    if not secret:
        raise RequestMistakenError("SURVEY_APP_OIDC_SECRET_FILE: no secret can be read from this file. Put it there.")
    try:
        trust = ssl.create_default_context(cafile=settings.oidc_ca_file)
    except (OSError, ssl.SSLError):
        message = "SURVEY_APP_OIDC_CA_FILE: no certificates can be read from this file. It must hold them as PEM."
        raise RequestMistakenError(message) from None
    return Client(settings.oidc_issuer, settings.oidc_client_id, secret, trust)


class Description(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def is_private(self) -> bool:
        """Whether nobody listens on the way to any of its addresses."""
        addresses = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri, self.end_session_endpoint)
        return all(is_private_address(address) for address in addresses if address is not None)

    @property
    def way_of_the_secret(self) -> str:
        """How the secret is shown: in a header, or in the form where the provider takes no other."""
        known = self.token_endpoint_auth_methods_supported
        is_form = "client_secret_basic" not in known and "client_secret_post" in known
        return "client_secret_post" if is_form else "client_secret_basic"


class NotProvenError(Exception):
    """What came is not what was asked for."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class OpenIdProvider:
    """A provider that is asked when somebody signs in, not before: a server starts, and works, without it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="identity-provider")
        self._described: tuple[Description, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    @property
    def issuer(self) -> str:
        return self._client.issuer

    def way_in(self, trip: Trip) -> str | None:
        return self._in_time(lambda: self._write_way_in(trip), None)

    def redeem(self, trip: Trip, code: str, issuer: str) -> Identity | Doubt:
        away: Identity | Doubt = Doubt("away")
        return self._in_time(lambda: self._redeem(trip, code, issuer), away)

    def way_out(self, back: str) -> str | None:
        return self._in_time(lambda: self._write_way_out(back), None)

    def _in_time(self, work: Callable[[], T], otherwise: T) -> T:
        """Do what asks the provider, or give up: a name that nobody resolves can take longer than anybody waits."""
        asked = self._workers.submit(work)
        try:
            return asked.result(timeout=SECONDS_AT_MOST)
        except (TookTooLongError, httpx2.HTTPError, NotProvenError) as problem:
            asked.cancel()
            reason = problem.reason if isinstance(problem, NotProvenError) else type(problem).__name__
            log.warning("identity-provider-away", problem=reason)  # no message: it may hold what somebody sent
            return otherwise

    def _write_way_in(self, trip: Trip) -> str:
        described = self._describe()
        with self._speak(described, trip.back) as speaker:
            address, _state = speaker.create_authorization_url(
                described.authorization_endpoint, state=trip.state, code_verifier=trip.verifier, nonce=trip.nonce
            )
        return str(address)

    def _write_way_out(self, back: str) -> str | None:
        """No ID token goes along as a hint: none is kept. The provider may ask its visitor whether it is meant."""
        address = self._describe().end_session_endpoint
        if address is None:
            return None
        query = urlencode({"client_id": self._client.name, "post_logout_redirect_uri": back})
        return f"{address}{'&' if '?' in address else '?'}{query}"

    def _redeem(self, trip: Trip, code: str, issuer: str) -> Identity | Doubt:
        try:
            described = self._describe()
            self._refuse_another(issuer, described)
            token = self._fetch_token(described, trip, code)
            return Identity(self.issuer, self._read_subject(described, token, trip.nonce))
        except NotProvenError as doubt:
            return Doubt(doubt.reason)

    def _refuse_another(self, issuer: str, described: Description) -> None:
        """Refuse the answer of another provider: whose says from whom it comes must say it is ours (RFC 9207)."""
        is_said = bool(issuer) or described.authorization_response_iss_parameter_supported
        if is_said and issuer != self.issuer:
            raise NotProvenError("wrong-issuer")

    def _fetch_token(self, described: Description, trip: Trip, code: str) -> dict[str, Any]:
        try:
            with self._speak(described, trip.back) as speaker:
                token = speaker.fetch_token(described.token_endpoint, code=code, code_verifier=trip.verifier)
        except OAuthError:
            raise NotProvenError("code-refused") from None
        except ValueError:
            raise NotProvenError("not-in-order") from None
        return dict(token)

    def _read_subject(self, described: Description, token: dict[str, Any], nonce: str) -> str:
        signed = token.get("id_token")
        if not isinstance(signed, str):
            raise NotProvenError("not-in-order")
        try:
            claims = self._open(described, signed)
            options = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client.name},
            }
            known = {"nonce": nonce, "client_id": self._client.name, "access_token": token.get("access_token")}
            proven = CodeIDToken(claims.claims, claims.header, options, known)
            proven.validate(int(clock.now().timestamp()), LEEWAY_SECONDS)
            return _sound_subject(proven["sub"])
        except (JoseError, ValueError, TypeError) as problem:
            raise NotProvenError(_name(problem)) from None

    def _open(self, described: Description, signed: str) -> jwt.Token:
        """Return what was signed; where the key is not known, the provider may have a new one."""
        keys, asked_at = self._keys or self._fetch_keys(described)
        try:
            return jwt.decode(signed, keys, algorithms=ALGORITHMS)
        except (InvalidKeyIdError, BadSignatureError):
            if clock.now() - asked_at < KEYS_ASKED_AGAIN_AFTER:
                raise
        keys, _ = self._fetch_keys(described)
        return jwt.decode(signed, keys, algorithms=ALGORITHMS)

    def _describe(self) -> Description:
        """Return what the provider says of itself, as long as that is not too long ago."""
        if self._described is not None and clock.now() - self._described[1] < DESCRIBED_FOR:
            return self._described[0]
        try:
            described = Description.model_validate(
                self._get_json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            )
        except ValidationError:
            raise NotProvenError("not-in-order") from None
        if described.issuer != self.issuer or not described.is_private:
            raise NotProvenError("wrong-issuer")
        self._described = (described, clock.now())
        return described

    def _fetch_keys(self, described: Description) -> tuple[KeySet, datetime]:
        try:
            self._keys = (KeySet.import_key_set(self._get_json(described.jwks_uri)), clock.now())
        except (JoseError, ValueError, TypeError, KeyError):
            raise NotProvenError("not-in-order") from None
        return self._keys

    def _get_json(self, address: str) -> Any:  # noqa: ANN401 - JSON is any of its kinds; whoever asked parses it
        with httpx2.Client(transport=self._line(), timeout=SECONDS_AT_MOST / 2) as asker:
            answer = asker.get(address).raise_for_status()
        try:
            return answer.json()
        except ValueError:
            raise NotProvenError("not-in-order") from None

    def _speak(self, described: Description, back: str) -> OAuth2Client:
        return OAuth2Client(
            client_id=self._client.name,
            client_secret=self._client.secret,
            token_endpoint_auth_method=described.way_of_the_secret,
            scope="openid",
            redirect_uri=back,
            code_challenge_method="S256",
            transport=self._line(),
            timeout=SECONDS_AT_MOST / 2,
        )

    def _line(self) -> httpx2.BaseTransport:
        return Bounded(httpx2.HTTPTransport(verify=self._client.trust))


class Bounded(httpx2.BaseTransport):
    """Reads no answer that is larger than any of a provider is, and unpacks none."""

    def __init__(self, line: httpx2.BaseTransport) -> None:
        self._line = line

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["accept-encoding"] = "identity"
        with closing(self._line.handle_request(request)) as answer:
            body = b""
            for part in answer.iter_raw():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise httpx2.ReadError("the answer is too large", request=request)
        headers = {"content-type": answer.headers.get("content-type", "")}
        return httpx2.Response(answer.status_code, headers=headers, content=body, request=request)

    def close(self) -> None:
        self._line.close()


def _sound_subject(subject: object) -> str:
    if isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable():
        return subject
    raise ValueError


def _name(problem: Exception) -> Reason:
    """Name what is wrong with a token by a code."""
    if isinstance(problem, UnsupportedAlgorithmError):
        return "wrong-algorithm"
    if isinstance(problem, BadSignatureError | InvalidKeyIdError):
        return "wrong-signature"
    if isinstance(problem, ExpiredTokenError):
        return "expired"
    return _WRONG.get(problem.claim, "not-in-order") if isinstance(problem, ClaimError) else "not-in-order"
