"""How large the fictional city is: the one place that holds its headline numbers, so tests and texts agree."""

from typing import Literal

import msgspec

VariantName = Literal["full", "small"]
ZoneKind = Literal["old_core", "high_rise", "campus_industrial", "urban_fringe", "county_town", "township"]

CITY_NAME = "云川市"
DATUM = "gcj02"
# An empty stretch of the Otindag sands: a fictional city must not lie on top of a real one. Here the two datums lie
# some 590 m apart, much as in most Chinese cities.
CENTRE_LONGITUDE = 114.50
CENTRE_LATITUDE = 42.80

ZONE_KINDS: tuple[ZoneKind, ...] = (
    "old_core",
    "high_rise",
    "campus_industrial",
    "urban_fringe",
    "county_town",
    "township",
)
ZONE_KIND_NAMES: dict[ZoneKind, str] = {
    "old_core": "老城区",
    "high_rise": "新建高层",
    "campus_industrial": "高校园区",
    "urban_fringe": "城乡结合部",
    "county_town": "县城",
    "township": "乡镇",
}


class Variant(msgspec.Struct, frozen=True):
    """The size of one city: counts are exact, areas are square kilometres of one zone on average."""

    name: VariantName
    population: int
    households: int
    zones: dict[ZoneKind, int]
    zone_area: dict[ZoneKind, float]
    urban_districts: int
    counties: int
    police_stations: int
    couriers: int
    meal_riders: int
    parcels_per_day: int
    meals_per_day: int
    courier_firms: tuple[str, ...]
    meal_platforms: tuple[str, ...]
    banks: int
    bank_outlets: int
    schools: int
    pieces: dict[str, int]
    pilot_zones: int
    gap_zones: int
    late_by_days: dict[str, int]
    target_reach: float

    @property
    def zone_count(self) -> int:
        """Zones of all kinds together."""
        return sum(self.zones.values())


FULL = Variant(
    name="full",
    population=3_600_000,
    households=1_258_000,
    zones={
        "old_core": 24,
        "high_rise": 22,
        "campus_industrial": 8,
        "urban_fringe": 18,
        "county_town": 30,
        "township": 42,
    },
    zone_area={
        "old_core": 1.9,
        "high_rise": 3.0,
        "campus_industrial": 3.6,
        "urban_fringe": 14.0,
        "county_town": 6.0,
        "township": 92.0,
    },
    urban_districts=3,
    counties=5,
    police_stations=88,
    couriers=2_900,
    meal_riders=3_300,
    parcels_per_day=1_220_000,
    meals_per_day=270_000,
    courier_firms=("ZTO", "YTO", "YUNDA", "STO", "JT", "POST", "SF", "JD"),
    meal_platforms=("MEITUAN", "ELEME", "OTHERMEAL"),
    banks=20,
    bank_outlets=420,
    schools=260,
    pieces={
        "handbook": 600_000,
        "meal_mat": 900_000,
        "leaflet": 400_000,
        "sticker": 300_000,
        "letter": 350_000,
        "bag_seal": 40_000,
        "poster": 20_000,
    },
    pilot_zones=16,
    gap_zones=12,
    late_by_days={"STO": 23, "JT": 30},
    target_reach=0.25,
)

SMALL = Variant(
    name="small",
    population=320_000,
    households=111_800,
    zones={
        "old_core": 4,
        "high_rise": 4,
        "campus_industrial": 1,
        "urban_fringe": 3,
        "county_town": 5,
        "township": 7,
    },
    zone_area={
        "old_core": 1.8,
        "high_rise": 2.8,
        "campus_industrial": 3.0,
        "urban_fringe": 9.0,
        "county_town": 5.5,
        "township": 27.0,
    },
    urban_districts=2,
    counties=1,
    police_stations=14,
    couriers=240,
    meal_riders=260,
    parcels_per_day=108_400,
    meals_per_day=24_000,
    courier_firms=("ZTO", "YTO", "YUNDA", "POST", "SF"),
    meal_platforms=("MEITUAN", "ELEME"),
    banks=20,
    bank_outlets=52,
    schools=22,
    pieces={"handbook": 60_000, "meal_mat": 40_000, "letter": 20_000, "poster": 1_000},
    pilot_zones=4,
    gap_zones=2,
    late_by_days={"YUNDA": 16, "SF": 23},
    target_reach=0.12,
)

VARIANTS: dict[VariantName, Variant] = {"full": FULL, "small": SMALL}
