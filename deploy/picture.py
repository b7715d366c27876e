"""Takes deploy/picture.png, the picture of the planner's page in the README, from a running demonstration.

Needs Chromium and Playwright for Python, which the product itself does not; install Playwright in an environment of
its own. Start `dispatch demo` first, then: python deploy/picture.py http://127.0.0.1:8000/ [path of chromium]
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("picture.png")
WIDTH, HEIGHT, MOST_BYTES = 1366, 1180, 300_000


def take(address: str, chromium: str) -> None:
    """Sign in as the demonstration's planner and save what stands on the page, in Chinese."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{address}?lang=zh")
        page.click(".hints li:first-child button")
        page.wait_for_selector("path.zone")
        page.wait_for_load_state("load")
        # Figures arrive one by one.
        page.wait_for_function("!document.querySelector('progress')")
        page.screenshot(path=PICTURE)
        browser.close()
    size = PICTURE.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{PICTURE} has {size} bytes, more than {MOST_BYTES}")


if __name__ == "__main__":
    take(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "/usr/bin/chromium")
