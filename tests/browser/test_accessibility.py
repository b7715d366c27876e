"""Every page of every role: no serious or critical violation, nothing wider than a phone, nothing from elsewhere.

The pages are those of the role's own menu, so that a new page is judged without being named here.
"""

import pytest
from playwright.async_api import Page

from tests.browser.conftest import DESK, PHONE, Site, settled, violations
from tests.contract.furnished import Things, furnish

ROLES = ["planner", "district_planner", "auditor", "firm_manager", "outlet_manager"]


async def signed_in(site: Site, things: Things, role: str) -> dict[str, str]:
    """Headers of somebody of the role who has something to look at."""
    city, partner, outlet = things.world.city_id, things.world.partners[0], things.world.outlets[0]
    match role:
        case "planner":
            return await site.make.planner(city)
        case "district_planner":
            return await site.make.planner(city, division_code="990101")
        case "auditor":
            return await site.make.session(city, account_id=await site.make.account(city, "auditor"))
        case "firm_manager":
            return await site.make.firm_manager(city, partner)
        case _:
            return await site.make.outlet_manager(city, partner, outlet)


async def pages_of(page: Page) -> list[str]:
    """The addresses of the menu and the head."""
    addresses: list[str] = await page.evaluate(
        "[...document.querySelectorAll('#menu a, .head a')].map((each) => each.getAttribute('href'))"
    )
    return sorted({address for address in addresses if address.startswith("/") and address != "/"})


@pytest.mark.parametrize("role", ROLES)
async def test_no_page_of_a_role_shuts_anybody_out_or_is_wider_than_a_phone(site: Site, role: str) -> None:
    things = await furnish(site.make, 98)
    visitor = await site.visit(await signed_in(site, things, role))
    page = await visitor.page("/")
    await page.wait_for_selector("#menu")
    await settled(page)
    addresses = await pages_of(page)
    assert len(addresses) >= 2, addresses
    faults: list[str] = []
    for address in addresses:
        await page.goto(visitor.address + address)
        await settled(page)
        faults += [f"{address}: {fault}" for fault in await violations(page)]
        await page.set_viewport_size(PHONE)
        width = await page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            faults.append(f"{address}: {width} px wide on a phone of {PHONE['width']} px")
        await page.set_viewport_size(DESK)
    assert faults == []


@pytest.mark.parametrize("path", ["/", "/r", "/r#O1"])
async def test_a_stranger_can_use_the_ways_in(site: Site, path: str) -> None:
    visitor = await site.visit()
    page = await visitor.page(path)
    await settled(page)
    assert await violations(page) == []
