"""The lists of a firm's desk in a browser: hand-overs made ready and not lost, several batches claimed at once for an
outlet, what a phone's width shows of waybills, and a waybill that fits its sheet."""

import re

from playwright.async_api import Page, Route, expect

from dispatch.database import new_id
from dispatch.identity.authentication import COOKIE
from tests.browser.conftest import Site, picture
from tests.browser.test_firm_desk import ask, code, delivered, manager, stocked_outlet, take_part, waybill

PHONE = {"width": 390, "height": 844}


async def make_ready(page: Page, rider: str, copies: int) -> None:
    form = page.locator("form.panel")
    await form.get_by_label("骑手", exact=True).select_option(rider)
    await form.get_by_label(re.compile("^(散册|零散)份数")).fill(str(copies))
    await form.get_by_role("button", name="加入清单").click()


async def test_hand_overs_made_ready_outlive_reload_and_menu_and_are_shown_to_no_other_account(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    await site.make.fetch("update rider set name = '韩师傅' where outlet_id = $1", site.world.outlets[0])
    riders = [await code(site, "rider", rider) for rider in site.world.riders[:2]]
    own = await manager(site)
    token = own["authorization"].removeprefix("Bearer ")
    visitor = await site.visit(own, viewport=PHONE)
    page = await visitor.page("/hand-over")
    await make_ready(page, riders[0], 30)
    await make_ready(page, riders[1], 12)
    made = page.locator("section.list")
    for rider in riders:  # two of one name, told apart by their codes
        await expect(made).to_contain_text(f"韩师傅（{rider}）")
    await page.screenshot(path=picture("hand-over-phone"), full_page=True)
    await page.reload()
    await expect(made.get_by_text("上次留下的 2 项还没有提交")).to_be_visible()
    await expect(made.get_by_role("listitem")).to_have_count(2)
    # Another page of the menu, without a reload: it is said, and the desk keeps saying it.
    await page.evaluate("document.querySelector('a[href=\"/desk\"]').click()")
    await expect(page.get_by_text("还有 2 项分发没有提交")).to_be_visible()
    await expect(page.get_by_role("link", name=re.compile("2 项分发还没有提交"))).to_be_visible()
    # Somebody else on the same browser.
    other = (await manager(site))["authorization"].removeprefix("Bearer ")
    await visitor.context.add_cookies([{"name": COOKIE, "value": other, "url": site.address}])
    await page.goto(f"{site.address}/hand-over")
    await expect(made.get_by_text("还没有待提交的分发")).to_be_visible()
    await page.goto(f"{site.address}/desk")
    await expect(page.get_by_role("heading", name="各网点")).to_be_visible()
    await expect(page.get_by_text("分发还没有提交")).to_have_count(0)
    await visitor.context.add_cookies([{"name": COOKIE, "value": token, "url": site.address}])
    await page.goto(f"{site.address}/hand-over")
    await page.get_by_role("button", name="提交 2 项，共 42 份").click()
    await expect(page.get_by_text("已记录 2 项")).to_be_visible()
    assert await site.make.value("select sum(quantity)::int from stock_balance where holder_kind = 'rider'") == 42
    await page.reload()
    await expect(made.get_by_text("还没有待提交的分发")).to_be_visible()


async def test_a_hand_over_sent_without_an_answer_is_there_after_a_reload_and_recorded_once(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    rider = await code(site, "rider", site.world.riders[0])
    visitor = await site.visit(await manager(site))
    visitor.expected += ["ERR_FAILED", "net::"]
    page = await visitor.page("/hand-over")
    lost: list[int] = []

    async def lose_the_answer(route: Route) -> None:
        answer = await route.fetch()
        lost.append(answer.status)
        await route.abort()

    await page.route("**/api/stock/moves", lose_the_answer, times=1)
    await make_ready(page, rider, 30)
    await page.get_by_role("button", name="提交 1 项，共 30 份").click()
    await expect(page.get_by_text("再次提交不会重复记录")).to_be_visible()
    assert lost == [201]
    await page.reload()
    await expect(page.get_by_text("再次提交不会重复记录")).to_be_visible()
    await expect(page.get_by_role("button", name="移除")).to_be_disabled()
    await page.get_by_role("button", name="提交 1 项，共 30 份").click()
    await expect(page.get_by_text("已记录 1 项")).to_be_visible()
    assert await site.make.value("select quantity::int from stock_balance where holder_kind = 'rider'") == 30


async def test_several_batches_are_claimed_by_one_press_for_an_outlet_and_a_lost_one_takes_none_with_it(
    site: Site,
) -> None:
    await take_part(site)
    await delivered(site, await site.visit(await manager(site)))
    batches = [
        await site.make.batch(site.world, zone=zone, copies=copies, code=f"B{zone}", priority=9.0 - zone)
        for zone, copies in enumerate((300, 250, 120))
    ]
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/offers")
    second = await code(site, "outlet", site.world.outlets[1])
    await page.get_by_label("选择列出的全部批次").check()
    await page.get_by_label("领给网点").select_option(second)
    chosen = page.get_by_role("region", name="已选批次")
    await expect(chosen).to_contain_text("已选 3 批，共 670 份")
    await page.get_by_label("选择 B2").uncheck()
    await page.get_by_label("选择 B2").check()
    await page.screenshot(path=picture("offers-chosen"))
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.screenshot(path=picture("offers-chosen-phone"))
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    # Another firm is faster on one of them.
    await ask(
        page, "POST", f"/api/batches/{batches[1]}/claim", {"claim_id": str(new_id(site.clock.now))},
        await manager(site, 1),
    )  # fmt: skip
    await page.route("**/api/campaigns/*/batches**", lambda route: route.abort())  # not heard of yet
    visitor.expected += ["ERR_FAILED", "net::"]
    await chosen.get_by_role("button", name=re.compile("^认领 ")).click()
    await expect(page.get_by_text("已认领 2 批，共 420 份")).to_be_visible()
    await page.unroute("**/api/campaigns/*/batches**")
    await expect(page.locator("tr.lost")).to_contain_text("一家快递企业已认领")
    await expect(page.locator("tr.lost")).not_to_contain_text("目前没有其他可认领的批次")
    held = await site.make.fetch("select batch_id, outlet_id from claim where partner_id = $1", site.world.partners[0])
    assert {(row["batch_id"], row["outlet_id"]) for row in held} == {
        (batches[0], site.world.outlets[1]),
        (batches[2], site.world.outlets[1]),
    }
    # The firm's own list and the depot's form name the outlet.
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.goto(f"{site.address}/claims")
    await expect(page.get_by_role("row", name=re.compile("B0"))).to_contain_text(f"领给网点 {second}")
    await page.get_by_role("button", name="续期 B0").click()
    await expect(page.get_by_text("时限没有变，仍到 2027年4月23日 10:00")).to_be_visible()
    await page.screenshot(path=picture("claims-outlet"))
    depot = await (await site.visit(await site.make.planner(site.world.city_id))).page("/claims")
    await depot.get_by_role("row", name=re.compile("B0")).get_by_role("button", name="交付", exact=True).click()
    await expect(depot.get_by_role("dialog").get_by_label("交给网点")).to_have_value(second)
    await depot.screenshot(path=picture("issue-outlet"))


async def test_a_waybill_shows_what_arrived_on_a_phone_and_fits_its_sheet_on_paper(site: Site) -> None:
    await take_part(site)
    visitor = await site.visit(await manager(site), viewport=PHONE)
    await delivered(site, visitor)
    issued = await waybill(site, visitor, 200)
    page = await visitor.page("/")
    receipt = {"move_id": str(new_id(site.clock.now)), "received_copies": 197, "variance_reason": "少三份"}
    await ask(page, "POST", f"/api/waybills/{issued}/receive", receipt, await manager(site))
    await page.goto(f"{site.address}/claims?tab=waybills")
    row = page.get_by_role("row", name=re.compile("已签收"))
    await expect(row.get_by_text("实收 197", exact=False)).to_be_visible()
    await expect(row).to_contain_text("−3")
    await expect(row).to_contain_text(await site.make.value("select code from waybill"))
    await page.screenshot(path=picture("waybills-phone"))
    await page.goto(f"{site.address}/waybills/{issued}/sheet")
    await expect(page.locator("svg.qr path")).to_have_count(1)
    await page.pdf(path=str(picture("waybill-sheet")).replace(".png", ".pdf"), prefer_css_page_size=True)
    # A4 less its margins: what reaches the edge is cut by it, a table's border by half its width.
    await page.set_viewport_size({"width": round(182 / 25.4 * 96), "height": 1000})
    await page.emulate_media(media="print")
    cut = await page.evaluate(
        "() => [...document.querySelectorAll('.sheet table, .sheet svg, .sheet h1, .sheet p')]"
        ".filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth - 1)"
        ".map(each => each.tagName + '.' + each.getAttribute('class'))"
    )
    assert cut == []


async def test_the_desk_shows_no_column_that_a_firm_never_has_a_figure_in(site: Site) -> None:
    await take_part(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/desk")
    table = page.get_by_role("table", name="承接片区")
    await expect(table).to_contain_text("本单位发放")
    await expect(table).not_to_contain_text("不适用")
    for word in ("户数", "上报覆盖"):
        await expect(page.locator("#content").get_by_text(word)).to_have_count(0)
    await page.screenshot(path=picture("desk"), full_page=True)
