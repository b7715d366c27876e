"""What every request and answer passes, whatever it asks for: slow bodies are cut, and each answer carries its security
headers. Outside the routing, so that an unknown address is answered alike."""

import asyncio
import time

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.problems import Problem, render
from dispatch.server.deprecations import headers_of
from dispatch.settings import Settings

# No line is slower than this: an old office line sends sixteen kilobytes in a second.
_BYTES_PER_SECOND = 16_000

# Answers of the API are not documents: nothing in them may be run, framed, guessed at or kept.
_HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    # The rider's page may ask for the position and the camera; nothing else of ours needs anything.
    b"permissions-policy": b"geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
    b"cache-control": b"no-store",
}
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class BodyTooSlow(Problem):
    """The body did not arrive in time; the connection is closed. Send it again over a better line, or in parts."""

    slug, title, status = "body-too-slow", "The body did not arrive in time", 408


class Entrance:
    """ASGI wrapper around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._body_seconds = settings.body_seconds
        self._headers = [*_HEADERS.items(), *([_HTTPS_ONLY] if settings.secure_cookie else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, body = False, _Body(receive, self._body_seconds)

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                given = list(message.get("headers", []))
                names = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(header for header in self._headers if header[0] not in names)]
                message["headers"] += headers_of(scope)
                if body.is_late:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self._app(scope, body.receive, send_with_headers)
        except BodyTooSlow as problem:
            if not begun:
                await render(problem).to_asgi_response(None, None)(scope, receive, send_with_headers)  # type: ignore[arg-type]


class _Body:
    """Hands the body's parts on as long as they come fast enough."""

    def __init__(self, receive: Receive, seconds: int) -> None:
        self._receive = receive
        self._deadline = time.monotonic() + seconds
        self._complete = False
        self.is_late = False

    async def receive(self) -> object:
        """The next message; what comes after the body is waited for as long as it takes."""
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                message: object = await self._receive()
        except TimeoutError as error:
            self.is_late = True
            raise BodyTooSlow("Send it again over a better line, or in parts.") from error
        if message["type"] == "http.request":
            self._deadline += len(message.get("body", b"")) / _BYTES_PER_SECOND
            self._complete = not message.get("more_body", False)
        else:
            self._complete = True
        return message
