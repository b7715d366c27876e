"""Files from strangers: whatever they hold, an importer takes them whole or not at all, in bounded time and memory, and
never fails. Fixed horrors first, then a sound file broken at random places."""

import asyncio
import io
import tracemalloc
import zipfile

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.tables.sheets import read_table
from dispatch.tables.workbooks import XLSX
from dispatch.zones.rules import HOUSEHOLD_COLUMNS
from tests.contract.furnished import state_of
from tests.make import Make, World
from tests.waiting import HANG_SECONDS
from tests.zones.files import GEOJSON, collection, known

CSV = "text/csv"
TABLES = (
    "/api/partners/import", "/api/outlets/import", "/api/riders/import", "/api/depots/import", "/api/zones/households/import",
    "/api/zones/incidents/import", "/api/zones/priority-groups/import",
)  # fmt: skip
HEADER = "zone_code,households,source,as_of\n"
MEGABYTES = 400


def workbook(sheet: bytes, **more: bytes) -> bytes:
    """A zip that calls itself a workbook with this sheet."""
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **more,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, (b"&%c;" % (97 + i)) * 10) for i in range(9))
    + b"]>" + SHEET % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>'
)  # fmt: skip
ROW = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'

HORRORS: dict[str, tuple[str, bytes]] = {
    "nothing": (CSV, b""),
    "a byte order mark alone": (CSV, b"\xef\xbb\xbf"),
    "UTF-16": (CSV, HEADER.encode("utf-16")),
    "GBK": (CSV, "片区代码,户数\n9901,十二\n".encode("gbk")),
    "half a GBK character": (CSV, "片区代码,户数\n片".encode("gbk")[:-1]),
    "a header alone": (CSV, HEADER.encode()),
    "no end of a quotation": (CSV, HEADER.encode() + b'"' + b"x" * 500_000),
    "a cell of a megabyte": (CSV, HEADER.encode() + b"x" * 1_000_000),
    "a million commas": (CSV, b"," * 1_000_000),
    "a hundred thousand columns": (CSV, b",".join(b"c%d" % i for i in range(100_000))),
    "a million blank lines": (CSV, HEADER.encode() + b"\n" * 1_000_000),
    "NUL": (CSV, HEADER.encode() + b"990101000,\0,x,\n"),
    "not a number": (CSV, HEADER.encode() + b"990101000,NaN,x,\n990101001,Infinity,x,\n990101002,-1,x,\n990101003,1e400,x,\n"),
    "a number of a hundred digits": (CSV, HEADER.encode() + b"990101000," + b"9" * 100 + b",x,\n"),
    "a formula": (CSV, HEADER.encode() + b'=cmd|"/c calc"!A1,1,x,\n'),
    "a surrogate": (CSV, HEADER.encode() + b"\xed\xa0\x80,1,x,\n"),
    "a picture": (CSV, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100),
    "a zip that is no workbook": (XLSX, b"PK\x03\x04" + b"\0" * 1000),
    "half a workbook": (XLSX, workbook(SHEET % b"")[:-200]),
    "an empty workbook": (XLSX, workbook(SHEET % b"")),
    "a workbook without its sheet": (XLSX, workbook(b"")),
    "a billion laughs": (XLSX, workbook(ENTITIES)),
    "an entity from a file": (XLSX, workbook(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SHEET % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>')),
    "a gigabyte of zeros": (XLSX, workbook(SHEET % b"", **{"xl/media/bomb.bin": b"\0" * 300_000_000})),
    "a row far below": (XLSX, workbook(SHEET % (ROW % (1, 1) + ROW % (1_048_576, 1_048_576)))),
    "a row beyond every sheet": (XLSX, workbook(SHEET % (ROW % (10**15, 10**15)))),
    "rows that run backwards": (XLSX, workbook(SHEET % (ROW % (9, 9) + ROW % (2, 2)))),
    "deep XML": (XLSX, workbook(b"<a>" * 200_000)),
}  # fmt: skip
GEO_HORRORS: dict[str, bytes] = {
    "nothing": b"",
    "no collection": b"[]",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "deep coordinates": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"a"},"geometry":{"type":"Polygon","coordinates":' + b"[" * 900 + b"]" * 900 + b"}}]}",
    "NaN": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"a"},"geometry":{"type":"Polygon","coordinates":[[[NaN,1],[2,2],[3,NaN],[NaN,1]]]}}]}',
    "1e999": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"a"},"geometry":{"type":"Polygon","coordinates":[[[1e999,1],[2,2],[3,1],[1e999,1]]]}}]}',
    "a polygon of two points": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"a"},"geometry":{"type":"Polygon","coordinates":[[[104,36],[104,36]]]}}]}',
    "a null geometry": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"a"},"geometry":null}]}',
    "a polygon around the world": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"a"},"geometry":{"type":"Polygon","coordinates":[[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]]}}]}',
    "half of a file": collection(known(0), known(1))[:-37],
    "a byte order mark": b"\xef\xbb\xbf" + collection(known(0)),
    "GBK": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"' + "片区".encode("gbk") + b'"},"geometry":null}]}',
    "names that are objects": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":{"a":1},"name":["x"]},"geometry":{"type":"Point","coordinates":[104,36]}}]}',
    "features that are numbers": b'{"type":"FeatureCollection","features":[1,2,null,"x",[]]}',
    "a hundred thousand empty features": b'{"type":"FeatureCollection","features":[' + b",".join([b"{}"] * 100_000) + b"]}",
    "a ring that crosses itself": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"a"},"geometry":{"type":"Polygon","coordinates":[[[104.2,36.9],[104.3,37.0],[104.3,36.9],[104.2,37.0],[104.2,36.9]]]}}]}',
}  # fmt: skip


async def sent(
    api: httpx.AsyncClient, make: Make, path: str, kind: str, document: bytes, headers: dict[str, str]
) -> list[str]:
    """What is wrong with how the file was met."""
    before, found = await state_of(make, 99), list[str]()
    tracemalloc.start()
    async with asyncio.timeout(HANG_SECONDS):
        answer = await api.post(path, content=document, headers={**headers, "content-type": kind})
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    if answer.status_code >= 500:
        found.append(f"{path} fails: {answer.text[:300]}")
    if answer.status_code >= 400:
        if answer.headers["content-type"] != "application/problem+json":
            found.append(f"{path} refuses as {answer.headers['content-type']}")
        if await state_of(make, 99) != before:
            found.append(f"{path} refused and yet changed something")
    if peak > MEGABYTES:
        found.append(f"{path} took {peak:.0f} MB")
    return found


@pytest.mark.parametrize("horror", HORRORS, ids=lambda name: name.replace(" ", "_"))
async def test_a_table_of_any_kind_is_taken_whole_or_not_at_all(
    api: httpx.AsyncClient, make: Make, world: World, horror: str
) -> None:
    headers, (kind, document) = await make.planner(99), HORRORS[horror]
    found: list[str] = []
    for path in TABLES:
        found += await sent(api, make, path, kind, document, headers)
    firm = await make.firm_manager(99, world.partners[0])
    await make.invitation(99, world.campaign, world.partners[0])
    found += await sent(api, make, f"/api/campaigns/{world.campaign}/capacity/import", kind, document, firm)
    assert found == []


@pytest.mark.parametrize("horror", GEO_HORRORS, ids=lambda name: name.replace(" ", "_"))
async def test_a_map_of_any_kind_is_taken_whole_or_not_at_all(
    api: httpx.AsyncClient, make: Make, world: World, horror: str
) -> None:
    headers, found = await make.planner(99), list[str]()
    for path in ("/api/zones/import", "/api/zones/import/preview"):
        address = f"{path}?datum=gcj02"
        found += await sent(api, make, address, GEOJSON["content-type"], GEO_HORRORS[horror], headers)
    assert found == []
    assert await make.value("select count(*) from zone where city_id = $1", world.city_id) >= 4


SOUND = (HEADER + "".join(f"99010100{column},{6000 + column},统计局,2027-01-01\n" for column in range(4))).encode()


def broken(document: bytes) -> st.SearchStrategy[bytes]:
    """The document with pieces cut out, doubled, overwritten or put in."""
    place = st.integers(0, len(document))

    def apply(changes: list[tuple[int, int, bytes]]) -> bytes:
        text = document
        for start, length, filling in changes:
            text = text[:start] + filling + text[start + length :]
        return text

    return st.lists(st.tuples(place, st.integers(0, 30), st.binary(max_size=20)), min_size=1, max_size=4).map(apply)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(broken(SOUND))
def test_a_table_broken_anywhere_gives_rows_or_reasons(document: bytes) -> None:
    table = read_table(document, HOUSEHOLD_COLUMNS)
    assert table.rows or table.errors
    for error in table.errors:
        assert error.reason
        assert error.detail


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(broken(workbook(SHEET % b"".join(ROW % (row, row) for row in range(1, 20)))))
def test_a_workbook_broken_anywhere_gives_rows_or_reasons(document: bytes) -> None:
    table = read_table(document, HOUSEHOLD_COLUMNS)
    assert table.rows or table.errors
