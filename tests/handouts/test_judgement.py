"""What a rider withdrew binds what is confirmed afterwards; calls are judged one after the other against the same facts."""

from typing import Any

import pytest
from msgspec.structs import replace

from dispatch.handouts.entries import PrecisePosition, Prepared
from dispatch.handouts.judgement import Verdict, judge_calls
from dispatch.handouts.rules import CopiesHolder, Facts
from dispatch.handouts.visit_rules import VisitFacts
from tests.handouts.cases import (
    CAMPAIGN,
    CELL,
    COLLEAGUE,
    CORRECTION_ID,
    EARLIER,
    FREE_ID,
    HANDOUT_ID,
    ID,
    LEAFLET,
    MICROSECOND,
    OUTLET,
    RIDER,
    VISIT_ID,
    ZONE,
    correction,
    facts,
    handout,
    held,
    stored,
    stored_visit,
    visit,
    visit_facts,
)


def judged(prepared: Prepared, about: Facts, visits: VisitFacts | None = None) -> Verdict:
    """The verdict on one record of one call."""
    ((verdict,),) = judge_calls([[prepared]], about, visits or visit_facts())
    return verdict


def word(verdict: Verdict) -> str:
    """`recorded`, `duplicate`, or the slug of the problem."""
    return verdict.outcome if verdict.problem is None else verdict.problem.slug


LEFT, HIDDEN = (RIDER, "taking_part"), (RIDER, "location")
both_kinds = pytest.mark.parametrize("entry", [handout(), visit()], ids=["handout", "visit"])


@both_kinds
@pytest.mark.parametrize(
    ("withdrawn", "verdict"),
    [
        ({}, "recorded"),
        ({LEFT: EARLIER + MICROSECOND}, "recorded"),
        ({LEFT: EARLIER}, "consent-withdrawn"),
        ({LEFT: EARLIER - MICROSECOND}, "consent-withdrawn"),
        ({(COLLEAGUE, "taking_part"): EARLIER}, "recorded"),
        ({HIDDEN: EARLIER + MICROSECOND}, "recorded"),
        ({HIDDEN: EARLIER}, "location-withdrawn"),
        ({(COLLEAGUE, "location"): EARLIER}, "recorded"),
        ({HIDDEN: EARLIER, LEFT: EARLIER}, "consent-withdrawn"),
    ],
)
def test_what_is_confirmed_from_the_withdrawal_on_is_refused(entry: Any, withdrawn: Any, verdict: str) -> None:
    about, visits = facts(withdrawn=withdrawn), visit_facts()
    assert word(judged(entry, about, visits)) == verdict
    if verdict != "recorded":
        assert (about, visits) == (facts(withdrawn=withdrawn), visit_facts())


@both_kinds
@pytest.mark.parametrize(("since", "cell"), [(EARLIER, None), (EARLIER + MICROSECOND, CELL)])
def test_a_named_zone_counts_without_its_cell_once_location_is_withdrawn(entry: Any, since: Any, cell: Any) -> None:
    verdict = judged(replace(entry, zone_id=ZONE), facts(withdrawn={HIDDEN: since}))
    assert verdict.stored is not None
    assert (verdict.stored.zone_id, verdict.stored.cell) == (ZONE, cell)


@both_kinds
def test_a_zone_needs_no_consent_to_location(entry: Any) -> None:
    verdict = judged(replace(entry, cell=None, zone_id=ZONE), facts(withdrawn={HIDDEN: EARLIER}))
    assert verdict.outcome == "recorded"


def test_who_withdrew_location_is_asked_for_the_zone() -> None:
    problem = judged(handout(), facts(withdrawn={HIDDEN: EARLIER})).problem
    assert problem is not None
    assert problem.extensions["field"] == "zone_id"


@pytest.mark.parametrize("purpose", ["taking_part", "location"])
def test_what_was_recorded_before_is_a_duplicate_whatever_was_withdrawn(purpose: str) -> None:
    about = facts(stored(copies=1), withdrawn={(RIDER, purpose): EARLIER})
    assert word(judged(handout(id=HANDOUT_ID), about)) == "duplicate"
    visits = visit_facts(stored_visit())
    assert word(judged(visit(id=VISIT_ID, visits=4), about, visits)) == "duplicate"


@pytest.mark.parametrize("withdrawn", [{}, {HIDDEN: EARLIER}])
def test_a_cell_that_was_left_out_is_left_out_again_when_the_record_comes_again(withdrawn: Any) -> None:
    about = facts(stored(copies=1, cell=None), withdrawn=withdrawn)
    assert word(judged(handout(id=HANDOUT_ID, zone_id=ZONE), about)) == "duplicate"
    visits = visit_facts(stored_visit(cell=None))
    assert word(judged(visit(id=VISIT_ID, visits=4, zone_id=ZONE), about, visits)) == "duplicate"


def test_a_cell_on_record_is_part_of_what_was_recorded() -> None:
    about = facts(stored(copies=1), withdrawn={HIDDEN: EARLIER})
    assert word(judged(handout(id=HANDOUT_ID, cell=None, zone_id=ZONE), about)) == "handout-changed"


def test_taking_back_is_allowed_whatever_was_withdrawn() -> None:
    about = facts(stored(), withdrawn={LEFT: EARLIER, HIDDEN: EARLIER})
    assert word(judged(correction(), about)) == "recorded"
    assert word(judged(correction(corrects_id=VISIT_ID), about, visit_facts(stored_visit()))) == "handout-changed"
    assert word(judged(correction(id=FREE_ID, corrects_id=VISIT_ID), about, visit_facts(stored_visit()))) == "recorded"


def test_a_correction_is_one_of_the_handout_or_of_the_visit_it_names() -> None:
    about, visits = facts(stored()), visit_facts(stored_visit())
    of_handout, of_visit, of_neither = judge_calls(
        [[correction(), correction(id=ID, corrects_id=VISIT_ID), correction(id=FREE_ID, corrects_id=FREE_ID)]],
        about, visits,
    )[0]  # fmt: skip
    assert about.stored[CORRECTION_ID] == of_handout.stored
    assert visits.stored[ID] == of_visit.stored
    assert word(of_neither) == "unknown-handout"


def test_a_verdict_says_in_a_word_what_became_of_the_record() -> None:
    problem = PrecisePosition("Leave positions on the phone.")
    assert Verdict(stored=stored()).outcome == "recorded"
    assert Verdict().outcome == "duplicate"
    assert Verdict(problem=problem).outcome == "rejected"


def test_a_record_that_could_not_be_decoded_is_refused_by_that_and_sinks_no_other() -> None:
    problem, about = PrecisePosition("Leave positions on the phone."), facts()
    verdicts = judge_calls([[problem, handout()], [problem]], about, visit_facts())
    assert [[word(verdict) for verdict in call] for call in verdicts] == [
        ["precise-position", "recorded"],
        ["precise-position"],
    ]
    assert verdicts[0][0].problem is problem


def test_a_later_record_sees_what_an_earlier_one_took_in_its_call_or_in_another() -> None:
    about = facts(held_=held(quantity=1))
    first, second = handout(), handout(id=FREE_ID)
    calls = [[first, second], [first, correction(corrects_id=ID), second]]
    words = [[word(verdict) for verdict in call] for call in judge_calls(calls, about, visit_facts())]
    assert words == [["recorded", "not-enough-stock"], ["duplicate", "recorded", "recorded"]]
    assert about.held[RIDER, CAMPAIGN, LEAFLET].quantity == 0


def test_what_a_rider_withdrew_does_not_bind_the_outlet() -> None:
    about = facts(held={(OUTLET, CAMPAIGN, LEAFLET): held()}, withdrawn={LEFT: EARLIER})
    assert word(judged(handout(holder=CopiesHolder("outlet", OUTLET, OUTLET)), about)) == "recorded"
