"""What recording writes: handouts and corrections with what they take from stock and add to tallies, and visits."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from dispatch.database import Connection, Retry, announce, queries_for
from dispatch.handouts.refused_store import RefusedRecord, keep_refused
from dispatch.handouts.rules import Stored
from dispatch.handouts.visit_rules import StoredVisit

SQL = queries_for(__file__)


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
    await keep_refused(connection, city_id, refused, now)
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
