"""What becomes of a record that was refused: how many may wait, and what the sender is answered."""

from typing import Final, Literal

from dispatch.handouts.entries import Source
from dispatch.handouts.rules import CURABLE
from dispatch.problems import Problem

MOST_WAITING: Final = 500
"""Refused records of one rider that may wait at a time."""

_COUNTED_LATER: Final = "This record is kept, and counted once the cause is gone."
_NOT_COUNTED: Final = "This record is kept for a person to look at; it does not count, and will not by itself."
_FOR_THE_SENDER: Final = (
    "This record is kept and does not count, and will not count by itself: send the right figure under the same id, "
    "or withdraw it by POST /api/handouts/refused/withdraw."
)


class TooManyWaiting(Problem):
    """So many refused records of this rider wait that no more are kept. What could be recorded of the call is recorded;
    the phone keeps all of it and sends it again later. `most`, `waiting`."""

    slug, title, status = "too-many-waiting", "Too many refused records wait", 429


def require_room(waiting: int, new: int) -> None:
    """Refuse a call that would leave more than MOST_WAITING refused records of its rider waiting."""
    if new and waiting + new > MOST_WAITING:
        raise TooManyWaiting(
            "Have the missing hand-over recorded, then send the same again.",
            headers={"retry-after": "300"},
            most=MOST_WAITING,
            waiting=waiting,
        )


def waits_for(source: Source, slug: str) -> Literal["cause", "person"]:
    """What a refused record waits for: that its cause goes, or that a person decides. Only what a rider tapped is
    judged again unasked: a report may have been made again in another way meanwhile, and would count twice."""
    return "cause" if source == "sync" and slug in CURABLE else "person"


def kept_words(source: Source, slug: str) -> str:
    """The sentence on that for the sender."""
    if source == "report":
        return _FOR_THE_SENDER
    return _COUNTED_LATER if waits_for(source, slug) == "cause" else _NOT_COUNTED
