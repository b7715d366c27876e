"""Records become entries, each or its problem; of what is refused, only what a record may hold is kept."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import pytest

from dispatch.handouts.entries import (
    Codes,
    campaign_of,
    codes_in,
    decode_report,
    id_of,
    identity_of,
    report_entries,
    sync_entries,
)
from dispatch.handouts.rules import CopiesHolder, HandoutEntry
from dispatch.problems import Problem
from tests.handouts.cases import (
    CAMPAIGN,
    CELL,
    CORRECTION_ID,
    EARLIER,
    HANDOUT_ID,
    ID,
    LEAFLET,
    ME,
    NOW,
    OUTLET,
    RIDER,
    SHANGHAI,
    ZONE,
    correction,
    handout,
    visit,
)

LOCAL_TIME = EARLIER.astimezone(SHANGHAI).isoformat()


def sent(**more: Any) -> dict[str, Any]:
    """A handout as a phone sends it."""
    return {
        "kind": "handout", "id": str(ID), "campaign_id": str(CAMPAIGN), "material_id": str(LEAFLET), "copies": 1,
        "channel": "in_person", "handed_out_at": LOCAL_TIME, "cell": f"{CELL:x}", **more,
    }  # fmt: skip


def only(*records: Any) -> Any:
    """The entry of a single record."""
    (entry,) = sync_entries(records, ME)
    return entry


def test_a_phones_records_become_entries_with_their_instants_in_utc() -> None:
    undo = {"kind": "correction", "id": str(CORRECTION_ID), "corrects_id": str(HANDOUT_ID), "reason": "按错了",
            "corrected_at": NOW.astimezone(SHANGHAI).isoformat(), "copies": 2}  # fmt: skip
    doors = {"kind": "visit", "id": str(ID), "campaign_id": str(CAMPAIGN), "result": "declined", "visits": 2,
             "visited_at": LOCAL_TIME, "cell": f"{CELL:x}"}  # fmt: skip
    entries = sync_entries([sent(), undo, doors], ME)
    assert entries == [handout(), correction(copies=2), visit()]
    assert [entry.at.tzinfo for entry in entries if not isinstance(entry, Problem)] == [UTC] * 3
    assert only({**undo, "copies": None}) == correction()
    assert only({**doors, "cell": None, "zone_id": str(ZONE)}) == visit(cell=None, zone_id=ZONE)
    named = sent(zone_id=str(ZONE), cell=None, first_copy_answer="no")
    assert only(named) == handout(zone_id=ZONE, cell=None, first_copy_answer="no")


@pytest.mark.parametrize("field", ["longitude", "Latitude", "GPS", "location", "coordinates", "accuracy"])
def test_a_record_with_a_position_is_refused_by_name(field: str) -> None:
    assert only(sent(**{field: 104.2})).slug == "precise-position"


def test_a_record_that_does_not_fit_is_refused_with_the_place_of_the_fault() -> None:
    problem = only(sent(copies=0))
    assert (problem.slug, problem.extensions["errors"][0]["pointer"]) == ("invalid-request", "/copies")
    assert [entry.slug for entry in sync_entries([sent(extra=1), 7, None, {}, [1]], ME)] == ["invalid-request"] * 5  # type: ignore[union-attr]


def test_a_position_that_an_earlier_page_sent_is_left_out_and_the_tap_counts() -> None:
    assert only(sent(position={"longitude": 104.2, "latitude": 36.9})) == handout()


# ---- reports

RIDER_OF_OUTLET, OUTLET_ITSELF = CopiesHolder("rider", RIDER, OUTLET), CopiesHolder("outlet", OUTLET, OUTLET)
CODES = Codes({"M": LEAFLET}, {"O": OUTLET_ITSELF}, {"R": RIDER_OF_OUTLET}, {"Z": ZONE})


def line(**more: Any) -> dict[str, Any]:
    """A reported handout."""
    values: dict[str, Any] = {
        "id": str(ID), "material_code": "M", "channel": "with_parcel", "copies": 120, "outlet_code": "O", "zone_code": "Z",
        "day": "2027-04-19", **more,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


def reported(own_outlet: UUID | None = None, **more: Any) -> Any:
    """The entry of one line."""
    (entry,) = report_entries(decode_report([line(**more)]), CAMPAIGN, CODES, own_outlet, SHANGHAI)
    return entry


def test_a_line_becomes_a_handout_of_the_day_by_its_first_moment_in_the_city() -> None:
    assert reported() == HandoutEntry(
        id=ID, holder=OUTLET_ITSELF, campaign_id=CAMPAIGN, material_id=LEAFLET, channel="with_parcel", copies=120,
        at=datetime(2027, 4, 18, 16, tzinfo=UTC), zone_id=ZONE,
    )  # fmt: skip
    assert reported(zone_code=None, cell=f"{CELL:x}").cell == CELL
    assert reported(zone_code=None).zone_id is None


def test_a_time_is_more_exact_than_a_day() -> None:
    assert reported(handed_out_at=LOCAL_TIME).at == EARLIER
    assert reported(handed_out_at=LOCAL_TIME, day=None).at == EARLIER


@pytest.mark.parametrize(
    ("own_outlet", "change", "holder"),
    [
        (None, {"rider_code": "R"}, RIDER_OF_OUTLET),
        (None, {"rider_code": "R", "outlet_code": None}, RIDER_OF_OUTLET),
        (None, {}, OUTLET_ITSELF),
        (UUID(int=77), {}, OUTLET_ITSELF),
        (UUID(int=77), {"outlet_code": None}, CopiesHolder("outlet", UUID(int=77), UUID(int=77))),
    ],
)
def test_copies_come_from_the_rider_named_else_the_outlet_named_else_the_managers_own(
    own_outlet: UUID | None, change: dict[str, Any], holder: CopiesHolder
) -> None:
    assert reported(own_outlet, **change).holder == holder


@pytest.mark.parametrize(
    ("change", "problem", "field"),
    [
        ({"material_code": "X"}, "unknown-code", "material_code"),
        ({"outlet_code": "X"}, "unknown-code", "outlet_code"),
        ({"rider_code": "X"}, "unknown-code", "rider_code"),
        ({"outlet_code": None}, "unknown-code", "outlet_code"),
        ({"zone_code": "X"}, "unknown-zone", "zone_code"),
        ({"day": None}, "time-missing", "day"),
    ],
)
def test_a_line_whose_codes_or_time_are_missing_names_the_field(
    change: dict[str, Any], problem: str, field: str
) -> None:
    found = reported(**change)
    assert (found.slug, found.extensions["field"]) == (problem, field)


def test_a_line_that_does_not_fit_keeps_its_place_among_the_others() -> None:
    records = decode_report([line(copies=0), line(), line(latitude=36.9)])
    first, second, third = report_entries(records, CAMPAIGN, CODES, None, SHANGHAI)
    assert isinstance(second, HandoutEntry)
    assert [entry.slug for entry in (first, third) if isinstance(entry, Problem)] == [
        "invalid-request",
        "precise-position",
    ]


def test_each_code_of_a_report_is_looked_up_once() -> None:
    lines = [line(material_code=code, rider_code=rider) for code, rider in (("B", None), ("A", "R"), ("B", "R"))]
    lines += [line(outlet_code=None, zone_code=None), line(copies=0, material_code="NOT")]
    assert codes_in(decode_report(lines)) == {
        "material_codes": ["A", "B", "M"], "outlet_codes": ["O"], "rider_codes": ["R"], "zone_codes": ["Z"],
    }  # fmt: skip


# ---- what is kept of a record that is refused


def test_a_refused_record_is_kept_under_its_id_and_a_digest_of_its_content() -> None:
    record = sent()
    identifier, digest, kept = identity_of(record)
    assert (identifier, kept) == (ID, record)
    assert digest == sha256(msgspec.json.encode(record, order="deterministic")).digest()
    assert identity_of({**record, "copies": 2})[:2] != (identifier, digest)
    assert identity_of(dict(reversed(record.items())))[1] == digest, "the order of the fields is no content"


@pytest.mark.parametrize("identifier", [None, "no-uuid", 7, [str(ID)]])
def test_without_a_usable_id_one_is_made_from_the_content(identifier: Any) -> None:
    made, digest, _ = identity_of({"id": identifier})
    assert made == UUID(bytes=digest[:16], version=5)
    assert identity_of({"id": identifier})[0] == made
    assert identity_of({"id": identifier, "copies": 1})[0] != made


def test_of_a_position_not_even_a_digest_is_kept() -> None:
    assert identity_of(sent(GPS="104.2,36.9", lat=36.9)) == identity_of(sent())


def test_only_what_a_record_may_hold_is_kept() -> None:
    _, _, kept = identity_of(sent(recipient="王小明", zone_id=[{"phone": "13800138000"}], reason="误点", day=None))
    assert kept == {**sent(reason="误点", day=None), "zone_id": "…"}
    assert [identity_of(record)[2] for record in ("13800138000", ["13800138000"], 7, None)] == [
        "str", "list", "int", "NoneType",
    ]  # fmt: skip


def test_the_cell_is_left_out_where_location_was_withdrawn() -> None:
    with_cell, without = identity_of(sent()), identity_of(sent(), without_cell=True)
    assert without[:2] == with_cell[:2]
    assert without[2] == {name: value for name, value in sent().items() if name != "cell"}


def test_a_long_record_is_kept_as_its_beginning_and_without_characters_that_cannot_be_stored() -> None:
    fitting = {"reason": "x" * (4000 - len('{"reason":""}'))}
    assert identity_of(fitting)[2] == fitting
    longer = {"reason": fitting["reason"] + "x"}
    assert identity_of(longer)[2] == msgspec.json.encode(longer)[:4000].decode()
    assert identity_of({"reason": "a\u0000b"})[2] == '{"reason":"ab"}'


@pytest.mark.parametrize(
    ("record", "identifier"),
    [(sent(), str(ID)), ({"id": "anything"}, "anything"), ({"id": 7}, None), ({}, None), (7, None)],
)
def test_a_record_is_answered_with_the_id_it_was_sent_with(record: Any, identifier: str | None) -> None:
    assert id_of(record) == identifier


def test_a_record_belongs_to_the_campaign_it_names() -> None:
    assert [campaign_of(entry) for entry in (handout(), visit(), correction(), only(7))] == [
        CAMPAIGN,
        CAMPAIGN,
        None,
        None,
    ]
