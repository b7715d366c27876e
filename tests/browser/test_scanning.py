"""Labels are scanned by camera in every browser: Chromium on a desk has no detector of its own and reads with ours."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import segno
from playwright.async_api import Browser, async_playwright, expect

from dispatch.database import new_id
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Site
from tests.browser.test_firm_desk import ask, code, delivered, manager, take_part, waybill

WIDTH, HEIGHT = 640, 480


def film(path: Path, text: str) -> None:
    """A film of a label: its symbol in the middle of a grey picture, as a camera's driver gives it (YUV 4:2:0)."""
    modules = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(scale=8, border=4)]
    top, left = (HEIGHT - len(modules)) // 2, (WIDTH - len(modules[0])) // 2
    light = [bytearray([140] * WIDTH) for _ in range(HEIGHT)]
    for row, line in enumerate(modules):
        light[top + row][left : left + len(line)] = bytes(40 if dark else 220 for dark in line)
    frame = b"FRAME\n" + b"".join(light) + bytes([128]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F15:1 Ip A1:1 C420\n".encode() + frame * 4)


@asynccontextmanager
async def camera(film: Path | None) -> AsyncGenerator[Browser]:
    """A Chromium whose only camera plays the film; without a film it has none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install it, or name it in CHROMIUM")
    devices = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"] if film else []
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *devices])
        yield launched
        await launched.close()


async def test_a_bundle_held_before_the_camera_joins_the_hand_over(site: Site, tmp_path: Path) -> None:
    film(tmp_path / "label.y4m", "HB-0001-03")
    await take_part(site)
    visitor = await site.visit(await manager(site))
    await delivered(site, visitor)
    issued = await waybill(site, visitor, 400)
    page = await visitor.page("/")
    receipt = {"move_id": str(new_id(site.clock.now)), "received_copies": 400}
    await ask(page, "POST", f"/api/waybills/{issued}/receive", receipt, await manager(site))
    async with camera(tmp_path / "label.y4m") as other:
        filming = await site.visit(await manager(site), other, permissions=["camera"])
        page = await filming.page("/hand-over")
        form = page.locator("form.panel")
        rider = await code(site, "rider", site.world.riders[0])
        await form.get_by_label("骑手", exact=True).select_option(rider)
        await form.get_by_role("button", name="相机扫描").click()
        await expect(form.get_by_text("已读到 HB-0001-03")).to_be_visible(timeout=15_000)
        await expect(form.get_by_text("HB-0001-03：1 捆 50 份")).to_be_visible()
        # It stays in sight and is still one bundle; closed, the camera runs no more.
        await form.get_by_role("button", name="停止扫描").click()
        await expect(form.locator("video")).to_have_count(0)
        await form.get_by_role("button", name="加入清单").click()
        await page.get_by_role("button", name="提交 1 项，共 50 份").click()
        await expect(page.get_by_text("已记录 1 项")).to_be_visible()
        await page.goto(f"{site.address}/bundles")
        await page.get_by_role("button", name="相机扫描").click()
        await expect(page.get_by_role("heading", name="HB-0001-03")).to_be_visible(timeout=15_000)
        await filming.context.close()
    assert await site.make.value("select holder_kind from bundle where code = 'HB-0001-03'") == "rider"


async def test_who_may_not_use_the_camera_is_told_so_and_types(site: Site) -> None:
    await take_part(site)
    visitor = await site.visit(await manager(site))
    page = await visitor.page("/bundles")
    await page.get_by_role("button", name="相机扫描").click()
    await expect(
        page.get_by_text("没有找到相机。请输入编号，或使用扫码枪。").or_(page.get_by_text("没有使用相机的权限"))
    ).to_be_visible()
    await expect(page.get_by_role("button", name="相机扫描")).to_be_enabled()
    await expect(page.get_by_label("捆号")).to_be_editable()


async def test_a_camera_that_is_not_allowed_is_told_apart_from_none(site: Site, tmp_path: Path) -> None:
    film(tmp_path / "label.y4m", "HB-0001-03")
    await take_part(site)
    async with camera(tmp_path / "label.y4m") as other:
        visitor = await site.visit(await manager(site), other)
        page = await visitor.page("/bundles")
        await page.get_by_role("button", name="相机扫描").click()
        await expect(page.get_by_text("没有使用相机的权限")).to_be_visible()
        await visitor.context.close()
