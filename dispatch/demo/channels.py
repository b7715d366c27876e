"""At which place and through which channel a copy leaves: raked so that places and materials both come out right."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.campaign import CHANNELS, Campaign
from dispatch.demo.samples import find

# Where parcels end: at the door, at a pick-up station, in a locker, elsewhere.
PLACES = ("door", "station", "locker", "elsewhere")
PLACE_SHARE = (0.22, 0.61, 0.16, 0.01)

# How well a material suits a place (columns as PLACES) before raking.
_SUITS = {
    "handbook": (0.70, 0.48, 0.10, 0.80),
    "leaflet": (0.28, 0.33, 0.20, 0.20),
    "sticker": (0.02, 0.19, 0.70, 0.00),
}
# Channel by place for what may go any way; stickers always travel on the parcel.
_CHANNEL_AT = {
    "door": {"in_person": 0.85, "with_parcel": 0.15},
    "station": {"with_parcel": 0.70, "placed": 0.30},
    "locker": {"with_parcel": 0.75, "placed": 0.25},
    "elsewhere": {"home_visit": 1.0},
}
_MEAL_CHANNEL = {"with_meal": 0.82, "in_person": 0.18}
_RAKINGS = 40


class ChannelTable(msgspec.Struct, frozen=True, eq=False):
    """`suits`: places × materials before raking (0 for what couriers do not carry); `parcel`: places × materials ×
    channels, `meal`: materials × channels; the last axis sums to 1 where the material is carried."""

    suits: NDArray[np.float64]
    parcel: NDArray[np.float64]
    meal: NDArray[np.float64]
    is_meal: NDArray[np.bool_]


def channel_table(campaign: Campaign) -> ChannelTable:
    """The tables for the materials of a campaign; a material only ever gets a channel it allows."""
    materials = campaign.materials
    suits = np.zeros((len(PLACES), len(materials)))
    parcel = np.zeros((len(PLACES), len(materials), len(CHANNELS)))
    meal = np.zeros((len(materials), len(CHANNELS)))
    for column, material in enumerate(materials):
        if material.family == "meal":
            meal[column] = _allowed(_MEAL_CHANNEL, material.channels)
        elif material.family == "parcel":
            suits[:, column] = _SUITS[material.kind]
            for row, place in enumerate(PLACES):
                parcel[row, column] = _allowed(_CHANNEL_AT[place], material.channels)
    return ChannelTable(suits, parcel, meal, np.array([material.family == "meal" for material in materials]))


def draw_from(
    table: ChannelTable, wish: NDArray[np.float64], meal: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Material and channel of each record. `wish`: copies per material today; `meal`: which records are meals'."""
    joint = _raked(table.suits, wish)[:, :, None] * table.parcel
    meals = (wish * table.is_meal)[:, None] * table.meal
    drawn = rng.random(len(meal))
    flat = np.where(meal, _pick(meals.ravel(), drawn), _pick(joint.sum(axis=0).ravel(), drawn))
    return flat // len(CHANNELS), flat % len(CHANNELS)


def _raked(suits: NDArray[np.float64], wish: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit places × materials to both the places' shares and the materials' (iterative proportional fitting)."""
    joint = suits * (wish > 0)
    if not joint.any():
        return joint
    columns = np.where(joint.any(axis=0), wish, 0.0)
    columns = columns / columns.sum()
    for _ in range(_RAKINGS):
        joint = joint * np.divide(columns, joint.sum(axis=0), out=np.zeros_like(columns), where=columns > 0)
        joint = joint * (np.array(PLACE_SHARE) / joint.sum(axis=1))[:, None]
    return joint


def _pick(weights: NDArray[np.float64], drawn: NDArray[np.float64]) -> NDArray[np.int64]:
    cumulative = np.cumsum(weights)
    return np.minimum(find(cumulative, drawn * cumulative[-1], "right"), len(weights) - 1)


def _allowed(shares: dict[str, float], channels: tuple[str, ...]) -> NDArray[np.float64]:
    """Shares over CHANNELS of those the material allows; its only channel when none of the place's is."""
    weights = np.array([shares.get(channel, 0.0) if channel in channels else 0.0 for channel in CHANNELS])
    if not weights.any():
        weights = np.array([float(channel == channels[0]) for channel in CHANNELS])
    return weights / weights.sum()
