"""The rider's figures through lost answers: what was handed out never falls, what is left never rises."""

import json
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Dialog, Page, Route, expect
from playwright.async_api import Error as PlaywrightError

from dispatch.handouts import pack, question
from tests.browser.conftest import Site
from tests.browser.test_rider_page import PIN, phone, signed_in, stored, tap
from tests.waiting import until


@pytest.fixture(autouse=True)
def no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """No tap carries the first-copy question here."""
    for module in (question, pack):
        monkeypatch.setattr(module, "QUESTION_SHARE", 0)


# Notes each pair of figures that the page shows.
WATCH = """() => {
  window.shown = []
  const look = () => {
    const [done, left] = ['[data-done]', '[data-left]'].map((each) => Number(document.querySelector(each)?.textContent))
    const last = window.shown[window.shown.length - 1]
    if (document.querySelector('[data-done]') && String(last) !== String([done, left])) window.shown.push([done, left])
  }
  look()
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""


async def falls(page: Page) -> list[Any]:
    """Where the figures went back."""
    shown: list[list[int]] = await page.evaluate("window.shown")
    assert len(shown) > 1
    return [[a, b] for a, b in pairwise(shown) if b[0] < a[0] or b[1] > a[1]]


async def test_taps_answered_in_a_moment_of_signal_stay_in_the_figures(site: Site) -> None:
    visitor = await phone(site)
    visitor.expected += ["ERR_"]
    page = await signed_in(site, visitor)
    for done in range(1, 4):
        await tap(page, done)
    await stored(site, "handout", 3)
    await page.evaluate(WATCH)
    # Signal for as long as an answer to the sync takes: every day that is asked for after it is lost.
    await visitor.context.route("**/api/handouts/own-day", lambda route: route.abort("connectionreset"))
    for done in range(4, 8):
        await tap(page, done)
    await stored(site, "handout", 7)
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0")
    await expect(page.locator("[data-left]")).to_have_text("93")
    assert await falls(page) == []
    await page.get_by_role("button", name="我的一天").click()
    await expect(page.get_by_role("listitem")).to_have_count(7)
    # The same after the page was loaded again.
    await page.reload()
    await expect(page.locator("[data-done]")).to_have_text("7")
    await expect(page.locator("[data-left]")).to_have_text("93")


async def test_figures_stay_when_the_answer_brings_none_and_no_day_can_be_read(site: Site) -> None:
    visitor = await phone(site)
    visitor.expected += ["ERR_"]
    page = await signed_in(site, visitor)
    await page.evaluate(WATCH)
    await visitor.context.route("**/api/handouts/own-day", lambda route: route.abort("connectionreset"))

    async def without(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "own_day": None})

    await visitor.context.route("**/api/handouts/sync", without)
    for done in range(1, 6):
        await tap(page, done)
    await stored(site, "handout", 5)
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0")
    await page.reload()
    await expect(page.locator("[data-done]")).to_have_text("5")
    await page.evaluate(WATCH)
    await visitor.context.unroute("**/api/handouts/own-day")
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await tap(page, 6)
    await stored(site, "handout", 6)
    await expect(page.locator("[data-left]")).to_have_text("94")
    assert await falls(page) == []


async def test_figures_stay_while_the_answers_to_what_was_sent_are_lost(site: Site) -> None:
    visitor = await phone(site)
    visitor.expected += ["ERR_"]
    page = await signed_in(site, visitor)
    await page.evaluate(WATCH)
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        with suppress(PlaywrightError):
            await route.fetch()
            lost += 1
        await route.abort("connectionreset")

    await visitor.context.route("**/api/handouts/sync", lose)
    for done in range(1, 5):
        await tap(page, done)
    await until(lambda: lost >= 1, "an answer is lost")
    # The day is read meanwhile; it has what the phone believes to be unsent.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await stored(site, "handout", 4)
    await visitor.context.unroute("**/api/handouts/sync")
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0")
    await expect(page.locator("[data-left]")).to_have_text("96")
    assert await falls(page) == []
    assert await site.make.value("select sum(copies)::int from handout") == 4


async def test_refused_taps_stay_counted_as_one_card_that_says_what_is_on_record(site: Site) -> None:
    page = await signed_in(site, await phone(site), copies=5)
    await page.evaluate(WATCH)
    await site.make.fetch("update stock_balance set quantity = 0 where holder_kind = 'rider'")
    for done in range(1, 6):
        await tap(page, done)
    await expect(page.get_by_role("button", name="需要核对的 5 条")).to_be_visible()
    await expect(page.locator("[data-done]")).to_have_text("5")
    assert await falls(page) == []
    # Also when the phone has to learn of them from the server, as after a lost answer.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.get_by_role("button", name="需要核对的 5 条").click()
    card = page.locator(".refused li")
    await expect(card).to_have_count(1)
    await expect(card).to_contain_text("发出 5 份")
    await expect(card).to_contain_text("5 条")
    await expect(card).to_contain_text("登记在您名下的只剩 0 份")


async def test_a_page_that_can_keep_nothing_asks_before_it_closes_with_unsent_taps(site: Site) -> None:
    visitor = await phone(site, service_workers="block")
    visitor.expected += ["ERR_"]
    await visitor.context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { value: undefined });"
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })"
    )
    page = await signed_in(site, visitor)
    await visitor.context.route("**/api/handouts/sync", lambda route: route.abort("connectionreset"))
    await tap(page, 1)
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.close(run_before_unload=True)
    await until(lambda: asked == ["beforeunload"], "the browser asks")
    await visitor.context.unroute("**/api/handouts/sync")
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await stored(site, "handout", 1)
    await expect(page.locator("[data-waiting]")).to_have_attribute("data-count", "0")
    # Nothing is left to lose: it closes.
    await page.close(run_before_unload=True)
    await until(page.is_closed, "the page closes")
    assert asked == ["beforeunload"]


async def test_many_copies_are_typed_and_undone_after_the_page_was_loaded_again(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    # 100 of bundles of 50 less one: nearly two.
    await tap(page, 1)
    await expect(page.get_by_text("约 2 捆")).to_be_visible()
    await page.get_by_role("button", name="多份", exact=True).click()
    for key in "37":
        await page.get_by_role("dialog").get_by_role("button", name=key, exact=True).click()
    await page.get_by_role("button", name="记 37 份").click()
    await expect(page.locator("[data-done]")).to_have_text("38")
    await stored(site, "handout", 2)
    await page.reload()
    await expect(page.get_by_text("已记 37 份")).to_be_visible()
    await page.get_by_role("button", name="撤回").click()
    await expect(page.locator("[data-done]")).to_have_text("1")
    await page.reload()
    await expect(page.locator("[data-done]")).to_have_text("1")
    await expect(page.get_by_role("button", name="撤回")).to_be_hidden()


async def test_the_day_is_folded_by_hour(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await tap(page, 1)
    await tap(page, 2)
    await stored(site, "handout", 2)
    site.clock.now += timedelta(hours=1)
    # The phone learns the server's hour from the day it reads.
    async with page.expect_response("**/api/flags/own"):
        await page.reload()
    await tap(page, 3)
    await page.get_by_role("button", name="我的一天").click()
    hours = page.locator(".hour-head")
    await expect(hours).to_have_count(2)
    await expect(page.get_by_role("listitem")).to_have_count(1)
    await expect(hours.nth(1)).to_contain_text("2 份")
    await hours.nth(1).click()
    await expect(page.get_by_role("listitem")).to_have_count(3)


async def test_signing_out_without_signal_ends_the_session_before_anything_else_is_asked(site: Site) -> None:
    visitor = await phone(site)
    visitor.expected += ["ERR_"]
    page = await signed_in(site, visitor)
    await site.make.fetch("update stock_balance set quantity = 0 where holder_kind = 'rider'")
    await page.locator("[data-tap]").click()
    await expect(page.get_by_role("button", name="需要核对的 1 条")).to_be_visible()
    await visitor.context.set_offline(True)
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="退出").click()
    await page.get_by_role("dialog").get_by_role("button", name="退出", exact=True).click()
    await expect(page.get_by_role("button", name="知道了，开始")).to_be_visible()
    assert json.loads(await page.evaluate(KEPT_RECORDS)) == []
    assert await site.make.value("select count(*)::int from session") == 1
    asked: list[str] = []
    visitor.context.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    await visitor.context.set_offline(False)
    await page.reload()
    await expect(page.get_by_role("button", name="知道了，开始")).to_be_visible()

    async def ended() -> bool:
        return await site.make.value("select count(*)::int from session") == 0

    await until(ended, "the session is ended")
    assert asked[0].endswith("/api/sign-out")
    await page.get_by_role("button", name="知道了，开始").click()
    await page.get_by_label("六位 PIN").fill(PIN)
    await expect(page.locator("[data-tap]")).to_be_visible()
    assert await site.make.value("select count(*)::int from session") == 1


# Waiting and refused records that are left on the phone.
KEPT_RECORDS = """async () => {
  const open = indexedDB.open('rider'), db = await new Promise((done) => (open.onsuccess = () => done(open.result)))
  const all = (name) => new Promise((done) => { const found = db.transaction(name).objectStore(name).getAll(); found.onsuccess = () => done(found.result) })
  return JSON.stringify((await Promise.all(['waiting', 'refused'].map(all))).flat())
}"""


async def test_one_riders_taps_are_never_another_riders_and_wait_under_the_code(site: Site) -> None:
    visitor = await phone(site)
    visitor.expected += ["ERR_", "409"]
    page = await signed_in(site, visitor)
    make, world = site.make, site.world
    code = await make.value("select code from rider where name = '沈师傅'")
    colleague = await make.rider(99, world.outlets[0], pin="111222", name="李师傅")
    await make.stock(99, world.campaign, world.material, "rider", colleague, 100)
    await visitor.context.route("**/api/handouts/sync", lambda route: route.abort("connectionreset"))
    await tap(page, 1)
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="退出").click()
    await page.get_by_role("dialog").get_by_role("button", name="退出", exact=True).click()
    await visitor.context.unroute("**/api/handouts/sync")
    await page.get_by_role("button", name="知道了，开始").click()
    await page.get_by_label("六位 PIN").fill("111222")
    await expect(page.locator("[data-done]")).to_have_text("0")
    await tap(page, 1)
    await stored(site, "handout", 1)
    await page.get_by_role("button", name="我的一天").click()
    await expect(page.get_by_text(f"骑手 {code} 的 1 条记录")).to_be_visible()
    await expect(page.get_by_role("listitem")).to_have_count(1)
    assert "沈师傅" not in await page.inner_text("body")
    assert [row["holder_id"] for row in await make.fetch("select holder_id from handout")] == [colleague]
