"""A hundred taps on a rider's phone, through everything a day can do to them, are on the server's disk exactly once."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright, expect
from playwright.async_api import Error as PlaywrightError

import dispatch
from dispatch.database import Database
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PHONE
from tests.make import SECRET, Make, World
from tests.waiting import HANG_SECONDS, until

PIN, STOCK = "482913", 500


class Process:
    """`dispatch serve` as a process of its own, to be killed."""

    def __init__(self, url: str, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("DISPATCH_")} | {
            "DISPATCH_DATABASE_URL": url, "DISPATCH_SECRET": SECRET, "DISPATCH_PORT": str(self.port),
            "DISPATCH_SECURE_COOKIE": "false", "DISPATCH_LOG_LEVEL": "warning",
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dispatch", "serve"],
                cwd=Path(dispatch.__file__).parents[1],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    async def start(self) -> None:
        """Return when it answers."""
        process = self._process = self._spawn()
        async with httpx.AsyncClient(base_url=self.address) as client:

            async def answers() -> bool:
                assert process.poll() is None, self._log.read_text()[-2000:]
                with suppress(httpx.HTTPError):
                    return (await client.get("/api/start")).is_success
                return False

            await until(answers, "the server answers")

    def kill(self) -> None:
        """kill −9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@dataclass
class Day:
    """A real day: the server in a process of its own, a rider with a slip and copies."""

    server: Process
    make: Make
    world: World
    campaign: UUID
    rider: UUID
    slip: str
    """The address in the slip's QR."""

    async def stored(self) -> dict[str, int]:
        """The rider's copies in every place that keeps them."""
        make = self.make
        return {
            "rows": await make.value(
                "select count(*)::int from handout where holder_id = $1 and corrects_id is null", self.rider
            ),
            "ids": await make.value("select count(distinct handout_id)::int from handout where corrects_id is null"),
            "copies": await make.value("select coalesce(sum(copies), 0)::int from handout"),
            "zones": await make.value("select coalesce(sum(copies), 0)::int from zone_tally"),
            "days": await make.value("select coalesce(sum(copies), 0)::int from zone_day_tally"),
            "taken": STOCK
            - await make.value("select quantity::int from stock_balance where holder_id = $1", self.rider),
            "refused": await make.value("select count(*)::int from handout_refused"),
        }

    def exactly(self, taps: int) -> dict[str, int]:
        return {**dict.fromkeys(("rows", "ids", "copies", "zones", "days", "taken"), taps), "refused": 0}


@pytest.fixture
async def day(clone: Database, tmp_path: Path, browser: Browser) -> AsyncGenerator[Day]:
    """`browser` only to skip where there is none or no pages are built."""
    make = Make(clone, datetime.now(UTC))
    world = await make.world()
    today = make.now.date()
    campaign = await make.campaign(99, starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=30))
    material = await make.material(99, campaign, name="反诈折页")
    await make.fetch(
        "update outlet set zone_id = $1, code = 'ZTO-0001' where outlet_id = $2", world.zones[0], world.outlets[0]
    )
    rider = await make.rider(99, world.outlets[0], pin=PIN)
    await make.stock(99, campaign, material, "rider", rider, STOCK)
    server = Process(clone.url, tmp_path / "server.log")
    await server.start()
    try:
        yield Day(server, make, world, campaign, rider, f"{server.address}/r#ZTO-0001")
    finally:
        server.kill()


@asynccontextmanager
async def phone(profile: Path) -> AsyncGenerator[BrowserContext]:
    """A browser whose memory outlives it, as a phone's does."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            viewport=cast("Any", PHONE),
            locale="zh-CN",
            has_touch=True,
        )
        context.set_default_timeout(HANG_SECONDS * 1000)
        yield context
        await context.close()


async def sign_in(page: Page, day: Day) -> None:
    await page.goto(day.slip)
    await page.get_by_role("button", name="知道了，开始").click()
    await page.get_by_label("六位 PIN").fill(PIN)
    await expect(page.locator("[data-tap]")).to_be_visible()


async def tap(page: Page, times: int, done: int) -> int:
    """Tap; after each tap the page says so. Answers what it says was handed out today."""
    for _ in range(times):
        await page.locator("[data-tap]").click()
        done += 1
        await shows(page, done)
        await page.wait_for_timeout(130)  # at least: a glove's double touch, within 120 ms, is one tap
    return done


async def shows(page: Page, done: int) -> None:
    """The page says so many were handed out today; the occasional question is skipped."""
    skip, figure = page.get_by_role("button", name="跳过"), page.locator("[data-done]")

    async def shown() -> bool:
        if await skip.count():
            await skip.click()
        return " ".join(await figure.all_inner_texts()) == str(done)

    await until(shown, f"the page shows {done}")


async def delivered(page: Page) -> None:
    # A tap in thirty carries the first-copy question, and waits a minute for its answer.
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0", timeout=90_000)
    await expect(page.locator("[data-waiting]")).to_contain_text("已全部送达")


async def wakes(page: Page) -> None:
    """The phone says it has a network again: only a hint, which spares the test the pause."""
    await page.evaluate("window.dispatchEvent(new Event('online'))")


async def test_a_hundred_taps_through_all_that_can_happen_are_stored_exactly_once(day: Day) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = 0
        async with phone(Path(profile)) as context:
            page = await context.new_page()
            await sign_in(page, day)
            done = await tap(page, 10, done)
            await delivered(page)
            await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            # A server killed in the middle of the work; the page is loaded again without it.
            done = await tap(page, 3, done)
            day.server.kill()
            done = await tap(page, 17, done)
            await page.reload()
            await expect(page.locator("[data-tap]")).to_be_visible()
            await shows(page, done)
            done = await tap(page, 10, done)
            assert int(await page.locator("[data-waiting]").get_attribute("data-count") or 0) >= 27
        # The browser itself is closed and opened again, still without a server.
        async with phone(Path(profile)) as context:
            page = await context.new_page()
            await page.goto(day.slip)
            await expect(page.locator("[data-tap]")).to_be_visible()
            await shows(page, done)
            done = await tap(page, 10, done)
            # The server is back, but its answers are lost on the way: it has the records, the phone does not know.
            lost = 0

            async def lose(route: Route) -> None:
                nonlocal lost
                with suppress(PlaywrightError):  # while the server is still away
                    await route.fetch()
                    lost += 1
                await route.abort("connectionreset")

            await page.route("**/api/handouts/sync", lose)
            await day.server.start()
            await wakes(page)
            done = await tap(page, 10, done)
            await until(lambda: lost >= 2)
            assert (await day.stored())["rows"] > 20
            assert int(await page.locator("[data-waiting]").get_attribute("data-count") or 0) >= 40
            await shows(page, done)
            await page.unroute("**/api/handouts/sync")
            # Two tabs, tapped in turn, sending at the same time.
            other = await context.new_page()
            await other.goto(day.slip)
            await expect(other.locator("[data-tap]")).to_be_visible()
            for _ in range(20):
                done = await tap(page, 1, done)
                done = await tap(other, 1, done)
            assert done == 100
            await wakes(page)
            await wakes(other)
            await delivered(page)
            await delivered(other)
            await shows(page, 100)
            await shows(other, 100)
            await expect(page.locator("[data-left]")).to_have_text(str(STOCK - 100))
    assert await day.stored() == day.exactly(100)
