"""The sample file of zones: two made-up areas with every property that is read. An import takes none of its zones."""

import json
from typing import Any

from dispatch.zones.features import SAMPLE_ZONE

_WEST, _SOUTH, _WIDTH, _HEIGHT = 114.30, 30.60, 0.012, 0.010


def sample_zones() -> bytes:
    """A GeoJSON FeatureCollection as a planner or a GIS program would write it."""
    features = [_feature(1, "老城区", 8412, 23650), _feature(2, "新建高层", 5120, 14300)]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _feature(number: int, kind: str, households: int, population: int) -> dict[str, Any]:
    west, north = _WEST + (number - 1) * _WIDTH, _SOUTH + _HEIGHT
    east = west + _WIDTH
    ring = [[west, _SOUTH], [east, _SOUTH], [east, north], [west, north], [west, _SOUTH]]
    return {
        "type": "Feature",
        "properties": {
            "code": f"{SAMPLE_ZONE}{number}",
            "name": f"示例片区{number}",
            "division_code": "990102001000",
            "district_name": "东湖区",
            "police_station": "东关派出所",
            "kind": kind,
            "households": households,
            "population": population,
            "households_source": "公安户籍",
            "households_as_of": "2027-03-01",
        },
        "geometry": {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]},
    }
