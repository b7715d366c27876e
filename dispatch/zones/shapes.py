"""What is wrong with the shapes of a file of zones, and which map cells belong to a zone.

Pure, and separate from rules.py because it is geometry alone: polygons in, reasons or cells out.
"""

from collections.abc import Mapping, Sequence
from typing import Final, cast
from uuid import UUID

import numpy as np

from dispatch.geo.cells import assign_cells, spread_households
from dispatch.geo.datum import Datum, DatumSuspicion, suspect_datum
from dispatch.geo.polygons import Area, areas_square_metres, from_wkb, outline, overlaps
from dispatch.zones.features import FileZone
from dispatch.zones.records import CellChanges, CellOwners, ZoneRecord
from schemas.common import RowError

# The largest townships of the far west stay below; a polygon beyond it is a mistake that would eat the memory.
LARGEST_ZONE_SQUARE_KILOMETRES: Final = 60_000
LARGEST_CITY_SQUARE_KILOMETRES: Final = 300_000


def too_large(features: Sequence[FileZone], polygons: Sequence[Area]) -> list[RowError]:
    """Zones that are larger than any delivery zone, or all of them together larger than any city."""
    kilometres: list[float] = (areas_square_metres(polygons) / 1e6).tolist() if polygons else []
    errors = [
        _wrong_shape(feature, "too-large", f"{area:.0f} km² is no delivery zone")
        for feature, area in zip(features, kilometres, strict=True)
        if area > LARGEST_ZONE_SQUARE_KILOMETRES
    ]
    if not errors and sum(kilometres) > LARGEST_CITY_SQUARE_KILOMETRES:
        detail = f"{sum(kilometres):.0f} km² is no city"
        errors.append(RowError(row=0, code=None, field="geometry", reason="too-large", detail=detail))
    return errors


def wrong_datum(
    features: Sequence[FileZone], existing: Sequence[ZoneRecord], datum: Datum, city_datum: Datum
) -> list[RowError]:
    """The suspicion that the file is in another datum than `datum`, as the error of a whole file."""
    suspicion = suspicion_of(features, existing, datum, city_datum)
    if suspicion is None:
        return []
    detail = (
        f"read as {datum}, {suspicion.declared_outside:.1%} of the area lies outside the city's zones; "
        f"read as {suspicion.likely}, {suspicion.likely_outside:.1%}"
    )
    return [RowError(row=0, code=None, field="datum", reason="wrong-datum-suspected", detail=detail)]


def suspicion_of(
    features: Sequence[FileZone], existing: Sequence[ZoneRecord], datum: Datum, city_datum: Datum
) -> DatumSuspicion | None:
    """Compare the file with the city as a whole, and the zones drawn again with what they were."""
    known = {zone.code: from_wkb(zone.boundary) for zone in existing}
    again = [feature for feature in features if feature.code in known]
    comparisons: list[tuple[list[Area], list[Area]]] = [
        ([feature.polygon for feature in again], [known[feature.code] for feature in again]),
        ([feature.polygon for feature in features], list(known.values())),
    ]
    for polygons, counterparts in comparisons:
        if not polygons or not counterparts:
            continue
        suspicion = suspect_datum(polygons, datum, outline(counterparts), city_datum)
        if suspicion is not None:
            return suspicion
    return None


def overlapping(
    features: Sequence[FileZone], polygons: Sequence[Area], existing: Sequence[ZoneRecord]
) -> list[RowError]:
    """Overlaps among the file's zones, and with zones of the city that the file does not mention."""
    mentioned = {feature.code for feature in features}
    others = [zone for zone in existing if zone.code not in mentioned]
    codes = [*(zone.code for zone in others), *(feature.code for feature in features)]
    return [
        _wrong_shape(
            features[second - len(others)], "overlap", f"overlaps zone {codes[first]} by {square_metres:,.0f} m²"
        )
        for first, second, square_metres in overlaps([*(from_wkb(zone.boundary) for zone in others), *polygons])
        # Zones of the city that overlap each other already are no fault of this file.
        if second >= len(others)
    ]


def cells_of_zones(zones: Sequence[ZoneRecord]) -> CellOwners:
    """Every map cell of the city with its zone and its part of the zone's households.

    Cells of one resolution are as good as equal in area, so a zone's households are spread evenly, by largest
    remainder, and sum exactly.
    """
    owners = assign_cells([(zone.code, from_wkb(zone.boundary)) for zone in zones])
    by_zone: dict[int, list[int]] = {}
    for cell, index in sorted(owners.items()):
        by_zone.setdefault(index, []).append(cell)
    return spread_over([zones[index] for index in by_zone], {zones[index].zone_id: by_zone[index] for index in by_zone})


def spread_over(zones: Sequence[ZoneRecord], cells: Mapping[UUID, Sequence[int]]) -> CellOwners:
    """The households of these zones over the cells each of them has."""
    return {
        cell: (zone.zone_id, households)
        for zone in zones
        if (own := cells.get(zone.zone_id))
        for cell, households in zip(own, spread(zone.households, len(own)), strict=True)
    }


def spread(households: int | None, cells: int) -> list[int]:
    """A zone's households over so many cells of equal area; an unknown number counts as none."""
    if not cells:
        return []
    return cast("list[int]", spread_households(households or 0, np.ones(cells, dtype=np.float64)).tolist())


def cell_changes(kept: CellOwners, wanted: CellOwners) -> CellChanges:
    """What turns the kept cells into the wanted ones."""
    return CellChanges(
        gone=[cell for cell in kept if cell not in wanted],
        written=sorted((cell, *owner) for cell, owner in wanted.items() if kept.get(cell) != owner),
    )


def _wrong_shape(feature: FileZone, reason: str, detail: str) -> RowError:
    return RowError(row=feature.row, code=feature.code, field="geometry", reason=reason, detail=detail)
