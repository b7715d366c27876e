"""Files on the wire, by the name of the operation: what importers take, what reads give out, and what is asked about
again before it is fetched again."""

from typing import Any, Final, NamedTuple

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"
GEOJSON: Final = "application/geo+json"
TILE: Final = "application/vnd.mapbox-vector-tile"
BINARY: Final = "application/octet-stream"
EVENTS: Final = "text/event-stream"


class Upload(NamedTuple):
    """A file that is the body of a request, as it is: no form around it."""

    media_type: str
    """What the contract names. For tables it is plain bytes: generators of programs know few types."""
    also_taken: tuple[str, ...]
    """What browsers, curl and spreadsheets call such a file."""
    example: str
    schema: dict[str, Any]
    returns_table: bool = False
    """Whether a refusal comes as the sender's own table with a last column 错误原因, when `Accept` names a workbook."""


class Download(NamedTuple):
    """An answer that is no JSON of this contract's structs."""

    media_type: str
    is_text: bool = True
    status: int = 200
    struct: str = ""
    """The struct it is written from, where the handler answers with bytes made of it."""


def _table(example: str) -> Upload:
    also_taken = (CSV, XLSX, "application/csv", "application/vnd.ms-excel")
    return Upload(BINARY, also_taken, example, {"type": "string", "format": "binary"}, returns_table=True)


_ZONES: Final = Upload(
    GEOJSON,
    ("application/json", "application/vnd.geo+json"),
    '{"type": "FeatureCollection", "features": [{"type": "Feature",'
    ' "properties": {"code": "990102001", "name": "东湖片区", "kind": "community", "division_code": "990102"},'
    ' "geometry": {"type": "Polygon", "coordinates":'
    " [[[120.10, 30.20], [120.12, 30.20], [120.12, 30.22], [120.10, 30.22], [120.10, 30.20]]]}}]}",
    {
        "type": "object",
        "title": "ZoneFile",
        "description": "A GeoJSON FeatureCollection: for each zone a Polygon or MultiPolygon with its properties.",
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        },
        "required": ["type", "features"],
    },
)

UPLOADS: Final[dict[str, Upload]] = {
    "import_zones": _ZONES,
    "preview_zones": _ZONES,
    "import_households": _table(
        "zone_code,households,population,households_source,households_as_of\n990102001,8412,23650,公安户籍,2027-03-01\n"
    ),
    "import_incidents": _table("zone_code,month,scam_type,incidents\n990102001,2027-03,刷单返利,6\n"),
    "import_priority_groups": _table("zone_code,priority_group,share\n990102001,elderly,0.18\n"),
    "import_partners": _table("code,name,kind\nYC-EXP,云川快递,parcel\n"),
    "import_outlets": _table("code,name,partner_code,zone_code\nYC-EXP-01,云川快递东湖站,YC-EXP,990102001\n"),
    "import_riders": _table("code,name,outlet_code,pin\nYC-EXP-0107,李师傅,YC-EXP-01,482913\n"),
    "import_depots": _table("code,name,address\nDEPOT-1,反诈中心库房,云川市东湖路 1 号\n"),
    "import_capacity": _table("outlet_code,zone_code,week_starts_on,copies\nYC-EXP-01,990102001,2027-04-19,800\n"),
}

DOWNLOADS: Final[dict[str, Download]] = {
    "read_audit_csv": Download(CSV),
    "read_base_map": Download(BINARY, is_text=False, status=206),
    "read_boundaries": Download(GEOJSON, struct="ZoneCollection"),
    "read_coverage_tile": Download(TILE, is_text=False),
    "read_coverage_zone_tile": Download(TILE, is_text=False),
    "read_coverage_zones_csv": Download(CSV),
    "read_coverage_zones_geojson": Download(GEOJSON),
    "read_events": Download(EVENTS),
    "read_moves_csv": Download(CSV),
    "read_sample_zones": Download(GEOJSON),
    "read_template": Download(XLSX, is_text=False),
}

CONDITIONAL: Final = frozenset({
    "read_base_map", "read_boundaries", "read_coverage", "read_coverage_cells", "read_coverage_channels",
    "read_coverage_days", "read_coverage_gaps", "read_coverage_history", "read_coverage_materials",
    "read_coverage_partners", "read_coverage_tile", "read_coverage_waves", "read_coverage_zone_tile",
    "read_coverage_zones", "read_coverage_zones_csv", "read_coverage_zones_geojson", "read_handout_pack",
})  # fmt: skip
"""Answered with an ETag; asked again with it in `If-None-Match`: 304, when nothing has changed."""

EMPTY: Final = frozenset({"read_coverage_tile", "read_coverage_zone_tile"})
"""Answered with 204 where there is nothing to draw."""
