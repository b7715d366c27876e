"""The base map is for those who have maps, over zones of its own datum, and its file goes out in parts."""

import pytest

from dispatch.base_map.rules import MOST_BYTES, RangeNeeded, judge_range, judge_shown, lies_on
from schemas.base_map import BaseMap
from schemas.common import Datum


def base_map(datum: Datum) -> BaseMap:
    return BaseMap(kind="raster", address="/x", datum=datum, approval_no="GS(2024)0650号", min_zoom=0, max_zoom=17)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("gcj02", "gcj02", True),
        ("gcj02", "wgs84", False),
        ("gcj02", "bd09", False),
        ("wgs84", "cgcs2000", True),
        ("cgcs2000", "wgs84", True),
        ("cgcs2000", "gcj02", False),
    ],
)
def test_zones_lie_right_on_a_base_map_of_their_own_datum(one: Datum, other: Datum, same: bool) -> None:
    assert lies_on(base_map(one), other) == same


@pytest.mark.parametrize("role", ["planner", "auditor", "firm_manager", "outlet_manager"])
def test_roles_with_maps_are_shown_the_base_map_of_their_citys_datum_alone(role: str) -> None:
    shown = base_map("gcj02")
    assert judge_shown(shown, role, "gcj02") == shown
    assert judge_shown(shown, role, "wgs84") is None


@pytest.mark.parametrize("role", ["rider", "partner_system"])
def test_riders_and_systems_are_shown_no_base_map(role: str) -> None:
    assert judge_shown(base_map("gcj02"), role, "gcj02") is None


SIZE = 3 * MOST_BYTES


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 0)),
        (" bytes=0-126 ", (0, 126)),
        (f"bytes=0-{MOST_BYTES - 1}", (0, MOST_BYTES - 1)),
        (f"bytes={SIZE - 1}-{SIZE - 1}", (SIZE - 1, SIZE - 1)),
        # What lies after the end is left out.
        (f"bytes={SIZE - 5}-{SIZE + 5}", (SIZE - 5, SIZE - 1)),
        (f"bytes={SIZE - MOST_BYTES}-{'9' * 15}", (SIZE - MOST_BYTES, SIZE - 1)),
    ],
)
def test_one_range_of_at_most_eight_megabytes_is_given_out(header: str, part: tuple[int, int]) -> None:
    assert judge_range(header, SIZE) == part


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=-5",
        "bytes=5-",
        "bytes=9-8",
        "bytes=0-1,4-5",
        "items=0-1",
        f"bytes=0-{MOST_BYTES}",
        f"bytes={SIZE}-{SIZE}",
        f"bytes=0-{'9' * 16}",
    ],
)
def test_no_range_several_too_much_or_nothing_of_the_file_is_refused(header: str) -> None:
    with pytest.raises(RangeNeeded) as refused:
        judge_range(header, SIZE)
    assert (refused.value.status, refused.value.extensions) == (416, {"size": SIZE})
    assert MOST_BYTES == 8_000_000, "as the problem's words say"
