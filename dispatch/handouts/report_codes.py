"""Looks up the codes of reported handouts within the reporter's scope."""

from collections.abc import Sequence
from uuid import UUID

from dispatch.database import Connection, queries_for
from dispatch.handouts.entries import Codes, Prepared, codes_in, decode_report, report_entries
from dispatch.handouts.facts import read_timezone
from dispatch.handouts.rules import CopiesHolder
from dispatch.server.caller import Caller

SQL = queries_for(__file__)


async def prepare_report(
    connection: Connection, caller: Caller, campaign_id: UUID, sent: Sequence[object]
) -> list[Prepared]:
    """Entries of the reported records of a campaign, each or its problem."""
    records = decode_report(sent)
    statement = SQL.read_report_codes(caller.scope, campaign_id=campaign_id, **codes_in(records))
    codes = Codes({}, {}, {}, {})
    for row in await connection.fetch(*statement):
        kind, code, identifier = row["kind"], row["code"], row["id"]
        if kind == "material":
            codes.material[code] = identifier
        elif kind == "zone":
            codes.zone[code] = identifier
        elif kind == "outlet":
            codes.outlet[code] = CopiesHolder("outlet", identifier, row["outlet_id"])
        else:
            codes.rider[code] = CopiesHolder("rider", identifier, row["outlet_id"])
    timezone = await read_timezone(connection, caller.city_id)
    return report_entries(records, campaign_id, codes, caller.outlet_id, timezone)
