"""Everything that recording writes: handouts and corrections with what they take from stock and add to tallies, visits,
and the records that were refused."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from dispatch.database import Connection, Retry, announce, queries_for
from dispatch.handouts.entries import Source, identity_of
from dispatch.handouts.judgement import LocationWithdrawn
from dispatch.handouts.rules import Stored
from dispatch.handouts.visit_rules import StoredVisit
from dispatch.problems import Problem
from dispatch.server.caller import Caller

SQL = queries_for(__file__)


class RefusedRecord(msgspec.Struct, frozen=True):
    """A record to be kept with the reason why it was refused."""

    sent: object
    source: Source
    caller: Caller
    campaign_id: UUID | None
    problem: Problem


async def write(
    connection: Connection,
    city_id: int,
    recorded: Sequence[Stored | StoredVisit],
    refused: Sequence[RefusedRecord],
    now: datetime,
    known_on: date,
) -> None:
    """Write what was judged, received at `now`, which is the day `known_on` in the city. Raises Retry on a race."""
    await _write_handouts(connection, city_id, [each for each in recorded if isinstance(each, Stored)], now, known_on)
    await _write_visits(connection, city_id, [each for each in recorded if isinstance(each, StoredVisit)], now)
    await _keep_refused(connection, city_id, refused, now)
    for campaign_id in {each.campaign_id for each in recorded}:
        # The tallies carry a revision of their own, so that a rush of handouts does not queue at the campaign's row.
        announce(city_id, campaign_id)


async def _write_handouts(
    connection: Connection, city_id: int, recorded: Sequence[Stored], now: datetime, known_on: date
) -> None:
    """Handouts and the corrections that may refer to them, in one statement.

    What a correction gives back may be handed out again in the same transaction: only the net of both is never below
    zero, and the constraints on balances and tallies must see nothing else.
    """
    if not recorded:
        return
    columns = _columns(recorded)
    statement = SQL.record_handouts
    if any(stored.corrects_id is not None for stored in recorded):
        tallied = {name: columns[name] for name in _TALLIED}
        await connection.execute(*SQL.lock_tallies(city_id=city_id, known_on=known_on, **tallied))
        columns["corrected_ids"] = [stored.corrects_id for stored in recorded]
        columns["reasons"] = [stored.reason for stored in recorded]
        statement = SQL.record_with_corrections
    parameters = statement(city_id=city_id, now=now, known_on=known_on, **columns, **_taken(recorded))
    _require_new(await connection.fetchval(*parameters), recorded)


# What the keys of the tallies consist of.
_TALLIED = ("campaign_ids", "zone_ids", "material_ids", "channels", "days", "outlet_ids", "cells", "counts")


def _columns(recorded: Sequence[Stored]) -> dict[str, list[object]]:
    return {
        "ids": [stored.id for stored in recorded],
        "id_days": [stored.id_day for stored in recorded],
        "campaign_ids": [stored.campaign_id for stored in recorded],
        "zone_ids": [stored.zone_id for stored in recorded],
        "cells": [stored.cell for stored in recorded],
        "outlet_ids": [stored.outlet_id for stored in recorded],
        "holder_ids": [stored.holder_id for stored in recorded],
        "holder_kinds": [stored.holder_kind for stored in recorded],
        "material_ids": [stored.material_id for stored in recorded],
        "channels": [stored.channel for stored in recorded],
        "copies": [stored.copies for stored in recorded],
        "days": [stored.day for stored in recorded],
        "instants": [stored.handed_out_at for stored in recorded],
        "first_copy_answers": [stored.first_copy_answer for stored in recorded],
        "counts": [stored.counts for stored in recorded],
    }


def _taken(recorded: Sequence[Stored]) -> dict[str, list[object]]:
    """What is taken from each holder, all records together, in key order."""
    net: dict[tuple[UUID, str, UUID, UUID], int] = {}
    for stored in recorded:
        key = (stored.holder_id, stored.holder_kind, stored.campaign_id, stored.material_id)
        net[key] = net.get(key, 0) + stored.copies
    ordered = sorted(net)
    return {
        "taken_holder_ids": [holder_id for holder_id, _, _, _ in ordered],
        "taken_holder_kinds": [kind for _, kind, _, _ in ordered],
        "taken_campaign_ids": [campaign_id for _, _, campaign_id, _ in ordered],
        "taken_material_ids": [material_id for _, _, _, material_id in ordered],
        "taken_copies": [net[key] for key in ordered],
    }


async def _write_visits(connection: Connection, city_id: int, recorded: Sequence[StoredVisit], now: datetime) -> None:
    if not recorded:
        return
    statement = SQL.record_visits(
        city_id=city_id,
        now=now,
        ids=[stored.id for stored in recorded],
        campaign_ids=[stored.campaign_id for stored in recorded],
        zone_ids=[stored.zone_id for stored in recorded],
        cells=[stored.cell for stored in recorded],
        outlet_ids=[stored.outlet_id for stored in recorded],
        rider_ids=[stored.rider_id for stored in recorded],
        results=[stored.result for stored in recorded],
        visits=[stored.visits for stored in recorded],
        corrected_ids=[stored.corrects_id for stored in recorded],
        reasons=[stored.reason for stored in recorded],
        days=[stored.day for stored in recorded],
        instants=[stored.visited_at for stored in recorded],
    )
    _require_new(await connection.fetchval(*statement), recorded)


def _require_new(new: int, recorded: Sequence[Stored | StoredVisit]) -> None:
    if new != len(recorded):
        raise Retry("somebody else recorded one of these ids meanwhile")


async def _keep_refused(connection: Connection, city_id: int, refused: Sequence[RefusedRecord], now: datetime) -> None:
    if not refused:
        return
    # The same content twice is one row.
    kept = {(row["ids"], row["content_digests"]): row for row in map(_refused_row, refused)}
    ordered = [kept[key] for key in sorted(kept)]
    columns = {name: [row[name] for row in ordered] for name in ordered[0]}
    await connection.execute(*SQL.keep_refused(city_id=city_id, now=now, **columns))


def _refused_row(refused: RefusedRecord) -> dict[str, object]:
    """The row, by the names of the statement's arrays."""
    without_cell = isinstance(refused.problem, LocationWithdrawn)
    identifier, digest, record = identity_of(refused.sent, without_cell=without_cell)
    return {
        "ids": identifier,
        "content_digests": digest,
        "sources": refused.source,
        "caller_roles": refused.caller.role,
        "caller_ids": refused.caller.subject_id,
        "partner_ids": refused.caller.partner_id,
        "outlet_ids": refused.caller.outlet_id,
        "campaign_ids": refused.campaign_id,
        "records": msgspec.json.encode(record).decode(),
        "problems": refused.problem.slug,
        "details": _storable(refused.problem.detail),
    }


def _storable(detail: str) -> str:
    """A problem's detail may quote the sender's field names, which may hold anything; the database takes no NUL."""
    return detail.replace("\x00", "\ufffd")[:1000]
