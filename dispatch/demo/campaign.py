"""The hundred days: waves, materials, print runs and the pace at which copies should leave, as plain data."""

from datetime import date, timedelta
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.variants import Variant

FIRST_DAY = date(2027, 3, 15)
LAST_DAY = date(2027, 6, 22)
DAYS = 100
WEEKS = tuple(FIRST_DAY + timedelta(weeks=week) for week in range(15))

Family = Literal["parcel", "meal", "site"]
Channel = Literal["in_person", "with_meal", "with_parcel", "placed", "home_visit"]
CHANNELS: tuple[Channel, ...] = ("in_person", "with_meal", "with_parcel", "placed", "home_visit")


class Wave(msgspec.Struct, frozen=True):
    """A wave of the campaign, days counted from 1, both ends included; `share` of all handouts falls into it."""

    code: str
    name: str
    first_day: int
    last_day: int
    share: float


class Material(msgspec.Struct, frozen=True):
    """A printed material: who hands it out, through which channels, how it is packed, from which day it is used.

    `carton` and `bundle` count copies. Letters and posters belong to the family `site`: they leave through
    activities at schools and other sites, never as handouts.
    """

    code: str
    kind: str
    name: str
    family: Family
    channels: tuple[Channel, ...]
    copies: int
    bundle: int
    carton: int
    from_day: int


class PrintRun(msgspec.Struct, frozen=True):
    """One order at the printer's: whole cartons, delivered to one depot on one day."""

    code: str
    material_code: str
    copies: int
    cartons: int
    ordered_on: date
    delivered_on: date
    printer_code: str
    depot_code: str


class Campaign(msgspec.Struct, frozen=True):
    """The campaign; `pilot_zones` holds zone numbers."""

    code: str
    name: str
    first_day: date
    last_day: date
    target_reach: float
    waves: tuple[Wave, ...]
    materials: tuple[Material, ...]
    print_runs: tuple[PrintRun, ...]
    pilot_zones: tuple[int, ...]


WAVES = (
    Wave("pilot", "试点先行", 1, 14, 0.04),
    Wave("roll_out", "全面铺开", 15, 45, 0.40),
    Wave("targeted", "精准投放", 46, 70, 0.24),
    Wave("push_618", "“618”集中攻坚", 71, 95, 0.28),
    Wave("close", "收尾总结", 96, 100, 0.04),
)

# kind: name, family, channels, bundle, carton, first day of use.
_MATERIALS: dict[str, tuple[str, Family, tuple[Channel, ...], int, int, int]] = {
    "handbook": ("反诈宣传手册", "parcel", ("in_person", "with_parcel", "placed", "home_visit"), 50, 400, 1),
    "leaflet": ("防骗折页", "parcel", ("in_person", "with_parcel", "placed", "home_visit"), 100, 2_000, 15),
    "sticker": ("包裹提示贴", "parcel", ("with_parcel",), 500, 10_000, 15),
    "meal_mat": ("反诈垫餐纸", "meal", ("with_meal", "in_person"), 500, 5_000, 1),
    "bag_seal": ("餐袋封签", "meal", ("with_meal",), 500, 5_000, 71),
    "letter": ("致家长的一封信", "site", ("placed",), 100, 2_000, 1),
    "poster": ("反诈海报", "site", ("placed",), 50, 500, 1),
}
# kind: share of the run and day of delivery, counted from the first day (negative = before it).
_DELIVERIES: dict[str, tuple[tuple[float, int], ...]] = {
    "handbook": ((0.20, -7), (0.45, 11), (0.35, 46)),
    "leaflet": ((0.50, 8), (0.50, 46)),
    "sticker": ((0.60, 10), (0.40, 64)),
    "meal_mat": ((0.20, -5), (0.40, 10), (0.40, 53)),
    "bag_seal": ((1.0, 60),),
    "letter": ((1.0, 4),),
    "poster": ((1.0, -6),),
}
_HANDED_OUT = 0.96
_WEEKDAY = (1.04, 1.06, 1.05, 1.05, 1.08, 0.94, 0.78)


def make_campaign(variant: Variant, pilot_zones: tuple[int, ...], printer: str, depot: str) -> Campaign:
    """The campaign of a variant; print runs add up exactly to the variant's pieces, in whole cartons."""
    materials = tuple(_material(kind, copies) for kind, copies in variant.pieces.items())
    runs = tuple(run for material in materials for run in _print_runs(material, printer, depot))
    return Campaign(
        code="BR2027",
        name="云川市2027年反电信网络诈骗宣传百日行动",
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        target_reach=variant.target_reach,
        waves=WAVES,
        materials=materials,
        print_runs=runs,
        pilot_zones=pilot_zones,
    )


def date_of_day(day: int) -> date:
    """The calendar date of campaign day `day` (1 is the first)."""
    return FIRST_DAY + timedelta(days=day - 1)


def wave_of_day(day: int) -> Wave:
    """The wave a campaign day falls into; raises StopIteration outside 1…100."""
    return next(wave for wave in WAVES if wave.first_day <= day <= wave.last_day)


def desired_copies(campaign: Campaign) -> NDArray[np.float64]:
    """Copies the city would hand out if nothing went wrong: materials × days (column 0 is day 1).

    Each material follows the waves and the weekdays from its first day of use and ends at 96 % of what was printed;
    site materials have none.
    """
    pace = np.zeros(DAYS)
    for wave in WAVES:
        pace[wave.first_day - 1 : wave.last_day] = wave.share / (wave.last_day - wave.first_day + 1)
    pace *= np.resize(_WEEKDAY, DAYS)
    desired = np.zeros((len(campaign.materials), DAYS))
    for row, material in enumerate(campaign.materials):
        if material.family == "site":
            continue
        own = np.where(np.arange(1, DAYS + 1) >= material.from_day, pace, 0.0)
        desired[row] = own / own.sum() * material.copies * _HANDED_OUT
    return desired


def _material(kind: str, copies: int) -> Material:
    name, family, channels, bundle, carton, from_day = _MATERIALS[kind]
    return Material(f"{kind.upper()}-2027", kind, name, family, channels, copies, bundle, carton, from_day)


def _print_runs(material: Material, printer: str, depot: str) -> list[PrintRun]:
    runs: list[PrintRun] = []
    left = material.copies // material.carton
    deliveries = _DELIVERIES[material.kind]
    for turn, (share, day) in enumerate(deliveries, start=1):
        last = turn == len(deliveries)
        cartons = left if last else round(material.copies * share / material.carton)
        left -= cartons
        delivered = date_of_day(day + 1)
        runs.append(
            PrintRun(
                code=f"PR-{material.kind.upper()}-{turn}",
                material_code=material.code,
                copies=cartons * material.carton,
                cartons=cartons,
                ordered_on=delivered - timedelta(days=18),
                delivered_on=delivered,
                printer_code=printer,
                depot_code=depot,
            )
        )
    return runs
