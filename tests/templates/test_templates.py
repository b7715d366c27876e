"""Every table that is imported has a template, and the import reads it."""

import io
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from dispatch.tables.sheets import read_table
from dispatch.tables.workbooks import XLSX
from dispatch.templates.rules import TEMPLATES
from tests.make import Make, World


def sheet(answer: httpx.Response) -> list[tuple[str, ...]]:
    """The rows below header and sample."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX), answer.text
    first: Any = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [tuple(str(cell or "") for cell in row) for row in first.iter_rows(min_row=3, values_only=True)]
    return [row for row in rows if any(row)]


@pytest.mark.parametrize("name", TEMPLATES)
async def test_every_template_is_read_by_the_import_it_is_for(
    api: httpx.AsyncClient, make: Make, world: World, name: Any
) -> None:
    answer = await api.get(f"/api/templates/{name}.xlsx", headers=await make.planner(99))
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    table = read_table(answer.content, TEMPLATES[name].columns)
    assert {error.reason for error in table.errors} <= {"missing-value", "no-rows"}, "what is left to be filled in"


async def test_a_template_that_comes_back_as_it_is_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    """Every zone has its households already: the template holds them, and the sample counts for nothing."""
    planner = await make.planner(99)
    template = await api.get("/api/templates/households.xlsx", headers=planner)
    assert len(sheet(template)) == len(world.zones)
    taken = await api.post(
        "/api/zones/households/import", content=template.content, headers={**planner, "content-type": XLSX}
    )
    assert (taken.status_code, taken.json()["unchanged"]) == (200, len(world.zones)), taken.text


async def test_everybody_gets_the_codes_of_the_own_scope(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.fetch("update zone set division_code = '990102' where zone_id = $1", world.zones[1])
    district = await make.planner(99, division_code="990102")
    incidents = sheet(await api.get("/api/templates/incidents.xlsx", headers=district))
    assert [row[0] for row in incidents] == [
        await make.value("select code from zone where zone_id = $1", world.zones[1])
    ]
    firm = await make.firm_manager(99, world.partners[0])
    own = {
        each["code"] for each in await make.fetch("select code from outlet where partner_id = $1", world.partners[0])
    }
    capacity = sheet(await api.get("/api/templates/capacity.xlsx", headers=firm))
    assert {row[0] for row in capacity} == own
    assert sheet(await api.get("/api/templates/households.xlsx", headers=firm)) == [], "households are the planners'"


async def test_a_sample_of_a_file_of_zones_is_there(api: httpx.AsyncClient, make: Make, world: World) -> None:
    answer = await api.get("/api/templates/zones.geojson", headers=await make.planner(99))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/geo+json")
    assert [each["properties"]["code"] for each in answer.json()["features"]] == ["EXAMPLE-1", "EXAMPLE-2"]


async def test_the_template_of_partners_offers_the_kinds_to_choose_from(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    answer = await api.get("/api/templates/partners.xlsx", headers=await make.planner(99))
    sheet: Any = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    (offered,) = sheet.data_validations.dataValidation
    assert "寄递企业" in offered.formula1
    assert str(offered.sqref).startswith("C2:")
    assert (await api.get("/api/templates/nothing.xlsx", headers=await make.planner(99))).status_code == 404
