"""What an import of zones would do, drawn for the eye: outlines as declared, as suspected, and the city's own.

It only looks: the judgement is that of the import itself.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final, Literal, NamedTuple
from uuid import UUID

import numpy as np

from dispatch.geo.datum import Datum, DatumSuspicion
from dispatch.geo.distances import distance_metres
from dispatch.geo.polygons import Area, from_wkb, simplify_for_zoom, to_geojson, transform
from dispatch.tables.sheets import MOST_ERRORS_SHOWN, ImportRefused
from dispatch.zones import rules, shapes
from dispatch.zones.features import Features
from dispatch.zones.records import CityRecord, ZoneRecord
from schemas.common import Outline, RowError
from schemas.zones import DatumSuspected, OutlinedZone, ZonesPreview

Change = Literal["created", "changed", "unchanged", "there"]

# A page shows the whole city some thousand pixels wide; finer detail would only be sent, never seen.
PIXELS_ACROSS: Final = 1_200
DECIMALS: Final = 5


class _Outline(NamedTuple):
    """A zone to be drawn; the area is in the city's datum."""

    code: str
    name: str
    area: Area


def preview_zones(
    file: Features,
    existing: Sequence[ZoneRecord],
    ids: Sequence[UUID],
    datum: Datum,
    city: CityRecord,
    datum_confirmed: bool,
) -> ZonesPreview:
    """The judgement of the import, with the faults in the answer, and every outline in the city's datum."""
    changes, errors = _judged(file, existing, ids, datum, city.datum, datum_confirmed)
    suspicion = shapes.suspicion_of(file.features, existing, datum, city.datum) if file.features else None
    there = [_Outline(zone.code, zone.name, from_wkb(zone.boundary)) for zone in existing]
    declared = _read_in(file, datum, city.datum)
    likely = _read_in(file, suspicion.likely, city.datum) if suspicion else []
    zoom = _zoom_for([outline.area for outline in (*there, *declared)])
    return ZonesPreview(
        created=changes.count("created"),
        changed=changes.count("changed"),
        unchanged=changes.count("unchanged"),
        errors=list(errors[:MOST_ERRORS_SHOWN]),
        error_count=len(errors),
        suspected=_suspected(suspicion, declared, likely),
        city_datum=city.datum,
        demonstration=city.demonstration,
        there=_outlined(there, repeat("there", len(there)), zoom),
        declared=_outlined(declared, changes, zoom),
        likely=_outlined(likely, changes[: len(likely)], zoom),
    )


def _judged(
    file: Features,
    existing: Sequence[ZoneRecord],
    ids: Sequence[UUID],
    datum: Datum,
    city_datum: Datum,
    datum_confirmed: bool,
) -> tuple[list[Change], Sequence[RowError]]:
    """What the import would do to the zone of each feature, and why it would be refused."""
    errors: Sequence[RowError] = ()
    try:
        judged = rules.judge_zones(file, existing, ids, datum, city_datum, datum_confirmed)
        created, changed = {zone.code for zone in judged.created}, {zone.code for zone in judged.changed}
    except ImportRefused as refused:
        # Of a refused file it is not known what would change, so every known zone counts as changed.
        errors = refused.every
        changed = {zone.code for zone in existing}
        created = {feature.code for feature in file.features} - changed
    changes: list[Change] = [
        "created" if feature.code in created else "changed" if feature.code in changed else "unchanged"
        for feature in file.features
    ]
    return changes, errors


def _read_in(file: Features, datum: Datum, city_datum: Datum) -> list[_Outline]:
    return [
        _Outline(feature.code, str(feature.values.get("name") or ""), transform(feature.polygon, datum, city_datum))
        for feature in file.features
    ]


def _suspected(
    suspicion: DatumSuspicion | None,
    declared: Sequence[_Outline],
    likely: Sequence[_Outline],
) -> DatumSuspected | None:
    if suspicion is None:
        return None
    return DatumSuspected(
        declared=suspicion.declared,
        likely=suspicion.likely,
        declared_outside=suspicion.declared_outside,
        likely_outside=suspicion.likely_outside,
        shift_metres=distance_metres(*_centre_of(declared), *_centre_of(likely)),
    )


def _centre_of(outlines: Sequence[_Outline]) -> tuple[float, float]:
    centres = [outline.area.centroid for outline in outlines]
    return sum(centre.x for centre in centres) / len(centres), sum(centre.y for centre in centres) / len(centres)


def _zoom_for(areas: Sequence[Area]) -> int:
    """The zoom at which all of it is about as wide as a page."""
    if not areas:
        return 10
    bounds = np.array([area.bounds for area in areas], dtype=np.float64)
    across = max(float(np.max(bounds[:, 2:] - bounds[:, :2].min(axis=0))), 1e-4)
    return int(np.clip(np.ceil(np.log2(360.0 * PIXELS_ACROSS / 512.0 / across)), 4, 18))


def _outlined(outlines: Iterable[_Outline], changes: Iterable[Change], zoom: int) -> list[OutlinedZone]:
    return [
        OutlinedZone(
            code=outline.code,
            name=outline.name,
            change=change,
            geometry=Outline(**to_geojson(simplify_for_zoom(outline.area, zoom), decimals=DECIMALS)),
        )
        for outline, change in zip(outlines, changes, strict=True)
    ]
