"""The reasons in words: plainly for planners and managers, as a kind question for the rider.

Nobody is accused here: each text names what the records show, and the question offers the innocent reasons first.
"""

from datetime import date
from typing import assert_never

from schemas.flags import (
    BeyondHeld,
    ClockAheadOfServer,
    FastBetweenCells,
    FlagFacts,
    ManyCellsInOneMinute,
    OneCellEvenly,
    OutsideUsualZones,
    RoundNumbers,
)


def reason_of(facts: FlagFacts) -> str:
    """One Chinese sentence with the facts, for planners and managers."""
    match facts:
        case BeyondHeld(copies_beyond=beyond, copies_confirmed=copies):
            return f"本周确认的{copies}份中，有{beyond}份没有对应的领用记录，至今尚未入账。"
        case ClockAheadOfServer(confirmations_ahead=ahead, confirmations=total):
            return f"{total}次确认中，有{ahead}次的时间晚于到达服务器的时间，手机时钟可能偏快。"
        case ManyCellsInOneMinute(minutes=minutes, most_cells=cells):
            return f"有{minutes}个一分钟内，确认来自三个以上不同网格，最多{cells}个。"
        case FastBetweenCells(fast_steps=fast, steps=steps, kilometres=kilometres, minutes=minutes):
            return (
                f"相邻两次确认共{steps}组，有{fast}组扣除定位误差后仍超过每小时60公里，"
                f"最快一组{minutes:g}分钟相距{kilometres:g}公里。"
            )
        case OutsideUsualZones(day=day, outside=outside, confirmations=total):
            return f"{_day(day)}的{total}次确认中，有{outside}次不在所属网点申报或领取的片区。"
        case OneCellEvenly(days=days, minutes_apart=minutes):
            return f"有{days}天的确认都在同一网格，间隔均匀，约每{minutes:g}分钟一次。"
        case RoundNumbers(round_numbers=number, confirmations=total):
            return f"三份及以上的{total}次确认中，有{number}次的份数是5的倍数。"
        case _:
            assert_never(facts)


def question_of(facts: FlagFacts) -> str:
    """The same as a question to the rider."""
    match facts:
        case BeyondHeld(copies_beyond=beyond):
            return f"这周您确认的资料里，有{beyond}份还没找到领取登记。是不是有一次领取忘了登记？"
        case ClockAheadOfServer():
            return "您手机上的时间好像快了一些。方便时，请打开“自动设置时间”。"
        case ManyCellsInOneMinute():
            return "有几次确认挤在同一分钟里，地点却不一样。是不是先发放、后来一起补记的？"
        case FastBetweenCells():
            return "有几次前后两次确认离得远、时间又近。是手机定位不准，还是后来补记的？"
        case OutsideUsualZones(day=day):
            return f"{_day(day)}您多半在网点平时的片区以外发放。是去帮忙，还是换了路线？"
        case OneCellEvenly():
            return "有几天的确认都在同一处，间隔也差不多。是在固定点位发放，还是按时一起记的？"
        case RoundNumbers():
            return "您记的份数大多是5的倍数。是整捆放置，还是记个大概？"
        case _:
            assert_never(facts)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
