"""The firm's desk in a browser: claiming at once, receiving short, splitting by bundle, reporting a day, slips, and an
outlet's manager who sees the outlet."""

import asyncio
import re
from typing import Any
from uuid import UUID

from playwright.async_api import Page, Route, expect

from dispatch.database import new_id
from tests.browser.conftest import PHONE, Site, Visitor, picture

Headers = dict[str, str]


async def manager(site: Site, firm: int = 0) -> Headers:
    return await site.make.firm_manager(site.world.city_id, site.world.partners[firm])


async def take_part(site: Site) -> None:
    """Both firms are in, and serve every zone."""
    for partner in site.world.partners:
        await site.make.invitation(site.world.city_id, site.world.campaign, partner)
    await site.make.serves(site.world)


async def code(site: Site, table: str, identifier: UUID) -> str:
    return await site.make.value(f"select code from {table} where {table}_id = $1", identifier)


async def ask(page: Page, method: str, path: str, body: Any, headers: Headers) -> Any:
    """Work of somebody else that the journey needs, by the same routes."""
    answer = await page.context.request.fetch(
        f"{page.url.split('/', 3)[0]}//{page.url.split('/')[2]}{path}", method=method, data=body, headers=headers
    )
    assert answer.ok, await answer.text()
    return await answer.json()


async def delivered(site: Site, visitor: Visitor, copies: int = 1000) -> None:
    """A print run of sealed bundles in the depot."""
    page = await visitor.page("/")
    world = site.world
    run = await site.make.print_run(world.city_id, world.campaign, world.material, world.depot, copies, code="HB")
    planner = await site.make.planner(world.city_id)
    body = {"move_id": str(new_id(site.clock.now)), "copies": copies}
    await ask(page, "POST", f"/api/print-runs/{run}/receive", body, planner)
    await page.close()


async def waybill(site: Site, visitor: Visitor, copies: int) -> str:
    """A waybill of picked bundles on its way to the first outlet; its id."""
    page = await visitor.page("/")
    world = site.world
    claim = await site.make.claim(world, await site.make.batch(world, copies=copies), world.partners[0], copies=copies)
    body = {
        "waybill_id": str(new_id(site.clock.now)), "outlet_code": await code(site, "outlet", world.outlets[0]),
        "copies": copies, "pick_bundles": True,
    }  # fmt: skip
    planner = await site.make.planner(world.city_id)
    made = await ask(page, "POST", f"/api/claims/{claim}/issue", body, planner)
    await page.close()
    return made["waybill_id"]


async def test_two_firms_claim_one_batch_at_once_and_the_loser_is_told(site: Site) -> None:
    await take_part(site)
    for zone, copies in enumerate((500, 300)):
        await site.make.batch(
            site.world, zone=zone, copies=copies, code=f"B{zone}", priority=2.0 - zone, unreached_households=4200
        )
    pages: list[Page] = []
    for firm in (0, 1):
        visitor = await site.visit(await manager(site, firm))
        visitor.expected += ["409 (Conflict)"]
        page = await visitor.page("/offers")
        await expect(page.get_by_role("button", name="认领 B0")).to_be_visible()
        await expect(page.get_by_role("cell", name="未触达约 4,200 户").first).to_be_visible()
        pages.append(page)
    await asyncio.gather(*(page.get_by_role("button", name="认领 B0").click() for page in pages))
    for page in pages:
        await expect(page.locator('[data-batch="B0"] .badge, tr.lost .notice').first).to_be_visible()
    won = [await page.locator('[data-batch="B0"]').get_by_text("已认领").count() for page in pages]
    assert sorted(won) == [0, 1]
    winner, loser = pages[won.index(1)], pages[won.index(0)]
    await expect(winner.locator('[data-batch="B0"]')).to_contain_text("还剩 2 天 23 小时")
    told = loser.get_by_role("alert")
    await expect(told).to_contain_text("一家寄递企业已认领，时限到 2027年4月23日 10:00")
    # The place is kept, and what else is open is one press away.
    await told.get_by_role("button", name="片区1 · 300").click()
    await expect(loser.locator('[data-batch="B1"]')).to_contain_text("已认领")
    assert await site.make.value("select count(*)::int from claim") == 2
    await winner.locator('[data-batch="B0"]').get_by_role("button", name="退回").click()
    await expect(winner.get_by_role("button", name="认领 B0")).to_be_visible()
    assert await site.make.value("select count(*)::int from claim where status = 'released'") == 1


async def test_a_waybill_is_received_short_with_its_missing_bundle_and_printed(site: Site) -> None:
    await take_part(site)
    visitor = await site.visit(await manager(site))
    await delivered(site, visitor)
    await waybill(site, visitor, 200)
    page = await visitor.page("/claims?tab=waybills")
    await page.get_by_role("button", name=re.compile("^签收")).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("HB-0001-02 未到").check()
    await expect(dialog.get_by_label("实收")).to_have_value("150")
    await dialog.get_by_role("button", name="签收").click()
    await expect(dialog.get_by_text("请写明原因")).to_be_visible()
    await dialog.get_by_label("差异原因").fill("少一捆")
    await dialog.get_by_role("button", name="签收").click()
    await expect(page.get_by_text("已签收 150 份")).to_be_visible()
    held = await site.make.value("select quantity::int from stock_balance where holder_kind = 'outlet'")
    assert held == 150
    assert await site.make.value("select holder_kind from bundle where code = 'HB-0001-02'") == "variance"
    await page.get_by_role("link", name=re.compile("^单据")).click()
    await expect(page.get_by_role("heading", name="反诈宣传资料交接单")).to_be_visible()
    await expect(page.locator("svg.qr path")).to_have_count(1)
    await expect(page.get_by_text("HB-0001", exact=True)).to_be_visible()
    await page.pdf(path=str(picture("waybill")).replace(".png", ".pdf"), prefer_css_page_size=True)


async def test_copies_are_split_to_riders_by_typed_bundle_codes_and_undone_with_a_reason(site: Site) -> None:
    await take_part(site)
    visitor = await site.visit(await manager(site))
    await delivered(site, visitor)
    issued = await waybill(site, visitor, 400)
    page = await visitor.page("/")
    receipt = {"move_id": str(new_id(site.clock.now)), "received_copies": 400}
    await ask(page, "POST", f"/api/waybills/{issued}/receive", receipt, await manager(site))
    await page.goto(f"{site.address}/hand-over")
    form = page.locator("form.panel")
    riders = [await code(site, "rider", rider) for rider in site.world.riders[:2]]
    await form.get_by_label("骑手", exact=True).select_option(riders[0])
    scan = form.get_by_label("箱、捆编号")
    await scan.fill("hb-0001-03")
    await scan.press("Enter")
    await scan.fill("HB-0009-01")
    await scan.press("Enter")
    await expect(form.get_by_text("HB-0009-01 不在这里，或已拆开")).to_be_visible()
    await expect(scan).to_have_value("")  # the next scan needs the field
    await scan.fill("ＨＢ－0001－05")
    await scan.press("Enter")
    await form.get_by_role("button", name="加入清单").click()
    await form.get_by_label("骑手", exact=True).select_option(riders[1])
    await form.get_by_label("零散份数").fill("30")
    await form.get_by_role("button", name="加入清单").click()
    await page.get_by_role("button", name="提交 2 项，共 130 份").click()
    await expect(page.get_by_text("已记录 2 项")).to_be_visible()
    held = await site.make.fetch(
        "select r.code, b.quantity, b.sealed_copies from stock_balance b join rider r on r.rider_id = b.holder_id order by 1"
    )
    assert [(row["code"], row["quantity"], row["sealed_copies"]) for row in held] == [
        (riders[0], 100, 100),
        (riders[1], 30, 0),
    ]
    # For the loose copies the first bundle was opened; the two named ones are with the rider.
    assert await site.make.value("select code from bundle where opened_at is not null") == "HB-0001-01"
    await page.get_by_role("button", name=re.compile(f"撤销：调拨 骑手 {riders[0]} 100")).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("原因").fill("给错了人")
    await dialog.get_by_role("button", name="撤销", exact=True).click()
    await expect(page.get_by_text("已冲正")).to_be_visible()
    back = await site.make.value("select count(*)::int from bundle where holder_kind = 'outlet' and opened_at is null")
    assert back == 7


async def stocked_outlet(site: Site, copies: int = 300) -> None:
    world = site.world
    await site.make.stock(world.city_id, world.campaign, world.material, "outlet", world.outlets[0], copies)


async def paste(page: Page, text: str) -> None:
    """As a spreadsheet leaves it in the clipboard, into the focused cell."""
    await page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " document.activeElement.dispatchEvent(new ClipboardEvent('paste',"
        " { clipboardData: data, bubbles: true, cancelable: true })) }",
        text,
    )


async def test_a_days_report_is_pasted_sent_and_judged_row_by_row(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/report")
    first = page.get_by_label("片区0，折页")
    await first.focus()
    await paste(page, "片区0\t40\n片区2\t9000\n没有的片区\t5\n")
    await expect(page.get_by_text("未找到片区：没有的片区 5")).to_be_visible()
    # By keyboard: down twice from the first row, then a figure.
    await first.focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.type("25")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("片区2，折页")).to_be_focused()
    await page.reload()
    await expect(page.get_by_label("片区1，折页")).to_have_value("25")  # kept in the browser
    await page.get_by_role("button", name=re.compile("^提交 3 项")).click()
    rows = {zone: page.locator(f'tr[data-zone="99010100{zone}"]') for zone in range(3)}
    await expect(rows[0]).to_contain_text("已记录 40 份")
    await expect(rows[1]).to_contain_text("已记录 25 份")
    await expect(rows[2]).to_contain_text("在站库存不足")
    await expect(page.get_by_label("片区2，折页")).to_have_value("9000")
    assert await site.make.value("select coalesce(sum(copies), 0)::int from handout") == 65
    await page.get_by_label("片区2，折页").fill("35")
    await page.get_by_role("button", name=re.compile("^提交 1 项")).click()
    await expect(rows[2]).to_contain_text("已记录 35 份")
    told = await site.make.fetch("select copies, channel from handout order by handout_id")
    assert sorted(row["copies"] for row in told) == [25, 35, 40]
    assert {row["channel"] for row in told} == {"with_parcel"}
    assert await site.make.value("select count(*)::int from handout_refused where status = 'waiting'") == 0
    # A mistake is taken back by a linked correction; the copies are in stock again.
    await page.get_by_role("button", name="更正 片区1 25").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("减去份数").fill("5")
    await dialog.get_by_label("原因").fill("多填了")
    await dialog.get_by_role("button", name="更正").click()
    await expect(page.get_by_text("已减去 5 份")).to_be_visible()
    assert await site.make.value("select sum(copies)::int from handout") == 95
    assert await site.make.value("select quantity::int from stock_balance where holder_kind = 'outlet'") == 205


async def test_a_report_sent_again_after_a_cut_network_is_recorded_once(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    visitor = await site.visit(await manager(site))
    visitor.expected += ["ERR_FAILED", "net::"]
    page = await visitor.page("/report")
    lost: list[int] = []

    async def lose_the_answer(route: Route) -> None:
        if not lost:
            answer = await route.fetch()  # the server has it, the page never learns
            lost.append(answer.status)
            await route.abort()
        else:
            await route.fallback()

    await page.route("**/api/handouts/report", lose_the_answer)
    await page.get_by_label("片区0，折页").fill("40")
    await page.get_by_role("button", name=re.compile("^提交 1 项")).click()
    await expect(page.get_by_text("不能确定是否已记录")).to_be_visible()
    assert lost == [200]
    await expect(page.get_by_label("片区0，折页")).not_to_be_editable()
    await page.reload()
    await page.get_by_role("button", name="重新提交 1 项").click()
    await expect(page.locator('tr[data-zone="990101000"]')).to_contain_text("已记录 40 份")
    assert await site.make.fetch("select copies from handout") == [{"copies": 40}]


async def test_slips_show_a_symbol_and_a_pin_that_lets_the_rider_in(site: Site) -> None:
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/riders")
    await page.get_by_role("button", name="添加骑手").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("姓名").fill("新骑手")
    await dialog.get_by_label("代码").fill("NEW-7")
    await dialog.get_by_label("网点").select_option(index=1)
    await dialog.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已添加 新骑手")).to_be_visible()
    await page.get_by_label(re.compile("^选择 骑手")).first.check()
    await page.get_by_role("button", name="制作骑手条（2）").click()
    await page.get_by_role("button", name="制作并显示").click()
    slips = page.locator("li.slip")
    await expect(slips).to_have_count(2)
    slip = page.locator('[data-rider="NEW-7"]')
    await expect(slip.locator("svg.qr path")).to_have_count(1)
    text = await slip.inner_text()
    pin = re.sub(r"\s", "", re.search(r"\d{3}\s\d{3}", text)[0])  # type: ignore[index]  # pyright: ignore[reportOptionalSubscript]
    link = await slip.locator("svg.qr").get_attribute("aria-label")
    outlet = await code(site, "outlet", site.world.outlets[1])
    assert link == f"{site.address}/r#99/{outlet}/NEW-7"
    for words in ("云川市反诈中心", "扫不了码就在浏览器输入", f"{site.address.removeprefix('https://')}/r"):
        assert words in text
    await page.pdf(path=str(picture("slips")).replace(".png", ".pdf"), prefer_css_page_size=True)
    details = {"kind": "pin", "city_code": "99", "outlet_code": outlet, "pin": pin}
    answer = await page.context.request.post(f"{site.address}/api/sign-in", data=details)
    assert answer.ok
    assert (await answer.json())["role"] == "rider"


async def test_without_a_printer_each_slip_is_shown_on_the_whole_screen_of_a_phone(site: Site) -> None:
    visitor = await site.visit(await manager(site), viewport=PHONE)
    page = await visitor.page("/riders")
    await page.get_by_role("button", name="姓名").click()
    names = [await each.inner_text() for each in await page.locator("tbody label.check span").all()]
    await page.get_by_label(re.compile("^全选")).check()
    await page.get_by_role("button", name=re.compile("^制作骑手条")).click()
    await page.get_by_role("button", name="制作并显示").click()
    slips = page.locator("li.slip")
    await expect(slips).to_have_count(len(names))
    shown = [(await each.inner_text()).split(" ")[0] for each in await slips.locator(".who").all()]
    assert shown == [name.split(" ")[0] for name in names], "in the order of the list"
    await page.get_by_role("button", name="全屏出示", exact=True).click()
    screen = page.get_by_role("dialog", name="骑手条全屏")
    for number in (0, 1):
        await expect(screen.get_by_text(f"{number + 1} / {len(names)}")).to_be_visible()
        link = await slips.nth(number).locator("svg.qr").get_attribute("aria-label")
        assert await screen.locator("svg.qr").get_attribute("aria-label") == link
        await expect(screen.locator(".pin")).to_have_text(re.compile(r"PIN \d{3} \d{3}"))
        await page.screenshot(path=picture(f"slip-screen-{number}"))
        box = await screen.locator("svg.qr").bounding_box()
        assert box is not None
        assert box["width"] >= 250, "a camera reads it from a hand's breadth"
        for each in (
            screen,
            screen.locator(".pin"),
            screen.locator("svg.qr"),
            screen.get_by_role("button", name="关闭"),
        ):
            around = await each.bounding_box()
            assert around is not None
            assert 0 <= around["x"] <= PHONE["width"] - around["width"]
        assert await page.evaluate("document.querySelector('.slip-screen').scrollHeight <= innerHeight")
        await screen.get_by_role("button", name="下一张").click()
    await page.keyboard.press("Escape")
    await expect(screen).to_have_count(0)
    await page.get_by_role("button", name=re.compile("的骑手条")).nth(2).click()
    await expect(screen.get_by_text(f"3 / {len(names)}")).to_be_visible()
    await screen.get_by_role("button", name="关闭").click()
    await expect(screen).to_have_count(0)


async def test_eight_slips_fill_a_sheet_and_no_border_lies_on_its_edge(site: Site) -> None:
    visitor = await site.visit(await manager(site))
    for number in range(10):
        await site.make.rider(99, site.world.outlets[0], name=f"师傅{number}", code=f"P-{number}")
    await site.make.fetch("update city set centre_phone = '0433-96110'")
    page = await visitor.page("/riders")
    await page.get_by_label(re.compile("^全选")).check()
    await page.get_by_role("button", name=re.compile("^制作骑手条")).click()
    await page.get_by_role("button", name="制作并显示").click()
    await expect(page.locator("li.slip").nth(8)).to_be_visible()
    count = await page.locator("li.slip").count()
    path = str(picture("slips-sheet")).replace(".png", ".pdf")
    made = await page.pdf(path=path, prefer_css_page_size=True)
    assert made.count(b"/Type /Page\n") == -(-count // 8), "eight on a sheet"
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 688, "height": 1017})  # A4 within its margins
    boxes: list[dict[str, float]] = await page.evaluate(
        "[...document.querySelectorAll('li.slip')].map((e) => e.getBoundingClientRect().toJSON())"
    )
    assert all(box["left"] >= 0 and box["right"] <= 688 for box in boxes), boxes
    clipped = await page.evaluate(
        "[...document.querySelectorAll('li.slip')].filter((e) => e.scrollHeight > e.clientHeight + 1).length"
    )
    assert clipped == 0


async def test_an_outlet_manager_sees_only_the_outlet(site: Site) -> None:
    await take_part(site)
    await stocked_outlet(site)
    world = site.world
    own, other = [await code(site, "outlet", outlet) for outlet in world.outlets[:2]]
    headers = await site.make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    visitor = await site.visit(headers)
    page = await visitor.page("/")
    await expect(page.get_by_role("heading", name="本单位进展")).to_be_visible()
    foreign = [await code(site, "rider", rider) for rider in world.riders[2:]]
    for path in ("/desk", "/offers", "/claims", f"/hand-over?outlet={other}", f"/report?outlet={other}", "/riders"):
        await page.goto(site.address + path)
        await expect(page.locator("#page-title")).to_be_visible()
        await expect(page.locator(".loading")).to_have_count(0)
        content = await page.locator("#content").inner_text()
        found = [each for each in (other, *foreign) if re.search(rf"\b{re.escape(each)}\b", content)]
        assert found == [], path
    await page.goto(f"{site.address}/hand-over")
    name = await site.make.value("select name from outlet where code = $1", own)
    await expect(page.locator(".page-head")).to_contain_text(name)
    await expect(page.get_by_role("tab", name="调给其他网点")).to_have_count(0)


async def test_an_invitation_is_accepted_and_capacity_declared_in_the_grid(site: Site) -> None:
    world = site.world
    await site.make.invitation(world.city_id, world.campaign, world.partners[0], "invited")
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/capacity")
    await page.get_by_role("button", name="接受邀请").click()
    await page.get_by_label("添加片区").select_option("990101002")
    await page.get_by_label("片区2，4月19日起的一周").fill("120")
    await page.get_by_role("button", name="以首周填满 片区2").click()
    await page.get_by_role("button", name=re.compile("^保存")).click()
    await expect(page.get_by_text(re.compile("^已保存"))).to_be_visible()
    told = await site.make.fetch("select week_starts_on::text as week, copies from capacity order by 1")
    assert (told[0], {row["copies"] for row in told}, len(told)) == (
        {"week": "2027-04-19", "copies": 120},
        {120},
        10,
    )
