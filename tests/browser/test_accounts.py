"""Accounts on the pages: the lock, the first password, users and their one-time passwords, the second factor, keys."""

from datetime import timedelta

from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, Site
from tests.identity.test_second_factor import code_at

PASSWORD, CHOSEN = "correct horse 1", "Another horse 2"


async def sign_in(page: Page, login: str, password: str) -> None:
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("口令").fill(password)
    await page.get_by_role("button", name="登录").click()


async def test_too_many_failures_are_told_with_their_end(site: Site) -> None:
    visitor = await site.visit()
    visitor.expected += ["401 (Unauthorized)", "429 (Too Many Requests)"]
    page = await visitor.page("/")
    for number in range(5):
        async with page.expect_response("**/api/sign-in"):
            await sign_in(page, "wang.wei", f"wrong horse {number}")
    await sign_in(page, "wang.wei", PASSWORD)
    await expect(page.get_by_role("alert")).to_contain_text("已暂时锁定")
    await expect(page.get_by_role("alert")).to_contain_text("15 分")


async def test_whoever_was_given_a_password_chooses_an_own_one_first(site: Site) -> None:
    await site.make.account(
        site.world.city_id,
        "planner",
        login="wang.wei",
        password=PASSWORD,
        display_name="王伟",
        must_change_password=True,
    )
    visitor = await site.visit()
    page = await visitor.page("/")
    await sign_in(page, "wang.wei", PASSWORD)
    await expect(page.get_by_role("heading", name="设置自己的口令")).to_be_visible()
    await page.get_by_label("一次性口令").fill(PASSWORD)
    await page.get_by_label("新口令").fill(CHOSEN)
    save = page.get_by_role("button", name="保存新口令")
    await expect(save).to_be_disabled()
    await page.get_by_label("再输入一次").fill(CHOSEN)
    await save.click()
    await expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()


async def test_a_planner_makes_an_account_and_tells_its_password_once(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    page = await visitor.page("/users")
    await page.get_by_role("button", name="新建账号").click()
    await page.get_by_role("textbox", name="姓名").fill("赵敏")
    await page.get_by_role("textbox", name="账号").fill("zhao.min")
    await page.get_by_role("button", name="建立账号").click()
    dialog = page.get_by_role("dialog", name="一次性口令")
    password = await dialog.locator("code").nth(1).inner_text()
    await dialog.get_by_role("button", name="完成").click()
    await expect(page.get_by_role("row", name="赵敏")).to_contain_text("待改口令")
    assert password not in await page.content()
    details = {"kind": "password", "login": "zhao.min", "password": password}
    assert (await page.context.request.post(f"{site.address}/api/sign-in", data=details)).status == 200


async def test_somebody_is_shut_out_and_let_in_again(site: Site) -> None:
    headers = await site.make.session(
        site.world.city_id, account_id=await site.make.account(site.world.city_id, "auditor", display_name="审计员")
    )
    visitor = await site.visit(await site.make.planner(site.world.city_id))
    page = await visitor.page("/users")
    await page.get_by_role("button", name="停用: 审计员").click()
    await page.get_by_role("dialog").get_by_role("button", name="停用").click()
    await expect(page.get_by_role("row", name="审计员")).to_contain_text("已停用")
    stranger = (await site.visit()).context.request
    assert (await stranger.get(f"{site.address}/api/me", headers=headers)).status == 401
    await page.get_by_role("button", name="启用: 审计员").click()
    await expect(page.get_by_role("row", name="审计员")).to_contain_text("在用")


async def test_a_second_factor_is_set_up_and_asked_for(site: Site) -> None:
    await site.make.account(site.world.city_id, "planner", login="boss", password=PASSWORD)
    visitor = await site.visit()
    visitor.expected += ["401 (Unauthorized)"]
    page = await visitor.page("/")
    await sign_in(page, "boss", PASSWORD)
    await page.get_by_role("link", name="账户").click()
    await page.get_by_role("button", name="开始绑定").click()
    await expect(page.get_by_role("img", name="绑定验证器的二维码")).to_be_visible()
    secret = (await page.locator("code.secret").inner_text()).replace(" ", "")
    await page.get_by_label("输入应用显示的六位验证码").fill(code_at(secret, site.clock.now))
    await page.get_by_role("button", name="确认启用").click()
    dialog = page.get_by_role("dialog", name="恢复码")
    await expect(dialog.locator("li")).to_have_count(10)
    await dialog.get_by_role("button", name="我已妥善保存").click()
    await expect(page.get_by_text("已启用", exact=True)).to_be_visible()
    await page.get_by_role("button", name="退出登录").click()
    site.clock.now += timedelta(minutes=1)
    await sign_in(page, "boss", PASSWORD)
    await page.get_by_label("验证码").fill(code_at(secret, site.clock.now))
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()


async def test_keys_and_the_own_account_fit_a_phone(site: Site) -> None:
    visitor = await site.visit(await site.make.planner(site.world.city_id), viewport=PHONE)
    await site.make.partner_system(site.world.city_id, site.world.partners[0])
    page = await visitor.page("/api-keys")
    await expect(page.get_by_text("接口", exact=True)).to_be_visible()
    for path in ("/api-keys", "/users", "/account"):
        await page.goto(site.address + path)
        await expect(page.locator("#page-title")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
