"""Looks up the codes of reported handouts within the reporter's scope."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from dispatch.database import Connection, queries_for
from dispatch.handouts.entries import Codes, Prepared, codes_in, decode_report, report_entries
from dispatch.handouts.facts import read_timezone
from dispatch.handouts.rules import Holder
from dispatch.server.caller import Caller

SQL = queries_for(__file__)


async def prepare_report(
    connection: Connection, caller: Caller, campaign_id: UUID, sent: Sequence[Any]
) -> list[Prepared]:
    """Entries of reported records, each or its problem."""
    records = decode_report(sent)
    codes = Codes({}, {}, {}, {})
    for row in await connection.fetch(
        SQL.read_report_codes,
        caller.city_id,
        campaign_id,
        caller.partner_id,
        caller.outlet_id,
        *codes_in(records),
    ):
        meaning: Any = row["id"]
        if row["kind"] in ("outlet", "rider"):
            meaning = Holder(row["kind"], row["id"], row["outlet_id"])
        getattr(codes, row["kind"])[row["code"]] = meaning
    timezone = await read_timezone(connection, caller.city_id)
    return report_entries(records, campaign_id, codes, caller.outlet_id, timezone)
