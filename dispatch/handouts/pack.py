"""The rider's pack: what a phone keeps for work without signal."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import numpy as np

from dispatch.database import Database, Record, queries_for
from dispatch.geo.cells import centres
from dispatch.handouts.question import QUESTION_SHARE
from dispatch.problems import NotFound
from dispatch.server.caller import Caller
from schemas.handouts import HandoutPack, PackCampaign, PackZone

SQL = queries_for(__file__)
# A phone on a slow line takes this many zones in a second or two; an outlet works in one to five.
MOST_ZONES: Final = 12
# A metre: far finer than a cell of some 300 m, and half the bytes of the full figures.
_PLACES: Final = 5


async def read_pack(database: Database, caller: Caller) -> HandoutPack:
    """The pack of the calling rider. The same until something in it changes, to the byte."""
    city_id, rider_id = caller.city_id, caller.subject_id
    async with database.read() as connection:
        frame = await connection.fetchrow(*SQL.read_pack_frame(city_id=city_id, rider_id=rider_id))
        if frame is None:
            raise NotFound("There is no such rider here.")
        campaigns = await connection.fetch(*SQL.read_pack_campaigns(city_id=city_id, rider_id=rider_id))
        zones = await connection.fetch(
            *SQL.read_pack_zones(city_id=city_id, outlet_id=caller.outlet_id, most=MOST_ZONES)
        )
        zone_ids = [zone["zone_id"] for zone in zones]
        cells = _by_zone(await connection.fetch(*SQL.read_pack_cells(city_id=city_id, zone_ids=zone_ids)))
    return HandoutPack(
        **dict(frame),
        campaigns=[PackCampaign(question_share=QUESTION_SHARE, **dict(row)) for row in campaigns],
        zones=[PackZone(cells=cells[zone["zone_id"]], **dict(zone)) for zone in zones],
    )


def _by_zone(rows: Sequence[Record]) -> dict[UUID, list[tuple[str, float, float]]]:
    """Each cell with its centre."""
    middles: list[list[float]] = (
        centres(np.array([row["cell"] for row in rows], dtype=np.int64)).round(_PLACES).tolist()
    )
    cells: dict[UUID, list[tuple[str, float, float]]] = defaultdict(list)
    for row, (longitude, latitude) in zip(rows, middles, strict=True):
        cells[row["zone_id"]].append((f"{row['cell']:x}", longitude, latitude))
    return cells
