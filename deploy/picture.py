"""Takes deploy/picture.png, the picture in the README, from a running demonstration: an office screen and a phone.

Needs the system's Chromium and Playwright, which comes with the development tools. Start `dispatch demo`, then:
python deploy/picture.py http://127.0.0.1:8000 [path of chromium]
"""

import base64
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PICTURE = Path(__file__).with_name("picture.png")
MOST_BYTES = 300_000
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
# Side by side as a reader sees them: an office screen and a phone, on the page's own ground.
SHEET = """<body style="margin:0;background:#dfe5ec;display:flex;gap:26px;align-items:center;padding:26px">
<img style="width:1000px;border-radius:8px;box-shadow:0 6px 24px #0003" src="{desk}">
<img style="width:230px;border-radius:18px;box-shadow:0 6px 24px #0003" src="{phone}"></body>"""


def _taken(browser: Browser, address: str, path: str, role: str, width: int, height: int) -> str:
    """A data URL of the page that somebody of the role sees first."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    start = context.request.get(f"{address}/api/start").json()
    hint = next(each for each in start["demonstration_sign_ins"] if each["role"] == role)
    ways = {"pin": ("outlet_code", "pin"), "password": ("login", "password")}
    kind = "pin" if hint["pin"] else "password"
    body = {"kind": kind, "city_code": hint["city_code"], **{name: hint[name] for name in ways[kind]}}
    page = context.new_page()
    page.goto(f"{address}{path}")
    if kind == "password":
        context.request.post(f"{address}/api/sign-in", data=body, headers={"x-requested-with": "dispatch"})
        page.goto(f"{address}{path}")
        page.wait_for_selector("canvas, svg path")
    else:
        page.get_by_role("button", name="知道了，开始").click()
        page.locator("input[inputmode=numeric]").last.fill(hint["pin"])
        page.keyboard.press("Enter")
    # Figures arrive one by one, tiles after them.
    page.wait_for_timeout(4000)
    picture = base64.b64encode(page.screenshot()).decode()
    context.close()
    return f"data:image/png;base64,{picture}"


def take(address: str, chromium: str) -> None:
    """Photograph both pages and put them beside each other."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        desk = _taken(browser, address, "/", "planner", 1366, 768)
        phone = _taken(browser, address, "/r#ZTO-0001", "rider", 360, 640)
        sheet = browser.new_page(viewport={"width": 1308, "height": 614})
        sheet.set_content(SHEET.format(desk=desk, phone=phone))
        sheet.screenshot(path=PICTURE)
        browser.close()
    size = PICTURE.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{PICTURE} has {size} bytes, more than {MOST_BYTES}")


if __name__ == "__main__":
    take(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "/usr/bin/chromium")
