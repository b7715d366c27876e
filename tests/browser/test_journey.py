"""One copy's whole way, by hand and on the pages: imported ground, plan, batch, claim, depot, outlet, rider without signal,
and the planner's map that changes while he looks at it."""

import re

from playwright.async_api import Page, expect

from tests.allocation.planning import ready, ready_partners
from tests.browser.conftest import PHONE, Site
from tests.browser.test_overview import GREY, LOWEST, asked, card, drawn, wait_for_colour
from tests.browser.test_setup_pages import drawn_up, table

PIN = "482913"


async def prepared(site: Site) -> None:
    """What other pages' tests set up by hand: partners taking part, a print run received, a rider with a slip."""
    make, world = site.make, site.world
    await ready(make, world, weekly=4_000)
    await ready_partners(make, world)
    await make.stock(world.city_id, world.campaign, world.material, "depot", world.depot, 20_000)
    await make.fetch(
        "update outlet set zone_id = $1, code = 'ZTO-0001' where outlet_id = $2", world.zones[0], world.outlets[0]
    )
    await make.rider(world.city_id, world.outlets[0], pin=PIN, name="沈师傅", code="SHEN")


async def import_households(page: Page, address: str) -> None:
    await page.goto(f"{address}/imports?table=households")
    rows = table(
        "户数.csv", "片区代码,户数\n990101000,800\n990101001,6000\n990101002,6000\n990101003,6000\n合计,18800\n"
    )
    await page.locator("input[type=file]").set_input_files(rows)
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_text("导入完成")).to_be_visible()


async def approve_a_plan(page: Page, address: str) -> None:
    await page.goto(f"{address}/plans/new")
    await drawn_up(page, "6,000", floor="20")
    await page.get_by_role("button", name="保存为草案").click()
    await page.get_by_role("button", name="批准").click()
    await page.get_by_role("dialog").get_by_role("button", name="批准").click()
    await expect(page.get_by_role("heading", name="生成的批次")).to_be_visible()


async def hand_over_at_the_depot(page: Page, address: str, batch: str) -> None:
    await page.goto(f"{address}/batches")
    await page.get_by_role("button", name=batch).click()
    await page.get_by_role("dialog").get_by_role("button", name="到领取点交付").click()
    counter = page.get_by_role("dialog").last
    await counter.get_by_label("交给网点").select_option("ZTO-0001")
    await counter.get_by_role("radio", name="不记捆号").check()
    await counter.get_by_role("button", name="交付", exact=True).click()
    await expect(page.locator("tbody").get_by_text("已领完").first).to_be_visible()


async def receive_and_split(page: Page, address: str) -> None:
    await page.goto(f"{address}/claims?tab=waybills")
    await page.get_by_role("button", name=re.compile("^签收")).click()
    await page.get_by_role("dialog").get_by_role("button", name="签收", exact=True).click()
    await expect(page.get_by_text("已签收").first).to_be_visible()
    await page.goto(f"{address}/hand-over")
    form = page.locator("form.panel")
    await form.get_by_label("骑手", exact=True).select_option("SHEN")
    await form.get_by_label("散册份数").fill("60")
    await form.get_by_role("button", name="加入清单").click()
    await page.get_by_role("button", name="提交 1 项，共 60 份").click()
    await expect(page.get_by_text("已记录 1 项")).to_be_visible()


async def test_from_the_import_to_the_map_that_changes(site: Site) -> None:
    await prepared(site)
    make, world = site.make, site.world

    planner = await site.visit(await make.planner(world.city_id))
    desk = await planner.page("/")
    await import_households(desk, site.address)
    await approve_a_plan(desk, site.address)
    batch = await make.value(
        "select b.code from batch b join zone z using (city_id, zone_id) where z.code = '990101000' order by 1 limit 1"
    )

    firm = await site.visit(await make.firm_manager(world.city_id, world.partners[0]))
    offers = await firm.page("/offers")
    await offers.get_by_role("button", name=f"认领 {batch}").click()
    await expect(offers.locator(f'[data-batch="{batch}"]')).to_contain_text("已认领")

    await hand_over_at_the_depot(desk, site.address, batch)
    outlet = await site.visit(await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]))
    await receive_and_split(await outlet.page("/"), site.address)

    rider = await site.visit(viewport=PHONE, has_touch=True)
    rider.expected += ["401 (Unauthorized)", "ERR_INTERNET_DISCONNECTED"]
    phone = await rider.page("/r#ZTO-0001")
    await phone.get_by_role("button", name="知道了，开始").click()
    await phone.get_by_label("六位 PIN").fill(PIN)
    await expect(phone.locator("[data-left]")).to_have_text("60")

    # The planner looks at the map while the rider is in a basement.
    await desk.goto(f"{site.address}/overview")
    await drawn(desk)
    await wait_for_colour(desk, 0, GREY)
    await expect(card(desk, "已发放")).to_have_text("0")
    await desk.evaluate("window.kept = true")
    await rider.context.set_offline(True)
    await phone.get_by_role("button", name="整捆 50").click()
    await phone.get_by_role("button", name="对，50 份都发完了").click()
    await phone.locator("[data-tap]").click()
    await expect(phone.locator("[data-waiting]")).to_have_attribute("data-count", "2")
    assert await make.value("select count(*)::int from handout") == 0

    await rider.context.set_offline(False)
    await phone.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(phone.locator("[data-waiting]")).to_have_attribute("data-count", "0")
    assert await make.value("select sum(copies)::int from handout") == 51
    await expect(card(desk, "已发放")).to_have_text("51")
    assert (await asked(desk, site, "/zones"))["zones"][0]["handed_out"] == 51
    await wait_for_colour(desk, 0, LOWEST)
    assert await desk.evaluate("window.kept"), "the page was not loaded again"

    law = await desk.context.request.get(f"{site.address}/api/campaigns/{world.campaign}/stock/balance-law")
    total = (await law.json())["total"]
    assert (total["with_riders"], total["handed_out"], total["balanced"]) == (9, 51, True)
