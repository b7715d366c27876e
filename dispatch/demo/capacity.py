"""Invitations and what the outlets declared they could hand out: per outlet, zone and week, in copies."""

from datetime import date, timedelta
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.campaign import FIRST_DAY, WEEKS
from dispatch.demo.city import City
from dispatch.demo.mishaps import Mishaps
from dispatch.demo.partners import Partners
from dispatch.demo.samples import generator

Answer = Literal["accepted", "declined", "silent"]
_ANSWERS: tuple[Answer, ...] = ("accepted", "declined", "silent")

_COPIES_PER_RIDER_AND_DAY = 26
_DAYS_PER_RIDER_AND_WEEK = 2.2
_SEASON = (0.9, 0.95, 1, 1, 1, 1, 1, 1, 1, 1, 1.1, 1.25, 1.3, 1.25, 0.9)


class Invitation(msgspec.Struct, frozen=True):
    """An invitation to one partner to take part."""

    partner_code: str
    sent_on: date
    answer_by: date
    answered_on: date


class Capacity(msgspec.Struct, frozen=True, eq=False):
    """Declared capacity. Row p speaks of outlet[p] in zone[p]; `copies` is rows × weeks, multiples of ten, 0 where
    nothing was declared; `weeks` holds the Mondays. `answer` has one entry per outlet."""

    invitations: tuple[Invitation, ...]
    answer: tuple[Answer, ...]
    weeks: tuple[date, ...]
    outlet: NDArray[np.int64]
    zone: NDArray[np.int64]
    copies: NDArray[np.int64]


def declare_capacity(city: City, partners: Partners, mishaps: Mishaps) -> Capacity:
    """Outlets declare by the riders they have, spread over their zones by volume; late firms declare no early week."""
    rng = generator(city.seed, "capacity")
    outlet, zone = partners.served_outlet, partners.served_zone
    staff = np.bincount(partners.riders.outlet, minlength=len(partners.outlets))
    busy = np.bincount(outlet, partners.served_volume, len(partners.outlets))
    weekly = staff * _COPIES_PER_RIDER_AND_DAY * _DAYS_PER_RIDER_AND_WEEK * np.exp(rng.normal(0, 0.25, len(staff)))
    mean = weekly[outlet] * partners.served_volume / busy[outlet]
    copies = mean[:, None] * np.array(_SEASON) * np.exp(rng.normal(0, 0.1, (len(outlet), len(WEEKS))))
    spoken = rng.choice(3, len(partners.outlets), p=(0.93, 0.03, 0.04)).astype(np.int64)
    copies[spoken[outlet] != 0] = 0.0
    owner = np.array([place.partner for place in partners.outlets])
    codes = [partner.code for partner in partners.partners]
    for late in mishaps.late_firms:
        copies[owner[outlet] == codes.index(late.partner_code), : late.days // 7] = 0.0
    return Capacity(
        invitations=_invitations(partners, rng),
        answer=tuple(_ANSWERS[int(index)] for index in spoken),
        weeks=WEEKS,
        outlet=outlet,
        zone=zone,
        copies=(np.rint(copies / 10) * 10).astype(np.int64),
    )


def _invitations(partners: Partners, rng: np.random.Generator) -> tuple[Invitation, ...]:
    sent = FIRST_DAY - timedelta(days=21)
    return tuple(
        Invitation(partner.code, sent, sent + timedelta(days=11), sent + timedelta(days=int(rng.integers(2, 11))))
        for partner in partners.partners
        if partner.invited
    )
