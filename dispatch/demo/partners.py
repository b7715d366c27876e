"""Who hands out in the fictional city: firms with their outlets, depots and riders, and which outlet serves which zone.

Outlets, partners and riders are numbered from 0 in the order of the tuples and arrays here.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.city import City
from dispatch.demo.firms import Depot, Outlet, Partner, firms_of, riders_per_firm
from dispatch.demo.riders import Riders, enrol
from dispatch.demo.samples import apportion, as_floats, generator, pick_weighted

_PARCELS_PER_OUTLET_AND_WEEK = 12_500
_RIDERS_PER_MEAL_STATION = 55


class Partners(msgspec.Struct, frozen=True, eq=False):
    """All partners that hand out or print. `served_outlet`, `served_zone`: the pairs in which an outlet delivers,
    sorted by outlet, then zone; `served_volume`: parcels or meal orders a day of each pair."""

    partners: tuple[Partner, ...]
    outlets: tuple[Outlet, ...]
    depots: tuple[Depot, ...]
    riders: Riders
    served_outlet: NDArray[np.int64]
    served_zone: NDArray[np.int64]
    served_volume: NDArray[np.float64]


def make_partners(city: City) -> Partners:
    """Draw the partners of the city; riders per firm follow the shares and sum exactly to the variant's numbers."""
    variant = city.variant
    rng = generator(city.seed, "outlets")
    partners = firms_of(variant)
    riders_of = riders_per_firm(partners, variant)
    outlets: list[Outlet] = []
    pairs: list[NDArray[np.int64]] = []
    volumes: list[NDArray[np.float64]] = []
    for number, partner in enumerate(partners):
        if partner.kind == "printer":
            continue
        volume = as_floats(city.people.meals if partner.kind == "meal" else city.people.parcels) * partner.share
        count = _outlet_count(partner, float(volume.sum()), int(riders_of[number]))
        own = _outlets_of(partner, number, count, volume, city, rng)
        served = _nearest_outlet(own, city, volume)
        pairs.append(served + np.array([len(outlets), 0]))
        volumes.append(_split_volume(served, volume))
        outlets += own
    order = np.lexsort(np.vstack(pairs).T[::-1])
    served_pairs, served_volume = np.vstack(pairs)[order], np.concatenate(volumes)[order]
    riders = enrol(city, partners, outlets, riders_of, served_pairs, served_volume)
    return Partners(
        partners, tuple(outlets), _depots(city), riders, served_pairs[:, 0], served_pairs[:, 1], served_volume
    )


def _outlet_count(partner: Partner, volume_per_day: float, riders: int) -> int:
    if partner.kind == "meal":
        return max(2, round(riders / _RIDERS_PER_MEAL_STATION))
    return max(2, round(volume_per_day * 7 / _PARCELS_PER_OUTLET_AND_WEEK))


def _outlets_of(
    partner: Partner, number: int, count: int, volume: NDArray[np.float64], city: City, rng: np.random.Generator
) -> list[Outlet]:
    """Outlets stand where the volume is: one in each of the busiest zones first, further ones by what is left."""
    per_zone = apportion(count, volume**0.8)
    homes = np.repeat(np.arange(len(volume)), per_zone)
    ending = "站" if partner.kind == "meal" else "邮政所" if partner.kind == "post" else "网点"
    cells = city.cells
    outlets: list[Outlet] = []
    for turn, zone in enumerate(homes.tolist(), start=1):
        longitude, latitude = cells.place_inside(zone, float(rng.random()))
        name = f"{partner.name}{city.zones[zone].name}第{turn}{ending}"
        outlets.append(Outlet(f"{partner.code}-{turn:04d}", name, number, zone, longitude, latitude))
    return outlets


def _nearest_outlet(outlets: list[Outlet], city: City, volume: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pairs (outlet, zone): every zone is served from the outlets in it, or else by the nearest one."""
    home = np.array([outlet.zone for outlet in outlets])
    apart = np.hypot(*(city.place[:, None, :] - city.place[home][None, :, :]).transpose(2, 0, 1))
    pairs: list[tuple[int, int]] = []
    for zone in range(len(volume)):
        inside = np.flatnonzero(home == zone).tolist()
        pairs += [(outlet, zone) for outlet in inside or [int(apart[zone].argmin())]]
    return np.array(pairs, dtype=np.int64)


def _split_volume(pairs: NDArray[np.int64], volume: NDArray[np.float64]) -> NDArray[np.float64]:
    sharing = np.bincount(pairs[:, 1], minlength=len(volume))
    return volume[pairs[:, 1]] / sharing[pairs[:, 1]]


def _depots(city: City) -> tuple[Depot, ...]:
    rng = generator(city.seed, "outlets", 1)
    depots = [_depot("DEP-00", f"{city.name}反诈宣传品中心库", 0, city, rng)]
    for number, district in enumerate(city.districts):
        name = f"{district.name}分库"
        depots.append(_depot(f"DEP-{district.code}", name, number, city, rng))
    return tuple(depots)


def _depot(code: str, name: str, district: int, city: City, rng: np.random.Generator) -> Depot:
    inside = np.flatnonzero(city.district_of_zone == district)
    people = np.cumsum(city.people.population[inside]).astype(np.float64)
    zone = int(inside[pick_weighted(rng, people, 1)[0]])
    longitude, latitude = city.cells.place_inside(zone, float(rng.random()))
    return Depot(code, name, city.districts[district].code, zone, longitude, latitude)
