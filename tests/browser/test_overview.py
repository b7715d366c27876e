"""The planner's home in a real browser: what the map, the cards and the lists show is what the API says, now and then."""

import base64
import re
from datetime import date
from typing import Any

import pytest
from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

from dispatch.database.ids import new_id
from dispatch.identity.authentication import COOKIE
from tests.browser.conftest import CHROMIUM, DESK, Site, Visitor
from tests.waiting import until

ZONES = ["990101000", "990101001", "990101002", "990101003"]
LOWEST, GREY, GAP = (251, 223, 159), (195, 202, 211), (213, 64, 47)


@pytest.fixture
async def city(site: Site) -> Site:
    """The second zone well supplied, the third a little, the first with too little to say, the last with nothing."""
    make, world = site.make, site.world
    await make.approved(world, {0: 3000, 1: 9000, 2: 6000}, partner=0)
    await make.tally(world, 0, 9, day=date(2027, 3, 20))
    await make.tally(world, 1, 1200, day=date(2027, 3, 20))
    await make.tally(world, 1, 4800, day=date(2027, 4, 15), channel="in_person")
    await make.tally(world, 2, 1500, day=date(2027, 4, 19), outlet=2)
    await make.stock(world.city_id, world.campaign, world.material, "outlet", world.outlets[0], 20_000)
    for zone, incidents in ((0, 40), (1, 5), (3, 20)):
        await make.insert(
            "incident_count", city_id=world.city_id, zone_id=world.zones[zone], month=date(2027, 3, 1), scam_type="刷单",
            incidents=incidents,
        )  # fmt: skip
    return site


# The page's event stream, and how often it was given a version.
COUNT_EVENTS = """
    window.versions = 0
    window.EventSource = class extends EventSource {
        constructor(address) { super(address); this.addEventListener('changed', () => window.versions++) }
    }
"""
WIDE: ViewportSize = {"width": DESK["width"], "height": DESK["height"]}


async def opened(site: Site, path: str = "/", **options: Any) -> Page:
    """The page of a planner, with the map drawn."""
    visitor = await site.visit(await site.make.planner(site.world.city_id), **options)
    await visitor.context.add_init_script(COUNT_EVENTS)
    return await drawn(await visitor.page(path))


async def drawn(page: Page, by: str = "webgl") -> Page:
    await expect(page.locator(".map")).to_have_attribute("data-drawn", by)
    return page


async def asked(page: Page, site: Site, path: str = "") -> Any:
    """What the API answers the page's own session."""
    answer = await page.context.request.get(f"{site.address}/api/campaigns/{site.world.campaign}/coverage{path}")
    assert answer.ok, await answer.text()
    return await answer.json()


def card(page: Page, label: str) -> Locator:
    """The value of a figure card."""
    return page.locator(".figure", has=page.locator("dt", has_text=re.compile(rf"^\s*{label}"))).first.locator(
        ".figure-value"
    )


def per_cent(share: float | None) -> str:
    return "不适用" if share is None else f"{round(100 * share)} %"


def reach(figure: dict[str, Any]) -> str:
    return f"约 {round(100 * figure['median'])} %（{round(100 * figure['low'])}–{round(100 * figure['high'])} %）"


async def middle_of(page: Page, zone: int) -> tuple[float, float]:
    """Where a zone of the row of four lies on the screen, before anybody moved the map."""
    box = await page.locator(".map").bounding_box()
    assert box is not None
    left, right = box["x"] + 52, box["x"] + box["width"] - 204
    return left + (right - left) * (zone + 0.5) / 4, box["y"] + box["height"] / 2


async def colour_at(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """The commonest colour of a small square of the screen: patterns leave most of it as it is."""
    shot = await page.screenshot(clip={"x": round(x), "y": round(y), "width": 14, "height": 14})
    found = await page.evaluate(
        """async (source) => {
            const image = new Image(); image.src = source; await image.decode();
            const canvas = document.createElement('canvas'); canvas.width = canvas.height = 14;
            const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0);
            const { data } = pen.getImageData(0, 0, 14, 14), seen = new Map();
            for (let i = 0; i < data.length; i += 4) { const key = data.slice(i, i + 3).join(); seen.set(key, (seen.get(key) || 0) + 1) }
            return [...seen].sort((a, b) => b[1] - a[1])[0][0].split(',').map(Number)
        }""",
        "data:image/png;base64," + base64.b64encode(shot).decode(),
    )
    return found[0], found[1], found[2]


def near(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) <= 3 for a, b in zip(one, other, strict=True))


async def colours(page: Page) -> list[tuple[int, int, int]]:
    """The colours of the four zones, beside their names."""
    found: list[tuple[int, int, int]] = []
    for zone in range(4):
        x, y = await middle_of(page, zone)
        found.append(await colour_at(page, x + 30, y + 40))
    return found


async def wait_for_colour(page: Page, zone: int, colour: tuple[int, int, int]) -> None:
    async def coloured() -> bool:
        return near((await colours(page))[zone], colour)

    await until(coloured, f"zone {zone} is {colour}")


async def test_the_map_colours_zones_by_the_lower_bound_and_the_cards_say_what_the_api_says(city: Site) -> None:
    page = await opened(city)
    summary = await asked(page, city)
    rows = {row["code"]: row for row in (await asked(page, city, "/zones"))["zones"]}
    assert [rows[code]["shade"] for code in ZONES] == [0, 2, 1, 0]
    await wait_for_colour(page, 2, LOWEST)
    found = await colours(page)
    assert near(found[0], GREY)
    assert near(found[3], GREY)
    await expect(card(page, "估计触达")).to_have_text(reach(summary["reach"]))
    await expect(card(page, "上报覆盖")).to_have_text(per_cent(summary["reported"]))
    await expect(card(page, "盲区")).to_have_text(str(summary["gaps"]))
    await expect(card(page, "达标率")).to_have_text(per_cent(summary["saturation"]))
    await expect(card(page, "已发放")).to_have_text(f"{summary['handed_out']:,}")
    await expect(card(page, "库存可用")).to_have_text(f"{summary['days_left']:.1f} 天")
    await page.get_by_role("button", name="估计触达：口径说明").hover()
    await expect(page.get_by_role("tooltip").filter(has_text="至少拿到一份").first).to_be_visible()


async def test_who_signs_in_stands_before_the_map(city: Site) -> None:
    await city.make.account(city.world.city_id, "planner", login="boss", password="correct horse 9")
    page = await (await city.visit()).page("/")
    await page.get_by_label("账号").fill("boss")
    await page.get_by_label("口令").fill("correct horse 9")
    await page.keyboard.press("Enter")
    await drawn(page)
    await expect(card(page, "已发放")).to_have_text("7,509")


async def test_a_layer_changes_the_colours_and_the_legend_and_stands_in_the_address(city: Site) -> None:
    page = await opened(city)
    await wait_for_colour(page, 2, LOWEST)
    before = await colours(page)
    await page.get_by_role("button", name="盲区", exact=True).click()
    await expect(page.locator(".legend summary")).to_have_text("盲区")
    await wait_for_colour(page, 1, GAP)
    assert not near((await colours(page))[2], before[2])
    assert "layer=gaps" in page.url
    await page.reload()
    await drawn(page)
    await expect(page.get_by_role("button", name="盲区", exact=True)).to_have_attribute("aria-pressed", "true")
    for layer in ("风险权重", "计划与实际", "上报覆盖"):
        await page.get_by_role("button", name=layer, exact=True).click()
        await expect(page.locator(".legend summary")).to_have_text(layer)


async def test_the_slider_shows_a_day_gone_by_as_the_api_has_it(city: Site) -> None:
    page = await opened(city)
    await wait_for_colour(page, 2, LOWEST)
    slider = page.get_by_role("slider", name="查看历史某天")
    await slider.focus()
    for _ in range(2):
        await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".cut-off")).to_contain_text("2027年4月18日")
    then = await asked(page, city, "?as_of=2027-04-18")
    assert then["handed_out"] == 6009
    await expect(card(page, "已发放")).to_have_text("6,009")
    await expect(card(page, "估计触达")).to_have_text(reach(then["reach"]))
    await expect(card(page, "盲区")).to_have_text(str(then["gaps"]))
    await expect(card(page, "达标率")).to_have_text(per_cent(then["saturation"]))
    await wait_for_colour(page, 2, GREY)
    assert "day=2027-04-18" in page.url
    await page.keyboard.press("Home")
    await expect(card(page, "已发放")).to_have_text("0")
    await page.get_by_role("button", name="回到实时").click()
    await expect(card(page, "已发放")).to_have_text("7,509")
    await wait_for_colour(page, 2, LOWEST)


async def test_the_days_are_played_to_the_present(city: Site) -> None:
    page = await opened(city, "/overview?day=2027-04-17")
    await expect(page.locator(".cut-off")).to_contain_text("4月17日")
    await page.get_by_role("button", name="播放").click()
    await expect(page.get_by_role("button", name="暂停")).to_be_visible()
    await expect(page.locator(".time-day")).to_contain_text("实时")
    await expect(page.get_by_role("button", name="播放")).to_be_visible()


async def test_the_gap_list_flies_the_map_to_the_zone(city: Site) -> None:
    page = await opened(city)
    gaps = await asked(page, city, "/gaps")
    await wait_for_colour(page, 2, LOWEST)
    entries = page.locator(".gap")
    await expect(entries).to_have_count(len(gaps))
    assert [gap["code"] for gap in gaps] != sorted(gap["code"] for gap in gaps)  # by worth, not by code
    for place, gap in enumerate(gaps):
        await expect(entries.nth(place)).to_contain_text(gap["code"])
        await expect(entries.nth(place)).to_contain_text(reach(gap["reach"]))
    box = await page.locator(".map").bounding_box()
    assert box is not None
    wide = await page.screenshot(clip=box)
    await entries.filter(has_text="990101003").click()
    await expect(page.get_by_role("region", name="选中的片区")).to_contain_text("990101003")
    seen = [wide]

    async def arrived() -> bool:
        seen.append(await page.screenshot(clip=box))
        return wide != seen[-2] == seen[-1]

    await until(arrived, "the map lies still at another place")
    # The zone, at the edge before, is in the middle now: Enter on the map chooses what is there.
    await page.get_by_role("button", name="取消选中").click()
    await page.locator(".map canvas").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="选中的片区")).to_contain_text("990101003")


async def test_a_handout_reaches_the_page_without_reloading_it(city: Site) -> None:
    page = await opened(city, "/overview?zone=990101001")
    await expect(card(page, "已发放")).to_have_text("7,509")
    await page.get_by_role("tab", name="片区").click()
    await page.evaluate(
        "window.kept = true; document.querySelector('.side-list').scrollTop = 40; window.scrollTo(0, 60)"
    )
    await until(lambda: page.evaluate("window.versions"), "the page follows the campaign")
    record = {
        "id": str(new_id(city.clock.now)), "channel": "with_parcel", "copies": 250, "day": "2027-04-19", "zone_code": "990101002",
        "outlet_code": await city.make.value("select code from outlet where outlet_id = $1", city.world.outlets[0]),
        "material_code": await city.make.value("select code from material where material_id = $1", city.world.material),
    }  # fmt: skip
    manager = await city.make.firm_manager(city.world.city_id, city.world.partners[0])
    answer = await page.context.request.post(
        f"{city.address}/api/handouts/report", headers=manager | {"x-requested-with": "dispatch"},
        data={"campaign_id": str(city.world.campaign), "records": [record]},
    )  # fmt: skip
    assert (await answer.json())["outcomes"][0]["outcome"] == "recorded", await answer.text()
    await expect(card(page, "已发放")).to_have_text("7,759")
    row = page.get_by_role("row").filter(has_text="990101002")
    await expect(row).to_contain_text("1,750")
    assert await page.evaluate("window.kept && window.scrollY === 60")
    await expect(page.get_by_role("region", name="选中的片区")).to_contain_text("990101001")


async def test_without_webgl_a_picture_and_the_table_stand_in(city: Site) -> None:
    headers = await city.make.planner(city.world.city_id)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
        )
        context = await browser.new_context(viewport=WIDE, locale="zh-CN")
        token = headers["authorization"].removeprefix("Bearer ")
        await context.add_cookies([{"name": COOKIE, "value": token, "url": city.address}])
        visitor = Visitor(context, city.address)
        page = await drawn(await visitor.page("/"), "svg")
        await expect(page.get_by_text("已改用简图")).to_be_visible()
        shapes = page.get_by_role("button").and_(page.locator("[data-code]"))
        await expect(shapes).to_have_count(4)
        summary = await asked(page, city)
        await expect(card(page, "估计触达")).to_have_text(reach(summary["reach"]))
        fills = [await shapes.nth(place).get_attribute("fill") for place in range(4)]
        assert fills == ["#c3cad3", "#c8e2a0", "#fbdf9f", "#c3cad3"]
        # The keyboard steps through the zones and chooses one.
        await shapes.first.focus()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("region", name="选中的片区")).to_contain_text("990101001")
        await page.get_by_role("tab", name="片区").click()
        table = page.get_by_role("table", name="各片区的数字")
        for row in (await asked(page, city, "/zones"))["zones"]:
            line = table.get_by_role("row").filter(has_text=row["code"])
            await expect(line).to_contain_text(reach(row["reach"]))
            await expect(line).to_contain_text(f"{row['handed_out']:,}")
        await browser.close()
    assert visitor.faults == []


async def test_a_zone_is_found_and_its_sheet_opened_by_keyboard_alone(city: Site) -> None:
    page = await opened(city)
    await page.get_by_role("combobox", name="按名称或代码查找片区").focus()
    await page.keyboard.type("片区")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(4)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    chosen = page.get_by_role("region", name="选中的片区")
    await expect(chosen).to_contain_text("990101001")
    await chosen.get_by_role("link", name="打开片区页").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("片区1 990101001")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def test_a_zones_sheet_shows_what_the_api_says_of_it(city: Site) -> None:
    await city.make.first_copies(city.world, 1, 60, 40, 2)
    await city.make.spot_check(city.world, 1, asked=40, have=11)
    await city.make.batch(city.world, zone=1, copies=500, code="B-77")
    page = await opened(city, "/overview/zones/990101001")
    zone = (await asked(page, city, "/zones/990101001"))["zone"]
    await expect(card(page, "估计触达")).to_have_text(reach(zone["reach"]))
    await expect(card(page, "核实触达")).to_have_text(per_cent(11 / 40))
    await expect(card(page, "上报覆盖")).to_have_text("100 %")
    await expect(card(page, "已发放")).to_have_text("6,000")
    await expect(card(page, "风险权重")).to_have_text(f"{zone['risk_weight']:.2f}")
    await expect(page.get_by_text(f"询问 {zone['first_copy_asked']} 次")).to_be_visible()
    await expect(page.get_by_text("询问 40 户，11 户有")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="B-77")).to_contain_text("可认领")
    await expect(page.locator("section", has_text="发案数").last).to_contain_text("刷单")
    await page.get_by_role("link", name="在地图上显示").click()
    await expect(page.get_by_role("region", name="选中的片区")).to_contain_text("990101001")


async def test_a_district_sees_its_own_zones(city: Site) -> None:
    await city.make.fetch("update zone set division_code = '990102' where zone_id = $1", city.world.zones[1])
    visitor = await city.visit(await city.make.planner(city.world.city_id, division_code="990102"))
    page = await drawn(await visitor.page("/"))
    await expect(card(page, "已发放")).to_have_text("6,000")
    await page.get_by_role("tab", name="片区").click()
    await expect(page.get_by_role("table", name="各片区的数字").get_by_role("row")).to_have_count(2)
    await page.goto(f"{city.address}/overview/zones/990101000")
    visitor.expected += ["404 (Not Found)"]
    await expect(page.get_by_role("alert").first).to_be_visible()


async def test_the_screen_for_the_wall_shows_the_figures_of_the_tables_without_scrolling(city: Site) -> None:
    page = await opened(city, "/screen", viewport={"width": 1920, "height": 1080})
    summary, gaps = await asked(page, city), await asked(page, city, "/gaps")
    shown = {
        name: (await page.locator(f"[data-figure={name}] dd").first.inner_text()).replace(" ", "")
        for name in ("reach", "handed_out", "reported", "verified", "saturation", "gaps", "days_left")
    }
    assert shown == {
        "reach": reach(summary["reach"]).replace(" ", ""), "handed_out": f"{summary['handed_out']:,}", "reported": per_cent(summary["reported"]).replace(" ", ""),
        "verified": "不适用", "saturation": per_cent(summary["saturation"]).replace(" ", ""), "gaps": str(summary["gaps"]),
        "days_left": f"{summary['days_left']:.1f}天",
    }  # fmt: skip
    entries = page.locator(".screen-gaps li")
    await expect(entries).to_have_count(len(gaps))
    for place, gap in enumerate(gaps):
        await expect(entries.nth(place)).to_contain_text(gap["name"])
        await expect(entries.nth(place)).to_contain_text(reach(gap["reach"]))
    for partner in await asked(page, city, "/partners"):
        firm = page.locator(".firms li").filter(has_text=partner["name"])
        await expect(firm.locator(".firm-copies")).to_have_text(f"{partner['copies']:,}")
    for channel in await asked(page, city, "/channels"):
        await expect(page.locator(".screen-mix")).to_contain_text(f"{channel['copies']:,}")
    sizes = await page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert sizes == [1080, 1920]
    await page.get_by_role("button", name="全屏", exact=True).click()
    await expect(page.get_by_role("button", name="退出全屏")).to_be_visible()


async def test_map_and_figures_fit_an_office_screen_and_nothing_is_wider_than_a_phone(city: Site) -> None:
    page = await opened(city)
    box = await page.locator(".overview-main").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= DESK["height"]
    for path in ("/overview", "/overview/zones/990101001"):
        narrow = await opened(city, path, viewport={"width": 360, "height": 640})
        assert await narrow.evaluate("document.documentElement.scrollWidth <= 360"), path
