"""Takes deploy/picture.png, the picture of the planner's home in the README, from a running demonstration.

Needs Chromium and Playwright for Python, which the product itself does not; install Playwright in an environment of
its own. Start `dispatch demo --city full` first, then:
python deploy/picture.py http://127.0.0.1:8000/ [path of chromium]
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("picture.png")
WIDTH, HEIGHT, MOST_BYTES = 1366, 768, 300_000
# WebGL in software: the map is drawn as an office machine draws it.
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def take(address: str, chromium: str) -> None:
    """Sign in as the demonstration's planner and save what stands on the page, in Chinese."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{address}?lang=zh")
        page.click(".hints li:first-child button")
        page.wait_for_selector("[data-drawn=webgl]")
        # Figures arrive one by one.
        page.wait_for_function("!document.querySelector('progress')")
        page.mouse.move(430, 400)
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURE)
        browser.close()
    size = PICTURE.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{PICTURE} has {size} bytes, more than {MOST_BYTES}")


if __name__ == "__main__":
    take(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "/usr/bin/chromium")
