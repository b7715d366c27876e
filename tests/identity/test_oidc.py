"""Signing in with the organisation's own account, against a small provider on a loopback port."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import msgspec
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from dispatch.database import Database
from dispatch.identity import oidc
from dispatch.identity.rules import OidcRefused
from dispatch.settings import SettingsError, read_settings
from tests.conftest import NOW, SETTINGS, Clock, serving
from tests.make import Make
from tests.waiting import listens

KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": name}) for name in ("one", "one"))


class FakeProvider:
    """Discovery, keys and the token endpoint; `change` spoils what it says."""

    def __init__(self) -> None:
        self.address = ""
        self.nonce = self.challenge = ""
        self.forms: list[dict[str, str]] = []
        self.claims: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = self.answer(scope["path"], dict(parse_qsl(body.decode())))
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": msgspec.json.encode(answer)})

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.address, "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys",
            }  # fmt: skip
        if path == "/keys":
            return 200, {"keys": [KEY.as_dict(private=False)]}
        self.forms.append(form)
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if form["code"] != "right-code" or challenge != self.challenge:
            return 400, {"error": "invalid_grant"}
        seconds = int(NOW.timestamp())
        claims = {
            "iss": self.address, "aud": "dispatch", "sub": "0001", "nonce": self.nonce, "iat": seconds, "exp": seconds + 300,
            "preferred_username": "wang.wei", **self.claims,
        }  # fmt: skip
        header = {"alg": self.algorithm, "kid": "one"}
        return 200, {"id_token": jwt.encode(header, claims, self.key, algorithms=[self.algorithm])}


@asynccontextmanager
async def providing() -> AsyncGenerator[FakeProvider]:
    provider = FakeProvider()
    configuration = uvicorn.Config(
        provider, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off"
    )
    server = uvicorn.Server(configuration)
    task = asyncio.create_task(server.serve())
    await listens(server, task)
    provider.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def configured(database: Database, clock: Clock, provider: FakeProvider) -> AsyncGenerator[httpx.AsyncClient]:
    settings = msgspec.structs.replace(
        SETTINGS, oidc_issuer=provider.address, oidc_client_id="dispatch", oidc_client_secret="hush",
        public_address="http://dispatch.test", require_second_factor=True,
    )  # fmt: skip
    async with serving(database, clock, settings) as (api, _):
        yield api


async def pending(api: httpx.AsyncClient, provider: FakeProvider) -> str:
    """Begin; the state that comes back."""
    answer = await api.post("/api/sign-in/oidc/begin")
    assert answer.status_code == 200, answer.text
    address: str = urlsplit(str(answer.json()["address"])).query
    query = {name: values[0] for name, values in parse_qs(address).items()}
    assert query["redirect_uri"] == "http://dispatch.test/sign-in/oidc"
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    provider.nonce, provider.challenge = query["nonce"], query["code_challenge"]
    return query["state"]


async def answered(api: httpx.AsyncClient, state: str, code: str = "right-code") -> httpx.Response:
    return await api.post("/api/sign-in/oidc", json={"code": code, "state": state})


async def test_an_account_signs_in_by_the_provider_and_is_recognised_by_its_subject_from_then_on(
    database: Database, clock: Clock
) -> None:
    make = Make(database, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="wang.wei", must_change_password=True)
    async with providing() as provider, configured(database, clock, provider) as api:
        answer = await answered(api, await pending(api, provider))
        assert answer.status_code == 200, answer.text
        assert answer.json()["role"] == "planner"
        headers = {"authorization": f"Bearer {answer.json()['token']}"}
        profile = await api.get("/api/zones", headers=headers)
        assert profile.status_code == 200, "password and second factor are the provider's business here"
        assert provider.forms[0]["client_id"] == "dispatch"
        provider.claims = {"preferred_username": "wang.wei.married"}
        assert (await answered(api, await pending(api, provider))).status_code == 200
        provider.claims = {"sub": "0002"}
        taken = await answered(api, await pending(api, provider))
        assert taken.json()["type"] == "/problems/oidc-refused", "the login belongs to another subject"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"claims": {"iss": "http://elsewhere.example"}},
        {"claims": {"aud": "another"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"exp": int(NOW.timestamp()) - 120}},
        {"claims": {"sub": None}},
        {"key": OTHER_KEY},
        {"key": OctKey.import_key("hush" * 8), "algorithm": "HS256"},
    ],
    ids=["issuer", "audience", "nonce", "expired", "subject", "key", "algorithm"],
)
async def test_a_token_that_is_not_for_us_or_not_signed_opens_nothing(
    database: Database, clock: Clock, spoilt: dict[str, Any]
) -> None:
    make = Make(database, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="wang.wei")
    async with providing() as provider, configured(database, clock, provider) as api:
        state = await pending(api, provider)
        for name, value in spoilt.items():
            setattr(provider, name, value)
        answer = await answered(api, state)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/oidc-refused")
        assert "dispatch_session" not in answer.headers.get("set-cookie", "")


async def test_an_answer_belongs_to_the_browser_that_asked(database: Database, clock: Clock) -> None:
    make = Make(database, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="wang.wei")
    async with providing() as provider, configured(database, clock, provider) as api:
        state = await pending(api, provider)
        assert (await answered(api, "another-state")).json()["type"] == "/problems/oidc-refused"
        assert (await answered(api, state, "wrong-code")).json()["type"] == "/problems/oidc-refused"
        api.cookies.clear()
        assert (await answered(api, state)).json()["type"] == "/problems/oidc-refused"
        forged = {"cookie": "dispatch_oidc=eyJzdGF0ZSI6IngifQ==.00"}
        assert (
            await api.post("/api/sign-in/oidc", json={"code": "right-code", "state": "x"}, headers=forged)
        ).status_code == 401


async def test_nobody_becomes_a_planner_by_the_provider_alone(database: Database, clock: Clock) -> None:
    make = Make(database, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="wang.wei", active=False)
    async with providing() as provider, configured(database, clock, provider) as api:
        for login in ("wang.wei", "nobody"):
            provider.claims = {"preferred_username": login}
            assert (await answered(api, await pending(api, provider))).json()["type"] == "/problems/oidc-refused"


async def test_a_provider_that_is_away_is_said_and_no_error_of_ours(database: Database, clock: Clock) -> None:
    await Make(database, clock.now).world()
    async with providing() as provider:
        pass
    async with configured(database, clock, provider) as api:
        answer = await api.post("/api/sign-in/oidc/begin")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/oidc-refused")


async def test_it_is_off_unless_configured(api: httpx.AsyncClient, make: Make) -> None:
    await make.world()
    assert (await api.post("/api/sign-in/oidc/begin")).status_code == 404
    assert (await api.get("/api/start")).json()["oidc"] is False


def test_half_a_configuration_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="DISPATCH_OIDC_CLIENT_ID"):
        read_settings({"DISPATCH_OIDC_ISSUER": "https://id.example", "DISPATCH_PUBLIC_ADDRESS": "https://here.example"})
    with pytest.raises(SettingsError, match="DISPATCH_PUBLIC_ADDRESS"):
        read_settings({"DISPATCH_OIDC_ISSUER": "https://id.example", "DISPATCH_OIDC_CLIENT_ID": "dispatch"})


@pytest.mark.parametrize("seconds", [0, 1, 600])
def test_a_sign_in_is_pending_for_ten_minutes_in_the_browser_that_began_it(seconds: int) -> None:
    pending = oidc.begin(NOW)
    cookie = oidc.cookie_of(pending, SETTINGS.secret)
    assert oidc.pending_in(cookie, SETTINGS.secret, pending.state, NOW + timedelta(seconds=seconds)) == pending


@pytest.mark.parametrize("seconds", [-1, 601])
def test_a_sign_in_that_took_too_long_is_refused(seconds: int) -> None:
    pending = oidc.begin(NOW)
    cookie = oidc.cookie_of(pending, SETTINGS.secret)
    with pytest.raises(OidcRefused, match="too long"):
        oidc.pending_in(cookie, SETTINGS.secret, pending.state, NOW + timedelta(seconds=seconds))


def test_a_sign_in_that_was_not_begun_here_is_refused() -> None:
    pending, other = oidc.begin(NOW), oidc.begin(NOW)
    assert len({pending.state, pending.nonce, pending.verifier, other.state, other.nonce, other.verifier}) == 6
    cookie = oidc.cookie_of(pending, SETTINGS.secret)
    body, _, mark = cookie.partition(".")
    for wrong in (
        None,
        "",
        ".",
        body,
        f"{body}.{'0' * len(mark)}",
        f"{oidc.cookie_of(other, 'another').split('.')[0]}.{mark}",
    ):
        with pytest.raises(OidcRefused, match="not pending"):
            oidc.pending_in(wrong, SETTINGS.secret, pending.state, NOW)
    with pytest.raises(OidcRefused, match="not pending"):
        oidc.pending_in(cookie, "another secret of this server's own", pending.state, NOW)
    with pytest.raises(OidcRefused, match="not pending"):
        oidc.pending_in(cookie, SETTINGS.secret, other.state, NOW)
