"""The outlet reports for couriers from their own copies, takes back what was refused, and lets a rider leave; what
could not be recorded says whose copies are missing."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Site, picture
from tests.browser.test_firm_desk import code, manager, paste, stocked_outlet, take_part
from tests.handouts.phone import Phone

PHONE = {"width": 390, "height": 844}


async def with_riders(site: Site) -> None:
    """Two riders of the first outlet share a name; the first two hold copies."""
    await take_part(site)
    await stocked_outlet(site)
    for number, (name, copies) in enumerate([("王师傅", 50), ("韩师傅", 20), ("韩师傅", 0)]):
        rider = site.world.riders[number]
        await site.make.fetch(
            "update rider set name = $1, outlet_id = $3 where rider_id = $2", name, rider, site.world.outlets[0]
        )
        if copies:
            await site.make.stock(99, site.world.campaign, site.world.material, "rider", rider, copies)


async def fits(page: Page, name: str) -> None:
    """Looked at in both widths: nothing leaves the screen sideways."""
    for width, height in ((1366, 768), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        await page.screenshot(path=str(picture(f"{name}-{width}")), full_page=True)
        assert wide <= 0, f"{name} is {wide} px too wide at {width}"


async def test_couriers_are_reported_for_by_code_or_unique_name_from_their_own_copies(site: Site) -> None:
    await with_riders(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/report")
    await page.get_by_role("button", name="按快递员").click()
    await expect(page.get_by_text("手里 50")).to_be_visible()
    codes = [await code(site, "rider", rider) for rider in site.world.riders[:3]]
    await page.get_by_label("王师傅，折页").focus()
    await paste(page, f"王师傅\t8\n{codes[1]}\t12.5\n韩师傅\t3\n赵师傅\t4\n合计\t27\n")
    for said in ("不是份数：12.5", "有同名，请改用代码：韩师傅 3", "没有这位快递员：赵师傅 4", "合计行不填入：合计 27"):
        await expect(page.get_by_text(said)).to_be_visible()
    await expect(page.locator(f'tr[data-zone="{codes[1]}"]')).to_contain_text("“12.5”不是份数")
    await page.get_by_label("韩师傅，折页").fill("12")
    await fits(page, "report-by-courier")
    await page.get_by_role("button", name=re.compile("^提交 2 项")).click()
    await expect(page.get_by_text("全部记录：2 项，20 份")).to_be_visible()
    held = await site.make.fetch(
        "select r.code, b.quantity::int as copies from stock_balance b join rider r on r.rider_id = b.holder_id order by 1"
    )
    assert {row["code"]: row["copies"] for row in held} == {codes[0]: 42, codes[1]: 8}
    assert await site.make.value("select quantity::int from stock_balance where holder_kind = 'outlet'") == 300


async def test_an_emptied_cell_withdraws_what_was_refused(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/report")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_label("片区0，折页").fill("1000")
    await page.get_by_role("button", name=re.compile("^提交 1 项")).click()
    row = page.locator('tr[data-zone="990101000"]')
    await expect(row).to_contain_text("已留存，不计入")
    await page.get_by_role("button", name="清空").click()
    await expect(page.get_by_text("已撤回 1 条未入账的代报")).to_be_visible()
    await page.get_by_label("片区0，折页").fill("10")
    await page.get_by_role("button", name=re.compile("^提交 1 项")).click()
    await expect(row).to_contain_text("已记录 10 份")
    kept = await site.make.fetch("select status, copies from handout_refused")
    assert [(each["status"], each["copies"]) for each in kept] == [("withdrawn", 1000)]
    assert await site.make.value("select sum(copies)::int from handout") == 10


async def test_a_refused_tap_names_its_rider_and_opens_the_missing_hand_over(site: Site) -> None:
    await with_riders(site)
    world = site.world
    phone = Phone(world, world.riders[2], await site.make.rider_session(99, world.riders[2]), site.clock.now)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/")
    sent = {"records": [phone.handout(copies=7) for _ in range(3)]}
    answer = await page.context.request.post(f"{site.address}/api/handouts/sync", data=sent, headers=phone.headers)
    assert answer.ok
    rider = await code(site, "rider", world.riders[2])
    await page.goto(f"{site.address}/desk")
    await expect(page.get_by_text("3 条上报未被接受")).to_be_visible()
    await page.goto(f"{site.address}/refused")
    await expect(page.get_by_text(f"韩师傅 {rider}").first).to_be_visible()
    await expect(page.get_by_text("其中 3 条：原因消除后会自动补记")).to_be_visible()
    await fits(page, "refused-whose")
    await page.get_by_role("table").get_by_role("link", name="登记转给骑手").first.click()
    form = page.locator("form.panel")
    await expect(form.get_by_label("骑手", exact=True)).to_have_value(rider)
    await expect(form.get_by_label("散册份数")).to_have_value("7")


async def test_a_rider_who_leaves_hands_the_copies_back_in_the_same_step(site: Site) -> None:
    await with_riders(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/riders")
    codes = [await code(site, "rider", rider) for rider in site.world.riders[:3]]
    await page.set_viewport_size(PHONE)
    for each in codes[1:]:
        await expect(page.get_by_text(each)).to_be_visible()
    await fits(page, "riders-in-hand")
    await page.get_by_role("button", name="停用 王师傅").click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label(re.compile("^退回 折页（账上 50 份）"))
    await expect(field).to_have_value("50")
    await page.screenshot(path=str(picture("rider-leaves-390")))
    await field.fill("45")
    await dialog.get_by_role("button", name="登记退回 45 份并停用").click()
    await expect(page.get_by_text(f"已停用 王师傅 {codes[0]}")).to_be_visible()
    left = await site.make.value("select quantity::int from stock_balance where holder_id = $1", site.world.riders[0])
    assert left == 5, "what did not come back stays with the rider, for taps still on the phone"
    assert await site.make.value("select active from rider where rider_id = $1", site.world.riders[0]) is False
