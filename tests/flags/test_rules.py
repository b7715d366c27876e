"""Which questions are put, how two planners agree, what the words are, and what a decision may change. No database."""

from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from dispatch.database import new_id
from dispatch.flags import rules
from dispatch.flags.rules import ExistingFlag, Opinion, choose, genuine_share, judge_opinion, require_week
from dispatch.flags.scores import HABIT, THRESHOLD
from dispatch.flags.wording import question_of, reason_of
from schemas.flags import (
    BeyondHeld,
    ClockAheadOfServer,
    FastBetweenCells,
    FlagDecision,
    FlagFacts,
    ManyCellsInOneMinute,
    OneCellEvenly,
    OutsideUsualZones,
    RoundNumbers,
)

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
RIDERS = [UUID(int=number) for number in range(30)]
ONE, TWO, THREE = (UUID(int=number) for number in (101, 102, 103))


def known(rider: UUID, status: rules.FlagStatus = "open", *, touched: bool = False) -> ExistingFlag:
    return ExistingFlag(rider_id=rider, status=status, touched=touched)


def test_the_highest_scores_are_asked_about_and_no_more_than_the_queue_holds() -> None:
    scores = {rider: THRESHOLD + number for number, rider in enumerate(RIDERS)}
    assert choose(scores, []).write == RIDERS[10:]
    assert choose(scores, [], most=2).write == RIDERS[28:]


def test_a_score_below_the_threshold_is_not_asked_about() -> None:
    assert choose({RIDERS[0]: THRESHOLD - 0.01, RIDERS[1]: THRESHOLD}, []).write == [RIDERS[1]]


def test_equal_scores_are_asked_about_in_the_order_of_ids() -> None:
    scores = {RIDERS[2]: 9.0, RIDERS[0]: 9.0, RIDERS[1]: 9.5}
    assert choose(scores, [], most=2).write == [RIDERS[0], RIDERS[1]]


def test_who_is_asked_stays_asked_while_the_score_holds_and_no_longer() -> None:
    scores = {RIDERS[0]: THRESHOLD, RIDERS[1]: THRESHOLD - 0.01, RIDERS[2]: 12.0}
    choice = choose(scores, [known(RIDERS[0]), known(RIDERS[1])], most=1)
    assert choice.write == [RIDERS[0]], "the queue is full, so nobody new"
    assert choice.withdraw == [RIDERS[1]]


def test_what_was_answered_or_judged_stays_as_it_was() -> None:
    flags = [
        known(RIDERS[0], touched=True),
        known(RIDERS[1], "answered", touched=True),
        known(RIDERS[2], "decided", touched=True),
        known(RIDERS[3], "answered"),
    ]
    choice = choose({RIDERS[0]: 12.0, RIDERS[1]: 0.0, RIDERS[2]: 12.0, RIDERS[3]: 0.0}, flags)
    assert choice.write == []
    assert choice.withdraw == []


@pytest.mark.parametrize(
    ("flags", "taken"),
    [
        ([("open", False)], 1),
        ([("open", True)], 1),
        ([("answered", True)], 1),
        ([("decided", True)], 1),
        ([("withdrawn", False)], 0),
        ([("withdrawn", True)], 0),
        ([("open", False), ("answered", True), ("withdrawn", False)], 2),
    ],
    ids=str,
)
def test_every_flag_of_the_week_takes_a_place_in_the_queue_but_a_withdrawn_one(
    flags: list[tuple[rules.FlagStatus, bool]], taken: int
) -> None:
    existing = [known(RIDERS[number], status, touched=touched) for number, (status, touched) in enumerate(flags)]
    fresh = dict.fromkeys(RIDERS[10:20], 9.0)
    new = [rider for rider in choose(fresh, existing, most=4).write if rider in fresh]
    assert len(new) == 4 - taken


def test_a_queue_that_is_over_full_asks_nobody_new_and_lets_those_asked_stay() -> None:
    existing = [known(rider) for rider in RIDERS[:3]]
    choice = choose(dict.fromkeys(RIDERS[:5], 9.0), existing, most=2)
    assert (choice.write, choice.withdraw) == (RIDERS[:3], [])


def test_riders_are_written_in_the_order_of_their_ids_so_that_locks_are_taken_in_one_order() -> None:
    choice = choose({RIDERS[5]: 12.0, RIDERS[1]: 6.0, RIDERS[3]: 9.0}, [known(RIDERS[7]), known(RIDERS[6])])
    assert choice.write == [RIDERS[1], RIDERS[3], RIDERS[5]]
    lowered = choose({RIDERS[7]: 0.0, RIDERS[6]: 0.0}, [known(RIDERS[7]), known(RIDERS[6])])
    assert lowered.withdraw == [RIDERS[6], RIDERS[7]]


def test_a_withdrawn_question_is_put_again_when_it_returns() -> None:
    assert choose({RIDERS[0]: 8.0}, [known(RIDERS[0], "withdrawn")]).write == [RIDERS[0]]


def test_a_week_whose_records_are_gone_settles_nothing() -> None:
    choice = choose({}, [known(RIDERS[0])])
    assert choice.withdraw == choice.write == []


@pytest.mark.parametrize("day", [6, 7, 8, 9, 10, 11])
def test_a_week_begins_on_a_monday(day: int) -> None:
    require_week(date(2027, 4, 5), NOW, SHANGHAI)
    with pytest.raises(rules.WeekNotMonday) as refused:
        require_week(date(2027, 4, day), NOW, SHANGHAI)
    assert refused.value.extensions == {"field": "week_starts_on"}


# Sunday afternoon in London is Monday in the city.
@pytest.mark.parametrize(
    ("now", "over"),
    [
        (datetime(2027, 4, 18, 15, 59, 59, 999999, tzinfo=UTC), False),
        (datetime(2027, 4, 18, 16, 0, tzinfo=UTC), True),
        (datetime(2027, 4, 12, 2, 0, tzinfo=UTC), False),
    ],
    ids=["the last microsecond of Sunday", "the first instant of Monday", "its own Monday"],
)
def test_a_week_is_over_with_the_end_of_its_sunday_in_the_city(now: datetime, over: bool) -> None:
    if over:
        require_week(date(2027, 4, 12), now, SHANGHAI)
        return
    with pytest.raises(rules.WeekNotOver):
        require_week(date(2027, 4, 12), now, SHANGHAI)


def opinion(account: UUID, decision: FlagDecision = "explained", reason: str = "问过了") -> Opinion:
    return Opinion(opinion_id=new_id(NOW), account_id=account, decision=decision, reason=reason)


def test_one_planner_decides_nothing() -> None:
    judged = judge_opinion("open", [], opinion(ONE))
    assert judged.new
    assert judged.settles is None


def test_two_planners_who_agree_decide() -> None:
    assert judge_opinion("answered", [opinion(ONE)], opinion(TWO)).settles == "explained"


def test_two_planners_who_differ_leave_it_open_until_a_third_agrees_with_one() -> None:
    given = [opinion(ONE), opinion(TWO, "dismissed")]
    assert judge_opinion("open", given[:1], given[1]).settles is None
    assert judge_opinion("open", given, opinion(THREE, "dismissed")).settles == "dismissed"


def test_the_same_planner_twice_is_one_person() -> None:
    with pytest.raises(rules.SecondPersonNeeded):
        judge_opinion("open", [opinion(ONE)], opinion(ONE, reason="还是这样"))


def test_a_planner_may_come_to_another_opinion_and_only_the_newest_counts() -> None:
    given = [opinion(ONE), opinion(ONE, "dismissed")]
    assert judge_opinion("open", given[:1], given[1]).settles is None
    assert judge_opinion("open", given, opinion(TWO)).settles is None
    assert judge_opinion("open", given, opinion(TWO, "dismissed")).settles == "dismissed"


@pytest.mark.parametrize("status", get_args(rules.FlagStatus))
def test_an_opinion_sent_again_is_the_same_one_whatever_has_become_of_the_flag(status: rules.FlagStatus) -> None:
    first = opinion(ONE)
    judged = judge_opinion(status, [opinion(TWO), first], first)
    assert (judged.new, judged.settles) == (False, None)


@pytest.mark.parametrize("change", [{"account_id": TWO}, {"decision": "dismissed"}, {"reason": "没问"}], ids=str)
def test_an_id_is_one_opinion(change: dict[str, Any]) -> None:
    first = opinion(ONE)
    with pytest.raises(rules.OpinionChanged) as refused:
        judge_opinion("open", [first], structs.replace(first, **change))
    assert refused.value.extensions == {"field": "opinion_id"}


def test_an_opinion_needs_an_id_that_sorts_by_time() -> None:
    with pytest.raises(rules.OpinionIdNotVersion7) as refused:
        judge_opinion("open", [], structs.replace(opinion(ONE), opinion_id=UUID(int=1)))
    assert refused.value.extensions == {"field": "opinion_id"}


@pytest.mark.parametrize("status", ["decided", "withdrawn"])
def test_what_is_settled_takes_no_opinion_and_no_answer(status: rules.FlagStatus) -> None:
    with pytest.raises(rules.FlagSettled):
        judge_opinion(status, [], opinion(ONE))
    with pytest.raises(rules.FlagSettled) as refused:
        rules.require_open(status)
    assert refused.value.extensions == {"flag_status": status}


@pytest.mark.parametrize("status", ["open", "answered"])
def test_what_is_open_or_answered_takes_opinions_and_answers(status: rules.FlagStatus) -> None:
    rules.require_open(status)
    assert (
        judge_opinion(status, [opinion(ONE, "reduced_weight")], opinion(TWO, "reduced_weight")).settles
        == "reduced_weight"
    )


FACTS: list[FlagFacts] = [
    BeyondHeld(copies_beyond=60, copies_confirmed=200),
    ClockAheadOfServer(confirmations_ahead=3, confirmations=40),
    ManyCellsInOneMinute(minutes=2, most_cells=7, confirmations=40),
    FastBetweenCells(fast_steps=9, steps=38, kilometres=12.5, minutes=4.0),
    OutsideUsualZones(day=date(2027, 4, 14), outside=11, confirmations=12),
    OneCellEvenly(days=3, minutes_apart=15.0),
    RoundNumbers(round_numbers=18, confirmations=20),
]


def test_every_sign_has_words() -> None:
    assert len(FACTS) == len(get_args(FlagFacts)) == len(HABIT)
    assert reason_of(FACTS[0]) == "本周确认的200份中，有60份没有对应的领用记录，至今尚未入账。"
    assert "9组" in reason_of(FACTS[3])
    assert "12.5公里" in reason_of(FACTS[3])
    assert reason_of(FACTS[4]).startswith("4月14日的12次确认中，有11次")
    assert question_of(FACTS[5]).endswith("？")


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: type(facts).__name__)
def test_nobody_is_accused(facts: FlagFacts) -> None:
    for text in (reason_of(facts), question_of(facts)):
        assert not [
            word
            for word in ("嫌疑", "可疑", "怀疑", "异常", "作弊", "造假", "监控", "追踪", "考核", "违规", "打卡")
            if word in text
        ]
    assert question_of(facts).endswith("？") or "请" in question_of(facts)


ZONES = [UUID(int=number) for number in (1, 2, 3)]


def test_only_copies_of_flags_decided_so_weigh_less() -> None:
    copies = {ZONES[0]: 1000, ZONES[1]: 50, ZONES[2]: 0}
    shares = genuine_share(copies, [{ZONES[0]: 100}, {ZONES[0]: 150, ZONES[1]: 80}], 0.5)
    assert shares == {ZONES[0]: 0.875, ZONES[1]: 0.5, ZONES[2]: 1.0}
    assert genuine_share(copies, [], 0.0) == dict.fromkeys(ZONES, 1.0)


def test_a_zone_never_loses_more_than_its_own_copies() -> None:
    assert genuine_share({ZONES[0]: 10}, [{ZONES[0]: 8}, {ZONES[0]: 8}, {ZONES[1]: 5}], 0.25) == {ZONES[0]: 0.25}


@pytest.mark.parametrize(("weight", "share"), [(0.0, 0.9), (1.0, 1.0)])
def test_a_weight_of_nothing_takes_the_copies_out_and_a_whole_one_leaves_them(weight: float, share: float) -> None:
    assert genuine_share({ZONES[0]: 100}, [{ZONES[0]: 10}], weight) == {ZONES[0]: pytest.approx(share)}


@pytest.mark.parametrize("weight", [-0.01, 1.01, float("nan")])
def test_a_weight_is_a_share(weight: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        genuine_share({ZONES[0]: 1}, [], weight)
