"""The planner's pages of the running campaign: batches and hand-overs, the ledger, spot checks, questions, refused records."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
from playwright.async_api import Locator, Page, Route, expect

from dispatch.database import new_id
from tests.browser.conftest import DESK, PHONE, Site, Visitor, picture, violations
from tests.flags.test_flag_routes import odd_week


async def planner(site: Site, **more: Any) -> Visitor:
    return await site.visit(await site.make.planner(site.world.city_id), **more)


async def read(site: Site, path: str, headers: dict[str, str] | None = None) -> Any:
    """What the server answers a planner."""
    async with httpx.AsyncClient(base_url=site.address) as client:
        answer = await client.get(path, headers=headers or await site.make.planner(site.world.city_id))
        assert answer.status_code == 200, answer.text
        return answer.json()


async def stocked(site: Site) -> None:
    """1,000 copies in the depot, 500 at the first outlet, 60 with its first rider."""
    world = site.world
    holders = (("depot", world.depot, 1000), ("outlet", world.outlets[0], 500), ("rider", world.riders[0], 60))
    for kind, holder, copies in holders:
        await site.make.stock(world.city_id, world.campaign, world.material, kind, holder, copies)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def law_on_screen(page: Page) -> dict[str, int]:
    """The terms of the law as the page writes them."""
    terms = page.locator(".sum .term")
    await expect(terms).to_have_count(9)
    texts = [
        (await term.locator("dt").inner_text(), await term.locator("dd").first.inner_text())
        for term in await terms.all()
    ]
    return {name.strip(): int(copies.strip("=+ \n").replace(",", "").replace("\u2212", "-")) for name, copies in texts}


async def law_of(site: Site) -> dict[str, int]:
    total = (await read(site, f"/api/campaigns/{site.world.campaign}/stock/balance-law"))["total"]
    names = {
        "printed": "印制", "in_depots": "库存", "in_transit": "在途", "with_outlets": "网点", "with_riders": "骑手",
        "handed_out": "已发放", "activities": "活动", "written_off": "损耗", "variance": "差异",
    }  # fmt: skip
    return {chinese: total[name] for name, chinese in names.items()}


async def test_a_batch_is_assigned_handed_over_at_the_depot_and_received(site: Site) -> None:
    world, make = site.world, site.make
    await stocked(site)
    await make.serves(world, 0)
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    await make.batch(world, code="B-ONE", copies=500)
    visitor = await planner(site)
    page = await visitor.page("/batches")
    await page.get_by_role("button", name="B-ONE").click()
    await dialog(page).get_by_role("button", name="指派", exact=True).click()
    await expect(dialog(page).get_by_text("选择单位").last).to_be_visible()
    code = await make.value("select code from partner where partner_id = $1", world.partners[0])
    await dialog(page).get_by_label("合作单位").select_option(code)
    await dialog(page).get_by_role("button", name="指派", exact=True).click()
    await expect(dialog(page).get_by_text("已领 0 / 500")).to_be_visible()
    await dialog(page).get_by_role("button", name="到领取点交付").click()
    outlet = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    counter = dialog(page).last
    await counter.get_by_label("交给网点").select_option(outlet)
    await counter.get_by_role("radio", name="不记捆号").check()
    await counter.get_by_role("button", name="交付", exact=True).click()
    await expect(page.locator("tbody").get_by_text("已领完")).to_be_visible()
    waybill = (await read(site, f"/api/waybills?campaign_id={world.campaign}"))["waybills"][0]
    assert (waybill["status"], waybill["copies"], waybill["outlet_code"]) == ("issued", 500, outlet)
    manager = await site.visit(await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]))
    desk = await manager.page("/claims?tab=waybills")
    await desk.locator("tbody").get_by_role("button", name="签收").click()
    await dialog(desk).get_by_role("button", name="签收", exact=True).click()
    await expect(desk.get_by_text("已签收").first).to_be_visible()
    waybill = (await read(site, f"/api/waybills?campaign_id={world.campaign}"))["waybills"][0]
    assert (waybill["status"], waybill["received_copies"]) == ("received", 500)


async def test_the_law_on_screen_is_the_servers_and_still_adds_up_after_a_loss_and_its_reversal(site: Site) -> None:
    await stocked(site)
    visitor = await planner(site)
    page = await visitor.page("/ledger")
    before = await law_on_screen(page)
    assert before == await law_of(site)
    await page.get_by_role("button", name="登记", exact=True).click()
    form = dialog(page)
    await form.get_by_label("事项").select_option("write_off")
    code = await site.make.value("select code from depot")
    await form.get_by_label("转出方", exact=True).select_option(code)
    await expect(form.get_by_text("现存 1,000 份")).to_be_visible()
    await form.get_by_label("份数").fill("40")
    await form.get_by_label("损耗原因").fill("雨淋受潮")
    await form.get_by_role("button", name="登记", exact=True).click()
    await expect(page.locator(".sum .term").nth(7)).to_contain_text("40")
    lost = await law_on_screen(page)
    assert lost == await law_of(site)
    assert (lost["库存"], lost["损耗"]) == (960, 40)
    assert lost["印制"] == sum(copies for name, copies in lost.items() if name != "印制")
    await page.get_by_role("tab", name="流水").click()
    await page.locator("tbody tr", has_text="雨淋受潮").get_by_role("button").click()
    await dialog(page).get_by_role("button", name="冲正", exact=True).click()
    await dialog(page).get_by_label("冲正原因").fill("点错了份数")
    await dialog(page).get_by_role("button", name="登记冲正").click()
    await expect(dialog(page)).to_have_count(0)
    await expect(page.locator("tbody").get_by_text("已冲正")).to_be_visible()
    await expect(page.locator(".sum .term").nth(1)).to_contain_text("1,000")
    after = await law_on_screen(page)
    assert after == before == await law_of(site)
    await page.locator("tbody tr", has_text="点错了份数").get_by_role("button").click()
    await expect(dialog(page).locator(".steps li")).to_have_count(2)
    assert "13900000000" not in await page.content()


async def test_a_count_below_the_books_becomes_a_variance_with_its_sign_and_reason(site: Site) -> None:
    await stocked(site)
    page = await (await planner(site)).page("/ledger")
    await page.get_by_role("button", name="盘点", exact=True).click()
    form = dialog(page)
    await form.get_by_label("持有方").select_option(await site.make.value("select code from depot"))
    await form.get_by_label("实有份数").fill("1003")
    await expect(form.get_by_text("比账面多 3 份")).to_be_visible()
    await form.get_by_role("button", name="登记盘点").click()
    await expect(form.get_by_text("请写明原因")).to_be_visible()
    await form.get_by_label("盘点说明或差异原因").fill("整箱多装三册")
    await form.get_by_role("button", name="登记盘点").click()
    await expect(page.locator(".sum .term").nth(8)).to_contain_text("-3")
    law = await law_on_screen(page)
    assert law == await law_of(site)
    assert (law["差异"], law["库存"]) == (-3, 1003)
    await expect(page.locator(".segment.beyond")).to_have_count(1)


async def test_what_is_recorded_before_the_materials_are_here_takes_the_first_of_them(site: Site) -> None:
    await stocked(site)
    visitor = await planner(site)
    asked, release = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await release.wait()
        await route.fallback()

    await visitor.context.route("**/api/campaigns/*/materials", hold)
    page = await visitor.page("/ledger")
    await asked.wait()
    for button in ("盘点", "登记"):
        release.clear()
        if button == "登记":
            await page.reload()
        await page.get_by_role("button", name=button, exact=True).click()
        form = dialog(page)
        await expect(form.get_by_label("宣传资料")).to_have_value("")
        release.set()
        await expect(form.get_by_label("宣传资料")).not_to_have_value("")


async def test_what_cannot_be_is_said_at_its_field_and_by_the_server_in_words(site: Site) -> None:
    await stocked(site)
    visitor = await planner(site)
    visitor.expected += ["409 (Conflict)", "422 (Unprocessable"]
    page = await visitor.page("/ledger")
    await page.get_by_role("button", name="登记", exact=True).click()
    form = dialog(page)
    await form.get_by_label("事项").select_option("activity")
    await form.get_by_label("份数").fill("-5")
    await form.get_by_role("button", name="登记", exact=True).click()
    await expect(form.get_by_text("请填写 1 以上的整数")).to_be_visible()
    await form.get_by_label("转出方", exact=True).select_option(await site.make.value("select code from depot"))
    await form.get_by_label("份数").fill("5000")
    await form.get_by_label("活动名称、地点").fill("社区宣传日，南门广场")
    await form.get_by_role("button", name="登记", exact=True).click()
    notice = form.get_by_role("alert")
    await expect(notice).to_contain_text("库存不足，没有登记")
    await expect(notice).to_contain_text("现存 1,000 份")
    await expect(notice.get_by_text("not-enough-stock")).to_be_hidden()
    await notice.get_by_text("服务器原文").click()
    await expect(notice.get_by_text("not-enough-stock")).to_be_visible()
    assert (await law_of(site))["活动"] == 0


async def test_a_spot_check_goes_from_the_plan_to_verified_reach(site: Site) -> None:
    visitor = await planner(site)
    page = await visitor.page("/spot-checks")
    await page.get_by_role("button", name="安排抽查").first.click()
    form = dialog(page)
    await form.get_by_label("计划户数").fill("0")
    await form.get_by_role("button", name="抽取样本").click()
    await expect(form.get_by_text("请填写 1 到 1,000 的整数")).to_be_visible()
    await form.get_by_label("片区").select_option("990101000")
    await form.get_by_label("计划户数").fill("10")
    await form.get_by_role("button", name="抽取样本").click()
    await expect(page.get_by_role("heading", name="抽查：片区0")).to_be_visible()
    for number, asked, have in ((1, 5, 3), (2, 5, 2)):
        await page.get_by_role("button", name=f"填结果 {number}").click()
        await dialog(page).get_by_label("询问").fill(str(asked))
        await dialog(page).get_by_label("有资料").fill("9")
        await dialog(page).get_by_role("button", name="保存").click()
        await expect(dialog(page).get_by_text("不能多于询问户数")).to_be_visible()
        await dialog(page).get_by_label("有资料").fill(str(have))
        await dialog(page).get_by_role("button", name="保存").click()
        await expect(dialog(page)).to_have_count(0)
    await page.get_by_role("button", name="更正 2").click()
    await dialog(page).get_by_label("有资料").fill("4")
    await dialog(page).get_by_role("button", name="保存").click()
    await page.get_by_role("button", name="结束抽查").click()
    await dialog(page).get_by_role("button", name="结束抽查").click()
    await expect(page.get_by_text("✓ 达标")).to_be_visible()
    check = (await read(site, f"/api/campaigns/{site.world.campaign}/spot-checks"))["spot_checks"][0]
    verified = check["figures"]["verified"]
    assert (check["figures"]["asked"], check["figures"]["have"], check["status"]) == (10, 7, "closed")
    low, high = round(verified["low"] * 100), round(verified["high"] * 100)
    figure = page.locator(".figure", has_text="核实触达").first
    await expect(figure).to_contain_text("70 %")
    await expect(figure).to_contain_text(f"{low}–{high} %")
    await page.get_by_role("link", name="打印抽查表").click()
    await expect(page.get_by_role("heading", name="反诈宣传资料入户抽查表")).to_be_visible()
    await expect(page.locator(".boxes .box:not(.spare)")).to_have_count(30)
    pdf = await page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")


async def test_a_question_is_settled_by_two_planners_and_never_by_one(site: Site) -> None:
    world = site.world
    await odd_week(site.make, world)
    first = await planner(site)
    first.expected += ["409 (Conflict)"]
    page = await first.page("/review-flags")
    await page.get_by_label("周（从周一算起）").select_option("2027-04-12")
    await page.get_by_role("button", name="查看", exact=True).click()
    card = page.get_by_role("article")
    await expect(card).to_contain_text("三份及以上的 24 次确认中，有 24 次的份数是 5 的倍数。")
    name = await site.make.value("select name from rider where rider_id = $1", world.riders[0])
    await expect(page.get_by_text(name)).to_have_count(0)

    async def give(where: Page, reason: str) -> None:
        await where.get_by_role("button", name="我的意见").click()
        await where.get_by_role("radio", name="说得通").check()
        await where.get_by_role("button", name="提交意见").click()
        await expect(where.get_by_text("请写明理由")).to_be_visible()
        await where.get_by_label("理由").fill(reason)
        await where.get_by_role("button", name="提交意见").click()

    await give(page, "在固定摊点发放")
    await expect(card).to_contain_text("还需要另一位民警")
    await give(page, "再说一次")
    await expect(card.get_by_role("alert")).to_contain_text("需要另一位民警")
    assert (await read(site, f"/api/campaigns/{world.campaign}/flags"))[0]["status"] == "open"
    second = await (await planner(site)).page("/review-flags")
    await give(second, "摊点有照片登记")
    await expect(second.get_by_text("没有待了结的提问")).to_be_visible()
    settled = await read(site, f"/api/campaigns/{world.campaign}/flags?status=decided")
    assert [(flag["status"], flag["decision"]) for flag in settled] == [("decided", "explained")]


async def test_a_refused_record_is_taken_up_after_the_missing_hand_over(site: Site) -> None:
    world, make = site.world, site.make
    rider = await make.rider_session(world.city_id, world.riders[0])
    at = site.clock.now - timedelta(minutes=5)
    record = {
        "kind": "handout", "id": str(new_id(at)), "campaign_id": str(world.campaign), "material_id": str(world.material),
        "channel": "in_person", "copies": 4, "handed_out_at": at.isoformat(), "zone_id": str(world.zones[0]),
    }  # fmt: skip
    async with httpx.AsyncClient(base_url=site.address) as client:
        sent = await client.post("/api/handouts/sync", json={"records": [record]}, headers=rider)
        assert sent.json()["outcomes"][0]["outcome"] == "rejected"
    page = await (await planner(site)).page("/refused")
    await expect(page.locator(".groups li")).to_contain_text("补签交接单")
    await expect(page.locator("tbody tr")).to_contain_text("折页 · 4 份 · 当面 · 片区0")
    await page.get_by_role("button", name="重新入账").click()
    await expect(page.get_by_text("入账 0 条")).to_be_visible()
    await make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 10)
    await page.get_by_role("button", name="重新入账").click()
    await expect(page.get_by_text("入账 1 条")).to_be_visible()
    await expect(page.get_by_text("没有等待处理的记录")).to_be_visible()
    rows = await page.context.new_page()
    await rows.goto(f"{site.address}/handouts?zone=990101000")
    await expect(rows.locator("tbody tr")).to_have_count(1)
    await rows.get_by_role("button", name="更正").click()
    await dialog(rows).get_by_label("收回份数").fill("1")
    await dialog(rows).get_by_label("更正原因").fill("多记了一份")
    await dialog(rows).get_by_role("button", name="登记更正").click()
    await expect(rows.locator("tbody")).to_contain_text("已更正 1 份")
    assert (await law_of(site))["已发放"] == 3


async def test_auditors_read_the_ledger_and_checks_and_are_offered_nothing_to_do(site: Site) -> None:
    await stocked(site)
    account = await site.make.account(site.world.city_id, "auditor")
    visitor = await site.visit(await site.make.session(site.world.city_id, account_id=account))
    page = await visitor.page("/ledger")
    assert await law_on_screen(page) == await law_of(site)
    await expect(page.get_by_role("button", name="登记", exact=True)).to_have_count(0)
    await page.goto(f"{site.address}/spot-checks")
    await expect(page.get_by_text("还没有抽查")).to_be_visible()
    await expect(page.get_by_role("button", name="安排抽查")).to_have_count(0)
    await page.goto(f"{site.address}/refused")
    await expect(page.get_by_role("heading", name="没有权限")).to_be_visible()


async def test_a_districts_planner_sees_no_city_law_and_raises_no_questions(site: Site) -> None:
    await stocked(site)
    visitor = await site.visit(await site.make.planner(site.world.city_id, division_code="9901"))
    page = await visitor.page("/ledger")
    await expect(page.get_by_text("全市平衡关系只对市反诈中心和审计显示")).to_be_visible()
    await page.goto(f"{site.address}/review-flags")
    await expect(page.get_by_text("没有待了结的提问")).to_be_visible()
    await expect(page.get_by_role("heading", name="查看一周的记录")).to_have_count(0)


async def test_the_pages_fit_a_phone_speak_english_and_pass_axe(site: Site) -> None:
    await stocked(site)
    check = await site.make.spot_check(site.world, 0, asked=5, have=2)
    await site.make.batch(site.world, code="B-ONE")
    await odd_week(site.make, site.world)
    paths = (
        "/batches",
        "/ledger",
        "/ledger?tab=moves",
        "/spot-checks",
        f"/spot-checks/{check}",
        "/review-flags",
        "/handouts",
        "/refused",
    )
    page = await (await planner(site)).page("/batches")
    for path in paths:
        await page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
        await page.goto(f"{site.address}{path}{'&' if '?' in path else '?'}lang=en")
        await expect(page.locator("h1")).to_be_visible()
        await expect(page.locator(".loading")).to_have_count(0)
        assert await violations(page) == [], path
        await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            f"{path} is wider than the phone"
        )
    await page.screenshot(path=picture("running"))
