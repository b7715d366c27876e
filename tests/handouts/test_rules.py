"""Handouts, visits and their corrections are judged by rules that need no database: every reason, every boundary."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from dispatch.database.ids import day_of, new_id
from dispatch.handouts.handout_rules import judge_correction, judge_handout
from dispatch.handouts.question import carries_question
from dispatch.handouts.rules import CURABLE, CopiesHolder, require_own_records
from dispatch.handouts.visit_rules import corrected_visit, judge_visit, judge_visit_correction
from tests.handouts.cases import (
    CAMPAIGN,
    CELL,
    CELL_OUTSIDE,
    COARSE_CELL,
    COLLEAGUE,
    CORRECTION_ID,
    EARLIER,
    ENDS,
    FREE_ID,
    HANDOUT_ID,
    ID,
    LEAFLET,
    MICROSECOND,
    NO_CELL,
    NOW,
    OTHER,
    OTHER_CAMPAIGN,
    OTHER_ZONE,
    OUTLET,
    POSTER,
    RIDER,
    STARTS,
    VISIT_ID,
    ZONE,
    correction,
    facts,
    handout,
    held,
    local,
    refused,
    stored,
    stored_visit,
    visit,
    visit_facts,
)

ASKED = next(each for number in range(1000) if carries_question(CAMPAIGN, each := new_id(EARLIER, 5000 + number)))
NOT_ASKED = next(
    each for number in range(1000) if not carries_question(CAMPAIGN, each := new_id(EARLIER, 5000 + number))
)

AHEAD, FAR = {"at": NOW + timedelta(minutes=10, microseconds=1)}, "The time inside the id is far from now"
# What refuses a handout and a visit alike: what is sent, what is known, the problem, the field it names.
SHARED: list[tuple[dict[str, Any], dict[str, Any], str, str | None]] = [
    ({"id": UUID("3f0c8e1e-5d0e-4c1d-9a53-2f1f6a4e7b11")}, {}, "id-not-version-7", "id"),
    ({"id": new_id(NOW - timedelta(days=501))}, {}, "id-not-version-7", "id"),
    ({"id": new_id(NOW + timedelta(days=3))}, {}, "id-not-version-7", "id"),
    (AHEAD, {}, "clock-ahead", "at"),
    ({}, {"held": {}}, "not-held", None),
    ({"holder": OTHER}, {}, "not-held", None),
    ({"campaign_id": OTHER_CAMPAIGN}, {}, "not-held", None),
    ({}, {"held_": held(campaign_open=False)}, "campaign-not-open", None),
    ({"at": local(2027, 3, 14, 23, 59, 59, 999999)}, {}, "outside-campaign", "at"),
    ({"at": local(2027, 6, 23)}, {"now": local(2027, 6, 23, 1)}, "outside-campaign", "at"),
    ({"cell": NO_CELL}, {}, "not-a-cell", "cell"),
    ({"cell": COARSE_CELL}, {}, "not-a-cell", "cell"),
    ({"cell": NO_CELL, "zone_id": ZONE}, {}, "not-a-cell", "cell"),
    ({"cell": None, "zone_id": UUID(int=99)}, {}, "unknown-zone", "zone_id"),
    ({"zone_id": UUID(int=99)}, {}, "unknown-zone", "zone_id"),
    ({"cell": None}, {}, "zone-missing", "zone_id"),
    ({"cell": CELL_OUTSIDE}, {}, "outside-zones", "cell"),
]


@pytest.mark.parametrize(("sent", "known", "problem", "field"), SHARED)
def test_handouts_and_visits_are_refused_for_the_same_reasons(
    sent: dict[str, Any], known: dict[str, Any], problem: str, field: str | None
) -> None:
    # A phone may have been silent for weeks: the id says so, too.
    more = {"id": new_id(sent["at"], 7), **sent} if "at" in sent and sent is not AHEAD else sent
    about, visits = facts(**known), visit_facts()
    of_handout = refused(lambda: judge_handout(handout(**more), about), about)
    of_visit = refused(lambda: judge_visit(visit(**more), visits, about), about, visits)
    assert (of_handout.slug, of_visit.slug) == (problem, problem)
    fields = ("handed_out_at", "visited_at") if field == "at" else (field, field)
    assert (of_handout.extensions.get("field"), of_visit.extensions.get("field")) == fields


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ({"id": new_id(NOW - timedelta(days=500), 7)}, {}),
        ({"id": new_id(NOW + timedelta(days=2), 7)}, {}),
        ({"at": NOW + timedelta(minutes=10)}, {}),
        ({"at": local(2027, 3, 15)}, {}),
        ({"at": local(2027, 6, 22, 23, 59, 59, 999999)}, {"now": local(2027, 6, 23, 1)}),
        ({"cell": None, "zone_id": OTHER_ZONE}, {}),
        ({"cell": CELL_OUTSIDE, "zone_id": OTHER_ZONE}, {}),
    ],
)
def test_the_last_moment_and_place_that_count_are_recorded(sent: dict[str, Any], known: dict[str, Any]) -> None:
    now = known.get("now", NOW)
    more = {"id": new_id(now, 7), **sent}
    assert judge_handout(handout(**more), facts(**known)) is not None
    assert judge_visit(visit(**more), visit_facts(), facts(**known)) is not None


@pytest.mark.parametrize(("day", "moment"), [(STARTS, local(2027, 3, 15)), (ENDS, local(2027, 6, 22, 23, 59, 59))])
def test_a_visit_on_the_first_and_on_the_last_day_counts(day: date, moment: Any) -> None:
    recorded = judge_visit(visit(id=new_id(moment, 7), at=moment), visit_facts(), facts(now=moment))
    assert recorded is not None
    assert recorded.day == day


def test_a_clock_that_is_ahead_learns_the_servers_time() -> None:
    problem = refused(lambda: judge_handout(handout(**AHEAD), facts()))
    assert problem.extensions["server_time"] == NOW


def test_a_day_outside_the_campaign_is_named() -> None:
    moment = local(2027, 3, 14, 23, 59)
    problem = refused(lambda: judge_handout(handout(id=new_id(moment, 7), at=moment), facts()))
    assert problem.extensions["day"] == date(2027, 3, 14)
    assert problem.detail == "The campaign runs from 2027-03-15 to 2027-06-22."


@pytest.mark.parametrize(
    ("sent", "known", "first"),
    [
        ({**AHEAD}, {"held": {}}, "clock-ahead"),
        ({"channel": "drone"}, {"held_": held(campaign_open=False)}, "campaign-not-open"),
        ({"channel": "drone", "cell": CELL_OUTSIDE}, {}, "channel-not-for-material"),
        ({"cell": CELL_OUTSIDE, "copies": 500}, {}, "outside-zones"),
    ],
)
def test_of_several_reasons_the_first_in_a_fixed_order_is_given(
    sent: dict[str, Any], known: dict[str, Any], first: str
) -> None:
    about = facts(**known)
    assert refused(lambda: judge_handout(handout(**sent), about), about).slug == first


def test_only_causes_that_a_later_event_removes_are_tried_again() -> None:
    assert {
        "not-held", "not-enough-stock", "unknown-handout", "outside-zones", "unknown-zone", "campaign-not-open",
        "clock-ahead",
    } == CURABLE  # fmt: skip


@pytest.mark.parametrize(
    ("named", "refuses"), [(None, False), (RIDER, False), (COLLEAGUE, True)], ids=["nobody", "the rider", "another"]
)
def test_a_phone_that_two_riders_share_credits_neither_with_the_others_taps(named: UUID | None, refuses: bool) -> None:
    if refuses:
        assert refused(lambda: require_own_records(named, RIDER)).slug == "another-rider"
    else:
        require_own_records(named, RIDER)


# ---- handouts


def test_a_handout_is_recorded_as_it_was_confirmed_and_taken_from_its_holder() -> None:
    about = facts(held_=held(counts=False))
    recorded = judge_handout(handout(copies=3, zone_id=OTHER_ZONE, at=local(2027, 4, 20, 0, 30)), about)
    expected = stored(
        id=ID, id_day=day_of(ID), zone_id=OTHER_ZONE, copies=3, day=date(2027, 4, 20), counts=False,
        handed_out_at=local(2027, 4, 20, 0, 30),
    )  # fmt: skip
    assert recorded == expected
    assert about == facts(expected, held_=held(quantity=97, counts=False))


def test_a_handout_in_a_cell_belongs_to_the_zone_of_the_cell_and_to_the_citys_day() -> None:
    recorded = judge_handout(handout(at=local(2027, 4, 19, 23, 59, 59)), facts())
    assert recorded is not None
    assert (recorded.zone_id, recorded.cell, recorded.day) == (ZONE, CELL, date(2027, 4, 19))


def test_what_an_outlet_hands_out_is_taken_from_the_outlet() -> None:
    about = facts(held={(OUTLET, CAMPAIGN, LEAFLET): held()})
    recorded = judge_handout(handout(holder=CopiesHolder("outlet", OUTLET, OUTLET)), about)
    assert recorded is not None
    assert (recorded.holder_kind, recorded.holder_id, recorded.outlet_id) == ("outlet", OUTLET, OUTLET)
    assert about.held[OUTLET, CAMPAIGN, LEAFLET].quantity == 99


@pytest.mark.parametrize("change", [{"material_id": POSTER}, {"campaign_id": OTHER_CAMPAIGN}, {"holder": OTHER}])
def test_only_what_was_handed_over_to_the_holder_can_be_handed_out(change: dict[str, Any]) -> None:
    about = facts()
    assert refused(lambda: judge_handout(handout(**change), about), about).slug == "not-held"


def test_a_material_goes_out_only_by_its_channels() -> None:
    about = facts()
    problem = refused(lambda: judge_handout(handout(channel="with_meal"), about), about)
    assert (problem.slug, problem.extensions["field"]) == ("channel-not-for-material", "channel")
    assert "in_person, placed" in problem.detail
    assert judge_handout(handout(channel="placed"), about) is not None


def test_the_last_copy_can_be_handed_out_and_no_more() -> None:
    about = facts()
    problem = refused(lambda: judge_handout(handout(copies=101), about), about)
    assert (problem.slug, problem.extensions) == ("not-enough-stock", {"field": "copies", "held": 100})
    assert judge_handout(handout(copies=100), about) is not None
    assert about.held[RIDER, CAMPAIGN, LEAFLET].quantity == 0
    assert refused(lambda: judge_handout(handout(id=FREE_ID), about), about).slug == "not-enough-stock"


@pytest.mark.parametrize(("identifier", "copies", "kept"), [(ASKED, 1, "yes"), (ASKED, 2, None), (NOT_ASKED, 1, None)])
def test_an_answer_is_kept_only_where_the_question_was_due(identifier: UUID, copies: int, kept: str | None) -> None:
    recorded = judge_handout(handout(id=identifier, copies=copies, first_copy_answer="yes"), facts())
    assert recorded is not None
    assert recorded.first_copy_answer == kept


@pytest.mark.parametrize("known", [{}, {"held_": held(campaign_open=False)}, {"held": {}}])
def test_a_handout_sent_again_is_on_record_whatever_has_changed_since(known: dict[str, Any]) -> None:
    about = facts(stored(copies=10), **known)
    again = handout(id=HANDOUT_ID, copies=10)
    for entry in (again, replace(again, zone_id=ZONE)):
        assert judge_handout(entry, about) is None
    assert about == facts(stored(copies=10), **known), "nothing is taken a second time"


def test_an_answer_sent_where_no_question_was_due_makes_no_other_record() -> None:
    about = facts(stored(id=NOT_ASKED, copies=1))
    assert judge_handout(handout(id=NOT_ASKED, first_copy_answer="no"), about) is None
    asked = facts(stored(id=ASKED, copies=1, first_copy_answer="yes"))
    assert judge_handout(handout(id=ASKED, first_copy_answer="yes"), asked) is None
    assert refused(lambda: judge_handout(handout(id=ASKED, first_copy_answer="no"), asked)).slug == "handout-changed"


@pytest.mark.parametrize(
    "change",
    [
        {"holder": OTHER}, {"campaign_id": OTHER_CAMPAIGN}, {"material_id": POSTER}, {"channel": "placed"}, {"copies": 9},
        {"cell": None}, {"at": EARLIER + MICROSECOND}, {"zone_id": OTHER_ZONE},
    ],
)  # fmt: skip
def test_the_same_id_with_other_content_is_no_duplicate(change: dict[str, Any]) -> None:
    about = facts(stored())
    problem = refused(lambda: judge_handout(replace(handout(id=HANDOUT_ID, copies=10), **change), about), about)
    assert (problem.slug, problem.extensions["handout_id"]) == ("handout-changed", HANDOUT_ID)


def test_the_id_of_a_correction_is_not_a_handouts() -> None:
    about = facts(stored(copies=10, corrects_id=FREE_ID))
    assert refused(lambda: judge_handout(handout(id=HANDOUT_ID, copies=10), about)).slug == "handout-changed"


# ---- corrections


def test_a_correction_takes_back_what_is_left_and_gives_it_to_the_holder() -> None:
    original = stored(first_copy_answer="yes", zone_id=OTHER_ZONE, day=date(2027, 4, 1), counts=False)
    about = facts(original, corrected={HANDOUT_ID: 4})
    recorded = judge_correction(correction(), about)
    assert recorded == replace(
        original, id=CORRECTION_ID, id_day=day_of(CORRECTION_ID), copies=-6, handed_out_at=NOW, corrects_id=HANDOUT_ID,
        reason="按错了",
    )  # fmt: skip
    assert about.corrected == {HANDOUT_ID: 10}
    assert about.held[RIDER, CAMPAIGN, LEAFLET].quantity == 106
    assert about.stored[CORRECTION_ID] == recorded


@pytest.mark.parametrize(("copies", "before", "taken"), [(1, 0, 1), (10, 0, 10), (3, 7, 3), (None, 9, 1)])
def test_copies_can_be_taken_back_until_none_is_left(copies: int | None, before: int, taken: int) -> None:
    about = facts(stored(), corrected={HANDOUT_ID: before})
    recorded = judge_correction(correction(copies=copies), about)
    assert recorded is not None
    assert recorded.copies == -taken
    assert about.corrected == {HANDOUT_ID: before + taken}


@pytest.mark.parametrize(("copies", "before", "left"), [(11, 0, 10), (4, 7, 3), (1, 10, 0), (None, 10, 0)])
def test_more_than_is_left_cannot_be_taken_back(copies: int | None, before: int, left: int) -> None:
    about = facts(stored(), corrected={HANDOUT_ID: before})
    problem = refused(lambda: judge_correction(correction(copies=copies), about), about)
    assert (problem.slug, problem.extensions) == ("nothing-to-correct", {"field": "copies", "left": left})
    assert problem.detail == f"{left} copies of this handout are left to take back."


@pytest.mark.parametrize(
    "originals",
    [(), (stored(corrects_id=FREE_ID, copies=-1),), (stored(holder_id=COLLEAGUE),)],
    ids=["not on record", "a correction", "another's"],
)
def test_only_a_handout_of_ones_own_can_be_corrected(originals: tuple[Any, ...]) -> None:
    about = facts(*originals)
    problem = refused(lambda: judge_correction(correction(), about), about)
    assert (problem.slug, problem.extensions["field"]) == ("unknown-handout", "corrects_id")


@pytest.mark.parametrize(
    ("sent", "problem"), [(AHEAD, "clock-ahead"), ({"id": UUID(int=4 << 76 | 1)}, "id-not-version-7")]
)
def test_a_correction_keeps_to_the_clock(sent: dict[str, Any], problem: str) -> None:
    about, visits = facts(stored()), visit_facts(stored_visit())
    found = refused(lambda: judge_correction(correction(**sent), about), about)
    assert found.slug == problem
    entry = correction(corrects_id=VISIT_ID, **sent)
    of_visit = refused(lambda: judge_visit_correction(entry, stored_visit(), visits, about), about, visits)
    assert of_visit.slug == problem
    if problem == "clock-ahead":
        assert found.extensions["field"] == of_visit.extensions["field"] == "corrected_at"


def test_a_correction_counts_though_the_campaign_is_closed_or_nothing_is_held_any_more() -> None:
    closed = facts(stored(), held_=held(campaign_open=False, quantity=0))
    assert judge_correction(correction(), closed) is not None
    assert judge_correction(correction(), facts(stored(), held={})) is not None


TAKEN_BACK = stored(id=CORRECTION_ID, copies=-4, corrects_id=HANDOUT_ID)


@pytest.mark.parametrize("copies", [None, 4])
def test_a_correction_sent_again_is_on_record(copies: int | None) -> None:
    about = facts(stored(), TAKEN_BACK, corrected={HANDOUT_ID: 4})
    assert judge_correction(correction(copies=copies), about) is None
    assert about == facts(stored(), TAKEN_BACK, corrected={HANDOUT_ID: 4})


@pytest.mark.parametrize("change", [{"copies": 3}, {"copies": -4}, {"corrects_id": FREE_ID}, {"id": HANDOUT_ID}])
def test_a_corrections_id_belongs_to_one_correction(change: dict[str, Any]) -> None:
    about = facts(stored(), TAKEN_BACK, corrected={HANDOUT_ID: 4})
    assert refused(lambda: judge_correction(correction(**change), about), about).slug == "handout-changed"


# ---- visits


def test_a_visit_is_recorded_as_it_was_made_and_takes_no_copies() -> None:
    about, visits = facts(), visit_facts()
    recorded = judge_visit(visit(zone_id=OTHER_ZONE, at=local(2027, 4, 19, 23, 59)), visits, about)
    expected = stored_visit(
        id=ID, zone_id=OTHER_ZONE, visits=2, day=date(2027, 4, 19), visited_at=local(2027, 4, 19, 23, 59)
    )
    assert recorded == expected
    assert (about, visits) == (facts(), visit_facts(expected))


def test_a_visit_needs_any_material_of_its_campaign_though_all_of_it_is_handed_out() -> None:
    about = facts(held={(RIDER, CAMPAIGN, POSTER): held(quantity=0, channels=[])})
    assert judge_visit(visit(), visit_facts(), about) is not None


@pytest.mark.parametrize("known", [{}, {"held_": held(campaign_open=False)}])
def test_a_visit_sent_again_is_on_record_whatever_has_changed_since(known: dict[str, Any]) -> None:
    about, visits = facts(**known), visit_facts(stored_visit())
    again = visit(id=VISIT_ID, visits=4)
    for entry in (again, replace(again, zone_id=ZONE)):
        assert judge_visit(entry, visits, about) is None
    assert visits == visit_facts(stored_visit())


@pytest.mark.parametrize(
    "change",
    [
        {"holder": OTHER}, {"campaign_id": OTHER_CAMPAIGN}, {"result": "nobody_reached"}, {"visits": 3}, {"cell": None},
        {"at": EARLIER + MICROSECOND}, {"zone_id": OTHER_ZONE},
    ],
)  # fmt: skip
def test_a_visits_id_belongs_to_one_visit(change: dict[str, Any]) -> None:
    about, visits = facts(), visit_facts(stored_visit())
    entry = replace(visit(id=VISIT_ID, visits=4), **change)
    assert refused(lambda: judge_visit(entry, visits, about), about, visits).slug == "handout-changed"


def test_a_visit_does_not_take_the_id_of_a_handout_or_of_a_correction() -> None:
    about, visits = facts(stored()), visit_facts(stored_visit(visits=4, corrects_id=FREE_ID))
    for identifier in (HANDOUT_ID, VISIT_ID):
        entry = visit(id=identifier, visits=4)
        assert refused(lambda entry=entry: judge_visit(entry, visits, about), about, visits).slug == "handout-changed"


@pytest.mark.parametrize(
    ("on_record", "found"),
    [
        ((stored_visit(),), True), ((), False), ((stored_visit(corrects_id=FREE_ID),), False),
        ((stored_visit(rider_id=COLLEAGUE),), False),
    ],
)  # fmt: skip
def test_a_correction_means_a_visit_only_of_the_rider_and_no_correction(on_record: Any, found: bool) -> None:
    original = corrected_visit(correction(corrects_id=VISIT_ID), visit_facts(*on_record))
    assert (original is not None) == found


def test_a_visit_is_taken_back_door_by_door() -> None:
    about, visits = facts(), visit_facts(stored_visit())
    first = judge_visit_correction(correction(corrects_id=VISIT_ID, copies=1), stored_visit(), visits, about)
    assert first == stored_visit(id=CORRECTION_ID, visits=-1, visited_at=NOW, corrects_id=VISIT_ID, reason="按错了")
    assert (visits.corrected, visits.stored[CORRECTION_ID]) == ({VISIT_ID: 1}, first)
    too_many = correction(id=FREE_ID, corrects_id=VISIT_ID, copies=4)
    problem = refused(lambda: judge_visit_correction(too_many, stored_visit(), visits, about), visits, about)
    assert (problem.slug, problem.extensions["left"]) == ("nothing-to-correct", 3)
    assert problem.detail == "3 doors of this visit are left to take back."
    rest = judge_visit_correction(correction(id=FREE_ID, corrects_id=VISIT_ID), stored_visit(), visits, about)
    assert rest is not None
    assert rest.visits == -3
    assert about == facts(), "no copy moves"


DOORS_TAKEN_BACK = stored_visit(id=CORRECTION_ID, visits=-1, corrects_id=VISIT_ID)


@pytest.mark.parametrize("copies", [None, 1])
def test_a_visits_correction_sent_again_is_on_record(copies: int | None) -> None:
    visits = visit_facts(stored_visit(), DOORS_TAKEN_BACK, corrected={VISIT_ID: 1})
    entry = correction(corrects_id=VISIT_ID, copies=copies)
    assert judge_visit_correction(entry, stored_visit(), visits, facts()) is None
    assert visits.corrected == {VISIT_ID: 1}


@pytest.mark.parametrize(
    ("change", "handouts"),
    [
        ({"copies": 2}, ()), ({"corrects_id": FREE_ID}, ()), ({"id": VISIT_ID}, ()),
        ({"id": HANDOUT_ID}, (stored(),)),
    ],
)  # fmt: skip
def test_a_visits_corrections_id_belongs_to_one_correction(change: dict[str, Any], handouts: Any) -> None:
    about = facts(*handouts)
    visits = visit_facts(stored_visit(), DOORS_TAKEN_BACK, corrected={VISIT_ID: 1})
    entry = replace(correction(corrects_id=VISIT_ID), **change)
    judged = refused(lambda: judge_visit_correction(entry, stored_visit(), visits, about), about, visits)
    assert judged.slug == "handout-changed"
