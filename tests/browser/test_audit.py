"""The auditor's page: what was done is found, the chain is checked from the page, and what somebody touched is named."""

from datetime import timedelta

import httpx
from playwright.async_api import expect

from dispatch.audit.seals import seal
from tests.browser.conftest import PHONE, Site, picture
from tests.conftest import NOW
from tests.make import SECRET


async def some_deeds(site: Site) -> None:
    """A planner, a firm and a stranger have been at work."""
    world, make = site.world, site.make
    planner = await make.planner(99, login="zhang.wei")
    firm = await make.firm_manager(99, world.partners[0])
    await make.account(99, "planner", login="li.na", password="correct horse 9")
    async with httpx.AsyncClient(base_url=site.address) as client:
        steps = [
            ("POST", f"/api/riders/{world.riders[0]}/deactivate", planner),
            ("POST", f"/api/riders/{world.riders[0]}/activate", planner),
            ("GET", "/api/riders", planner),
            ("GET", f"/api/campaigns/{world.campaign}/stock/moves.csv", planner),
            ("POST", f"/api/riders/{world.riders[7]}/deactivate", firm),
            ("POST", f"/api/campaigns/{world.campaign}/close", firm),
        ]
        for method, path, headers in steps:
            site.clock.now += timedelta(minutes=7)
            await client.request(method, path, headers=headers)
        for password in ("wrong horse 12", "correct horse 9"):
            site.clock.now += timedelta(minutes=1)
            await client.post("/api/sign-in", json={"kind": "password", "login": "li.na", "password": password})
    await seal(site.database, 99, site.clock.now, SECRET)


async def test_an_auditor_finds_what_was_done_checks_the_chain_and_sees_what_was_touched(site: Site) -> None:
    await some_deeds(site)
    headers = await site.make.session(99, account_id=await site.make.account(99, "auditor", login="auditor"))
    visitor = await site.visit(headers)
    page = await visitor.page("/")
    await expect(page.get_by_role("heading", name="审计记录", exact=True)).to_be_visible()
    table = page.get_by_role("region", name="审计记录，新的在前")
    await expect(table.get_by_role("row")).to_have_count(9)
    await expect(table.get_by_text("账号或口令不对")).to_be_visible()
    await page.get_by_label("类别").select_option("refusal")
    await page.get_by_role("button", name="查询").click()
    await expect(table.get_by_role("row")).to_have_count(4)
    await page.get_by_role("button", name="清除条件").click()
    await table.get_by_role("link", name=f"…{str(site.world.riders[0])[-12:]}").first.click()
    await expect(table.get_by_role("row")).to_have_count(3)
    await page.get_by_role("button", name="核验哈希链").click()
    await expect(page.get_by_text("核验通过：8 条记录完整")).to_be_visible()
    await page.goto(f"{site.address}/audit?kind=refusal")
    await expect(table.get_by_role("row")).to_have_count(4)
    await page.goto(f"{site.address}/audit")
    await expect(table.get_by_text("查看审计记录").first).to_be_visible()
    await page.screenshot(path=picture("audit"))
    await site.make.fetch("update audit_entry set result = 'done' where result = 'sign-in-refused'")
    await page.get_by_role("button", name="核验哈希链").click()
    await expect(page.get_by_text("发现 1 处异常")).to_be_visible()
    await expect(page.get_by_role("region", name="异常").get_by_text("被改动")).to_be_visible()
    await page.screenshot(path=picture("audit-broken"))
    async with page.expect_download() as download:
        await page.get_by_role("link", name="导出 CSV").click()
    assert (await download.value).suggested_filename == f"audit-99-{NOW:%Y%m%d}.csv"


async def test_the_page_fits_a_narrow_screen_and_speaks_english(site: Site) -> None:
    await some_deeds(site)
    headers = await site.make.session(99, account_id=await site.make.account(99, "auditor", login="auditor"))
    visitor = await site.visit(headers, viewport=PHONE)
    page = await visitor.page("/audit?lang=en")
    await expect(page.get_by_role("heading", name="Audit trail")).to_be_visible()
    await expect(page.get_by_role("region", name="Entries, newest first").get_by_text("Sign-in").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the phone"
    await page.screenshot(path=picture("audit-narrow"), full_page=True)


async def test_nobody_else_has_the_page(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(99))
    page = await visitor.page("/audit")
    await expect(page.get_by_role("heading", name="审计记录", exact=True)).to_have_count(0)


async def test_an_auditor_of_a_district_is_not_led_to_the_trail_of_the_city(site: Site) -> None:
    account = await site.make.account(99, "auditor", login="auditor", division_code="990101")
    page = await (await site.visit(await site.make.session(99, account_id=account))).page("/")
    menu = page.get_by_role("navigation", name="主菜单")
    await expect(menu.get_by_role("link").first).to_be_visible()
    await expect(menu.get_by_role("link", name="审计记录")).to_have_count(0)
    await page.goto(f"{site.address}/audit")
    await expect(page.get_by_role("heading", name="没有权限")).to_be_visible()
