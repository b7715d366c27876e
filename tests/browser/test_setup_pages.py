"""The planner's ground and campaign pages: imports that are looked at first, invitations and capacity, print runs, and a
plan from the form to its batches."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from openpyxl import load_workbook
from playwright.async_api import FilePayload, Page, expect

from tests.allocation.planning import ready
from tests.browser.conftest import PHONE, Site, Visitor
from tests.zones.files import collection, held, known


def geojson(name: str, document: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/geo+json", "buffer": document}


def table(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode("gbk")}


async def opened(site: Site, path: str, **options: Any) -> tuple[Visitor, Page]:
    visitor = await site.visit(await site.make.planner(site.world.city_id), **options)
    return visitor, await visitor.page(path)


async def test_zones_in_the_wrong_datum_are_seen_twice_on_the_map_and_taken_once_mended(site: Site) -> None:
    before = await held(site.make)
    _, page = await opened(site, "/imports")
    document = collection(*(known(column, datum="wgs84", name=f"新名{column}") for column in range(4)))
    await page.locator("input[type=file]").set_input_files(geojson("片区.geojson", document))
    await expect(page.get_by_role("button", name="核对并预览")).to_be_disabled()  # nobody guesses the datum
    await page.get_by_role("radio", name="GCJ-02").check()
    await page.get_by_role("button", name="核对并预览").click()
    await expect(page.get_by_text("坐标系可能选错了")).to_be_visible()
    legend = page.locator(".import-legend")
    await expect(legend.get_by_text("文件，按 GCJ-02")).to_be_visible()
    await expect(legend.get_by_text("文件，按 WGS-84")).to_be_visible()
    await expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    assert await held(site.make) == before
    await page.get_by_role("button", name="改用 WGS-84 重新核对").click()
    await expect(page.get_by_text("坐标系可能选错了")).to_have_count(0)
    assert await held(site.make) == before
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_text("新增 0 条，变更 4 条，不变 0 条。")).to_be_visible()
    assert {zone["name"] for zone in (await held(site.make))["zone"]} == {f"新名{column}" for column in range(4)}


async def test_a_datum_may_be_insisted_on_only_after_looking(site: Site) -> None:
    _, page = await opened(site, "/imports")
    document = collection(*(known(column, datum="wgs84") for column in range(4)))
    await page.locator("input[type=file]").set_input_files(geojson("片区.geojson", document))
    await page.get_by_role("radio", name="GCJ-02").check()
    await page.get_by_role("button", name="核对并预览").click()
    await page.get_by_role("button", name="我已看过地图，确认是 GCJ-02").click()
    await expect(page.get_by_text("已确认按 GCJ-02 导入")).to_be_visible()
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_text("导入完成")).to_be_visible()


async def test_a_bad_table_comes_back_row_by_row_and_changes_nothing(site: Site) -> None:
    before = await held(site.make)
    visitor, page = await opened(site, "/imports?table=households")
    visitor.expected += ["422 (Unprocessable"]
    bad = table("户数.csv", "片区代码,户数\n990101000,很多\n990101001,6000\n990101002,-1\n")
    await page.locator("input[type=file]").set_input_files(bad)
    await expect(page.get_by_text("文件有 2 处问题，没有做任何改动")).to_be_visible()
    rows = page.get_by_role("region", name="文件中的问题").locator("tbody tr")
    await expect(rows).to_have_text(["2990101000户数：不是有效的数字", "4990101002户数：不能是负数"])
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载退回的表格").click()
    download = await waiting.value
    assert download.suggested_filename == "户数-退回修改.xlsx"
    sheet: Any = load_workbook(BytesIO(Path(await download.path()).read_bytes())).worksheets[0]
    assert [row[2].value for row in sheet.iter_rows()] == ["错误原因", "户数：不是有效的数字", None, "户数：不能是负数"]
    assert await held(site.make) == before
    good = table("户数.csv", "片区代码,户数\n990101000,7100\n990101001,6000\n990101002,5000\n")
    await page.locator("input[type=file]").set_input_files(good)
    await expect(page.get_by_text("核对通过，还没有导入")).to_be_visible()
    assert await held(site.make) == before
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_text("导入完成")).to_be_visible()
    assert await site.make.value("select households from zone where code = '990101000'") == 7100


async def test_the_zones_are_found_by_name_and_show_what_the_centre_knows(site: Site) -> None:
    await site.make.insert(
        "incident_count", city_id=99, zone_id=site.world.zones[1], month=date(2027, 2, 1), scam_type="刷单返利",
        incidents=42,
    )  # fmt: skip
    _, page = await opened(site, "/zones")
    await page.get_by_role("searchbox", name="按名称或代码查找").fill("990101001")
    rows = page.get_by_role("region", name="片区列表").locator("tbody tr")
    await expect(rows).to_have_count(1)
    await rows.first.get_by_role("button").click()
    facts = page.locator(".zone-facts")
    await expect(facts.get_by_text("刷单返利")).to_be_visible()
    await expect(facts.get_by_text("42")).to_be_visible()


async def test_a_campaign_is_set_up_with_waves_that_fit_then_opened(site: Site) -> None:
    _, page = await opened(site, "/campaigns/new")
    await page.get_by_label("名称").first.fill("秋季行动")
    await page.get_by_label("代码").fill("AUTUMN")
    await page.get_by_label("开始").first.fill("2027-09-06")
    await page.get_by_label("结束").first.fill("2027-12-14")
    await page.get_by_role("button", name="按周平均分成阶段").click()
    last = page.locator(".wave").last
    await last.get_by_label("累计占比").fill("90")
    await page.get_by_role("button", name="保存").click()
    await expect(last.get_by_text("最后一个阶段应为 100")).to_be_visible()
    assert await site.make.value("select count(*) from campaign where code = 'AUTUMN'") == 0
    await last.get_by_label("累计占比").fill("100")
    await page.get_by_role("button", name="保存").click()
    made = page.get_by_role("article", name="秋季行动")
    await expect(made.get_by_text("筹备中")).to_be_visible()
    assert await site.make.value("select count(*) from wave where planned_share = 1") == 1
    await made.get_by_role("button", name="启动行动").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("也不能退回筹备状态")).to_be_visible()
    await dialog.get_by_role("button", name="启动行动").click()
    await expect(made.get_by_text("进行中")).to_be_visible()
    assert await site.make.value("select status from campaign where code = 'AUTUMN'") == "open"


async def test_a_partner_is_invited_and_its_declared_capacity_shows_by_zone_and_week(site: Site) -> None:
    make, world = site.make, site.world
    await make.fetch("update partner set name = '中通' where partner_id = $1", world.partners[0])
    await make.fetch("update partner set name = '圆通' where partner_id = $1", world.partners[1])
    await make.invitation(99, world.campaign, world.partners[0], status="accepted")
    await make.capacity(99, world.campaign, world.outlets[0], world.zones[0], 340, date(2027, 4, 26))
    await make.capacity(99, world.campaign, world.outlets[1], world.zones[0], 60, date(2027, 4, 26))
    _, page = await opened(site, "/invitations")
    heat = page.get_by_role("region", name="承接能力：片区 × 周")
    await expect(heat.get_by_role("columnheader", name="4月26日")).to_be_visible()
    await expect(heat.get_by_role("row").filter(has_text="990101000").get_by_role("cell").first).to_have_text("400")
    await page.get_by_role("button", name="邀请单位").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("中通")).to_have_count(0)
    await dialog.get_by_role("checkbox", name="圆通").check()
    await dialog.get_by_role("button", name="邀请 1 家").click()
    await expect(page.get_by_role("row").filter(has_text="圆通").get_by_text("等待答复")).to_be_visible()
    assert await make.value("select count(*) from invitation where city_id = 99") == 2


async def test_a_print_run_comes_in_two_deliveries_and_a_difference_needs_its_reason(site: Site) -> None:
    make, world = site.make, site.world
    await make.print_run(99, world.campaign, world.material, world.depot, 5_000, code="PR-A")
    _, page = await opened(site, "/materials")
    await page.get_by_role("button", name="收货 PR-A").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("本次实收份数").fill("3000")
    await dialog.get_by_role("button", name="收货").click()
    await expect(dialog.get_by_text("与订单数量不一致时要写明原因")).to_be_visible()
    assert await make.value("select count(*) from stock_move") == 0
    await dialog.get_by_role("button", name="分批到货，其余待送").click()
    await dialog.get_by_role("button", name="收货").click()
    await expect(page.get_by_text("少 2,000 份")).to_be_visible()
    await page.get_by_role("button", name="收货 PR-A").click()
    await expect(dialog.get_by_label("本次实收份数")).to_have_value("2000")
    await dialog.get_by_role("button", name="收货").click()
    await expect(page.get_by_text("已到齐")).to_be_visible()
    assert await make.value("select sum(copies)::int from stock_move where kind = 'receipt'") == 5_000


async def drawn_up(page: Page, copies: str, floor: str = "0") -> None:
    form = page.locator(".plan-form")
    await form.get_by_label("宣传资料").select_option(index=1)
    await form.get_by_label("要分的份数").fill(copies)
    await form.get_by_label("每个片区至少触达").fill(floor)
    await form.get_by_role("button", name="测算").click()


async def test_a_plan_goes_from_the_form_over_a_change_by_hand_to_approved_batches(site: Site) -> None:
    make = site.make
    await ready(make, site.world)
    _, page = await opened(site, "/plans/new")
    await drawn_up(page, "6,000")
    await expect(page.get_by_text("没有别的分法能触达更多风险加权户")).to_be_visible()
    assert await make.value("select count(*) from allocation") == 0, "computed, not kept"
    await page.get_by_role("button", name="保存为草案").click()
    await expect(page.get_by_role("button", name="批准")).to_be_visible()
    proposed = await make.value(
        "select copies from allocation_line l join zone z using (city_id, zone_id) where z.code = '990101000'"
    )
    await page.get_by_role("row").filter(has_text="片区0").get_by_role("button", name="调整").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="减一捆").click()
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_text("请写明原因")).to_be_visible()
    await dialog.get_by_label("原因").fill("社区自行发放")
    await dialog.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("调整的影响")).to_be_visible()
    await expect(page.get_by_text("手工调整后，上面的证明只对原方案成立")).to_be_visible()
    changed = "select copies, change_reason from allocation_line where change_reason is not null"
    assert await make.fetch(changed) == [{"copies": proposed - 50, "change_reason": "社区自行发放"}]
    await page.get_by_role("button", name="批准").click()
    await dialog.get_by_label("每批最多（份）").fill("1000")
    await dialog.get_by_label("领完期限").fill("2027-05-01")
    await dialog.get_by_role("button", name="批准").click()
    await expect(page.get_by_role("heading", name="生成的批次")).to_be_visible()
    batches = await make.fetch("select copies, due_on from batch")
    assert sum(batch["copies"] for batch in batches) == 5_950
    assert {batch["due_on"] for batch in batches} == {date(2027, 5, 1)}
    assert max(batch["copies"] for batch in batches) <= 1_000


async def test_a_floor_that_cannot_be_kept_offers_the_largest_that_can(site: Site) -> None:
    await ready(site.make, site.world)
    visitor, page = await opened(site, "/plans/new")
    visitor.expected += ["422 (Unprocessable"]
    await drawn_up(page, "2000", floor="90")
    offer = page.get_by_role("alert").get_by_role("button", name="改为")
    await expect(offer).to_be_visible()
    await offer.click()
    await expect(page.get_by_text("没有别的分法能触达更多风险加权户")).to_be_visible()
    assert 0 < float(await page.get_by_label("每个片区至少触达").input_value()) < 90


async def test_more_than_is_printed_offers_what_is_left(site: Site) -> None:
    await ready(site.make, site.world, printed=3_020)
    visitor, page = await opened(site, "/plans/new")
    visitor.expected += ["409 (Conflict)"]
    await drawn_up(page, "6000")
    await page.get_by_role("button", name="改为 3,000 份").click()
    await expect(page.get_by_text("没有别的分法能触达更多风险加权户")).to_be_visible()


async def test_of_two_planners_the_slower_is_told_and_sees_the_plan_as_it_is(site: Site) -> None:
    make = site.make
    await ready(make, site.world)
    _, first = await opened(site, "/plans/new")
    await drawn_up(first, "6000")
    await first.get_by_role("button", name="保存为草案").click()
    await expect(first.get_by_role("button", name="批准")).to_be_visible()
    visitor, second = await opened(site, first.url.removeprefix(site.address))
    visitor.expected += ["409 (Conflict)"]
    await second.get_by_role("button", name="批准").click()
    approve = second.get_by_role("dialog").get_by_role("button", name="批准")
    await expect(approve).to_be_visible()
    allocation: UUID = await make.value("select allocation_id from allocation")
    # The first planner's change, so quick that no news of it has reached the second's page.
    await make.fetch("update allocation set revision = revision + 1 where allocation_id = $1", allocation)
    await approve.click()
    await expect(second.get_by_text("别人刚刚改过这份计划")).to_be_visible()
    assert await make.value("select status from allocation") == "draft"
    assert await make.value("select count(*) from batch") == 0
    await second.get_by_role("button", name="批准").click()
    await approve.click()
    await expect(second.get_by_role("heading", name="生成的批次")).to_be_visible()


async def test_partners_are_added_one_at_a_time_and_leave_after_being_asked(site: Site) -> None:
    _, page = await opened(site, "/partners")
    await page.get_by_role("button", name="新增单位").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("代码").fill("BANK-1")
    await dialog.get_by_label("名称").fill("云川银行")
    await dialog.get_by_label("类型").select_option("bank")
    await dialog.get_by_role("button", name="保存").click()
    row = page.get_by_role("row").filter(has_text="云川银行")
    await expect(row.get_by_text("合作中")).to_be_visible()
    await row.get_by_role("button", name="停用").click()
    await dialog.get_by_role("button", name="停用").click()
    await expect(row.get_by_text("已停用")).to_be_visible()
    assert await site.make.value("select active from partner where code = 'BANK-1'") is False


async def test_no_page_is_wider_than_a_phone(site: Site) -> None:
    await ready(site.make, site.world)
    visitor = await site.visit(await site.make.planner(99), viewport=PHONE)
    for path in (
        "/zones",
        "/imports",
        "/partners",
        "/campaigns",
        "/campaigns/new",
        "/invitations",
        "/materials",
        "/plans",
    ):
        page = await visitor.page(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator(".loading progress")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        await page.close()
