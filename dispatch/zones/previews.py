"""What an import of zones would do, drawn for the eye: outlines as declared, as suspected, and what is there already.

Apart from rules.py because it only looks: the judgement is that of the import itself.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final, Literal
from uuid import UUID

import numpy as np

from dispatch.geo.datum import Datum, DatumSuspicion
from dispatch.geo.distances import distance_metres
from dispatch.geo.polygons import Area, from_wkb, simplify_for_zoom, to_geojson, transform
from dispatch.tables.sheets import MOST_ERRORS_SHOWN, ImportRefused
from dispatch.zones import rules
from dispatch.zones.features import Features
from schemas.common import RowError
from schemas.zones import DatumSuspected, OutlinedZone, ZonesPreview

Change = Literal["created", "changed", "unchanged", "there"]

# A page shows the whole city some thousand pixels wide; finer detail would only be sent, never seen.
PIXELS_ACROSS: Final = 1_200
DECIMALS: Final = 5


def preview_zones(
    file: Features,
    existing: Sequence[rules.ZoneRecord],
    ids: Sequence[UUID],
    datum: Datum,
    city_datum: Datum,
    datum_confirmed: bool,
    demonstration: bool,
) -> ZonesPreview:
    """The judgement of the import, with the faults in the answer, and every outline in the city's datum."""
    errors: Sequence[RowError] = ()
    try:
        judged = rules.judge_zones(file, existing, ids, datum, city_datum, datum_confirmed)
        created, changed = {zone.code for zone in judged.created}, {zone.code for zone in judged.changed}
    except ImportRefused as refused:
        # Refused: nobody knows what would change, so every known zone counts as changed.
        errors = refused.every
        changed = {zone.code for zone in existing}
        created = {feature.code for feature in file.features} - changed
    suspicion = rules.suspicion_of(file.features, existing, datum, city_datum) if file.features else None
    there = [(zone.code, zone.name, from_wkb(zone.boundary)) for zone in existing]
    declared = _read_in(file, datum, city_datum)
    likely = _read_in(file, suspicion.likely, city_datum) if suspicion else []
    zoom = _zoom_for([area for _, _, area in (*there, *declared)])
    of_file: list[Change] = [
        "created" if feature.code in created else "changed" if feature.code in changed else "unchanged"
        for feature in file.features
    ]
    return ZonesPreview(
        created=of_file.count("created"),
        changed=of_file.count("changed"),
        unchanged=of_file.count("unchanged"),
        errors=list(errors[:MOST_ERRORS_SHOWN]),
        error_count=len(errors),
        suspected=_suspected(suspicion, declared, likely),
        city_datum=city_datum,
        demonstration=demonstration,
        there=_outlined(there, repeat("there", len(there)), zoom),
        declared=_outlined(declared, of_file, zoom),
        likely=_outlined(likely, of_file[: len(likely)], zoom),
    )


def _read_in(file: Features, datum: Datum, city_datum: Datum) -> list[tuple[str, str, Area]]:
    return [
        (feature.code, str(feature.said.get("name") or ""), transform(feature.polygon, datum, city_datum))
        for feature in file.features
    ]


def _suspected(
    suspicion: DatumSuspicion | None,
    declared: Sequence[tuple[str, str, Area]],
    likely: Sequence[tuple[str, str, Area]],
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


def _centre_of(outlines: Sequence[tuple[str, str, Area]]) -> tuple[float, float]:
    centres = [area.centroid for _, _, area in outlines]
    return sum(centre.x for centre in centres) / len(centres), sum(centre.y for centre in centres) / len(centres)


def _zoom_for(areas: Sequence[Area]) -> int:
    """The zoom at which all of it is about as wide as a page."""
    if not areas:
        return 10
    bounds = np.array([area.bounds for area in areas], dtype=np.float64)
    across = max(float(np.max(bounds[:, 2:] - bounds[:, :2].min(axis=0))), 1e-4)
    return int(np.clip(np.ceil(np.log2(360.0 * PIXELS_ACROSS / 512.0 / across)), 4, 18))


def _outlined(outlines: Iterable[tuple[str, str, Area]], changes: Iterable[Change], zoom: int) -> list[OutlinedZone]:
    return [
        OutlinedZone(
            code=code, name=name, change=change, geometry=to_geojson(simplify_for_zoom(area, zoom), decimals=DECIMALS)
        )
        for (code, name, area), change in zip(outlines, changes, strict=True)
    ]
