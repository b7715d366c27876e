"""The rider's page: from the slip to the first handout, undo, doors, location as a cell only, web views that lack much."""

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, Request, Route, expect

from dispatch.geo.cells import cell_of
from dispatch.geo.datum import convert
from dispatch.handouts import pack, question
from dispatch.web.routes import DIST
from tests.browser.conftest import PHONE, Site, Visitor, violations
from tests.browser.test_rider_offline import shows
from tests.make import ORIGIN, SIDE
from tests.waiting import until

PIN = "482913"
SIGNED_OUT = ["401 (Unauthorized)"]


@pytest.fixture(autouse=True)
def question_share(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Three single copies in a hundred carry the first-copy question, by chance of their ids: none does in these tests,
    but where a test sets the share."""

    def set_share(share: float) -> None:
        monkeypatch.setattr(question, "QUESTION_SHARE", share)
        monkeypatch.setattr(pack, "QUESTION_SHARE", share)

    set_share(0)
    return set_share


async def slip(site: Site, *, copies: int = 100) -> str:
    """The address in the QR of the first rider's slip; `copies` handed over, the outlet's zone known."""
    world, make = site.world, site.make
    await make.fetch(
        "update outlet set zone_id = $1, code = 'ZTO-0001' where outlet_id = $2", world.zones[0], world.outlets[0]
    )
    rider = await make.rider(99, world.outlets[0], pin=PIN, name="沈师傅")
    if copies:
        await make.stock(99, world.campaign, world.material, "rider", rider, copies)
    return "/r#ZTO-0001"


async def signed_in(site: Site, visitor: Visitor, **more: Any) -> Page:
    page = await visitor.page(await slip(site, **more))
    await page.get_by_role("button", name="知道了，开始").click()
    await page.get_by_label("六位 PIN").fill(PIN)
    await expect(page.locator("[data-tap]")).to_be_visible()
    return page


async def phone(site: Site, **options: Any) -> Visitor:
    visitor = await site.visit(viewport=PHONE, has_touch=True, **options)
    visitor.expected += SIGNED_OUT
    return visitor


async def tap(page: Page, done: int) -> None:
    """One handout, noted on the phone: so many today."""
    await page.locator("[data-tap]").click()
    await shows(page, done)
    await page.wait_for_timeout(150)  # at least: a glove's double touch, within 120 ms, is one tap


async def delivered(page: Page) -> None:
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0")


async def stored(site: Site, table: str, rows: int) -> None:
    """The server has so many: in the instant after a tap nothing waits on the page yet, so the page cannot tell."""

    async def arrived() -> bool:
        return await site.make.value(f"select count(*)::int from {table}") >= rows

    await until(arrived, f"{rows} of {table} arrive")


def test_the_first_load_is_under_60_kilobytes() -> None:
    """Page, scripts and styles as they travel, the packing that every browser takes."""
    if not (DIST / "rider.html").exists():
        pytest.skip("the pages are not built: run `uv sync`")
    html = (DIST / "rider.html").read_bytes()
    names = re.findall(r'(?:src|href)="/(assets/[^"]+)"', html.decode())
    assert len(names) >= 3
    size = len(gzip.compress(html)) + sum(len(gzip.compress((DIST / name).read_bytes())) for name in names)
    assert size < 60_000, f"{size} bytes: {names}"


async def test_from_the_slip_to_the_first_hand_out_is_a_notice_a_pin_and_a_tap(site: Site) -> None:
    visitor = await phone(site)
    page = await signed_in(site, visitor)
    await tap(page, 1)
    await delivered(page)
    rows = await site.make.fetch("select copies, channel, zone_id, cell from handout")
    assert rows == [{"copies": 1, "channel": "in_person", "zone_id": site.world.zones[0], "cell": None}]


async def test_a_wrong_pin_is_told_in_plain_words_and_an_unknown_phone_is_asked_for_the_outlet(site: Site) -> None:
    visitor = await phone(site)
    await slip(site)
    page = await visitor.page("/r")
    await page.get_by_role("button", name="知道了，开始").click()
    await page.get_by_label("网点代码").fill("zto-0001")
    await page.get_by_label("六位 PIN").fill("000000")
    await expect(page.get_by_role("alert").filter(has_text="对照纸条")).to_be_visible()
    await page.get_by_label("六位 PIN").fill("４８２９１３")
    await expect(page.locator("[data-tap]")).to_be_visible()


async def test_a_tap_is_taken_back_from_the_page_and_from_the_day_list(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await tap(page, 1)
    await page.get_by_role("button", name="撤回").click()
    await expect(page.locator("[data-done]")).to_have_text("0")
    await page.get_by_role("button", name="多份", exact=True).click()
    await page.get_by_role("button", name="5", exact=True).click()
    await page.locator("[data-note]").click()
    await expect(page.locator("[data-done]")).to_have_text("5")
    await delivered(page)
    await page.get_by_role("button", name="我的一天").click()
    await page.get_by_role("listitem").filter(has_text="5 份").get_by_role("button", name="撤回").click()
    await expect(page.get_by_text("已撤回 5")).to_be_visible()
    await page.get_by_role("button", name="回去继续发").click()
    await expect(page.locator("[data-left]")).to_have_text("100")
    await delivered(page)
    make = site.make
    assert await make.value("select coalesce(sum(copies), 0)::int from handout") == 0
    assert await make.value("select count(*)::int from handout") == 4
    # After ten minutes the outlet corrects; the phone offers it no more.
    await page.get_by_role("button", name="没送出").click()
    await page.get_by_role("button", name="没遇到人").click()
    await stored(site, "visit", 1)
    await delivered(page)
    site.clock.now += timedelta(minutes=11)
    await page.reload()
    await page.get_by_role("button", name="我的一天").click()
    await expect(page.get_by_text("请网点帮忙更正")).to_be_visible()
    await expect(page.get_by_role("button", name="撤回")).to_be_hidden()


async def test_a_whole_bundle_and_doors_without_a_hand_out(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await page.get_by_role("button", name="整捆 50").click()
    await page.get_by_role("button", name="对，50 份都发完了").click()
    await page.get_by_role("button", name="没送出").click()
    await page.get_by_role("button", name="没遇到人").click()
    await page.get_by_role("button", name="没送出").click()
    await page.get_by_role("button", name="对方不需要").click()
    await expect(page.locator("[data-left]")).to_have_text("50")
    await stored(site, "visit", 2)
    await delivered(page)
    assert await site.make.value("select sum(copies)::int from handout") == 50
    doors = await site.make.fetch("select result, visits::int from zone_visit_tally order by 1")
    assert doors == [{"result": "declined", "visits": 1}, {"result": "nobody_reached", "visits": 1}]


async def test_the_same_material_and_mode_stay_chosen(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await page.get_by_role("button", name="更改").click()
    await page.get_by_role("button", name="随件").click()
    await page.get_by_role("button", name="好了").click()
    await page.reload()
    await tap(page, 1)
    await delivered(page)
    assert await site.make.value("select channel from handout") == "with_parcel"


async def test_an_ended_session_asks_for_the_pin_and_keeps_every_tap(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await site.make.fetch("delete from session")
    for done in (1, 2, 3):
        await tap(page, done)
    await page.get_by_role("button", name="请再输一次 PIN，3 条记录都还在").click()
    await page.get_by_label("六位 PIN").fill(PIN)
    await delivered(page)
    await expect(page.locator("[data-done]")).to_have_text("3")
    assert await site.make.value("select count(*)::int from handout") == 3


async def test_a_shared_phone_sends_each_riders_taps_as_that_riders(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    make, world = site.make, site.world
    colleague = await make.rider(99, world.outlets[0], pin="111222", name="李师傅")
    await make.stock(99, world.campaign, world.material, "rider", colleague, 100)
    await make.fetch("delete from session")
    await tap(page, 1)
    await page.get_by_role("button", name="请再输一次 PIN").click()
    await page.get_by_label("六位 PIN").fill("111222")
    # What the first rider agreed to, the second has not.
    await page.get_by_role("button", name="同意并继续").click()
    await expect(page.locator("[data-tap]")).to_be_visible()
    await tap(page, 1)
    await delivered(page)
    await page.get_by_role("button", name="我的一天").click()
    code = await make.value("select code from rider where name = '沈师傅'")
    await expect(page.get_by_text(f"骑手 {code} 的 1 条记录")).to_be_visible()
    assert [row["holder_id"] for row in await make.fetch("select holder_id from handout")] == [colleague]


# A place of the test city's first zone, in its own datum and as a phone would say it.
PLACE = (ORIGIN[0] + SIDE * 0.42, ORIGIN[1] + SIDE * 0.55)


async def test_only_the_cell_of_a_place_leaves_the_phone(site: Site) -> None:
    longitude, latitude = convert(np.array([PLACE]), "gcj02", "wgs84")[0].tolist()
    cell = cell_of(*PLACE)
    assert cell in site.world.cells[0]
    visitor = await phone(
        site, geolocation={"longitude": longitude, "latitude": latitude, "accuracy": 15}, permissions=["geolocation"]
    )
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(f"{request.url} {request.post_data or ''} {json.dumps(request.headers)}")

    visitor.context.on("request", note)
    page = await signed_in(site, visitor)
    await page.get_by_role("button", name="更改").click()
    await page.get_by_role("switch").click()
    await expect(page.get_by_role("switch")).to_be_checked()
    await page.get_by_role("button", name="好了").click()
    await expect(page.get_by_text("按地图格子")).to_be_visible()
    await tap(page, 1)
    await delivered(page)
    assert await site.make.fetch("select cell, zone_id from handout") == [
        {"cell": cell, "zone_id": site.world.zones[0]}
    ]
    # Neither the phone's coordinates nor those in the city's datum, to as little as a hundred metres.
    for figure in (longitude, latitude, *PLACE):
        assert not [each for each in sent if f"{figure:.3f}"[:-1] in each], figure
    kept = await page.evaluate(KEPT)
    for figure in (longitude, latitude):
        assert f"{figure:.4f}" not in kept


# All that the phone keeps but the pack, whose cells have centres.
KEPT = """async () => {
  const open = indexedDB.open('rider'), db = await new Promise((done) => (open.onsuccess = () => done(open.result)))
  const all = (name) => new Promise((done) => { const found = db.transaction(name).objectStore(name).getAll(); found.onsuccess = () => done(found.result) })
  const kept = (await Promise.all(['waiting', 'refused', 'kept'].map(all))).flat().filter((each) => !(each && each.zones))
  return JSON.stringify(kept) + JSON.stringify({ ...localStorage })
}"""


async def test_a_phone_that_denies_its_place_uses_the_zone(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await page.get_by_role("button", name="更改").click()
    await page.get_by_role("switch").click()
    await expect(page.get_by_text("手机没有允许取位置")).to_be_visible()
    await page.get_by_role("button", name="好了").click()
    await tap(page, 1)
    await delivered(page)
    assert await site.make.fetch("select cell, zone_id from handout") == [
        {"cell": None, "zone_id": site.world.zones[0]}
    ]


WITHOUT = {
    "no service worker": "delete Navigator.prototype.serviceWorker",
    "no IndexedDB": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    "no Web Locks": "delete Navigator.prototype.locks; delete window.BroadcastChannel",
    "an old web view": "delete Navigator.prototype.locks; delete window.BroadcastChannel; delete Navigator.prototype.vibrate;"
    "delete Navigator.prototype.serviceWorker; delete Navigator.prototype.storage;"
    "Object.defineProperty(window, 'indexedDB', { value: undefined })",
}


@pytest.mark.parametrize("lacking", list(WITHOUT))
async def test_it_works_in_a_web_view_with(site: Site, lacking: str) -> None:
    visitor = await phone(site, service_workers="block")
    await visitor.context.add_init_script(WITHOUT[lacking])
    page = await signed_in(site, visitor)
    visitor.expected += ["ERR_INTERNET_DISCONNECTED"]
    await visitor.context.set_offline(True)
    for done in (1, 2, 3):
        await tap(page, done)
    await expect(page.locator("[data-waiting]")).to_contain_text("3 条")
    await visitor.context.set_offline(False)
    await page.reload()
    await delivered(page)
    await expect(page.locator("[data-done]")).to_have_text("3")
    assert await site.make.value("select count(*)::int from handout") == 3


async def test_a_browser_that_keeps_nothing_says_so(site: Site) -> None:
    visitor = await phone(site, service_workers="block")
    await visitor.context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { value: undefined });"
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })"
    )
    page = await signed_in(site, visitor)
    await expect(page.get_by_text("当前浏览器不让保存内容")).to_be_visible()
    await tap(page, 1)
    await delivered(page)
    assert await site.make.value("select count(*)::int from handout") == 1


async def test_a_full_phone_says_that_the_tap_was_not_noted(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await page.evaluate(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }; 0"
    )
    await page.locator("[data-tap]").click()
    await expect(page.get_by_role("alert").filter(has_text="没有记上")).to_be_visible()
    await expect(page.locator("[data-done]")).to_have_text("0")


async def test_what_the_server_could_not_take_is_told_with_what_to_do(site: Site) -> None:
    page = await signed_in(site, await phone(site), copies=2)
    # Somebody takes the copies out of the ledger meanwhile; the phone does not know yet.
    await site.make.fetch("update stock_balance set quantity = 0 where holder_kind = 'rider'")
    await page.locator("[data-tap]").click()
    await page.get_by_role("button", name="需要核对的 1 条").click()
    await expect(page.get_by_text("登记在您名下的只剩 0 份")).to_be_visible()
    await site.make.fetch("update stock_balance set quantity = 5 where holder_kind = 'rider'")
    planner = await site.make.planner(99)
    taken = await page.context.request.post(f"{site.address}/api/handouts/refused/retry", headers=planner)
    assert (await taken.json())["recorded"] == 1
    await page.get_by_role("button", name="刷新").click()
    await expect(page.get_by_text("需要核对")).to_be_hidden()
    await expect(page.get_by_text("1 份")).to_be_visible()


async def test_the_first_copy_question_is_asked_where_it_is_due_and_its_answer_arrives(
    site: Site, question_share: Callable[[float], None]
) -> None:
    question_share(1)
    page = await signed_in(site, await phone(site))
    for answer in ("以前拿过", "是第一次"):
        await page.locator("[data-tap]").click()
        question = page.get_by_role("group", name="这家是第一次拿到反诈资料吗？")
        await question.get_by_role("button", name=answer).click()
        await expect(question).to_be_hidden()
        await page.wait_for_timeout(150)  # at least: as above
    await stored(site, "handout", 2)
    tally = await site.make.fetch("select first_asked::int, first_yes::int from zone_tally")
    assert tally == [{"first_asked": 2, "first_yes": 1}]


async def test_a_question_about_a_week_is_answered_calmly(site: Site) -> None:
    page_of = await phone(site)
    page = await signed_in(site, page_of)
    make, world = site.make, site.world
    rider = await make.value("select rider_id from rider where name = '沈师傅'")
    await make.insert(
        "review_flag", city_id=99, flag_id=make.id(), campaign_id=world.campaign, rider_id=rider, outlet_id=world.outlets[0],
        week_starts_on=date(2027, 4, 12), score=6.2, zone_copies={}, status="open", raised_at=make.now, changed_at=make.now,
        reasons=[{"points": 6.2, "facts": {"slug": "round-numbers", "round_numbers": 9, "confirmations": 12}}],
    )  # fmt: skip
    await page.reload()
    await page.get_by_role("button", name="有 1 个小问题").click()
    await page.get_by_label("您怎么说都行").fill("整捆发完才记的")
    await page.get_by_role("button", name="发送").click()
    await expect(page.get_by_text("收到了，谢谢您")).to_be_visible()
    assert await make.value("select rider_answer from review_flag") == "整捆发完才记的"


async def test_signing_out_keeps_what_waits_and_forgets_whose_phone_it_was(site: Site) -> None:
    visitor = await phone(site)
    page = await signed_in(site, visitor)
    visitor.expected += ["ERR_INTERNET_DISCONNECTED"]
    await visitor.context.set_offline(True)
    await page.locator("[data-tap]").click()
    await expect(page.locator("[data-waiting]")).to_contain_text("1 条待发")
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="退出").click()
    await expect(page.get_by_text("还有 1 条没发出")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="退出", exact=True).click()
    await visitor.context.set_offline(False)
    # Whoever comes next is told what is noted; nobody agrees for somebody else.
    await page.get_by_role("button", name="知道了，开始").click()
    await page.get_by_label("六位 PIN").fill(PIN)
    await delivered(page)
    assert await site.make.value("select count(*)::int from handout") == 1


async def test_what_was_agreed_to_before_the_pin_is_on_record_and_may_be_withdrawn(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    answers = "select purpose, version, given from privacy_consent order by consent_id"
    await expect(page.locator("[data-tap]")).to_be_visible()
    await page.get_by_role("button", name="更多").click()
    async with page.expect_download() as taken:
        await page.get_by_role("button", name="导出我的记录").click()
    record = json.loads((await (await taken.value).path()).read_text())
    assert record["rider"]["name"] == "沈师傅"
    assert await site.make.fetch(answers) == [{"purpose": "taking_part", "version": 2, "given": True}]
    await page.get_by_role("button", name="不再参加").click()
    await page.get_by_role("dialog").get_by_role("button", name="不再参加").click()
    await page.get_by_role("button", name="回去继续发").click()
    await expect(page.get_by_role("heading", name="您已退出")).to_be_visible()
    await expect(page.locator("[data-tap]")).to_be_hidden()
    await page.get_by_role("button", name="同意并继续").click()
    await tap(page, 1)
    await delivered(page)
    assert [row["given"] for row in await site.make.fetch(answers)] == [True, False, True]


async def test_a_newer_notice_is_shown_before_the_next_tap(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await tap(page, 1)
    planner = await site.make.planner(99)
    text = {
        "version": 3,
        "text_zh": "新的说明：记录份数、时间和片区，不记录收件人。" * 2,
        "text_en": "The new notice in plain words, twenty and more.",
    }
    published = await page.context.request.post(f"{site.address}/api/privacy/notices", headers=planner, data=text)
    assert published.ok, await published.text()
    await page.reload()
    await expect(page.get_by_role("heading", name="说明有更新")).to_be_visible()
    await page.get_by_text("说明全文").click()
    await expect(page.get_by_text("新的说明：记录份数").first).to_be_visible()
    # How the rider stood before, told late, does not ask again.
    asked, free = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == "GET":
            before = await route.fetch()
            asked.set()
            await free.wait()
            await route.fulfill(response=before)
        else:
            await route.fallback()

    await page.route("**/api/privacy/consent", hold)
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await asked.wait()
    await page.get_by_role("button", name="同意并继续").click()
    await expect(page.locator("[data-tap]")).to_be_visible()
    async with page.expect_response(lambda answer: answer.request.method == "GET" and "consent" in answer.url):
        free.set()
    await tap(page, 2)
    assert await site.make.value("select max(version) from privacy_consent where given") == 3


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_everything_is_large_enough_for_gloves_and_fits_the_smallest_phone(site: Site, language: str) -> None:
    visitor = await phone(site)
    page = await visitor.page("/r?lang=" + language + (await slip(site)).removeprefix("/r"))
    faults = await small(page)
    await page.locator(".act").click()
    faults += await small(page)
    await page.locator(".pin").fill(PIN)
    await expect(page.locator("[data-tap]")).to_be_visible()
    await page.locator("[data-tap]").click()
    await expect(page.locator(".undo-line .second")).to_be_visible()
    faults += await small(page)
    assert await page.evaluate("document.documentElement.scrollHeight <= window.innerHeight"), "the home screen scrolls"
    for number in range(3):
        await page.locator(".three button").nth(number).click()
        faults += await small(page)
        await page.keyboard.press("Escape")
    await page.locator(".choice").click()
    faults += await small(page)
    await page.keyboard.press("Escape")
    for opener in (".pill", ".dots"):
        await page.locator(opener).click()
        faults += await small(page)
        await page.go_back()
    assert faults == []


SMALL = """() => {
  const faults = []
  const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.visually-hidden')
  for (const e of document.querySelectorAll('button, input, textarea, a[href]')) {
    const box = e.getBoundingClientRect()
    if (seen(e) && (box.height < 55.5 || box.width < 55.5)) faults.push(`target ${e.textContent.trim()} ${box.width}x${box.height}`)
    if (seen(e) && (box.left < 0 || box.right > innerWidth + 0.5)) faults.push(`outside ${e.textContent.trim()}`)
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement
    if (walker.currentNode.data.trim() && seen(e) && !e.closest('noscript, script, style') && parseFloat(getComputedStyle(e).fontSize) < 18) faults.push(`text ${walker.currentNode.data.trim()}`)
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push('wider than the phone')
  return faults
}"""


async def small(page: Page) -> list[str]:
    """Texts under 18 px, targets under 56 px, anything beyond the screen's edge, and what axe minds."""
    return [*await page.evaluate(SMALL), *await violations(page)]
