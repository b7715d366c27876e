"""Everything that recording writes: handouts and corrections with what they take from stock and add to tallies, visits,
and the records that were refused."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
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

    sent: Any
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
    """Handouts before the corrections that may refer to them; the holders' copies once, with the first statement.

    What a correction gives back may be handed out again in the same transaction: only the net of both is never below
    zero, and the constraint on balances must see nothing else.
    """
    handouts = [stored for stored in recorded if stored.corrects_id is None]
    corrections = [stored for stored in recorded if stored.corrects_id is not None]
    taken = _taken(recorded)
    if corrections:
        await _lock_tallies(connection, city_id, recorded, known_on)
    for statement, batch, linked in (
        (SQL.record_handouts, handouts, False),
        (SQL.record_corrections, corrections, True),
    ):
        if not batch:
            continue
        words = [stored.reason if linked else stored.first_copy_answer for stored in batch]
        more = [[s.corrects_id for s in batch], [s.first_copy_answer for s in batch]] if linked else []
        new: int = await connection.fetchval(
            statement, city_id, [s.id for s in batch], [s.id_day for s in batch], [s.campaign_id for s in batch],
            [s.zone_id for s in batch], [s.cell for s in batch], [s.outlet_id for s in batch],
            [s.holder_id for s in batch],
            [s.holder_kind for s in batch], [s.material_id for s in batch], [s.channel for s in batch],
            [s.copies for s in batch], [s.day for s in batch], [s.handed_out_at for s in batch], words, now, known_on,
            [s.counts for s in batch], *taken, *more,
        )  # fmt: skip
        _require_new(new, batch)
        taken = _taken([])


async def _lock_tallies(connection: Connection, city_id: int, recorded: Sequence[Stored], known_on: date) -> None:
    await connection.execute(
        SQL.lock_tallies, city_id, [s.campaign_id for s in recorded], [s.zone_id for s in recorded],
        [s.material_id for s in recorded], [s.channel for s in recorded], known_on, [s.day for s in recorded],
        [s.outlet_id for s in recorded], [s.cell for s in recorded], [s.counts for s in recorded],
    )  # fmt: skip


def _taken(recorded: Sequence[Stored]) -> list[list[Any]]:
    """Columns of what is taken from each holder: holder, kind, campaign, material, net copies."""
    net: dict[tuple[UUID, str, UUID, UUID], int] = {}
    for stored in recorded:
        key = (stored.holder_id, stored.holder_kind, stored.campaign_id, stored.material_id)
        net[key] = net.get(key, 0) + stored.copies
    ordered = sorted(net)
    return [[key[column] for key in ordered] for column in range(4)] + [[net[key] for key in ordered]]


async def _write_visits(connection: Connection, city_id: int, recorded: Sequence[StoredVisit], now: datetime) -> None:
    if not recorded:
        return
    new: int = await connection.fetchval(
        SQL.record_visits, city_id, [s.id for s in recorded], [s.campaign_id for s in recorded],
        [s.zone_id for s in recorded], [s.cell for s in recorded], [s.outlet_id for s in recorded],
        [s.rider_id for s in recorded], [s.result for s in recorded], [s.visits for s in recorded],
        [s.corrects_id for s in recorded], [s.reason for s in recorded], [s.day for s in recorded],
        [s.visited_at for s in recorded], now,
    )  # fmt: skip
    _require_new(new, recorded)


def _require_new(new: int, recorded: Sequence[Stored | StoredVisit]) -> None:
    if new != len(recorded):
        raise Retry("somebody else recorded one of these ids meanwhile")


async def _keep_refused(connection: Connection, city_id: int, refused: Sequence[RefusedRecord], now: datetime) -> None:
    kept: dict[tuple[UUID, bytes], tuple[Any, ...]] = {}
    for each in refused:
        identifier, digest, record = identity_of(each.sent, without_cell=isinstance(each.problem, LocationWithdrawn))
        caller = each.caller
        kept[identifier, digest] = (
            identifier, digest, each.source, caller.role, caller.subject_id, caller.partner_id, caller.outlet_id,
            each.campaign_id, msgspec.json.encode(record).decode(), each.problem.slug, _storable(each.problem.detail),
        )  # fmt: skip
    if kept:
        columns = [list(column) for column in zip(*(kept[key] for key in sorted(kept)), strict=True)]
        await connection.execute(SQL.keep_refused, city_id, now, *columns)


def _storable(detail: str) -> str:
    """A problem's detail may quote the sender's field names, which may hold anything; the database takes no NUL."""
    return detail.replace("\x00", "\ufffd")[:1000]
