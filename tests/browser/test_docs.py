"""The contract as pages: an operation, its refusals and its example, without a script and without a fault."""

from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Site, picture, violations


async def shows_claim_batch(page: Page) -> None:
    """The operation with what is sent, an example of it, who may, and why it may be refused."""
    operation = page.locator("#claim_batch")
    await expect(operation.get_by_role("heading").first).to_contain_text("Claim")
    await expect(operation.locator(".address")).to_contain_text("/api/batches/{batch_id}/claim")
    await expect(operation.locator("pre")).to_contain_text('"claim_id": "0197f2a4')
    await expect(operation).to_contain_text("outlet_manager")
    for slug in ("too-many-requests", "cross-site-request", "not-found"):
        await expect(operation.get_by_role("link", name=slug, exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_programmer_reads_an_operation_its_refusals_and_its_example(
    site: Site, size: ViewportSize, scheme: str
) -> None:
    visitor = await site.visit(viewport=size, color_scheme=scheme)
    page = await visitor.page("/api/docs/batches#claim_batch")
    await shows_claim_batch(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page is too wide"
    assert await violations(page) == []
    await page.screenshot(path=picture(f"docs-{size['width']}-{scheme}"))


async def test_a_refusal_leads_to_what_it_means_and_a_struct_to_its_members(site: Site) -> None:
    visitor = await site.visit(locale="en-GB")
    page = await visitor.page("/api/docs")
    await page.get_by_role("link", name="/api/handouts/sync").click()
    await page.locator("#sync_handouts").get_by_role("link", name="SyncRequest").first.click()
    await expect(page.locator("#SyncRequest")).to_be_in_viewport()
    await expect(page.locator("#SyncRequest")).to_contain_text("Correction")
    await page.locator("#sync_handouts").get_by_role("link", name="too-many-requests").click()
    await expect(page.locator("#too-many-requests")).to_be_in_viewport()


async def test_the_words_around_the_contract_are_in_the_readers_language(site: Site) -> None:
    chinese, english = await site.visit(), await site.visit(locale="en-GB")
    page = await chinese.page("/api/docs/handouts")
    await expect(page.locator("h1")).to_have_text("发放确认")
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("h1")).to_have_text("Handouts")
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.get_by_role("navigation").get_by_role("link", name="Problems").click()
    await expect(page.locator("h1")).to_have_text("Problems")
    other = await english.page("/api/docs")
    await expect(other.locator("h1")).to_have_text("Overview")


async def test_nothing_in_the_pages_runs_or_comes_from_elsewhere(site: Site) -> None:
    """Faults of the console, such as a breach of the policy, fail every browser test; here is what could make them."""
    visitor = await site.visit()
    asked: list[str] = []
    visitor.context.on("request", lambda request: asked.append(request.url))
    page = await visitor.page("/api/docs/coverage")
    found: dict[str, Any] = await page.evaluate(
        "({scripts: document.scripts.length, styles: document.querySelectorAll('style, [style]').length})"
    )
    assert found == {"scripts": 0, "styles": 0}
    assert {url.removeprefix(site.address).partition("?")[0] for url in asked} <= {
        "/api/docs/coverage", "/api/docs.css", "/favicon.svg",
    }  # fmt: skip
