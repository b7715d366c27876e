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


@pytest.mark.parametrize("name", TEMPLATES)
async def test_every_template_is_read_by_the_import_it_is_for(
    api: httpx.AsyncClient, make: Make, world: World, name: Any
) -> None:
    answer = await api.get(f"/api/templates/{name}.xlsx", headers=await make.planner(99))
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    table = read_table(answer.content, TEMPLATES[name].columns)
    assert [error.detail for error in table.errors] == []
    assert [row.row for row in table.rows] == [1], "the sample row"


async def test_the_template_of_partners_offers_the_kinds_to_choose_from(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    answer = await api.get("/api/templates/partners.xlsx", headers=await make.planner(99))
    sheet: Any = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    (offered,) = sheet.data_validations.dataValidation
    assert "寄递企业" in offered.formula1
    assert str(offered.sqref).startswith("C2:")
    assert (await api.get("/api/templates/nothing.xlsx", headers=await make.planner(99))).status_code == 404
