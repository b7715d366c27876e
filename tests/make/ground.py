"""Makers of the ground: a city and its zones."""

from typing import Any, cast
from uuid import UUID

import h3.api.basic_int as h3
import shapely

from tests.make.rows import Rows

ORIGIN = (104.20, 36.90)
SIDE = 0.02  # degrees: about 1.8 km by 2.2 km, some forty cells


def square(column: int, row: int = 0) -> shapely.Polygon:
    """The zone-sized square in the given column and row of the test city."""
    west, south = ORIGIN[0] + column * SIDE, ORIGIN[1] + row * SIDE
    return shapely.box(west, south, west + SIDE, south + SIDE)


class GroundMakers(Rows):
    """A city, and zones that are squares."""

    async def city(self, city_id: int = 99, datum: str = "gcj02") -> int:
        code = str(city_id)
        await self.insert(
            "city",
            city_id=city_id,
            code=code,
            name="云川市",
            datum=datum,
            timezone="Asia/Shanghai",
            created_at=self.now,
        )
        return city_id

    async def zone(
        self, city_id: int, column: int, *, households: int | None = 6000, row: int = 0, **more: Any
    ) -> tuple[UUID, list[int]]:
        """A square zone and its cells."""
        zone_id, boundary = self.id(), square(column, row)
        values = {
            "code": f"990101{column + 100 * row:03d}",
            "name": f"片区{column}",
            "division_code": "990101",
            "population": 15000,
            **more,
        }
        await self.insert(
            "zone", city_id=city_id, zone_id=zone_id, households=households, boundary=shapely.to_wkb(boundary),
            area_square_metres=4e6, created_at=self.now, changed_at=self.now, **values,
        )  # fmt: skip
        found: list[int] = sorted(cast("Any", h3).geo_to_cells(boundary, 9))
        share = (households or 0) // len(found)
        async with self.database.read() as connection:
            await connection.execute(
                "insert into zone_cell (city_id, cell, zone_id, households) select $1, x, $2, $4 from unnest($3::bigint[]) x",
                city_id, zone_id, found, share,
            )  # fmt: skip
        return zone_id, found
