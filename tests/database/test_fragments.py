"""What two statements of a file do in the same words is written once, as a fragment that both include."""

import pytest

from dispatch.database.queries import parse

FILE = """
-- fragment: sums
-- Sums by zone.
with sums as (select zone_id, sum(copies) as copies from handout where city_id = :city_id and day = :day group by 1)

-- name: read_sums
-- The sums of a day by zone.
-- include: sums
select * from sums

-- name: count_zones
-- How many zones have more copies than a limit.
-- include: sums
select count(*) from sums where copies > :limit
"""


def test_a_fragment_takes_the_place_of_the_line_that_includes_it() -> None:
    statements = parse(FILE, "file")
    assert set(statements) == {"read_sums", "count_zones"}
    assert statements["count_zones"].text == (
        "-- count_zones\n-- How many zones have more copies than a limit.\n"
        "with sums as (select zone_id, sum(copies) as copies from handout where city_id = $1 and day = $2 group by 1)\n"
        "select count(*) from sums where copies > $3"
    )
    assert statements["count_zones"].parameters == ("city_id", "day", "limit")
    assert statements["read_sums"].parameters == ("city_id", "day")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (FILE.replace("-- include: sums", "-- include: totals", 1), "there is no fragment totals"),
        (FILE.replace("-- include: sums", "-- no sums"), "no statement includes sums"),
        (FILE.replace("fragment: sums", "fragment: more", 1), "there is no fragment sums"),
        (FILE + FILE.partition("-- name: read_sums")[0], "sums exists twice"),
        (
            "-- fragment: sums\n-- Nothing.\n" + FILE.replace("fragment: sums", "fragment: more"),
            "sums holds no statement",
        ),
    ],
)
def test_a_fragment_that_is_missing_repeated_empty_or_unused_stops_the_start(wrong: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(wrong, "file")
