"""A planner who does nothing is warned before the session ends; and a server of two cities asks which one is meant."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Site, settled

IDLE = 15 * 60


async def idle_desk(site: Site) -> Page:
    """A planner's form with something typed, on a clock the test moves, in a session of 15 minutes."""
    city = site.world.city_id
    account = await site.make.account(city, "planner")
    visitor = await site.visit(await site.make.session(city, account_id=account, idle_seconds=IDLE))
    await visitor.context.clock.install()
    page = await visitor.page("/users")
    await settled(page)
    await page.get_by_role("button", name="新建账号").click()
    await page.get_by_role("textbox", name="姓名").fill("赵敏")
    return page


async def test_an_idle_planner_is_warned_and_may_stay(site: Site) -> None:
    page = await idle_desk(site)
    warning = page.get_by_role("dialog", name="还在使用吗？")
    await page.clock.fast_forward((IDLE - 120) * 1000)
    await page.clock.run_for(2000)
    await expect(warning).to_have_count(0)
    await page.clock.fast_forward(75_000)
    await page.clock.run_for(2000)
    await expect(warning).to_be_visible()
    async with page.expect_response("**/api/me") as answered:
        await warning.get_by_role("button", name="继续使用").click()
    assert (await answered.value).status == 200
    await expect(warning).to_have_count(0)
    await page.clock.run_for(3000)
    await expect(warning).to_have_count(0)
    await expect(page.get_by_role("textbox", name="姓名")).to_have_value("赵敏")


async def test_without_an_answer_the_session_ends_and_what_was_typed_stays(site: Site) -> None:
    page = await idle_desk(site)
    await page.clock.fast_forward((IDLE - 30) * 1000)
    await page.clock.run_for(2000)
    await expect(page.get_by_role("dialog", name="还在使用吗？")).to_be_visible()
    await page.clock.fast_forward(40_000)
    await page.clock.run_for(2000)
    ended = page.locator("dialog", has=page.get_by_label("口令"))
    await expect(ended).to_be_visible()
    await expect(page.get_by_role("dialog", name="还在使用吗？")).to_have_count(0)
    await expect(page.locator("dialog input, input").locator("visible=true").first).to_be_visible()
    assert "赵敏" in await page.locator("input").evaluate_all("fields => fields.map((field) => field.value)")


async def test_a_server_of_two_cities_asks_for_the_city_s_code(site: Site) -> None:
    await site.make.city(98)
    for city in (98, 99):
        await site.make.account(
            city, "planner", login="wang.wei", password=f"correct horse {city}", display_name="王伟"
        )
    visitor = await site.visit()
    visitor.expected += ["401 (Unauthorized)"]
    page = await visitor.page("/")
    await page.get_by_label("账号").fill("wang.wei")
    await page.get_by_label("口令").fill("correct horse 98")
    await page.get_by_label("城市代码").fill("99")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("城市代码").fill("98")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()
    profile = await (await page.context.request.get(f"{site.address}/api/me")).json()
    assert profile["city_code"] == "98"
