"""Time until the planner's home is painted, and what it weighs, with 144 zones, 60,000 cells and a million handouts.

`python -m tests.benchmarks.first_paint` builds the city of coverage_reads.py in an embedded PostgreSQL, serves the built
pages on a loopback port and opens the overview in headless Chromium (software WebGL) with an empty cache, seven times;
medians. Needs the pages built.
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from dispatch.app import create_app
from dispatch.database import Database
from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate
from dispatch.identity.authentication import COOKIE
from tests.benchmarks.coverage_reads import CITY, NOW, SETTINGS, SIDE, build_campaign, build_ground, verdict
from tests.browser.conftest import ARGUMENTS, CHROMIUM, listening
from tests.make import Make

HANDOUTS, RUNS = 1_000_000, 7
PAINT_LIMIT, SIZE_LIMIT = 2000.0, 600_000

# Looked at with every frame: the first one in which the figures, the coloured zones, or the interactive map are there.
WATCH = """
    window.seen = {};
    const look = () => {
        const mark = (name, found) => found && !(name in window.seen) && (window.seen[name] = performance.now());
        mark('figures', document.querySelector('.figure-strip .figure-value'));
        mark('zones', document.querySelectorAll('.map-zone').length > 100 || document.querySelector('[data-drawn=webgl]'));
        mark('coloured', [...document.querySelectorAll('.map-zone')].some((zone) => zone.getAttribute('fill') !== '#c3cad3'));
        mark('map', document.querySelector('[data-drawn=webgl]'));
        mark('gaps', document.querySelector('.gap, .side-list .empty'));
        requestAnimationFrame(look);
    };
    look();
"""


async def visit(browser: Browser, address: str, token: str) -> dict[str, float]:
    """Milliseconds from navigation to each sight, and bytes received, of one visit with an empty cache."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    await context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
    await context.add_init_script(WATCH)
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    found: dict[str, float] = {}
    received: list[float] = []

    def count(event: Any) -> None:
        received.append(float(event["encodedDataLength"]))

    devtools.on("Network.loadingFinished", count)
    async with page.expect_response("**/coverage/history", timeout=60_000) as history:
        await _first_sight(page, address, found, received)
    await (await history.value).finished()
    await page.wait_for_timeout(300)
    found["bytes with the history"] = sum(received)
    await context.close()
    return found


async def _first_sight(page: Page, address: str, found: dict[str, float], received: list[float]) -> None:
    await page.goto(f"{address}/overview")
    await page.wait_for_selector("[data-drawn=webgl]", timeout=60_000)
    await page.wait_for_selector(".gap, .side-list .empty")
    found["first contentful paint"] = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    )
    found |= await page.evaluate("window.seen")
    found["bytes"] = sum(received)


async def run(url: str, runs: int) -> None:
    """Build, serve, measure."""
    await migrate(url)
    database = await Database.open(url, statement_timeout_seconds=300)
    make = Make(database, NOW)
    ground = await build_ground(make, SIDE)
    await build_campaign(make, ground, HANDOUTS, raw=False)
    token = (await make.planner(CITY))["authorization"].removeprefix("Bearer ")
    print(f"{len(ground.zones)} zones, {len(ground.cells):,} cells, {HANDOUTS:,} handouts, {runs} visits")
    try:
        async with (
            listening(create_app(SETTINGS, database, lambda: NOW)) as address,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            await visit(browser, address, token)  # the server's own first look: outlines, estimates
            visits = [await visit(browser, address, token) for _ in range(runs)]
            report(visits)
            await browser.close()
    finally:
        await database.close()


def report(visits: list[dict[str, float]]) -> None:
    """Print the medians against the limits."""
    medians = {name: statistics.median(each[name] for each in visits) for name in visits[0]}
    for name, value in medians.items():
        unit = "bytes" if name.startswith("bytes") else "ms"
        print(f"  {name}: {value:,.0f} {unit} (worst {max(each[name] for each in visits):,.0f})")
    painted = max(medians["figures"], medians["coloured"])
    print(f"  figures and coloured zones: {painted:.0f} ms, limit {PAINT_LIMIT:.0f}: {verdict(painted, PAINT_LIMIT)}")
    print(f"  interactive map: {medians['map']:.0f} ms: {verdict(medians['map'], PAINT_LIMIT)}")
    weight = medians["bytes with the history"]
    print(f"  compressed in total: {weight:,.0f} bytes, limit {SIZE_LIMIT:,}: {verdict(weight, SIZE_LIMIT)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="visits to take the median of")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="dispatch-benchmark-", ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder)) as url,
    ):
        asyncio.run(run(url, chosen.runs))


if __name__ == "__main__":
    main()
