"""Other hands of the fictional campaign: banks, schools, communities, screens and boards, and what they do by day."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.campaign import DAYS, Campaign, Material
from dispatch.demo.city import City
from dispatch.demo.names import BANKS
from dispatch.demo.samples import apportion, generator, pick_weighted

InstitutionKind = Literal["bank", "school", "community"]
SiteKind = Literal["bank_counter", "atm", "school", "community", "led_screen", "display_board", "pickup_station"]
ActivityKind = Literal["posting", "letter", "lecture", "led", "display_board", "group_push"]


class Institution(msgspec.Struct, frozen=True):
    """A bank, a school or a community as a partner; `pupils` is 0 for all but schools."""

    code: str
    name: str
    kind: InstitutionKind
    zone: int
    pupils: int


class Site(msgspec.Struct, frozen=True):
    """A place where something hangs, plays or is told; `institution` is a number, or −1 for the city's own sites.

    A counter and its ATM carry the same `outlet_code`; it is empty for everything that is no bank outlet.
    """

    code: str
    name: str
    kind: SiteKind
    institution: int
    outlet_code: str
    zone: int
    longitude: float
    latitude: float


class Activity(msgspec.Struct, frozen=True):
    """One planned deed on a campaign day at a site: copies of a material used up (`material` −1 and 0 copies if none),
    people or plays reached (`audience`)."""

    day: int
    kind: ActivityKind
    site: int
    material: int
    copies: int
    audience: int


class Sites(msgspec.Struct, frozen=True):
    """Institutions, their sites and the activities in order of day; numbers count from 0 in each tuple."""

    institutions: tuple[Institution, ...]
    sites: tuple[Site, ...]
    activities: tuple[Activity, ...]


def make_sites(city: City, campaign: Campaign) -> Sites:
    """Draw institutions, sites and activities; pupils sum to the letters printed, so every letter finds a home."""
    rng = generator(city.seed, "sites")
    institutions = _institutions(city, rng)
    sites = _Register(city, rng)
    _bank_sites(sites, institutions)
    for number, institution in enumerate(institutions):
        if institution.kind in ("school", "community"):
            sites.add(
                "school" if institution.kind == "school" else "community", institution.name, institution.zone, number
            )
    for zone in range(len(city.zones)):
        for turn in (1, 2):
            sites.add("display_board", f"{city.zones[zone].name}第{turn}宣传栏", zone, -1)
        for turn in range(1, 1 + max(1, int(city.people.parcels[zone]) // 1500)):
            sites.add("pickup_station", f"{city.zones[zone].name}第{turn}驿站", zone, -1)
    for turn, zone in enumerate(_zones_by_people(city, max(8, len(city.zones)), rng), start=1):
        sites.add("led_screen", f"{city.zones[zone].name}第{turn}电子屏", zone, -1)
    activities = _activities(institutions, sites.found, campaign, rng)
    return Sites(institutions, tuple(sites.found), activities)


class _Register:
    """Collects sites and gives them codes by kind; it lives only while the sites are drawn."""

    def __init__(self, city: City, rng: np.random.Generator) -> None:
        self.found: list[Site] = []
        self.city = city
        self.rng = rng

    def add(self, kind: SiteKind, name: str, zone: int, institution: int, outlet_code: str = "") -> None:
        longitude, latitude = self.city.cells.place_inside(zone, float(self.rng.random()))
        code = f"SITE-{len(self.found) + 1:05d}"
        self.found.append(Site(code, name, kind, institution, outlet_code, zone, longitude, latitude))


def _zones_by_people(city: City, count: int, rng: np.random.Generator) -> list[int]:
    return pick_weighted(rng, np.cumsum(city.people.population).astype(np.float64), count).tolist()


def _institutions(city: City, rng: np.random.Generator) -> tuple[Institution, ...]:
    variant = city.variant
    found = [
        Institution(f"BANK-{turn:02d}", name, "bank", zone, 0)
        for turn, (name, zone) in enumerate(
            zip(BANKS[: variant.banks], _zones_by_people(city, variant.banks, rng), strict=True), start=1
        )
    ]
    pupils = apportion(variant.pieces["letter"], rng.gamma(5.0, 1.0, variant.schools))
    for turn, zone in enumerate(_zones_by_people(city, variant.schools, rng), start=1):
        level = ("小学", "小学", "中学")[turn % 3]
        name = f"{city.zones[zone].name[:2]}第{turn}{level}"
        found.append(Institution(f"SCH-{turn:03d}", name, "school", zone, int(pupils[turn - 1])))
    communities = [zone for zone in range(len(city.zones)) for _ in range(3)]
    for turn, zone in enumerate(communities, start=1):
        ending = "村" if city.zones[zone].kind == "township" else "社区"
        name = f"{city.zones[zone].name[:2]}{'一二三'[(turn - 1) % 3]}{ending}"
        found.append(Institution(f"COM-{turn:04d}", name, "community", zone, 0))
    return tuple(found)


def _bank_sites(sites: _Register, institutions: tuple[Institution, ...]) -> None:
    """Every bank has one outlet at least; each outlet a counter, most an ATM as well."""
    variant = sites.city.variant
    per_bank = 1 + apportion(variant.bank_outlets - variant.banks, sites.rng.gamma(1.5, 1.0, variant.banks))
    for number, count in enumerate(per_bank.tolist()):
        bank = institutions[number]
        for turn, zone in enumerate(_zones_by_people(sites.city, count, sites.rng), start=1):
            code, name = f"{bank.code}-{turn:03d}", f"{bank.name}{sites.city.zones[zone].name}第{turn}支行"
            sites.add("bank_counter", f"{name}柜台", zone, number, code)
            if sites.rng.random() < 0.8:
                sites.add("atm", f"{name}自助机", zone, number, code)


def _activities(
    institutions: tuple[Institution, ...], sites: list[Site], campaign: Campaign, rng: np.random.Generator
) -> tuple[Activity, ...]:
    """Posters go up at some nine in ten sites, letters go home once, screens and groups speak again and again."""
    number = {material.kind: index for index, material in enumerate(campaign.materials)}
    posters = _posters(sites, campaign.materials[number["poster"]], rng)
    found: list[Activity] = []
    for index, site in enumerate(sites):
        if posters[index]:
            day = int(rng.integers(3, 40))
            found.append(Activity(day, "posting", index, number["poster"], int(posters[index]), 0))
        if site.kind == "school":
            pupils = institutions[site.institution].pupils
            found.append(Activity(int(rng.integers(8, 60)), "letter", index, number["letter"], pupils, pupils))
        repeats: dict[SiteKind, tuple[ActivityKind, float, int]] = {
            "school": ("lecture", 0.8, 240),
            "community": ("group_push", 5.0, 320),
            "led_screen": ("led", 9.0, 480),
            "display_board": ("display_board", 1.0, 0),
        }
        if site.kind in repeats:
            kind, often, audience = repeats[site.kind]
            days = rng.integers(1, DAYS + 1, rng.poisson(often))
            found += [Activity(int(day), kind, index, -1, 0, round(audience * rng.uniform(0.5, 1.5))) for day in days]
    return tuple(sorted(found, key=lambda deed: (deed.day, deed.site, deed.kind)))


def _posters(sites: list[Site], poster: Material, rng: np.random.Generator) -> NDArray[np.int64]:
    """Posters per site, a few at each that takes part; together 90 % of the run at most."""
    kinds = ("bank_counter", "atm", "school", "community", "display_board", "pickup_station")
    weight = np.array([float(site.kind in kinds) for site in sites]) * (rng.random(len(sites)) < 0.92)
    weight *= rng.integers(1, 5, len(sites))
    return apportion(int(poster.copies * 0.9), weight)
