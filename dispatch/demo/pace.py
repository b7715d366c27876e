"""How many copies each zone should see on each day, for parcels and for meals, with and without the mishaps."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.campaign import DAYS, Campaign, desired_copies, wave_of_day
from dispatch.demo.city import City
from dispatch.demo.mishaps import GAP_SHARE, Mishaps
from dispatch.demo.partners import Partners
from dispatch.demo.samples import generator

FAMILIES = ("parcel", "meal")


class Pace(msgspec.Struct, frozen=True, eq=False):
    """Desired copies. `material`: materials × days, the city's wish per material; `zone`: families × zones × days,
    what the riders of a zone would like to hand out, mishaps included (late firms are not: they are the riders')."""

    material: NDArray[np.float64]
    zone: NDArray[np.float64]


def make_pace(city: City, partners: Partners, campaign: Campaign, mishaps: Mishaps) -> Pace:
    """Spread the campaign's copies over zones by households, risk and wave; couriers make up where few meals go."""
    material = desired_copies(campaign)
    family_of = [entry.family for entry in campaign.materials]
    total = {
        family: np.sum([row for row, own in zip(material, family_of, strict=True) if own == family], axis=0)
        for family in FAMILIES
    }
    riders = partners.riders
    zones = len(city.zones)
    meal_riders = np.bincount(riders.zone[riders.meal], riders.keenness[riders.meal], zones)
    spread = np.exp(generator(city.seed, "field").normal(0, 0.12, zones))
    desired = np.zeros((len(FAMILIES), zones, DAYS))
    for day in range(1, DAYS + 1):
        parcels, meals = float(total["parcel"][day - 1]), float(total["meal"][day - 1])
        appeal = _appeal(city, mishaps, day) * spread
        share = appeal / appeal.sum()
        meal_weight = meal_riders * (share > 0) * np.sqrt(np.maximum(share, 1e-12))
        meal_share = meal_weight / meal_weight.sum()
        wanted = np.maximum(share * (parcels + meals) - meal_share * meals, 0.15 * share * parcels)
        desired[0, :, day - 1] = wanted / wanted.sum() * parcels
        desired[1, :, day - 1] = meal_share * meals
        desired[:, :, day - 1] *= mishap_factor(zones, mishaps, day)
    return Pace(material, desired)


def mishap_factor(zones: int, mishaps: Mishaps, day: int) -> NDArray[np.float64]:
    """What the mishaps make of a zone's copies on a day: 1 for most, far less in gap zones up to the gap day."""
    factor = np.ones(zones)
    if day <= mishaps.gap_day:
        factor[list(mishaps.gap_zones)] = GAP_SHARE
    if wave_of_day(day).code == "roll_out":
        factor[mishaps.oversupplied_zone] = mishaps.oversupply
    return factor


def _appeal(city: City, mishaps: Mishaps, day: int) -> NDArray[np.float64]:
    """Relative copies of a zone in the wave of the day: 0 where the wave does not go."""
    households = city.people.households.astype(np.float64)
    wave = wave_of_day(day).code
    pilot = np.zeros(len(households), dtype=np.bool_)
    pilot[list(mishaps.pilot_zones)] = True
    if wave == "pilot":
        return np.where(pilot, households, 0.0)
    if wave == "roll_out":
        return np.where(pilot, 0.7, 1.0) * households
    risk = city.incidents.risk / city.incidents.risk.mean()
    gap = np.ones(len(households))
    gap[list(mishaps.gap_zones)] = {"targeted": 2.5, "push_618": 1.4, "close": 2.0}[wave]
    return households * gap * (np.clip(risk, 0.5, 2.0) if wave == "targeted" else 1.0)
