"""Who answers for which zones: districts, police stations and the codes and names of zones."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.names import COUNTIES, URBAN_DISTRICTS, place_stems, zone_name
from dispatch.demo.parcels import Parcel, Points
from dispatch.demo.samples import apportion
from dispatch.demo.variants import ZONE_KINDS, Variant


class District(msgspec.Struct, frozen=True):
    """A district or county of the city."""

    code: str
    name: str
    kind: Literal["district", "county"]


class PoliceStation(msgspec.Struct, frozen=True):
    """A police station (派出所); it answers for one or more neighbouring zones of its district."""

    code: str
    name: str
    district_code: str


def districts_of(variant: Variant) -> tuple[District, ...]:
    """The districts, then the counties, by code."""
    urban = [District(code, name, "district") for code, name in URBAN_DISTRICTS[: variant.urban_districts]]
    counties = [District(code, name, "county") for code, name in COUNTIES[: variant.counties]]
    return (*urban, *counties)


def by_district(parcels: tuple[Parcel, ...], variant: Variant) -> tuple[list[Parcel], NDArray[np.int64]]:
    """Parcels in the order of their future codes (district, kind, bearing) and the district number of each."""

    def district(parcel: Parcel) -> int:
        if parcel.county is not None:
            return variant.urban_districts + parcel.county
        turn = float(np.arctan2(parcel.y, parcel.x)) / (2 * np.pi) + 0.5
        return min(int(turn * variant.urban_districts), variant.urban_districts - 1)

    def place(parcel: Parcel) -> tuple[int, int, float]:
        return district(parcel), ZONE_KINDS.index(parcel.kind), float(np.arctan2(parcel.y, parcel.x))

    ordered = sorted(parcels, key=place)
    return ordered, np.array([district(parcel) for parcel in ordered])


def zone_codes(districts: tuple[District, ...], home: NDArray[np.int64]) -> list[str]:
    """Nine-digit codes: the district's six digits and a number of three that starts again in every district."""
    codes: list[str] = []
    seen = [0] * len(districts)
    for district in home.tolist():
        seen[district] += 1
        codes.append(f"{districts[district].code}{seen[district]:03d}")
    return codes


def zone_names(parcels: list[Parcel], home: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    """Names of the zones; the last zone bears the name of one in another district, for things match by code only."""
    stems = place_stems(rng, len(parcels))
    names = [zone_name(stem, parcel.kind, turn) for turn, (stem, parcel) in enumerate(zip(stems, parcels, strict=True))]
    kin = [i for i in range(len(names)) if home[i] != home[-1] and names[i][2:] == names[-1][2:]]
    if kin:
        names[-1] = names[kin[0]]
    return names


def police_stations(
    variant: Variant,
    districts: tuple[District, ...],
    home: NDArray[np.int64],
    place: Points,
    population: NDArray[np.int64],
    names: list[str],
) -> tuple[tuple[PoliceStation, ...], NDArray[np.int64]]:
    """The stations and, per zone, the number of its station: small neighbouring zones share one."""
    stations: list[PoliceStation] = []
    station_of_zone = np.zeros(len(home), dtype=np.int64)
    per_district = apportion(variant.police_stations, np.bincount(home, minlength=len(districts)).astype(np.float64))
    for number, district in enumerate(districts):
        groups = _merged([[int(zone)] for zone in np.flatnonzero(home == number)], int(per_district[number]), place)
        for turn, group in enumerate(sorted(groups), start=1):
            largest = max(group, key=lambda zone: int(population[zone]))
            station_of_zone[group] = len(stations)
            stations.append(PoliceStation(f"{district.code}55{turn:04d}", f"{names[largest][:2]}派出所", district.code))
    return tuple(stations), station_of_zone


def _merged(groups: list[list[int]], wanted: int, place: Points) -> list[list[int]]:
    """Join the two nearest of the smallest groups until `wanted` remain."""
    while len(groups) > wanted:
        groups.sort(key=lambda group: (len(group), group))
        middle = np.array([place[group].mean(axis=0) for group in groups])
        size = np.array([len(group) for group in groups])
        apart = np.hypot(*(middle[1:] - middle[0]).T) * size[1:]
        partner = int(apart.argmin()) + 1
        joined = sorted(groups[0] + groups[partner])
        groups = [group for turn, group in enumerate(groups) if turn not in (0, partner)] + [joined]
    return groups
