"""Keeps the positions of recorded hand-outs, in the same transaction, where campaign and rider allow it; tells a phone
whether it may send any."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from dispatch.database import Connection, beside
from dispatch.geo.datum import convert
from dispatch.handouts.agreements import Withdrawn
from dispatch.handouts.rules import Entry, Stored
from dispatch.positions.rules import NOTICE_VERSION, erased_at
from schemas.handouts import HandoutPosition
from schemas.positions import PositionsState

SQL = beside(__file__)

Carried = Mapping[tuple[UUID, UUID], HandoutPosition]
"""Positions that came with records, by holder and id."""


async def read_states(connection: Connection, city_id: int, rider_id: UUID) -> dict[UUID, PositionsState]:
    """How the rider stands in each campaign in which positions are on; in all others they are off."""
    found = await connection.fetch(SQL.read_pack_positions, city_id, rider_id, NOTICE_VERSION)
    return {row["campaign_id"]: row["state"] for row in found}


def carried_by(entries: Sequence[Entry]) -> Carried:
    """What positions the records bring; of two with one id the first counts, as the hand-out does."""
    found: dict[tuple[UUID, UUID], HandoutPosition] = {}
    for entry in entries:
        if entry.position is not None:
            found.setdefault((entry.holder.id, entry.id), entry.position)
    return found


async def keep_positions(
    connection: Connection,
    city_id: int,
    carried: Carried,
    recorded: Sequence[Stored],
    corrected: Mapping[UUID, int],
    withdrawn: Withdrawn,
    now: datetime,
) -> frozenset[UUID]:
    """Keep what may be kept of `recorded`; answers the hand-outs whose position is now on record.

    One that was taken back in the same breath was no hand-out, and its place is nobody's business.
    """
    wanted = [
        stored for stored in recorded
        if (stored.holder_id, stored.id) in carried and stored.id not in corrected
        and not any((stored.holder_id, purpose) in withdrawn for purpose in ("taking_part", "location"))
    ]  # fmt: skip
    if not wanted:
        return frozenset()
    riders = sorted({stored.holder_id for stored in wanted})
    campaigns = sorted({stored.campaign_id for stored in wanted})
    found = await connection.fetch(SQL.lock_agreements, city_id, riders, campaigns, NOTICE_VERSION)
    agreed = {(row["rider_id"], row["campaign_id"]): row for row in found}
    kept: list[tuple[Stored, datetime]] = []
    for stored in wanted:
        terms = agreed.get((stored.holder_id, stored.campaign_id))
        end = erased_at(stored.handed_out_at, now, terms["keep_days"]) if terms else None
        if end is not None:
            kept.append((stored, end))
    if kept:
        await _insert(connection, city_id, carried, sorted(kept, key=lambda each: each[0].id), found[0]["datum"])
    return frozenset(stored.id for stored, _ in kept)


async def _insert(
    connection: Connection, city_id: int, carried: Carried, kept: Sequence[tuple[Stored, datetime]], datum: Any
) -> None:
    whose = [stored for stored, _ in kept]
    positions = [carried[stored.holder_id, stored.id] for stored in whose]
    points = convert(np.array([[each.longitude, each.latitude] for each in positions]), "wgs84", datum)
    await connection.execute(
        SQL.insert_positions, city_id, [s.id for s in whose], [s.campaign_id for s in whose],
        [s.zone_id for s in whose],
        [s.holder_id for s in whose], [s.day for s in whose], points[:, 0].tolist(), points[:, 1].tolist(),
        [each.accuracy_metres for each in positions], [end for _, end in kept],
    )  # fmt: skip
