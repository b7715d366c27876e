"""A new city is led: the checklist on the planner's home, the next step after an import, districts that are picked."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, Site, picture
from tests.make import square
from tests.zones.files import collection, feature

STREETS = (("220202001000", 220202, "昌邑区"), ("220202003000", 220202, "昌邑区"), ("220203001000", 220203, "龙潭区"))


async def pictured(page: Page, name: str) -> None:
    await page.screenshot(path=picture(f"new-city-{name}"), full_page=True)


async def no_sideways(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


async def test_an_empty_city_is_led_from_its_zones_to_the_next_step(site: Site) -> None:
    await site.make.city(7)
    visitor = await site.visit(await site.make.planner(7))
    page = await visitor.page("/")
    await expect(page.get_by_role("heading", name="筹备清单")).to_be_visible()
    steps = page.locator(".checklist-steps > li")
    await expect(steps).to_have_count(12)
    await expect(steps.nth(0)).to_contain_text("还没有片区：先导入 GeoJSON 文件。")
    await expect(steps.nth(0)).to_have_attribute("aria-current", "step")
    await pictured(page, "empty-1366-zh")
    await steps.nth(0).get_by_role("link", name="导入片区").click()
    await expect(page.get_by_role("link", name="下载示例文件")).to_be_visible()
    await page.get_by_text("读取哪些属性").click()
    await expect(page.get_by_text("adcode", exact=True)).to_be_visible()
    await pictured(page, "properties-1366-zh")
    document = collection(
        *(feature(code, square(at), adcode=adcode, district=name) for at, (code, adcode, name) in enumerate(STREETS))
    )
    await page.locator("input[type=file]").set_input_files(
        {"name": "片区.geojson", "mimeType": "application/geo+json", "buffer": document}
    )
    await page.get_by_role("radio", name="GCJ-02").check()
    await page.get_by_role("button", name="核对并预览").click()
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_text("导入完成")).to_be_visible()
    await pictured(page, "taken-1366-zh")
    await page.get_by_role("link", name="下一步：户数").click()
    await expect(page.get_by_role("tab", name="户数表")).to_have_attribute("aria-selected", "true")
    await page.goto(visitor.address + "/")
    await expect(steps.nth(0)).to_contain_text("3 个片区")
    await expect(steps.nth(1)).to_contain_text("2 个区县，都有名称")
    await expect(steps.nth(2)).to_have_attribute("aria-current", "step")
    await page.goto(visitor.address + "/zones")
    await page.get_by_role("combobox", name="区县").select_option(label="龙潭区")
    await expect(page.locator("table tbody tr")).to_have_count(1)
    await pictured(page, "zones-1366-zh")


async def test_the_list_is_on_the_home_of_a_campaign_in_preparation_and_gone_when_it_runs(site: Site) -> None:
    city = site.world.city_id
    await site.make.fetch("update campaign set status = 'draft' where city_id = $1", city)
    visitor = await site.visit(await site.make.planner(city))
    page = await visitor.page("/overview")
    await expect(page.locator(".checklist-steps > li")).to_have_count(12)
    await expect(page.locator(".checklist-steps > li").nth(1)).to_contain_text("1 个区县，0 个有名称，请填写其余名称。")
    await pictured(page, "draft-1366-zh")
    await site.make.fetch("update campaign set status = 'open' where city_id = $1", city)
    await page.reload()
    await expect(page.get_by_role("heading", name="行动总览")).to_be_visible()
    await expect(page.locator(".checklist")).to_have_count(0)


async def test_an_account_gets_a_district_of_the_city_from_a_list(site: Site) -> None:
    city, planner = site.world.city_id, await site.make.planner(site.world.city_id)
    await site.make.insert("district", city_id=city, code="990101", name="东湖区", changed_at=site.make.now)
    visitor = await site.visit(planner)
    page = await visitor.page("/users")
    await page.get_by_role("button", name="新建账号").click()
    dialog = page.get_by_role("dialog")
    picker = dialog.locator("select[name=district]")
    await expect(picker.locator("option")).to_have_text(["全市", "东湖区 · 990101"])
    await picker.select_option(label="东湖区 · 990101")
    await dialog.get_by_label("姓名").fill("李娜")
    await dialog.get_by_label("登录名").fill("li.na")
    await pictured(page, "picker-1366-zh")
    await dialog.get_by_role("button", name="新建").click()
    await expect(page.get_by_role("dialog")).to_contain_text("li.na")
    kept = await site.make.value("select division_code from account where login = 'li.na'")
    assert kept == "990101"


async def test_a_districts_planner_reads_the_name_and_sees_the_own_part(site: Site) -> None:
    city = site.world.city_id
    await site.make.insert("district", city_id=city, code="990101", name="东湖区", changed_at=site.make.now)
    visitor = await site.visit(await site.make.planner(city, division_code="990101"))
    page = await visitor.page("/overview")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("本辖区 东湖区")
    await site.make.fetch("update campaign set status = 'draft' where city_id = $1", city)
    await page.reload()
    await expect(page.locator(".checklist-steps > li")).to_have_count(4)
    await expect(page.locator(".checklist-steps a")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_list_fits_a_phone(site: Site, language: str) -> None:
    await site.make.city(7)
    visitor = await site.visit(await site.make.planner(7), viewport=PHONE)
    page = await visitor.page(f"/?lang={language}")
    steps = page.locator(".checklist-steps > li")
    await expect(steps).to_have_count(12)
    await no_sideways(page)
    await pictured(page, f"empty-360-{language}")
    await page.goto(f"{visitor.address}/imports?lang={language}")
    await expect(page.locator(".import-properties summary")).to_be_visible()
    await page.locator(".import-properties summary").click()
    await no_sideways(page)
    await pictured(page, f"properties-360-{language}")
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.goto(f"{visitor.address}/?lang={language}")
    await expect(steps).to_have_count(12)
    await pictured(page, f"empty-1366-{language}")
