"""A rider's own day, and its figures for the answers to phones.

After each call a phone wants its figures as they are then. Those of riders who ask while others are being read are read
together, in one statement, so that a rush of phones costs a reading for each round and not for each call.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextvars import Context
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from dispatch.database import Connection, Database, queries_for, rows
from dispatch.handouts.facts import read_timezone
from schemas.handouts import Holding, OwnDay, OwnFigures, OwnHandout, OwnVisit

SQL = queries_for(__file__)
logger = logging.getLogger("dispatch.handouts")
_RIDERS_AT_ONCE: Final = 200
_HOLDING: Final = tuple(field.name for field in msgspec.structs.fields(Holding))


async def read_figures(
    connection: Connection, city_id: int, rider_ids: Sequence[UUID], now: datetime
) -> dict[UUID, OwnFigures]:
    """The figures of riders of one city on the city's day. A rider the city does not know is left out."""
    day = now.astimezone(await read_timezone(connection, city_id)).date()
    wanted = sorted(set(rider_ids))
    figures: dict[UUID, OwnFigures] = {}
    for row in await connection.fetch(*SQL.read_own_figures(city_id=city_id, rider_ids=wanted, day=day)):
        if row["rider_id"] not in figures:
            figures[row["rider_id"]] = OwnFigures(
                rider_id=row["rider_id"], day=day, handed_out=row["handed_out"], holdings=[],
                waiting_refused=row["waiting_refused"],
            )  # fmt: skip
        if row["material_id"] is not None:
            figures[row["rider_id"]].holdings.append(Holding(**{name: row[name] for name in _HOLDING}))
    return figures


async def read_day(database: Database, city_id: int, rider_id: UUID, now: datetime) -> OwnDay:
    """The figures with each confirmation of the day. All of it as it was at one instant: a handout in the list but not
    in the figure would be counted twice on the phone."""
    async with database.read_instant() as connection:
        figures = (await read_figures(connection, city_id, [rider_id], now))[rider_id]
        whose: dict[str, Any] = {"city_id": city_id, "rider_id": rider_id, "day": figures.day}
        return OwnDay(
            **msgspec.structs.asdict(figures),
            handouts=rows(OwnHandout, await connection.fetch(*SQL.read_own_handouts(**whose))),
            visits=rows(OwnVisit, await connection.fetch(*SQL.read_own_visits(**whose))),
            server_time=now,
        )


class _Reading(msgspec.Struct):
    rider_id: UUID
    answer: asyncio.Future[OwnFigures | None]


class OwnDays:
    """Reads riders' figures, those asked for at the same time together."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._asked: dict[int, list[_Reading]] = {}
        self._readers: dict[int, asyncio.Task[None]] = {}

    async def figures(self, city_id: int, rider_id: UUID) -> OwnFigures | None:
        """The rider's figures with all that was committed before. None when they could not be read: what was recorded
        before stays recorded, and the phone asks for its day."""
        asked = _Reading(rider_id, asyncio.get_running_loop().create_future())
        self._asked.setdefault(city_id, []).append(asked)
        reader = self._readers.get(city_id)
        if reader is None or reader.done():
            # A context of its own, as it works for all who ask, not for the request that happened to start it.
            self._readers[city_id] = asyncio.create_task(self._read(city_id), context=Context())
        return await asyncio.shield(asked.answer)

    async def _read(self, city_id: int) -> None:
        waiting = self._asked[city_id]
        while waiting:
            taken = waiting[:_RIDERS_AT_ONCE]
            del waiting[:_RIDERS_AT_ONCE]
            found: dict[UUID, OwnFigures] = {}
            try:
                async with self._database.read() as connection:
                    found = await read_figures(connection, city_id, [each.rider_id for each in taken], self._clock())
            except Exception:
                logger.warning("own_figures_not_read", exc_info=True, extra={"riders": len(taken)})
            finally:
                # Also when the server stops: nobody is left waiting for an answer that will not come.
                for each in taken:
                    if not each.answer.done():
                        each.answer.set_result(found.get(each.rider_id))
