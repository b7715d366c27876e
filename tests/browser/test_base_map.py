"""An operator's base map lies under the zones with its approval number; what it needs is let in and nothing else."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from dispatch.app import create_app
from dispatch.settings import Settings
from tests.base_map.made import NUMBER, pmtiles, with_base_map
from tests.base_map.made import picture as tile
from tests.browser.conftest import Site, Visitor, listening, picture


@asynccontextmanager
async def with_ground(site: Site, settings: Settings) -> AsyncGenerator[Visitor]:
    """A planner at a server of the same city that was started with a base map."""
    async with listening(create_app(settings, site.database, site.clock)) as address:
        visitor = await site.visit(await site.make.planner(site.world.city_id), at=address)
        yield visitor
        await visitor.context.close()


async def test_without_one_no_number_is_shown_and_nothing_is_asked_for(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    page = await visitor.page("/overview")
    await expect(page.locator(".map").first).to_have_attribute("data-drawn", "webgl")
    await expect(page.get_by_text("审图号")).to_have_count(0)


async def test_a_file_of_the_operators_is_read_in_parts_and_drawn_with_its_number(site: Site, tmp_path: Path) -> None:
    file = pmtiles(tmp_path / "city.pmtiles", tile(120, 170, 120))
    async with with_ground(site, with_base_map(str(file))) as visitor:
        page = await visitor.context.new_page()
        async with page.expect_response(re.compile(r"/api/base-map\.pmtiles$")) as first:
            await page.goto(f"{visitor.address}/overview")
        assert (await first.value).status == 206
        await expect(page.locator(".map").first).to_have_attribute("data-drawn", "webgl")
        await expect(page.get_by_text(f"审图号：{NUMBER}")).to_be_visible()
        await page.screenshot(path=picture("base-map"))


@pytest.mark.parametrize("origin", ["https://tiles.example.cn", ""])
async def test_a_template_of_another_server_or_of_this_one_is_drawn_and_told_nothing(site: Site, origin: str) -> None:
    asked: list[dict[str, str]] = []
    async with with_ground(site, with_base_map(f"{origin}/tiles/{{z}}/{{x}}/{{y}}.png")) as visitor:
        page = await visitor.context.new_page()

        async def serve(route: Route) -> None:
            asked.append(await route.request.all_headers())
            headers = {"access-control-allow-origin": "*"}
            await route.fulfill(body=tile(150, 160, 190), content_type="image/png", headers=headers)

        await page.route(re.compile(r"/tiles/\d+/\d+/\d+\.png$"), serve)
        page.on("console", lambda message: visitor.faults.append(message.text) if message.type == "error" else None)
        async with page.expect_response(re.compile(r"/tiles/\d+/\d+/\d+\.png$")):
            await page.goto(f"{visitor.address}/overview")
        await expect(page.get_by_text(f"审图号：{NUMBER}")).to_be_visible(timeout=30_000)
        if origin:
            # Neither who asks nor from which page.
            assert not {"cookie", "referer", "x-requested-with"} & set(asked[0])
