"""Templates over HTTP: the empty workbook of each table."""

import asyncio
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath

from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.refusals import refusals
from dispatch.tables.workbooks import XLSX, write_template
from dispatch.templates.rules import NOTES, TEMPLATES, TemplateName, sheet_columns


@get(
    "/api/templates/{table:str}",
    guards=[allow("planner", "firm_manager", "outlet_manager")],
    responses=refusals(NotFound),
)
async def read_template(table: FromPath[str]) -> Response[bytes]:
    """The workbook to fill in for a table, as `households.xlsx`, `incidents.xlsx`, `priority-groups.xlsx`,
    `partners.xlsx`, `outlets.xlsx`, `riders.xlsx`, `depots.xlsx` or `capacity.xlsx`: Chinese headers, drop-downs,
    a sample row."""
    names: dict[str, TemplateName] = {f"{name}.xlsx": name for name in TEMPLATES}
    if table not in names:
        raise NotFound(f"There is no such template; there are {', '.join(names)}.")
    template = TEMPLATES[names[table]]
    content = await asyncio.to_thread(write_template, template.title, sheet_columns(template), template.sample, NOTES)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(template.title)}.xlsx"}
    return Response(content, media_type=XLSX, headers=headers)


ROUTES = [read_template]
