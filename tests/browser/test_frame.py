"""The console's frame: signing in and out, both languages, the end of a session, pages of other roles."""

import asyncio

from playwright.async_api import Route, expect

from tests.browser.conftest import PHONE, Site


async def test_a_planner_signs_in_with_login_and_password_and_is_where_the_work_begins(site: Site) -> None:
    await site.make.account(site.world.city_id, "planner", login="boss", password="correct horse 9")
    visitor = await site.visit()
    visitor.expected += ["401 (Unauthorized)"]
    page = await visitor.page("/")
    await expect(page.get_by_role("heading", name="云川市")).to_be_visible()
    await page.get_by_label("账号").fill("boss")
    await page.get_by_label("口令").fill("wrong horse 9")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("口令").fill("correct horse 9")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()
    await page.get_by_role("button", name="退出登录").click()
    await expect(page.get_by_label("账号")).to_be_visible()
    assert (await page.context.request.get(f"{site.address}/api/me")).status == 401


async def test_a_click_right_after_signing_in_is_not_lost(site: Site) -> None:
    await site.make.account(site.world.city_id, "planner", login="boss", password="correct horse 9")
    visitor = await site.visit()
    held, release = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        held.set()
        await release.wait()
        await route.fallback()

    await visitor.context.route("**/api/campaigns", hold)
    page = await visitor.page("/")
    await page.get_by_label("账号").fill("boss")
    await page.get_by_label("口令").fill("correct horse 9")
    await page.get_by_role("button", name="登录").click()
    await held.wait()
    await page.get_by_role("link", name="账户").click()
    await expect(page).to_have_title("账户 · Dispatch")
    await expect(page.locator("#content").get_by_role("status")).to_be_visible()
    release.set()
    await expect(page.get_by_role("button", name="开始绑定")).to_be_visible()


async def test_the_page_speaks_english_when_asked_and_remembers_it(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    page = await visitor.page("/")
    await page.get_by_role("button", name="切换到英文").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "en-GB"
    await page.reload()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


async def test_an_address_that_is_no_page_says_so_and_leads_home(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    page = await visitor.page("/no-such-page")
    await expect(page.get_by_role("heading", name="没有这个页面")).to_be_visible()
    await expect(page.get_by_role("link", name="回到首页")).to_be_visible()


async def test_on_a_narrow_screen_the_menu_opens_by_a_button(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id), viewport=PHONE)
    page = await visitor.page("/")
    menu = page.get_by_role("navigation", name="主菜单")
    await expect(menu).to_be_hidden()
    await page.get_by_role("button", name="菜单", exact=True).click()
    await expect(menu).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the phone"
