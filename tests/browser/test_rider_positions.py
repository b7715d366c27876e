"""Precise positions on the rider's page: asked once, nothing changes for a no, a withdrawal counts on the phone at once."""

import json
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, Request, expect

from dispatch.geo.datum import convert
from tests.browser.conftest import Site, Visitor, violations
from tests.browser.test_rider_page import delivered, phone, question_share, signed_in, stored, tap
from tests.make import ORIGIN, SIDE

__all__ = ["question_share"]
pytestmark = pytest.mark.usefixtures("question_share")

# In the first zone of the standard world, as the phone measures it.
IN_CITY = (ORIGIN[0] + SIDE / 2, ORIGIN[1] + SIDE / 2)
CARD = "还有一件事想问您：精确位置"
# What the page keeps on this phone, on every rider's records that wait.
WAITING = """() => new Promise((done) => {
  const opening = indexedDB.open('rider')
  opening.onsuccess = () => {
    const asked = opening.result.transaction('waiting').objectStore('waiting').getAll()
    asked.onsuccess = () => { opening.result.close(); done(asked.result.map((each) => each.record)) }
  }
})"""


def records_of(request: Request) -> list[dict[str, Any]]:
    """The records of a sync as they left the phone."""
    return json.loads(request.post_data or "")["records"]


async def city_datum(site: Site) -> Any:
    return await site.make.value("select datum from city where city_id = 99")


async def asked(site: Site) -> tuple[Visitor, Page]:
    """A rider at home on a phone that may say where it is, in a campaign that asks for positions."""
    await site.make.position_permit(site.world, keep_days=5)
    longitude, latitude = convert(np.array([IN_CITY]), await city_datum(site), "wgs84")[0].tolist()
    visitor = await phone(
        site, geolocation={"longitude": longitude, "latitude": latitude, "accuracy": 12}, permissions=["geolocation"]
    )
    page = await signed_in(site, visitor)
    await expect(page.get_by_role("button", name=CARD)).to_be_visible()
    return visitor, page


async def locating(page: Page) -> None:
    """The rider lets the phone look for its cell."""
    await page.locator(".choice").click()
    await page.get_by_role("switch").click()
    await expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    await page.get_by_role("button", name="好了").click()
    await expect(page.locator(".choice")).to_contain_text("按地图格子")


async def agreed(site: Site) -> tuple[Visitor, Page]:
    visitor, page = await asked(site)
    await locating(page)
    await page.get_by_role("button", name=CARD).click()
    await page.get_by_role("button", name="同意", exact=True).click()
    await expect(page.locator("[data-position=agreed]")).to_be_visible()
    await page.get_by_role("button", name="回去继续发").click()
    await expect(page.get_by_role("button", name=CARD)).to_be_hidden()
    return visitor, page


async def test_the_question_gives_reason_and_days_and_may_be_left_for_later(site: Site) -> None:
    _, page = await asked(site)
    await page.get_by_role("button", name=CARD).click()
    await expect(page.get_by_text("核对老城区楼栋的发放点位")).to_be_visible()
    await expect(page.get_by_text("每个位置保存 5 天")).to_be_visible()
    await expect(page.get_by_text("同意与否完全由您决定")).to_be_visible()
    yes = await page.get_by_role("button", name="同意", exact=True).bounding_box()
    no = await page.get_by_role("button", name="不同意", exact=True).bounding_box()
    assert yes
    assert no
    assert (yes["width"], yes["height"]) == pytest.approx((no["width"], no["height"]), abs=0.5)
    assert await violations(page) == []
    await page.get_by_role("button", name="以后再说").click()
    await expect(page.locator("[data-tap]")).to_be_visible()
    await expect(page.get_by_role("button", name=CARD)).to_be_hidden()
    await page.reload()
    await expect(page.locator("[data-tap]")).to_be_visible()
    await expect(page.get_by_role("button", name=CARD)).to_be_hidden()
    await page.get_by_role("button", name="更多").click()
    await expect(page.get_by_text("除非您另行同意，坐标不离开手机")).to_be_visible()
    await page.get_by_role("button", name="精确位置 · 还没有选择").click()
    await expect(page.get_by_role("button", name="不同意", exact=True)).to_be_visible()
    assert await site.make.value("select count(*)::int from position_answer") == 0


async def test_where_no_campaign_asks_nothing_is_said_of_it(site: Site) -> None:
    page = await signed_in(site, await phone(site))
    await page.get_by_role("button", name="更多").click()
    await expect(page.get_by_text("坐标不离开手机")).to_be_visible()
    await expect(page.get_by_text("除非您另行同意")).to_be_hidden()
    await expect(page.get_by_role("button", name="精确位置")).to_be_hidden()


async def test_who_says_no_hands_out_as_before_and_no_position_is_sent(site: Site) -> None:
    _, page = await asked(site)
    await locating(page)
    await page.get_by_role("button", name=CARD).click()
    await page.get_by_role("button", name="不同意", exact=True).click()
    await expect(page.locator("[data-position=declined]")).to_be_visible()
    await page.get_by_role("button", name="回去继续发").click()
    await expect(page.get_by_role("button", name=CARD)).to_be_hidden()
    async with page.expect_request("**/api/handouts/sync") as sent:
        await tap(page, 1)
    assert "position" not in records_of(await sent.value)[0]
    await stored(site, "handout", 1)
    await delivered(page)
    assert await site.make.value("select cell is not null from handout")
    assert await site.make.value("select count(*)::int from handout_position") == 0
    assert await site.make.value("select given from position_answer") is False


async def test_with_a_yes_the_position_of_the_tap_is_kept_in_the_citys_datum(site: Site) -> None:
    _, page = await agreed(site)
    await tap(page, 1)
    await stored(site, "handout_position", 1)
    kept = (await site.make.fetch("select longitude, latitude, accuracy_metres from handout_position"))[0]
    assert (kept["longitude"], kept["latitude"]) == pytest.approx(IN_CITY, abs=2e-6)
    assert kept["accuracy_metres"] == 12
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="精确位置 · 已同意").click()
    await expect(page.get_by_text("现在保存着您的 1 个位置")).to_be_visible()


async def test_without_the_use_of_location_a_yes_sends_nothing(site: Site) -> None:
    _, page = await agreed(site)
    await page.locator(".choice").click()
    await page.get_by_role("switch").click()
    await expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    await page.get_by_role("button", name="好了").click()
    async with page.expect_request("**/api/handouts/sync") as sent:
        await tap(page, 1)
    assert "position" not in records_of(await sent.value)[0]


async def test_a_withdrawal_without_signal_counts_at_once_and_is_told_later(site: Site) -> None:
    visitor, page = await agreed(site)
    await tap(page, 1)
    await stored(site, "handout_position", 1)
    await delivered(page)
    visitor.expected += ["ERR_INTERNET_DISCONNECTED"]
    await visitor.context.set_offline(True)
    await tap(page, 2)
    await expect(page.locator("[data-waiting]")).to_contain_text("1 条")
    assert ["position" in record for record in await page.evaluate(WAITING)] == [True]
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="精确位置 · 已同意").click()
    await page.get_by_role("button", name="撤回", exact=False).click()
    await expect(page.locator("[data-position=declined]")).to_contain_text("在这部手机上已经生效")
    assert ["position" in record for record in await page.evaluate(WAITING)] == [False]
    await page.get_by_role("button", name="回去继续发").click()
    await tap(page, 3)
    assert ["position" in record for record in await page.evaluate(WAITING)] == [False, False]
    # The page is closed and opened anew before there is signal: the withdrawal stands.
    await page.reload()
    await tap(page, 4)
    assert ["position" in record for record in await page.evaluate(WAITING)] == [False] * 3
    await visitor.context.set_offline(False)
    await stored(site, "handout", 4)
    await stored(site, "position_answer", 2)
    answers = await site.make.fetch("select given from position_answer order by answered_at, answer_id")
    assert [row["given"] for row in answers] == [True, False]
    assert await site.make.value("select count(*)::int from handout_position") == 0
    await delivered(page)
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="精确位置 · 未同意").click()
    await expect(page.get_by_text("在这部手机上已经生效")).to_be_hidden()
