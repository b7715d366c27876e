"""What finishes late never overrides what somebody did meanwhile: each answer is held back while the person goes on."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.test_firm_desk import code, manager, stocked_outlet, take_part


class Held:
    """Requests of one address that have come and wait to be let through."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.free = asyncio.Event()


@asynccontextmanager
async def held_back(page: Page, address: str | re.Pattern[str], method: str | None = None) -> AsyncGenerator[Held]:
    """Hold the answers of the address back until `free` is set, or the block ends."""
    held = Held()

    async def hold(route: Route) -> None:
        if method is None or route.request.method == method:
            held.asked.set()
            await held.free.wait()
        await route.fallback()

    await page.route(address, hold)
    try:
        yield held
    finally:
        held.free.set()


async def test_a_line_made_ready_while_the_list_is_being_recorded_waits_for_the_next_time(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/hand-over")
    form = page.locator("form.panel")
    riders = [await code(site, "rider", rider) for rider in site.world.riders[:2]]

    async def add(rider: str, copies: str) -> None:
        await form.get_by_label("骑手", exact=True).select_option(rider)
        await form.get_by_label("散册份数").fill(copies)
        await form.get_by_role("button", name="加入清单").click()

    await add(riders[0], "30")
    async with held_back(page, "**/api/stock/moves") as held:
        await page.get_by_role("button", name="提交 1 项，共 30 份").click()
        await held.asked.wait()
        await expect(page.get_by_role("button", name="移除")).to_be_disabled()
        await add(riders[1], "20")
        held.free.set()
        await expect(page.get_by_text("已记录 1 项")).to_be_visible()
    await page.get_by_role("button", name="提交 1 项，共 20 份").click()
    await expect(page.locator("section.list li")).to_have_count(0)
    held_now = await site.make.fetch(
        "select r.code, b.quantity from stock_balance b join rider r on r.rider_id = b.holder_id order by 2 desc"
    )
    assert [(row["code"], row["quantity"]) for row in held_now] == [(riders[0], 30), (riders[1], 20)]


async def test_a_days_report_answered_late_leaves_the_day_opened_meanwhile_as_it_was_typed(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/report")
    cell = page.get_by_label("片区0，折页")
    await cell.fill("40")
    today = await page.get_by_label("日期").input_value()
    yesterday = f"{today[:8]}{int(today[8:]) - 1:02}"
    async with held_back(page, "**/api/handouts/report") as held:
        await page.get_by_role("button", name=re.compile("^提交 1 项")).click()
        await held.asked.wait()
        await page.get_by_label("日期").fill(yesterday)
        await page.get_by_label("日期").press("Enter")
        await expect(cell).to_have_value("")
        await expect(cell).to_be_editable()
        await cell.fill("7")
        held.free.set()
        await expect(page.get_by_text(re.compile("^全部记录：1 项，40 份"))).to_be_visible()
    await expect(cell).to_have_value("7")
    await expect(page.get_by_role("button", name="提交 1 项，共 7 份")).to_be_enabled()
    # And the sheet that was sent is empty: what is recorded is not offered to be sent again.
    await page.get_by_label("日期").fill(today)
    await page.get_by_label("日期").press("Enter")
    await expect(page.locator('tr[data-zone="990101000"]')).to_contain_text("当日已记录 40")
    await expect(cell).to_have_value("")
    assert await site.make.value("select sum(copies)::int from handout") == 40


async def test_a_campaign_saved_late_does_not_call_back_who_has_gone_on(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    page = await visitor.page("/campaigns/new")
    await page.get_by_label("代码").fill("SPRING-2")
    await page.get_by_label("名称").first.fill("春季行动二")
    async with held_back(page, "**/api/campaigns", "POST") as held:
        await page.get_by_role("button", name="保存").click()
        await held.asked.wait()
        await page.get_by_role("navigation").get_by_role("link", name="合作单位").click()
        await expect(page.get_by_role("heading", name="合作单位", exact=True)).to_be_visible()
        words = page.get_by_role("searchbox").first
        await words.fill("邮政")
        held.free.set()
        await expect(page.get_by_text("已保存")).to_be_visible()
    await expect(page).to_have_url(re.compile("/partners$"))
    await expect(words).to_have_value("邮政")
    assert await site.make.value("select count(*)::int from campaign where code = 'SPRING-2'") == 1


async def test_a_slider_playing_by_itself_lets_go_of_who_has_chosen_another_page(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    page = await visitor.page("/")
    await page.get_by_role("button", name="播放").click()
    await expect(page).to_have_url(re.compile("day="))
    async with held_back(page, re.compile(r"/assets/AllBatches-.*\.js$")) as held:
        await page.get_by_role("navigation").get_by_role("link", name="批次", exact=True).click()
        await held.asked.wait()
        slider = page.get_by_role("slider").first
        before = await slider.get_attribute("aria-valuetext")
        # The days go on while the page is being fetched.
        await expect(slider).not_to_have_attribute("aria-valuetext", before or "")
        held.free.set()
        await expect(page.get_by_role("heading", name="批次", exact=True)).to_be_visible()
    await expect(page).to_have_url(re.compile("/batches$"))


async def test_a_dialog_stays_as_it_is_while_its_work_is_carried_out(site: Site) -> None:
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/riders")
    await page.get_by_role("button", name="添加骑手").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("姓名").fill("新骑手")
    await dialog.get_by_label("代码").fill("NEW-7")
    await dialog.get_by_label("网点").select_option(index=1)
    async with held_back(page, "**/api/riders", "POST") as held:
        await dialog.get_by_role("button", name="保存").click()
        await held.asked.wait()
        # Closed now it would be believed undone, and the next dialog would be closed by this one's answer.
        await page.keyboard.press("Escape")
        await dialog.get_by_role("button", name="取消").click()
        await dialog.get_by_label("姓名").press_sequentially("甲")
        await expect(dialog.get_by_label("姓名")).to_have_value("新骑手")
        held.free.set()
        await expect(page.get_by_text("已添加 新骑手")).to_be_visible()
    await expect(dialog).to_have_count(0)
    assert await site.make.value("select count(*)::int from rider where code = 'NEW-7'") == 1
