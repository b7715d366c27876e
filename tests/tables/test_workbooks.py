"""Excel in, Excel out: a workbook is taken like a CSV, and a refused table comes back explained."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from dispatch.tables.workbooks import XLSX
from tests.make import Make, World
from tests.zones.files import held, reasons

HOUSEHOLDS = "/api/zones/households/import"


def workbook(*records: tuple[Any, ...], other_sheet: bool = False) -> bytes:
    """A workbook of one sheet as a spreadsheet program writes it."""
    book = Workbook()
    sheet: Any = book.active
    for record in records:
        sheet.append(list(record))
    if other_sheet:
        book.create_sheet("说明").append(["不是数据"])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def send(
    api: httpx.AsyncClient, headers: dict[str, str], document: bytes, path: str = HOUSEHOLDS, **more: str
) -> httpx.Response:
    return await api.post(path, content=document, headers={**headers, "content-type": XLSX, **more})


def cells(document: bytes) -> list[list[str]]:
    sheet: Any = load_workbook(io.BytesIO(document)).worksheets[0]
    return [[cell or "" for cell in record] for record in sheet.iter_rows(values_only=True)]


async def test_a_workbook_is_taken_like_a_table_of_text(api: httpx.AsyncClient, make: Make, world: World) -> None:
    """Numbers, real dates, full-width digits, a blank row, a totals row and a second sheet."""
    document = workbook(
        (),
        ("片区代码", "片区名称", "户数", "人口", "来源", "截止日期"),
        (990101000, "一", 7001, 15000.0, "户籍", datetime(2027, 3, 1)),  # noqa: DTZ001  a sheet knows no zone
        (),
        ("990101001", "二", "６００１", None, None, "2027年3月2日"),
        ("合计", None, 13002),
        other_sheet=True,
    )
    answer = await send(api, await make.planner(99), document)
    assert answer.json() == {"created": 0, "changed": 2, "unchanged": 0}
    found = {row["code"]: row for row in (await held(make))["zone"]}
    assert [found[code]["households"] for code in ("990101000", "990101001")] == [7001, 6001]
    assert [found[code]["households_as_of"] for code in ("990101000", "990101001")] == [
        date(2027, 3, 1),
        date(2027, 3, 2),
    ]


async def test_a_refused_table_comes_back_with_the_reason_in_each_row(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = workbook(
        ("片区代码", "户数", "错误原因"),
        ("990101000", 7001, "上次的原因"),
        ("990109999", 5, None),
        ("990101001", "很多", None),
        ("990101000", "=1+1", None),
    )
    before = await held(make)
    headers = await make.planner(99)
    answer = await send(api, headers, document, accept=XLSX)
    assert (answer.status_code, answer.headers["content-type"]) == (422, XLSX)
    returned = cells(answer.content)
    assert returned[0] == ["片区代码", "户数", "错误原因"]
    assert returned[1] == ["990101000", "7001", ""]
    assert returned[3] == ["990101001", "很多", "户数：不是有效的数字"]
    again = await send(api, headers, answer.content)
    assert reasons(again) == reasons(await send(api, headers, document)), "it can be corrected and sent again"
    assert await held(make) == before


async def test_a_csv_in_gbk_comes_back_as_a_workbook_too(api: httpx.AsyncClient, make: Make, world: World) -> None:
    answer = await api.post(
        HOUSEHOLDS,
        content="片区代码,户数\n990101000,\n990101000,5\n".encode("gbk"),
        headers={**await make.planner(99), "content-type": "text/csv", "accept": XLSX},
    )
    assert cells(answer.content) == [
        ["片区代码", "户数", "错误原因"],
        ["990101000", "", "户数：不能为空"],
        ["990101000", "5", ""],
    ]


async def test_a_fault_of_the_whole_table_is_written_in_its_first_row(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = workbook(("片区代码", "人口"), ("990101000", 5))
    answer = await send(api, await make.planner(99), document, accept=XLSX)
    assert cells(answer.content)[1] == ["990101000", "5", "户数：缺少这一列"]


async def test_reasons_are_in_chinese_and_name_the_row_excel_shows(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = workbook(("片区代码", "户数"), ("990101000", 5), ("990101000", 6), ("Z", 7))
    answer = await send(api, await make.planner(99), document)
    assert [error["chinese"] for error in answer.json()["errors"]] == [
        "片区代码：与前面重复（见 Excel 第 2 行）",
        "片区代码：本市没有这个片区代码",
    ]


async def test_a_preview_says_what_would_happen_and_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(99)
    before = await held(make)
    document = workbook(("片区代码", "户数"), ("990101000", 7001), ("990101001", 7002))
    seen = await send(api, headers, document, f"{HOUSEHOLDS}?preview=true")
    assert seen.json() == {"created": 0, "changed": 2, "unchanged": 0, "changed_codes": ["990101000", "990101001"]}
    partners = workbook(("单位代码", "单位名称", "类型"), ("NEW", "新单位", "银行"), ("P1", "改名", "邮政"))
    seen = await send(api, headers, partners, "/api/partners/import?preview=true")
    assert seen.json() == {
        "created": 1,
        "changed": 1,
        "unchanged": 0,
        "created_codes": ["NEW"],
        "changed_codes": ["P1"],
    }
    assert await held(make) == before
    assert await make.fetch("select code from partner where city_id = 99 and code = 'NEW'") == []


async def test_a_preview_of_capacity_and_incidents_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    incidents = workbook(("片区代码", "月份", "诈骗类型", "发案数"), ("990101000", "2027-03", "刷单返利", 3))
    seen = await send(api, await make.planner(99), incidents, "/api/zones/incidents/import?preview=true")
    assert seen.json() == {"created": 1, "changed": 0, "unchanged": 0}
    assert await make.value("select count(*) from incident_count where city_id = 99") == 0
    await make.invitation(99, world.campaign, world.partners[0])
    capacity = workbook(("网点代码", "片区代码", "周一日期", "承接份数"), ("O3", "990101000", date(2027, 4, 26), 400))
    path = f"/api/campaigns/{world.campaign}/capacity/import?preview=true"
    seen = await send(api, await make.firm_manager(99, world.partners[0]), capacity, path)
    assert seen.json() == {"created": 1, "changed": 0, "unchanged": 0}
    assert await make.value("select count(*) from capacity where city_id = 99") == 0


def bomb(name: str, size: int) -> bytes:
    """A workbook with one part that unpacks to so many bytes."""
    written = io.BytesIO(workbook(("片区代码", "户数")))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as parts, parts.open(name, "w", force_zip64=True) as part:
        for _ in range(size // 10_000_000):
            part.write(b" " * 10_000_000)
    return written.getvalue()


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
)


def entity_bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(("片区代码", "户数")))) as parts, zipfile.ZipFile(written, "w") as made:
        for name in parts.namelist():
            made.writestr(name, ENTITIES if name == "xl/worksheets/sheet1.xml" else parts.read(name))
    return written.getvalue()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (bomb("xl/media/image.bin", 300_000_000), "too-large"),
        (bomb("xl/worksheets/../sharedStrings.xml", 70_000_000), "too-large"),
        (b"PK\x03\x04 and then nothing of a zip", "unreadable-workbook"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "not-text"),
        (entity_bomb(), "unreadable-workbook"),
        (workbook(), "missing-column"),
    ],
    ids=["a part unpacks to much", "shared texts unpack to much", "no zip", "old kind", "entities", "empty"],
)
async def test_a_workbook_that_would_eat_the_memory_or_is_none_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, document: bytes, reason: str
) -> None:
    before = await held(make)
    answer = await send(api, await make.planner(99), document)
    assert reasons(answer) == [(0, None, reason)]
    assert await held(make) == before
