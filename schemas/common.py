"""Words every slice shares: codes, names, counts, days, ids."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Matched by code, never by name",
        examples=["990102001"],
    ),
]
# PostgreSQL's text holds no NUL, and no other control character belongs into a name or a reason.
_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$"
Name = Annotated[str, Meta(pattern=_PRINTABLE, min_length=1, max_length=120, examples=["云川市"])]
Reason = Annotated[
    str,
    Meta(min_length=2, max_length=500, description="Why, in words somebody else understands", examples=["雨淋受潮"]),
]
SourceId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[!-~\u4e00-\u9fff]+(?!\n)$",
        description="The partner's own reference, in the place of an id: letters, digits, signs, no blanks. Sent "
        "again, by whichever of its keys, it means the same",
        examples=["YC-2027-04-20-0017"],
    ),
]
ReferenceKind = Literal["handout", "correction", "claim", "receipt"]
Copies = Annotated[int, Meta(ge=1, le=50_000_000, description="Copies, at least one")]
Count = Annotated[int, Meta(ge=0, le=100_000_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset")]
Datum = Literal["gcj02", "wgs84", "cgcs2000", "bd09"]
Channel = Literal["in_person", "with_meal", "with_parcel", "placed", "home_visit"]
MaterialKind = Literal["handbook", "leaflet", "meal_mat", "sticker", "bag_seal", "poster", "letter"]
PartnerKind = Literal["parcel", "post", "meal", "bank", "school", "community", "property", "telecom", "printer"]


class Outline(Struct, frozen=True, kw_only=True):
    """The ground of a zone, as a geometry of GeoJSON."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]
    """Of a Polygon its rings, the outer one first: lists of [longitude, latitude]. Of a MultiPolygon such lists."""


class RowError(Struct, frozen=True, kw_only=True):
    """What is wrong with one row of a file that was refused whole."""

    row: int
    """Counted from 1, without a header line; for GeoJSON the position of the feature."""
    code: str | None
    field: str | None
    reason: str
    """Stable slug: `duplicate-code`, `unknown-zone`, `invalid-geometry`, …"""
    detail: str
    chinese: str = ""
    """The same in Chinese, as the last column 错误原因 of the returned file says it."""


class Imported(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that was taken, or would be: how many rows were new, changed, or already as the file says."""

    created: int
    changed: int
    unchanged: int
    created_codes: list[str] = []
    """Only in a preview: the first 500 codes of what would be new."""
    changed_codes: list[str] = []
    """Only in a preview: the first 500 codes of what would change."""


class Symbol(Struct, frozen=True, kw_only=True):
    """A QR symbol to be drawn: `path` in SVG's words, in a square of `size` modules with a margin of four around."""

    size: int
    path: str
