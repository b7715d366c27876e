"""Where a figure or a line is shown, what it stands for is one click away."""

import re
from datetime import timedelta
from typing import Any

import httpx
from playwright.async_api import expect

from dispatch.database import new_id
from tests.browser.conftest import Site
from tests.browser.test_firm_desk import delivered, manager, take_part, waybill


async def sync(site: Site, **record: Any) -> str:
    """One record of the first rider, sent as a phone does; its outcome."""
    at = site.clock.now - timedelta(minutes=5)
    rider = await site.make.rider_session(site.world.city_id, site.world.riders[0])
    whole = {
        "id": str(new_id(at)),
        "campaign_id": str(site.world.campaign),
        "zone_id": str(site.world.zones[0]),
        **record,
    }
    async with httpx.AsyncClient(base_url=site.address) as client:
        sent = await client.post("/api/handouts/sync", json={"records": [whole]}, headers=rider)
        return sent.json()["outcomes"][0]["outcome"]


async def test_a_zones_batch_leads_to_its_waybill_and_its_moves(site: Site) -> None:
    await take_part(site)
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    await delivered(site, visitor)
    await waybill(site, visitor, 200)
    world = site.world
    await site.make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 10)
    at = site.clock.now - timedelta(minutes=5)
    for result, visits in (("declined", 2), ("nobody_reached", 3)):
        door = {"kind": "visit", "result": result, "visits": visits, "visited_at": at.isoformat()}
        assert await sync(site, **door) == "recorded"
    page = await visitor.page("/overview/zones/990101000")
    await expect(page.get_by_text("上门没有发出：拒收 2 次，无人 3 次")).to_be_visible()
    await page.locator(".sheet-batches tbody a").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("link", name=re.compile("^交接单 ")).first).to_be_visible()
    await expect(dialog.get_by_text("在途")).to_be_visible()
    await dialog.get_by_role("link", name="台账流水").click()
    await expect(page.get_by_role("tab", name=re.compile("流水"))).to_have_attribute("aria-selected", "true")
    # The outlet's moves of this material: the copies on their way to it, and nothing of the depot's receipt.
    await expect(page.locator(".rows tbody tr")).to_have_count(1)
    await expect(page.locator(".rows tbody tr")).to_contain_text("200")


async def test_what_a_firms_riders_could_not_record_is_listed_with_what_each_needs(site: Site) -> None:
    await take_part(site)
    at = site.clock.now - timedelta(minutes=5)
    handout = {
        "kind": "handout", "material_id": str(site.world.material), "channel": "in_person", "copies": 4,
        "handed_out_at": at.isoformat(),
    }  # fmt: skip
    assert await sync(site, **handout) == "rejected"
    own = await site.visit(await manager(site))
    page = await own.page("/desk")
    await page.get_by_role("link", name="1 条上报未被接受").click()
    await expect(page.get_by_role("heading", name="未能入账")).to_be_visible()
    await expect(page.locator("tbody tr")).to_contain_text("折页 · 4 份 · 当面 · 片区0")
    await expect(page.locator(".groups li")).to_contain_text("补签交接单")
    # A firm mends the cause; setting aside is the centre's.
    await expect(page.get_by_role("link", name="登记转给骑手")).to_be_visible()
    await expect(page.get_by_role("link", name="查看台账")).to_have_count(0)
    await expect(page.get_by_role("button", name=re.compile("搁置"))).to_have_count(0)
    await site.make.stock(
        site.world.city_id, site.world.campaign, site.world.material, "rider", site.world.riders[0], 10
    )
    await page.get_by_role("button", name="重新入账").click()
    await expect(page.get_by_text("没有等待处理的记录")).to_be_visible()
    other = await (await site.visit(await manager(site, 1))).page("/refused")
    await expect(other.get_by_text("没有等待处理的记录")).to_be_visible()
