"""Precise positions on the console: off until a city planner gives a reason and means it; read by the others; the dots of
a zone only for who presses for them."""

from playwright.async_api import Route, expect

from tests.browser.conftest import PHONE, Site, picture, settled, violations
from tests.make import World

REASON = "核对老城区无电梯楼栋的发放点位"


async def auditor(site: Site) -> dict[str, str]:
    return await site.make.session(99, account_id=await site.make.account(99, "auditor", login="auditor"))


async def dots(site: Site, world: World, riders: int, count: int = 6) -> None:
    for step in range(count):
        await site.make.position(world, world.riders[step % riders], latitude=36.9 + step / 1000)


async def test_a_city_planner_turns_positions_on_with_a_reason_and_off_again(site: Site) -> None:
    world, make = site.world, site.make
    visitor = await site.visit(await make.planner(99))
    page = await visitor.page("/campaigns")
    panel = page.get_by_role("region", name="精确位置")
    await expect(panel.get_by_text("未开启", exact=True)).to_be_visible()
    await panel.get_by_role("button", name="开启精确位置…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("逐个征求骑手同意")).to_be_visible()
    reason, on = dialog.get_by_label("理由"), dialog.get_by_role("button", name="开启精确位置")
    await reason.fill("看 一 看 点 位")
    await dialog.get_by_label("每个点保存的天数").fill("31")
    await on.click()
    for fault in ("至少写 10 个字", "1 到 30 之间的整数", "请先确认"):
        await expect(dialog.get_by_text(fault)).to_be_visible()
    assert await make.value("select count(*) from position_permit") == 0
    assert await violations(page) == []
    await reason.fill(REASON)
    await dialog.get_by_label("每个点保存的天数").fill("14")
    await dialog.get_by_role("checkbox").check()
    await page.screenshot(path=picture("positions-turn-on"))
    await on.click()
    await expect(panel.get_by_text("已开启", exact=True)).to_be_visible()
    await expect(panel.get_by_text(REASON)).to_be_visible()
    await expect(panel.get_by_text("14 天")).to_be_visible()
    assert await make.value("select keep_days from position_permit where ended_at is null") == 14

    await dots(site, world, riders=2)
    await page.reload()
    await panel.get_by_role("button", name="关闭并删除").click()
    await expect(dialog.get_by_text("目前 6 个")).to_be_visible()
    await dialog.get_by_role("button", name="取消").click()
    assert await make.value("select count(*) from handout_position") == 6
    await panel.get_by_role("button", name="关闭并删除").click()
    await dialog.get_by_role("button", name="关闭并删除").click()
    await expect(panel.get_by_text("未开启", exact=True)).to_be_visible()
    assert await make.value("select count(*) from handout_position") == 0
    await panel.get_by_text("以前的开启（1 次）").click()
    await expect(panel.get_by_role("cell", name=REASON)).to_be_visible()


async def test_an_answer_that_was_lost_turns_them_on_once(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(99))
    visitor.expected += ["net::ERR_FAILED"]
    page = await visitor.page("/campaigns")
    panel, dialog = page.get_by_role("region", name="精确位置"), page.get_by_role("dialog")
    await panel.get_by_role("button", name="开启精确位置…").click()
    await dialog.get_by_label("理由").fill(REASON)
    await dialog.get_by_role("checkbox").check()

    sent: list[str] = []
    address = "**/positions/switch-on"

    async def lose(route: Route) -> None:
        sent.append(route.request.post_data or "")
        await route.fetch()
        await route.abort()

    await page.route(address, lose)
    on = dialog.get_by_role("button", name="开启精确位置")
    await on.click()
    await expect(dialog.get_by_role("alert")).to_be_visible()
    await page.unroute(address, lose)
    await on.click()
    await expect(panel.get_by_text("已开启", exact=True)).to_be_visible()
    assert len(sent) == 1
    assert await site.make.value("select count(*) from position_permit") == 1


async def test_districts_and_auditors_read_it_and_have_no_button(site: Site) -> None:
    await site.make.position_permit(site.world, reason=REASON)
    for headers in (await auditor(site), await site.make.planner(99, division_code="990101")):
        visitor = await site.visit(headers, viewport=PHONE)
        page = await visitor.page("/campaigns")
        panel = page.get_by_role("region", name="精确位置")
        await expect(panel.get_by_text(REASON)).to_be_visible()
        await expect(panel.get_by_role("button")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert await violations(page) == []


async def test_the_dots_of_a_zone_are_read_only_on_a_press_and_never_those_of_one_rider(site: Site) -> None:
    world, make = site.world, site.make
    looks = "select count(*) from audit_entry where operation = 'read_positions'"
    visitor = await site.visit(await make.planner(99))
    page = await visitor.page("/overview/zones/990101000")
    await settled(page)
    await expect(page.get_by_role("heading", name="位置", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="查看本片区的点")).to_have_count(0)
    await make.position_permit(world, reason=REASON)
    await dots(site, world, riders=1)
    await page.reload()
    look = page.get_by_role("button", name="查看本片区的点")
    await expect(page.get_by_text("每次查看都记入审计记录")).to_be_visible()
    assert await make.value(looks) == 0
    await look.click()
    await expect(page.get_by_text("少于五个点，或只来自一名骑手：不显示。")).to_be_visible()
    await make.position(world, world.riders[1])
    await page.get_by_role("button", name="重新查看").click()
    await expect(page.get_by_role("img", name="本片区的 7 个点")).to_be_visible()
    await expect(page.get_by_role("region", name="按日期").get_by_role("row")).to_have_count(2)
    assert await make.value(looks) == 2
    assert await violations(page) == []
    await page.get_by_role("img", name="本片区的 7 个点").scroll_into_view_if_needed()
    await page.screenshot(path=picture("positions-zone"))
    await page.set_viewport_size(PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
