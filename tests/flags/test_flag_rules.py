"""Which questions are put, how two planners agree, what the words say, and what a decision may change."""

from datetime import UTC, date, datetime
from typing import get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dispatch.database import new_id
from dispatch.flags import rules
from dispatch.flags.rules import Known, Opinion, choose, genuine_share, judge_opinion, require_week
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
RIDERS = [UUID(int=number) for number in range(30)]
ONE, TWO, THREE = (UUID(int=number) for number in (101, 102, 103))


def known(rider: UUID, status: rules.FlagStatus = "open", *, touched: bool = False) -> Known:
    return Known(rider_id=rider, status=status, touched=touched)


def test_the_highest_scores_are_asked_about_and_no_more_than_the_queue_holds() -> None:
    scores = {rider: THRESHOLD + number for number, rider in enumerate(RIDERS)}
    assert choose(scores, []).write == RIDERS[10:]
    assert choose(scores, [], most=2).write == RIDERS[28:]


def test_a_score_below_the_threshold_is_not_asked_about() -> None:
    assert choose({RIDERS[0]: THRESHOLD - 0.01, RIDERS[1]: THRESHOLD}, []).write == [RIDERS[1]]


def test_who_is_asked_stays_asked_while_the_score_holds_and_is_let_go_when_it_does_not() -> None:
    scores = {RIDERS[0]: THRESHOLD, RIDERS[1]: 0.0, RIDERS[2]: 12.0}
    choice = choose(scores, [known(RIDERS[0]), known(RIDERS[1])], most=1)
    assert choice.write == [RIDERS[0]], "the queue is full, so nobody new"
    assert choice.withdraw == [RIDERS[1]]


def test_what_somebody_has_spoken_about_stays_as_it_was() -> None:
    flags = [
        known(RIDERS[0], touched=True),
        known(RIDERS[1], "answered", touched=True),
        known(RIDERS[2], "decided", touched=True),
    ]
    choice = choose({RIDERS[0]: 12.0, RIDERS[1]: 0.0, RIDERS[2]: 12.0}, flags)
    assert choice.write == []
    assert choice.withdraw == []


def test_a_withdrawn_question_is_put_again_when_it_returns() -> None:
    assert choose({RIDERS[0]: 8.0}, [known(RIDERS[0], "withdrawn")]).write == [RIDERS[0]]


def test_a_week_whose_records_are_gone_settles_nothing() -> None:
    choice = choose({}, [known(RIDERS[0])])
    assert choice.withdraw == choice.write == []


def test_a_week_begins_on_a_monday_and_is_over() -> None:
    timezone = ZoneInfo("Asia/Shanghai")
    require_week(date(2027, 4, 12), NOW, timezone)
    with pytest.raises(rules.WeekNotMonday):
        require_week(date(2027, 4, 13), NOW, timezone)
    with pytest.raises(rules.WeekNotOver):
        require_week(date(2027, 4, 19), NOW, timezone)
    # Sunday in London is Monday here.
    require_week(date(2027, 4, 12), datetime(2027, 4, 18, 16, 0, tzinfo=UTC), timezone)


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


def test_an_opinion_sent_again_is_the_same_one() -> None:
    first = opinion(ONE)
    assert not judge_opinion("decided", [first, opinion(TWO)], first).new
    with pytest.raises(rules.OpinionChanged):
        judge_opinion(
            "open", [first], Opinion(opinion_id=first.opinion_id, account_id=TWO, decision="explained", reason="问过了")
        )


@pytest.mark.parametrize("status", ["decided", "withdrawn"])
def test_what_is_settled_takes_no_opinion(status: rules.FlagStatus) -> None:
    with pytest.raises(rules.FlagSettled):
        judge_opinion(status, [], opinion(ONE))


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


def test_a_weight_is_a_share() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        genuine_share({ZONES[0]: 1}, [], 1.5)
