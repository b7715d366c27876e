"""The enrolled riders of the fictional city: where they work, how keen they are and how they report, as plain data."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.city import City
from dispatch.demo.firms import Outlet, Partner, PartnerKind
from dispatch.demo.names import rider_names
from dispatch.demo.samples import find, generator

ReportingStyle = Literal["at_stop", "end_of_round", "by_outlet"]
REPORTING_STYLES: tuple[ReportingStyle, ...] = ("at_stop", "end_of_round", "by_outlet")

_FARTHEST_SECOND_BEAT = 12.0


class Riders(msgspec.Struct, frozen=True, eq=False):
    """Enrolled riders, one entry each in every member.

    `zone`: the usual beat, `second_zone`: where the beat sometimes leads (may be equal); `keenness`: mean 1;
    `style`: index into REPORTING_STYLES; `beat`: 0…1, where in the zone the beat lies; `odd`: this rider's records
    look strange on purpose (one cell all day, evenly spaced, round numbers), so that there is something to ask about.
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    outlet: NDArray[np.int64]
    partner: NDArray[np.int64]
    meal: NDArray[np.bool_]
    zone: NDArray[np.int64]
    second_zone: NDArray[np.int64]
    keenness: NDArray[np.float64]
    style: NDArray[np.int64]
    beat: NDArray[np.float64]
    odd: NDArray[np.bool_]


def enrol(
    city: City,
    partners: tuple[Partner, ...],
    outlets: list[Outlet],
    riders_of: NDArray[np.int64],
    pairs: NDArray[np.int64],
    volume: NDArray[np.float64],
) -> Riders:
    """Enrol `riders_of`[partner] riders on beats along each firm's served `pairs` (outlet, zone; sorted)."""
    rng = generator(city.seed, "riders")
    owner = np.array([outlet.partner for outlet in outlets])
    beats = [
        _beats(int(riders_of[number]), np.flatnonzero(owner[pairs[:, 0]] == number), partner.kind, volume, rng)
        for number, partner in enumerate(partners)
        if riders_of[number]
    ]
    pair = np.sort(np.concatenate(beats))
    outlet, zone = pairs[pair, 0], pairs[pair, 1]
    count = len(outlet)
    meal = np.array([partner.kind == "meal" for partner in partners])[owner[outlet]]
    second = _other_beats(outlet, pairs, rng)
    apart = np.hypot(*(city.place[zone] - city.place[second]).T)
    second = np.where(apart > _FARTHEST_SECOND_BEAT, zone, second)
    turn = np.arange(count) - find(outlet, outlet) + 1
    style = np.where(meal, rng.choice(2, count, p=(0.55, 0.45)), rng.choice(3, count, p=(0.35, 0.40, 0.25)))
    odd = np.zeros(count, dtype=np.bool_)
    odd[rng.choice(np.flatnonzero(style == 0), max(2, count // 1000), replace=False)] = True
    return Riders(
        code=tuple(f"{outlets[o].code}-{t:03d}" for o, t in zip(outlet.tolist(), turn.tolist(), strict=True)),
        name=rider_names(rng, count),
        outlet=outlet,
        partner=owner[outlet],
        meal=meal,
        zone=zone,
        second_zone=second,
        keenness=rng.gamma(3.0, 1 / 3.0, count),
        style=style,
        beat=rng.random(count),
        odd=odd,
    )


def _beats(
    count: int, own: NDArray[np.int64], kind: PartnerKind, volume: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Pairs of outlet and zone for `count` riders of a firm, spread evenly along its volume.

    Volume to the power 0.7, since thinly served zones need more riders per parcel; the post reaches every village,
    so it has a rider wherever it has an outlet's pair, as far as its riders go.
    """
    everywhere = own[: min(count, len(own))] if kind == "post" else own[:0]
    rest = count - len(everywhere)
    cumulative = np.cumsum(volume[own] ** 0.7)
    drawn = find(cumulative, (np.arange(rest) + rng.random()) / max(rest, 1) * cumulative[-1])
    return np.concatenate([everywhere, own[np.minimum(drawn, len(own) - 1)]])


def _other_beats(outlet: NDArray[np.int64], pairs: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """For each rider any of the zones the outlet serves (`pairs` sorted by outlet)."""
    low = find(pairs[:, 0], outlet)
    high = find(pairs[:, 0], outlet, "right")
    return pairs[low + (rng.random(len(outlet)) * (high - low)).astype(np.int64), 1]
