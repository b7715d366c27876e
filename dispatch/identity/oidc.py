"""Signing in with the organisation's own account (OpenID Connect, authorization code with PKCE). Off unless configured.

joserfc (BSD, of the authors of Authlib) checks the ID token; the three calls of the protocol are httpx's. Authlib's own
client would bring a second HTTP library with it.
"""

import hmac
import secrets as chance
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dispatch.identity import rules
from dispatch.identity.secrets import digest_of
from dispatch.settings import Settings

# Asymmetric only: with a shared secret anybody who reads the configuration could write tokens.
ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
CALLBACK: Final = "/sign-in/oidc"
COOKIE: Final = "dispatch_oidc"
MOST_SECONDS: Final = 600
_TIMEOUT_SECONDS = 10
_LEEWAY_SECONDS = 60


class PendingSignIn(msgspec.Struct, frozen=True):
    """What a sign-in in progress is recognised by when the browser comes back; kept in the browser, signed."""

    state: str
    nonce: str
    verifier: str
    begun_at: int


class OidcIdentity(msgspec.Struct, frozen=True):
    """Who this is to the provider."""

    subject: str
    """Issuer and subject: what stays the same when a person's name changes."""
    login: str | None


def begin(now: datetime) -> PendingSignIn:
    """State, nonce and PKCE verifier of a new sign-in."""
    state, nonce, verifier = (chance.token_urlsafe(32) for _ in range(3))
    return PendingSignIn(state=state, nonce=nonce, verifier=verifier, begun_at=int(now.timestamp()))


def cookie_of(pending: PendingSignIn, secret: str) -> str:
    """The cookie's value, with a mark that only this server can make."""
    body = urlsafe_b64encode(msgspec.json.encode(pending)).decode()
    return f"{body}.{_mark(body, secret)}"


def pending_in(cookie: str | None, secret: str, state: str, now: datetime) -> PendingSignIn:
    """What was pending in this browser. Raises OidcRefused when it was another, or too long ago."""
    body, _, mark = (cookie or "").partition(".")
    if not hmac.compare_digest(mark.encode(), _mark(body, secret).encode()):
        raise rules.OidcRefused("This sign-in was not pending in this browser; begin again.")
    pending = msgspec.json.decode(urlsafe_b64decode(body), type=PendingSignIn)
    if not hmac.compare_digest(pending.state.encode(), state.encode()):
        raise rules.OidcRefused("This sign-in was not pending in this browser; begin again.")
    if not 0 <= now.timestamp() - pending.begun_at <= MOST_SECONDS:
        raise rules.OidcRefused("This sign-in took too long; begin again.")
    return pending


def _mark(body: str, secret: str) -> str:
    return digest_of(secret, f"oidc:{body}").hex()


class Provider:
    """The organisation's provider, as its discovery document describes it."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret
        self._login_claim = settings.oidc_login_claim
        self._redirect = f"{settings.public_address}{CALLBACK}"
        self._known: dict[str, Any] | None = None

    async def address(self, pending: PendingSignIn) -> str:
        """Where the browser is sent."""
        challenge = urlsafe_b64encode(sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
        async with _client() as client:
            known = await self._discover(client)
        query = {
            "response_type": "code", "client_id": self._client_id, "redirect_uri": self._redirect,
            "scope": "openid profile", "state": pending.state, "nonce": pending.nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{known['authorization_endpoint']}?{urlencode(query)}"

    async def identify(self, code: str, pending: PendingSignIn, now: datetime) -> OidcIdentity:
        """Exchange the code and check the token. Raises OidcRefused."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect,
            "client_id": self._client_id, "code_verifier": pending.verifier,
        }  # fmt: skip
        async with _client() as client:
            known = await self._discover(client)
            credentials = (self._client_id, self._client_secret)
            token = await _json_of(client.post(known["token_endpoint"], data=form, auth=credentials))
            keys = await _json_of(client.get(known["jwks_uri"]))
        return self._judge(str(token.get("id_token", "")), keys, str(known["issuer"]), pending, now)

    def _judge(
        self, token: str, keys: dict[str, Any], issuer: str, pending: PendingSignIn, now: datetime
    ) -> OidcIdentity:
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer}, aud={"essential": True, "value": self._client_id},
            exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
            nonce={"essential": True, "value": pending.nonce},
        )  # fmt: skip
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]
            registry.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise rules.OidcRefused("The provider's token cannot be believed.") from error
        login = claims.get(self._login_claim)
        return OidcIdentity(f"{self._issuer}|{claims['sub']}", str(login) if login else None)

    async def _discover(self, client: httpx.AsyncClient) -> dict[str, Any]:
        if self._known is None:
            known = await _json_of(client.get(f"{self._issuer}/.well-known/openid-configuration"))
            if str(known.get("issuer", "")).rstrip("/") != self._issuer:
                raise rules.OidcRefused("The provider's issuer is not DISPATCH_OIDC_ISSUER.")
            self._known = known
        return self._known


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)


async def _json_of(call: Any) -> dict[str, Any]:
    """The JSON object a call to the provider answers. Raises OidcRefused for anything else."""
    try:
        answer: httpx.Response = await call
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        raise rules.OidcRefused("The provider did not answer as it should; try again or ask its operator.") from error
