"""A real server on a loopback port, a database of its own, and the system's Chromium driven through Playwright.

Everything runs in the event loop of the tests: Playwright's synchronous plugin would break every later async test.
"""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar import Litestar
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    ViewportSize,
    async_playwright,
    expect,
)

from dispatch.database import Database
from dispatch.identity.authentication import COOKIE
from dispatch.settings import Settings
from dispatch.web.routes import DIST
from tests.conftest import SETTINGS, Clock, lent
from tests.make import Make, World
from tests.waiting import HANG_SECONDS, listens

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# WebGL in software, so that maps are drawn where there is no graphics card; nothing speaks to the network by itself.
ARGUMENTS = [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 360, "height": 640}


# Waiting ends when the page shows what it should; only what hangs takes so long.
expect.set_options(timeout=HANG_SECONDS * 1000)


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """The system's Chromium; tests that need it say so when there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install it, or name it in CHROMIUM")
    if not (DIST / "console.html").exists():
        pytest.skip("the pages are not built: run `uv sync`, or `npm ci` and `npm run build` in dispatch/web")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


@asynccontextmanager
async def listening(app: Litestar, port: int = 0) -> AsyncGenerator[str]:
    """Serve the application on a loopback port; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await listens(server, task)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stopping: asyncio.Event | None = app.state.get("stopping")
            if stopping is not None:
                stopping.set()  # event streams end at once
            server.should_exit = True
            await task


@dataclass
class Visitor:
    """Somebody's browser at the site: a context with its own cookies, and what went wrong in it."""

    context: BrowserContext
    address: str
    faults: list[str] = field(default_factory=list[str])
    """Console errors, uncaught exceptions and requests that wanted to leave the machine."""
    expected: list[str] = field(default_factory=list[str])
    """Parts of console errors that the test provokes, such as "409 (Conflict)"."""

    async def page(self, path: str = "/") -> Page:
        """A new tab at the path."""
        page = await self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        await page.goto(self.address + path)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in self.expected):
            self.faults.append(f"console: {message.text} {message.location.get('url', '')}")


@dataclass
class Site:
    """The running product with the small standard world in a database of its own."""

    address: str
    app: Litestar
    database: Database
    make: Make
    world: World
    clock: Clock
    visit: Callable[..., Awaitable[Visitor]]
    """visit(headers=None, other=None, at=address, **context options): a browser of its own; `headers` as `make` gives them sign it in;
    `other` is a Chromium started otherwise than the tests' own."""


@pytest.fixture
async def site(clone: Database, clock: Clock, browser: Browser) -> AsyncGenerator[Site]:
    """The product on a loopback port, real commits, real cookies."""
    make = Make(clone, clock.now)
    world = await make.world()
    visitors: list[Visitor] = []
    with lent(clone, clock) as app:
        async with listening(app) as address:

            async def visit(
                headers: dict[str, str] | None = None, other: Browser | None = None, at: str = address, **options: Any
            ) -> Visitor:
                visitor = await _visitor(other or browser, at, headers, options)
                visitors.append(visitor)
                return visitor

            yield Site(address, app, clone, make, world, clock, visit)
            for visitor in visitors:
                await visitor.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


async def _visitor(browser: Browser, address: str, headers: dict[str, str] | None, options: dict[str, Any]) -> Visitor:
    settings: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESK, **options}
    context = await browser.new_context(**settings)
    context.set_default_timeout(HANG_SECONDS * 1000)
    visitor = Visitor(context, address)

    async def guard(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            await route.fallback()
        else:
            visitor.faults.append(f"wanted to leave the machine: {route.request.url}")
            await route.abort()

    await context.route("**/*", guard)
    if headers:
        token = headers["authorization"].removeprefix("Bearer ")
        await context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
    return visitor


AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# As Deque grades its rules: what stops people, not matters of taste.
GRAVE = {"serious", "critical"}


async def violations(page: Page) -> list[str]:
    """Grave violations on the page as it stands, each with the rule, how grave, and where."""
    await page.evaluate(AXE)
    found: dict[str, Any] = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']} at {node['target']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"][:3]
    ]


async def settled(page: Page) -> None:
    """Wait until the page has its heading and nothing is being read any more."""
    await expect(page.locator("h1, h2").first).to_be_visible()
    await expect(page.locator(".loading progress")).to_have_count(0)


def picture(name: str) -> Path:
    """Where a test may leave a screenshot to be looked at: DISPATCH_PICTURES, else nowhere that is kept."""
    folder = Path(os.environ.get("DISPATCH_PICTURES", ""))
    return (folder if folder.parts else Path(os.devnull).parent / "shm") / f"{name}.png"


def with_settings(**changes: Any) -> Settings:
    """The settings of the tests, with changes."""
    from msgspec.structs import replace

    return replace(SETTINGS, **changes)
