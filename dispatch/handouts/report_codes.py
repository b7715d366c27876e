"""Looks up the codes and references of reported handouts within the reporter's scope."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, cast
from uuid import UUID

from dispatch.database import Connection, Database, new_id, queries_for
from dispatch.handouts.entries import Codes, Prepared, codes_in, decode_report, report_entries, source_id_of
from dispatch.handouts.facts import read_timezone
from dispatch.handouts.rules import CopiesHolder
from dispatch.server.caller import Caller
from dispatch.server.source_ids import Reference, keep_references, read_references
from schemas.handouts import ReportedHandout

SQL = queries_for(__file__)


async def prepare_report(
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    sent: Sequence[object],
    references: Mapping[str, UUID] | None = None,
) -> list[Prepared]:
    """Entries of the reported records of a campaign, each or its problem. `references`: what each source_id stands for;
    left out: what the reporter's are known to stand for."""
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
    codes.source.update(references if references is not None else await _known(connection, caller, sent))
    timezone = await read_timezone(connection, caller.city_id)
    return report_entries(records, campaign_id, codes, caller.outlet_id, timezone)


async def keep_reported(
    database: Database, caller: Caller, campaign_id: UUID, sent: Sequence[Any], now: datetime, *, trial: bool
) -> dict[str, UUID]:
    """The ids that the records' source_ids stand for, kept from now on, and with them what was reported under an id of
    its own, so that the reporter can read both back. With `trial` nothing is kept."""
    records = [record for record in decode_report(sent) if isinstance(record, ReportedHandout)]
    async with database.read() as connection:
        timezone = await read_timezone(connection, caller.city_id)
        known = await _known(connection, caller, sent)
    references: list[Reference] = []
    for record in records:
        identifier = record.id if record.source_id is None else new_id(now)
        if identifier is not None:
            references.append(Reference(record.source_id or str(identifier), identifier, _day_of(record, timezone)))
    if trial:
        # The first of two records with one reference says what it stands for, as if it were kept.
        return {reference.source_id: reference.id for reference in reversed(references)} | known
    return await keep_references(database, caller, "handout", references, now, campaign_id=campaign_id)


def _day_of(record: ReportedHandout, timezone: tzinfo) -> date | None:
    return record.handed_out_at.astimezone(timezone).date() if record.handed_out_at else record.day


async def _known(connection: Connection, caller: Caller, sent: Sequence[Any]) -> dict[str, UUID]:
    named = {source_id for record in sent if (source_id := source_id_of(record)) is not None}
    # What no reference can be stands for nothing; the database takes no NUL.
    return await read_references(connection, caller, "handout", [name for name in named if name.isprintable()])


def identified(sent: Sequence[Any], references: Mapping[str, UUID]) -> list[Any]:
    """The records, each with the id that its source_id stands for unless it brings one."""
    return [_identified(record, references) for record in sent]


def _identified(sent: Any, references: Mapping[str, UUID]) -> Any:
    identifier = references.get(source_id_of(sent) or "")
    if identifier is None or cast("dict[str, Any]", sent).get("id") is not None:
        return sent
    return {**sent, "id": str(identifier)}
