"""The courier firms, meal platforms and the printer of the fictional city, and what an outlet and a depot are."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.samples import apportion
from dispatch.demo.variants import Variant

# code: name and market share; the names are of nationwide firms, everything else about them here is invented.
COURIER_FIRMS = {
    "ZTO": ("中通", 0.20),
    "YTO": ("圆通", 0.16),
    "YUNDA": ("韵达", 0.13),
    "STO": ("申通", 0.13),
    "JT": ("极兔", 0.12),
    "POST": ("邮政", 0.10),
    "SF": ("顺丰", 0.08),
    "JD": ("京东", 0.08),
}
MEAL_PLATFORMS = {"MEITUAN": ("美团", 0.45), "ELEME": ("饿了么", 0.44), "OTHERMEAL": ("其他外卖", 0.11)}

PartnerKind = Literal["parcel", "post", "meal", "printer"]


class Partner(msgspec.Struct, frozen=True):
    """A courier firm, a meal platform or the printer; `share` is its part of the city's parcels or meal orders."""

    code: str
    name: str
    kind: PartnerKind
    share: float
    invited: bool


class Outlet(msgspec.Struct, frozen=True):
    """An outlet of a firm or a station of a platform, standing in zone number `zone`."""

    code: str
    name: str
    partner: int
    zone: int
    longitude: float
    latitude: float


class Depot(msgspec.Struct, frozen=True):
    """A place where cartons are kept: the city's main depot or one of a district."""

    code: str
    name: str
    district_code: str
    zone: int
    longitude: float
    latitude: float


def firms_of(variant: Variant) -> tuple[Partner, ...]:
    """The firms, then the platforms, then the printer; shares of what is present sum to 1 each."""
    found: list[Partner] = []
    for codes, table in ((variant.courier_firms, COURIER_FIRMS), (variant.meal_platforms, MEAL_PLATFORMS)):
        present = sum(table[code][1] for code in codes)
        for code in codes:
            name, share = table[code]
            kind: PartnerKind = "meal" if code in MEAL_PLATFORMS else "post" if code == "POST" else "parcel"
            found.append(Partner(code, name, kind, share / present, invited=True))
    found.append(Partner("PRINT", "云川印务", "printer", 0.0, invited=False))
    return tuple(found)


def riders_per_firm(partners: tuple[Partner, ...], variant: Variant) -> NDArray[np.int64]:
    """Riders of each partner by its share; couriers and meal riders sum exactly to the variant's numbers."""
    couriers = np.array([partner.share if partner.kind in ("parcel", "post") else 0.0 for partner in partners])
    meals = np.array([partner.share if partner.kind == "meal" else 0.0 for partner in partners])
    return apportion(variant.couriers, couriers) + apportion(variant.meal_riders, meals)
