"""Templates over HTTP: the workbook of each table with the city's own codes, and a sample of a file of zones."""

import asyncio
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath

from dispatch.database import Connection, queries_for, rows
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency
from dispatch.server.refusals import refusals
from dispatch.tables.uploads import GEOJSON
from dispatch.tables.workbooks import XLSX, write_template
from dispatch.templates import rules
from dispatch.templates.rules import NOTES, TEMPLATES, KnownCodes, TemplateName
from dispatch.templates.sample_zones import sample_zones

SQL = queries_for(__file__)


@get(
    "/api/templates/{table:str}",
    guards=[allow("planner", "firm_manager", "outlet_manager")],
    responses=refusals(NotFound),
)
async def read_template(
    table: FromPath[str], caller: CallerDependency, database: DatabaseDependency
) -> Response[bytes]:
    """The workbook to fill in for a table, as `households.xlsx`, `incidents.xlsx`, `priority-groups.xlsx`,
    `partners.xlsx`, `outlets.xlsx`, `riders.xlsx`, `depots.xlsx` or `capacity.xlsx`: Chinese headers, drop-downs, a
    sample row that an import leaves out, and the codes and names within the caller's scope."""
    names: dict[str, TemplateName] = {f"{name}.xlsx": name for name in TEMPLATES}
    if table not in names:
        raise NotFound(f"There is no such template; there are {', '.join(names)}.")
    async with database.read() as connection:
        known = await _read_known(connection, caller)
    template = TEMPLATES[names[table]]
    content = await asyncio.to_thread(_written, names[table], known)
    return Response(content, media_type=XLSX, headers=_attached(f"{template.title}.xlsx"))


@get("/api/templates/zones.geojson", guards=[allow("planner")], sync_to_thread=False)
def read_sample_zones() -> Response[bytes]:
    """A sample of a file of zones with every property that is read; an import takes none of its zones."""
    return Response(sample_zones(), media_type=GEOJSON[0], headers=_attached("片区边界示例.geojson"))


async def _read_known(connection: Connection, caller: Caller) -> KnownCodes:
    """What the caller may know of the city's codes. Zones by themselves are the planners'; a firm gets those of its
    outlets."""
    is_planner = caller.role == "planner"
    found = await connection.fetch(*SQL.read_zones(caller.scope)) if is_planner else []
    return KnownCodes(
        zones=rows(rules.NamedZone, found),
        partners=rows(rules.NamedPartner, await connection.fetch(*SQL.read_partners(caller.scope))),
        outlets=rows(rules.NamedOutlet, await connection.fetch(*SQL.read_outlets(caller.scope))),
    )


def _written(name: TemplateName, known: KnownCodes) -> bytes:
    template = TEMPLATES[name]
    return write_template(
        template.title,
        rules.sheet_columns(template),
        template.sample,
        NOTES,
        rules.known_rows(name, known),
        rules.listed_codes(name, known),
    )


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


ROUTES = [read_sample_zones, read_template]
