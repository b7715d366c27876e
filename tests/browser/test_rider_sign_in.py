"""Signing in on the rider's phone: who asks, whose phone it is, and why it does not open; large text, the evening, English."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import PHONE, Site, Visitor, picture, violations
from tests.browser.test_rider_offline import shows

SHEN, HAN = "/r#99/ZTO-0001/R-1", "/r#99/ZTO-0001/R-2"
PIN, HANS_PIN = "482913", "111111"


async def station(site: Site) -> None:
    """Two riders of one outlet with copies, and a centre that says who it is."""
    make, world = site.make, site.world
    await make.fetch("update city set centre_name = '云川市反诈中心', centre_phone = '96110'")
    await make.fetch(
        "update outlet set zone_id = $1, code = 'ZTO-0001', name = '望坞街道第1网点' where outlet_id = $2",
        world.zones[0], world.outlets[0],
    )  # fmt: skip
    await make.fetch("update partner set name = '中通' where partner_id = $1", world.partners[0])
    for code, name, pin in (("R-1", "沈师傅", PIN), ("R-2", "韩师傅", HANS_PIN)):
        rider = await make.rider(99, world.outlets[0], pin=pin, name=name, code=code)
        await make.stock(99, world.campaign, world.material, "rider", rider, 100)


async def phone(site: Site, **options: Any) -> Visitor:
    await station(site)
    visitor = await site.visit(viewport=PHONE, has_touch=True, **options)
    visitor.expected += ["401 (Unauthorized)", "403 (Forbidden)", "429 (Too Many Requests)", "404 (Not Found)"]
    return visitor


async def at_pin(visitor: Visitor, address: str = SHEN) -> Page:
    page = await visitor.page(address)
    await page.locator(".act").click()
    await expect(page.locator(".pin")).to_be_visible()
    return page


async def signed_in(visitor: Visitor) -> Page:
    page = await at_pin(visitor)
    await page.locator(".pin").fill(PIN)
    await expect(page.locator("[data-tap]")).to_be_visible()
    return page


async def scan(page: Page, address: str) -> None:
    """The phone's camera opens the slip's address in the page that is already there."""
    await page.evaluate("address => location.assign(address)", address)


# ---- who asks


async def test_before_the_notice_and_the_pin_the_page_says_who_asks_and_whom_to_call(site: Site) -> None:
    page = await (await phone(site)).page(SHEN)
    for shown in ("notice", "pin"):
        if shown == "pin":
            await page.get_by_role("button", name="知道了，开始").click()
            await expect(page.locator(".pin")).to_be_focused()
        for words in ("云川市反诈中心", "中通 · 望坞街道第1网点", "有疑问打 96110"):
            await expect(page.locator(".issuer").filter(has_text=words)).to_be_visible()
        await page.screenshot(path=picture(f"who-asks-{shown}"), full_page=True)
    assert await page.title() == "反诈资料发放 · 云川市反诈中心"
    assert await page.get_by_role("link", name="有疑问打 96110").get_attribute("href") == "tel:96110"


async def test_a_slip_of_earlier_days_with_the_outlet_alone_still_opens(site: Site) -> None:
    page = await at_pin(await phone(site), "/r#ZTO-0001")
    await page.locator(".pin").fill(HANS_PIN)
    await expect(page.locator("[data-whose]")).to_contain_text("韩师傅")


# ---- whose phone


async def test_name_code_and_outlet_stand_on_the_home_screen_also_without_signal(site: Site) -> None:
    visitor = await phone(site)
    page = await signed_in(visitor)
    for _ in range(2):
        whose = page.locator("[data-whose]")
        for words in ("沈师傅", "R-1", "中通 · 望坞街道第1网点"):
            await expect(whose).to_contain_text(words)
        await page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
        await visitor.context.set_offline(True)
        visitor.expected.append("ERR_INTERNET_DISCONNECTED")
        await page.reload()
    await page.screenshot(path=picture("home"))


async def test_anothers_slip_on_a_phone_in_use_asks_and_his_taps_stay_his(site: Site) -> None:
    visitor = await phone(site)
    page = await signed_in(visitor)
    await visitor.context.route("**/api/handouts/sync", lambda route: route.abort())
    visitor.expected.append("ERR_FAILED")
    await page.locator("[data-tap]").click()
    await shows(page, 1)
    await scan(page, HAN)
    await expect(page.get_by_role("heading", name="您是 沈师傅 吗？")).to_be_visible()
    await page.screenshot(path=picture("whose-phone"))
    await page.get_by_role("button", name="我是 沈师傅，继续").click()
    await expect(page.locator("[data-done]")).to_have_text("1")
    await page.reload()
    await expect(page.locator("[data-done]")).to_have_text("1")  # the question does not come back

    await scan(page, HAN)
    await page.get_by_role("button", name="换人：用刚才的纸条登录").click()
    await page.locator(".pin").fill(PIN)
    await expect(page.get_by_role("alert").filter(has_text="这个 PIN 不是这位骑手的")).to_be_visible()
    await page.locator(".pin").fill(HANS_PIN)
    await page.get_by_role("button", name="同意并继续").click()
    await expect(page.locator("[data-whose]")).to_contain_text("韩师傅")
    await expect(page.locator("[data-done]")).to_have_text("0")
    await visitor.context.unroute("**/api/handouts/sync")
    await page.locator("[data-tap]").click()
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0")
    rows = await site.make.fetch(
        "select r.code, count(*)::int as n from handout h join rider r on r.rider_id = h.rider_id group by 1"
    )
    assert {row["code"]: row["n"] for row in rows} == {"R-2": 1}, "what waits is handed in by him alone"
    await scan(page, SHEN)
    await page.get_by_role("button", name="换人：用刚才的纸条登录").click()
    await page.locator(".pin").fill(PIN)
    await expect(page.locator("[data-whose]")).to_contain_text("沈师傅")
    await expect(page.locator("[data-done]")).to_have_text("1")


async def test_the_own_slip_on_the_own_phone_asks_nothing(site: Site) -> None:
    page = await signed_in(await phone(site))
    await scan(page, SHEN)
    await expect(page.locator("[data-tap]")).to_be_visible()
    assert "#" not in page.url


async def test_the_pin_again_is_the_same_riders_alone_and_there_is_a_way_back(site: Site) -> None:
    visitor = await phone(site)
    page = await signed_in(visitor)
    await site.make.fetch("delete from session where rider_id is not null")
    await page.locator("[data-tap]").click()
    await page.get_by_role("button", name="请再输一次 PIN").click()
    await expect(page.locator(".pin")).to_be_focused()
    await page.screenshot(path=picture("pin-again"))
    await page.get_by_role("button", name="先不输，回去继续记").click()
    await expect(page.locator("[data-done]")).to_have_text("1")
    await page.get_by_role("button", name="请再输一次 PIN").click()
    await page.locator(".pin").fill(HANS_PIN)
    await expect(page.get_by_role("alert").filter(has_text="这个 PIN 不是这位骑手的")).to_be_visible()
    assert await site.make.value("select count(*)::int from session where rider_id is not null") == 0
    await page.locator(".pin").fill(PIN)
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0")
    await expect(page.locator("[data-whose]")).to_contain_text("沈师傅")
    assert await site.make.value("select count(*)::int from handout") == 1


# ---- why it does not open


async def refused(page: Page, pin: str, words: str) -> None:
    await page.locator(".pin").fill(pin)
    await expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_reason_has_its_own_words(site: Site, language: str) -> None:
    visitor = await phone(site)
    visitor.expected += ["502 (Bad Gateway)", "503 (Service", "ERR_FAILED"]
    page = await at_pin(visitor, f"/r?lang={language}#99/ZTO-0001/R-1")
    said = {
        "down": ("不是 PIN 的问题", "Your PIN is not the problem"),
        "lost": ("现在没有网络", "There is no network"),
        "wrong": ("这个 PIN 不是这位骑手的", "not this rider's PIN"),
        "left": ("PIN 没错，但您或网点已被停用", "The PIN is right, but"),
        "locked": ("之前不能再试", "locked until"),
    }
    words = {key: pair[0 if language == "zh" else 1] for key, pair in said.items()}
    for status in (502, 503):

        async def down(route: Route, status: int = status) -> None:
            await route.fulfill(status=status, body="<html>bad gateway</html>", content_type="text/html")

        await visitor.context.route("**/api/sign-in", down)
        await refused(page, PIN, words["down"])
        await visitor.context.unroute("**/api/sign-in")
    await visitor.context.route("**/api/sign-in", lambda route: route.abort())
    await refused(page, PIN, words["lost"])
    await visitor.context.unroute("**/api/sign-in")
    await site.make.fetch("update rider set active = false where code = 'R-1'")
    await refused(page, PIN, words["left"])
    await site.make.fetch("update rider set active = true where code = 'R-1'")
    for _ in range(5):
        await refused(page, "000000", words["wrong"])
        await page.evaluate("document.querySelector('#pin-fault').textContent = ''")
    await refused(page, PIN, words["locked"])
    until = (site.clock.now + timedelta(minutes=15, hours=8)).strftime("%H:%M")
    await expect(page.get_by_role("alert")).to_contain_text(until)
    await page.screenshot(path=picture(f"locked-{language}"))
    assert await page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en-GB"}[language]


async def test_a_code_nobody_has_is_no_wrong_pin(site: Site) -> None:
    page = await at_pin(await phone(site), "/r")
    await page.get_by_label("网点代码").fill("none")
    await refused(page, PIN, "没有这个网点代码")


# ---- large text, the evening, English


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("percent", [100, 150, 200])
async def test_no_control_leaves_a_small_phone_with_large_text_by_day_or_night(
    site: Site, percent: int, scheme: str
) -> None:
    visitor = await phone(site, color_scheme=scheme)
    page = await visitor.page(SHEN)
    faults: list[str] = []

    async def look(name: str) -> None:
        # As the phone's own text size does: everything is in rem.
        await page.evaluate(
            "size => document.documentElement.style.setProperty('font-size', size, 'important')",
            f"{112.5 * percent / 100}%",
        )
        faults.extend(f"{name}: {fault}" for fault in await page.evaluate(OUTSIDE))
        faults.extend(f"{name}: {fault}" for fault in await violations(page))
        await page.screenshot(path=picture(f"{name}-{scheme}-{percent}"), full_page=True)

    await expect(page.get_by_text("中通 · 望坞街道第1网点")).to_be_visible()
    await look("first")
    await page.locator(".act").click()
    await look("pin")
    await page.locator(".pin").fill(PIN)
    await expect(page.locator("[data-tap]")).to_be_visible()
    await page.locator("[data-tap]").click()
    await expect(page.locator(".undo-line .second")).to_be_visible()
    await look("home")
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(8, 17, 28)") == (scheme == "dark")
    for number in range(3):
        await page.locator(".three button").nth(number).click()
        await look(f"sheet-{number}")
        await page.keyboard.press("Escape")
    await page.locator(".choice").click()
    await look("choose")
    await page.keyboard.press("Escape")
    for opener, name in ((".pill", "day"), (".dots", "more")):
        await page.locator(opener).click()
        await expect(page.locator("h1, h2").first).to_be_visible()
        await look(name)
        await page.go_back()
    await scan(page, HAN)
    await expect(page.get_by_role("heading", name="您是 沈师傅 吗？")).to_be_visible()
    await look("whose")
    assert faults == []


OUTSIDE = """() => {
  const faults = []
  const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.visually-hidden')
  for (const e of document.querySelectorAll('button, input, textarea, a[href], [data-whose]')) {
    const box = e.getBoundingClientRect()
    if (seen(e) && (box.left < -0.5 || box.right > innerWidth + 0.5)) faults.push(`outside ${e.textContent.trim()} ${box.left} ${box.right}`)
    if (seen(e) && e.scrollWidth > e.clientWidth + 2 && e.tagName !== 'INPUT') faults.push(`cut ${e.textContent.trim()}`)
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`${document.documentElement.scrollWidth} px wide`)
  return faults
}"""


async def test_the_language_of_the_page_and_its_title_follow_the_choice(site: Site) -> None:
    page = await (await phone(site)).page(SHEN)
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"
    await page.get_by_role("button", name="English").click()
    assert await page.evaluate("document.documentElement.lang") == "en-GB"
    await expect(page).to_have_title("Handing out anti-fraud material · 云川市反诈中心")
