"""The field, day by day: what the riders of the fictional city would hand out if their stock allowed it.

The stream is a wish: whoever runs it through the product stops a rider whose stock is used up. Every day is drawn
from its own seed, so days can be made in any order.
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.campaign import DAYS, Campaign
from dispatch.demo.channels import ChannelTable, channel_table, draw_from
from dispatch.demo.city import City
from dispatch.demo.mishaps import Mishaps
from dispatch.demo.pace import Pace, make_pace, mishap_factor
from dispatch.demo.partners import Partners
from dispatch.demo.riders import REPORTING_STYLES, Riders
from dispatch.demo.samples import generator, pick_within

FEWEST_COPIES, USUAL_COPIES, MOST_COPIES = 14, 24, 40
_MEAN_COPIES = (FEWEST_COPIES + USUAL_COPIES + MOST_COPIES) / 3
_LARGEST_CHANCE = 0.92
# Copies in one record by reporting style (at the stop, end of the round, reported by the outlet).
_COPIES_PER_RECORD = np.array([2.0, 8.0, 26.0])
_SECOND_BEAT = 0.12
_LATE_SYNC, _REPEATED, _UNDONE = 0.06, 0.04, 0.006
_MINUTES_IN_A_DAY = 24 * 60
_MINUTES_BETWEEN_RECORDS = 4


class Field(msgspec.Struct, frozen=True, eq=False):
    """Everything a day needs, computed once: the world's parts, the pace and the tables of places and channels."""

    city: City
    riders: Riders
    campaign: Campaign
    mishaps: Mishaps
    pace: Pace
    crowd: NDArray[np.float64]
    first_day: NDArray[np.int64]
    channels: ChannelTable


class Handouts(msgspec.Struct, frozen=True, eq=False):
    """The records of one day, ordered by minute; all arrays have one entry per record.

    `rider`, `zone`, `material`: numbers; `channel`: index into CHANNELS; `minute`: of the day; `cell`: index into the
    city's cells, −1 where an outlet reports for a rider and no place is known; `copies` ≥ 1; `accuracy_metres`: of
    the phone's fix, 0 without a place. Sync: `delay_minutes` until the record is first sent, `repeats`: how often it
    is sent again unchanged, `undone_after_minutes`: −1, or when the rider took it back.
    """

    day: int
    rider: NDArray[np.int64]
    minute: NDArray[np.int64]
    zone: NDArray[np.int64]
    cell: NDArray[np.int64]
    material: NDArray[np.int64]
    channel: NDArray[np.int64]
    copies: NDArray[np.int64]
    accuracy_metres: NDArray[np.int64]
    delay_minutes: NDArray[np.int64]
    repeats: NDArray[np.int64]
    undone_after_minutes: NDArray[np.int64]


def prepare_field(city: City, partners: Partners, campaign: Campaign, mishaps: Mishaps) -> Field:
    """Compute what does not change from day to day."""
    riders = partners.riders
    crowd = np.array(
        [np.bincount(riders.zone[own], riders.keenness[own], len(city.zones)) for own in (~riders.meal, riders.meal)],
        dtype=np.float64,
    )
    codes = [partner.code for partner in partners.partners]
    begins = np.ones(len(codes), dtype=np.int64)
    for late in mishaps.late_firms:
        begins[codes.index(late.partner_code)] = late.first_day
    return Field(
        city=city,
        riders=riders,
        campaign=campaign,
        mishaps=mishaps,
        pace=make_pace(city, partners, campaign, mishaps),
        crowd=crowd,
        first_day=begins[riders.partner],
        channels=channel_table(campaign),
    )


def handouts_of_day(field: Field, day: int) -> Handouts:
    """The records of campaign day `day` (1…100); raises ValueError for any other day."""
    if not 1 <= day <= DAYS:
        raise ValueError(f"the campaign has days 1 to {DAYS}, not {day}")
    rng = generator(field.city.seed, "field", day)
    active, copies = _active_riders(field, day, rng)
    records = _record_counts(field.riders, active, copies)
    rider = np.repeat(active, records)
    amount = _spread_copies(copies, records, rng)
    minute = _minutes(field.riders, rider, rng)
    order = np.lexsort((minute, rider))
    minute, amount = _paced(minute[order], records), amount[order]
    zone = _zones(field, day, rider, minute, rng)
    cell = _cells(field, rider, zone, records)
    material, channel = draw_from(field.channels, field.pace.material[:, day - 1], field.riders.meal[rider], rng)
    odd = field.riders.odd[rider]
    if odd.any():
        zone, cell, minute, amount = _make_odd(field, odd, rider, records, zone, cell, minute, amount)
    order = np.argsort(minute, kind="stable")
    return _with_sync(day, [part[order] for part in (rider, minute, zone, cell, material, channel, amount)], rng)


def until(handouts: Handouts, minute: int) -> Handouts:
    """What the server has of the day by this minute: later ones, and undos after it, have not happened."""
    here = handouts.minute + handouts.delay_minutes <= minute
    kept: dict[str, Any] = {
        name: column[here] for name, column in msgspec.structs.asdict(handouts).items() if name != "day"
    }
    undone = kept["undone_after_minutes"]
    kept["undone_after_minutes"] = np.where(kept["minute"] + undone <= minute, undone, -1)
    return Handouts(day=handouts.day, **kept)


def _active_riders(field: Field, day: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Who takes part today and how many copies each would hand out: 14 to 40, most often about 24."""
    riders = field.riders
    family = riders.meal.astype(np.int64)
    wish = field.pace.zone[family, riders.zone, day - 1]
    crowd = field.crowd[family, riders.zone]
    chance = np.minimum(wish / (crowd * _MEAN_COPIES) * riders.keenness, _LARGEST_CHANCE)
    chance[field.first_day > day] = 0.0
    active = np.flatnonzero(rng.random(len(chance)) < chance)
    copies = np.rint(rng.triangular(FEWEST_COPIES, USUAL_COPIES, MOST_COPIES, len(active))).astype(np.int64)
    return active, copies


def _record_counts(riders: Riders, active: NDArray[np.int64], copies: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(1, np.rint(copies / _COPIES_PER_RECORD[riders.style[active]])).astype(np.int64)


def _spread_copies(
    copies: NDArray[np.int64], records: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """One copy for every record of a rider; the others fall on that rider's records at random."""
    first = np.cumsum(records) - records
    spare = copies - records
    owner = np.repeat(np.arange(len(records)), spare)
    lucky = first[owner] + (rng.random(len(owner)) * records[owner]).astype(np.int64)
    return 1 + np.bincount(lucky, minlength=int(records.sum())).astype(np.int64)


def _minutes(riders: Riders, rider: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Couriers work long mornings and afternoons, meals go at noon and in the evening, outlets report at night."""
    meal, style = riders.meal[rider], riders.style[rider]
    late = rng.random(len(rider)) < np.where(meal, 0.46, 0.52)
    middle = np.where(meal, np.where(late, 1130, 730), np.where(late, 1050, 660))
    width = np.where(meal, np.where(late, 45, 32), np.where(late, 70, 60))
    by_round = style == REPORTING_STYLES.index("end_of_round")
    middle = np.where(by_round, np.where(late, 1190, 775), middle)
    width = np.where(by_round, 22, width)
    by_outlet = style == REPORTING_STYLES.index("by_outlet")
    middle = np.where(by_outlet, 1250, middle)
    return np.clip(np.rint(middle + width * rng.normal(size=len(rider))), 390, 1380).astype(np.int64)


def _paced(minute: NDArray[np.int64], records: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep a rider's records (ascending minutes) four minutes apart at least: nobody is at two doors at once."""
    owner = np.repeat(np.arange(len(records)), records)
    rank = np.arange(len(minute)) - np.repeat(np.cumsum(records) - records, records)
    apart = _MINUTES_BETWEEN_RECORDS * rank
    behind = owner * 2 * _MINUTES_IN_A_DAY
    return np.minimum(np.maximum.accumulate(minute - apart + behind) - behind + apart, _MINUTES_IN_A_DAY - 1)


def _zones(
    field: Field, day: int, rider: NDArray[np.int64], minute: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The rider's own beat; some spend the second half of the day on the second one, if the wave goes there."""
    riders = field.riders
    open_zone = (field.pace.zone[:, :, day - 1].sum(axis=0) > 0) & (
        mishap_factor(len(field.city.zones), field.mishaps, day) >= 1
    )
    strays = rng.random(len(riders.outlet)) < 2 * _SECOND_BEAT
    away = strays[rider] & (minute > 15 * 60) & open_zone[riders.second_zone[rider]]
    away &= riders.style[rider] != REPORTING_STYLES.index("by_outlet")
    return np.where(away, riders.second_zone[rider], riders.zone[rider])


def _cells(
    field: Field, rider: NDArray[np.int64], zone: NDArray[np.int64], records: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where each record is made: a rider sweeps one short stretch of the zone's housing from end to end in a day."""
    cells, riders = field.city.cells, field.riders
    rank = np.arange(len(rider)) - np.repeat(np.cumsum(records) - records, records)
    progress = (rank + 0.5) / np.repeat(records, records)
    count = cells.offset[zone + 1] - cells.offset[zone]
    stretch = np.minimum(0.5, np.where(riders.meal[rider], 10.0, 6.0) / count)
    position = riders.beat[rider] * (1 - stretch) + progress * stretch
    cell = pick_within(cells.cumulative, cells.offset[zone], cells.offset[zone + 1], position)
    return np.where(riders.style[rider] == REPORTING_STYLES.index("by_outlet"), -1, cell)


def _make_odd(
    field: Field,
    odd: NDArray[np.bool_],
    rider: NDArray[np.int64],
    records: NDArray[np.int64],
    zone: NDArray[np.int64],
    cell: NDArray[np.int64],
    minute: NDArray[np.int64],
    amount: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The few riders whose days look made up: one cell, a record every quarter of an hour, five copies each time."""
    rank = np.arange(len(rider)) - np.repeat(np.cumsum(records) - records, records)
    first = np.repeat(np.cumsum(records) - records, records)
    home = field.riders.zone[rider]
    return (
        np.where(odd, home, zone),
        np.where(odd, cell[first], cell),
        np.where(odd, 9 * 60 + 15 * rank, minute),
        np.where(odd, 5, amount),
    )


def _with_sync(day: int, parts: list[NDArray[np.int64]], rng: np.random.Generator) -> Handouts:
    """Add what the network does: most records arrive within minutes, some days later or twice, a few are undone."""
    rider, minute, zone, cell, material, channel, copies = parts
    count = len(rider)
    drawn = rng.random((3, count))
    soon = rng.exponential(6.0, count)
    late = rng.uniform(_MINUTES_IN_A_DAY, 5 * _MINUTES_IN_A_DAY, count)
    accuracy = np.rint(np.clip(rng.lognormal(np.log(25.0), 0.8, count), 4, 900))
    return Handouts(
        day=day,
        rider=rider,
        minute=minute,
        zone=zone,
        cell=cell,
        material=material,
        channel=channel,
        copies=copies,
        accuracy_metres=np.where(cell < 0, 0, accuracy).astype(np.int64),
        delay_minutes=np.where(drawn[0] < _LATE_SYNC, late, soon).astype(np.int64),
        repeats=(drawn[1] < _REPEATED).astype(np.int64) + (drawn[1] < _REPEATED / 5),
        undone_after_minutes=np.where(drawn[2] < _UNDONE, rng.integers(1, 30, count), -1),
    )
