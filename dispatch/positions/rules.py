"""When positions may be turned on, when one may be kept and until when, which answer counts. Pure.

permit (a campaign's switch, with reason and days) ──asked──▶ agreement (one rider, one permit, one version of words)
hand-out with a position ──▶ kept    both stand at the server's now, and its days are not over yet
                         └─▶ not kept, the hand-out is recorded as always: a switch that changed while the phone was
                             without signal loses nobody a tap
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from dispatch.positions.notice import VERSION
from dispatch.problems import InvalidRequest, Problem
from schemas.positions import NewPositionPermit, PositionPermit

# The words an agreement has to be given to: other slices ask for it here.
NOTICE_VERSION: Final = VERSION
# Fewer dots of a zone could be told apart by whoever knows the street.
FEWEST: Final = 5
_FEWEST_LETTERS: Final = 10


class PositionsAlreadyOn(Problem):
    """Positions are on with another reason or other days, to which riders have agreed. Turn them off first."""

    slug, title, status = "positions-already-on", "Positions are on already", 409


class PermitChanged(Problem):
    """The id stands for another permit. An id stands for one permit for ever."""

    slug, title, status = "position-permit-changed", "This id was used for another permit", 409


class PositionsOff(Problem):
    """Positions are off in this campaign (again), so that there is nothing to agree to."""

    slug, title, status = "positions-off", "Positions are off", 409


class PositionWordsChanged(Problem):
    """The answer is to other words than those in force. `newest`: their version."""

    slug, title, status = "position-words-changed", "The words have changed", 409


class PositionAnswerChanged(Problem):
    """The id stands for another answer. An id stands for one answer for ever."""

    slug, title, status = "position-answer-changed", "This id was used for another answer", 409


def judge_permit(
    wanted: NewPositionPermit, campaign_id: UUID, same: tuple[UUID, PositionPermit] | None, open_now: UUID | None
) -> bool:
    """Whether the permit is to be written; False when it was before. `same`: campaign and permit under that id."""
    if len("".join(wanted.reason.split())) < _FEWEST_LETTERS:
        detail = f"A reason has at least {_FEWEST_LETTERS} characters besides blanks; riders read it."
        raise InvalidRequest(detail, errors=[{"pointer": "/reason", "detail": detail}])
    if same is not None:
        known = (same[0], same[1].reason, same[1].keep_days)
        if known != (campaign_id, wanted.reason, wanted.keep_days):
            raise PermitChanged("Make a new id for another reason or other days.", field="permit_id")
        return False
    if open_now is not None:
        raise PositionsAlreadyOn(
            "Turn them off first: riders agreed to that reason and those days.", permit_id=open_now
        )
    return True


def judge_answer(given: bool, version: int, permit_open: bool) -> None:
    """Refuse to agree to what is not asked. To say no, or no longer, is always possible."""
    if not given:
        return
    if not permit_open:
        raise PositionsOff("The campaign has turned positions off; nothing is asked any more.")
    if version != NOTICE_VERSION:
        raise PositionWordsChanged("Read the words in force and answer again.", newest=NOTICE_VERSION)


def erased_at(handed_out_at: datetime, now: datetime, keep_days: int) -> datetime | None:
    """When the position of a hand-out goes; None: its time is over already, after long without signal."""
    end = min(handed_out_at, now) + timedelta(days=keep_days)
    return end if end > now else None
