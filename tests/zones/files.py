"""Files of zones as a planner would send them, and what the database holds of them."""

from typing import Any

import httpx
import msgspec
import shapely

from dispatch.geo.datum import Datum
from dispatch.geo.polygons import to_geojson, transform
from tests.make import Make, square

GEOJSON = {"content-type": "application/geo+json"}
CSV = {"content-type": "text/csv; charset=utf-8"}


def feature(code: Any, area: shapely.Polygon, *, datum: Datum = "gcj02", **properties: Any) -> dict[str, Any]:
    """A zone drawn in GCJ-02, written in `datum`."""
    geometry = to_geojson(transform(area, "gcj02", datum), decimals=9)
    return {"type": "Feature", "properties": {"code": code, "name": f"片区{code}", **properties}, "geometry": geometry}


def collection(*features: Any, **members: Any) -> bytes:
    return msgspec.json.encode({"type": "FeatureCollection", "features": list(features), **members})


def known(column: int, **more: Any) -> dict[str, Any]:
    """One of the four zones of the test world, as it is there."""
    return feature(f"990101{column:03d}", square(column), **more)


async def held(make: Make, city_id: int = 99) -> dict[str, list[dict[str, Any]]]:
    """All that is kept of a city and its zones, to compare before and after."""
    tables = {"city": "city_id", "zone": "code", "zone_cell": "cell", "incident_count": "zone_id, month, scam_type"}
    return {
        table: await make.fetch(f"select * from {table} where city_id = $1 order by {order}", city_id)
        for table, order in tables.items()
    }


def reasons(answer: httpx.Response) -> list[tuple[int, str | None, str]]:
    """Rows, codes and reasons of a refused import."""
    assert answer.status_code == 422, answer.text
    document = answer.json()
    assert document["type"] == "/problems/import-refused"
    assert document["error_count"] >= len(document["errors"]) > 0
    return [(error["row"], error["code"], error["reason"]) for error in document["errors"]]
