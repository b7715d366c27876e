"""Figures are read from tallies, never from rows: after anything that can be recorded, each tally is what a count of the
rows gives, neither more nor less, and has no line of which there is no row."""

from datetime import timedelta
from typing import Any

import httpx

from tests.conftest import Clock
from tests.handouts.phone import Phone, kinds
from tests.handouts.test_visits import visit
from tests.make import Make, World

COUNTING = """
    select h.*, (h.received_at at time zone 'Asia/Shanghai')::date as known_on, m.counts_for_reach and h.cell is not null as on_map,
           sign(h.copies) as once
    from handout h join material m using (city_id, material_id)
"""
COUNTED = {
    "zone_tally": (
        "campaign_id, zone_id, material_id, channel, copies, first_asked, first_yes, first_unknown",
        """select campaign_id, zone_id, material_id, channel, sum(copies) as copies,
                  sum(once) filter (where first_copy_answer in ('yes', 'no')) as first_asked,
                  sum(once) filter (where first_copy_answer = 'yes') as first_yes,
                  sum(once) filter (where first_copy_answer = 'unknown') as first_unknown
           from counting group by 1, 2, 3, 4""",
    ),
    "zone_day_tally": (
        "campaign_id, zone_id, material_id, channel, day, known_on, outlet_id, copies",
        """select campaign_id, zone_id, material_id, channel, day, known_on, outlet_id, sum(copies) as copies
           from counting group by 1, 2, 3, 4, 5, 6, 7""",
    ),
    "cell_tally": (
        "campaign_id, cell, copies, in_person",
        """select campaign_id, cell, sum(copies) as copies, sum(copies) filter (where channel = 'in_person') as in_person
           from counting where on_map group by 1, 2""",
    ),
    "cell_day_tally": (
        "campaign_id, cell, known_on, copies",
        "select campaign_id, cell, known_on, sum(copies) as copies from counting where on_map group by 1, 2, 3",
    ),
    "zone_visit_tally": (
        "campaign_id, zone_id, day, outlet_id, result, visits",
        "select campaign_id, zone_id, day, outlet_id, result, sum(visits) as visits from visit group by 1, 2, 3, 4, 5",
    ),
}
"""{tally: its columns, the same counted from the rows}."""


async def assert_tallies_are_right(make: Make, *tallies: str) -> None:
    """Of these tallies, or of all."""
    for tally in tallies or COUNTED:
        columns, count = COUNTED[tally]
        kept, counted = [
            {tuple(value or 0 for value in row.values()) for row in await make.fetch(statement)}
            for statement in (f"select {columns} from {tally}", f"with counting as ({COUNTING}) {count}")
        ]
        assert kept == counted, tally
        assert kept != set(), f"{tally}: the test is about nothing"


async def test_every_tally_is_what_a_count_of_the_rows_gives(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    poster = await make.material(99, world.campaign, kind="poster", channels=["placed"], counts_for_reach=False)
    await make.stock(99, world.campaign, poster, "rider", phone.rider, 50)
    far = f"{world.cells[1][3]:x}"
    first = [
        phone.handout(copies=7),
        phone.handout(copies=3, channel="with_parcel"),
        phone.handout(copies=2, channel="placed", cell=far),
        phone.handout(copies=5, channel="placed", material_id=str(poster)),
        phone.handout(copies=4, channel="with_meal", cell=None, zone_id=str(world.zones[2])),
        phone.handout(first_copy_answer="yes"),
        phone.handout(first_copy_answer="no", cell=far),
        phone.handout(first_copy_answer="unknown"),
        visit(phone, visits=3),
        visit(phone, result="nobody_reached", cell=far),
    ]
    assert kinds(await phone.sync(api, first)) == ["recorded"] * len(first)
    await assert_tallies_are_right(make)
    clock.now += timedelta(days=1)
    late: list[dict[str, Any]] = [
        phone.handout(copies=6),
        phone.correction(first[0]["id"], copies=2),
        *(phone.correction(record["id"]) for record in first[1:5]),
        *(phone.correction(record["id"]) for record in first[5:8]),
        phone.correction(first[8]["id"], copies=1),
        phone.correction(first[9]["id"]),
    ]
    assert kinds(await phone.sync(api, late)) == ["recorded"] * len(late)
    await assert_tallies_are_right(make)
    # And a handout made and taken back in one call, on its own.
    made = phone.handout(copies=9, channel="with_meal", first_copy_answer=None)
    assert kinds(await phone.sync(api, [made, phone.correction(made["id"], copies=4)])) == ["recorded"] * 2
    await assert_tallies_are_right(make)
