"""What the phone of a rider who left may still hand in: exactly what was confirmed before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from dispatch.database.ids import is_version_7, time_of
from dispatch.handouts.entries import Prepared
from dispatch.problems import Problem

HAND_IN_DAYS: Final = timedelta(days=30)
"""How long after the deactivation a phone may come back."""


class HandInClosed(Problem):
    """This phone has nothing to hand in here: its rider is still with us and signs in, or left too long ago, or its
    session had been ended before."""

    slug, title, status = "hand-in-closed", "Nothing can be handed in from this phone", 403


class AfterDeactivation(Problem):
    """It was confirmed after the rider had been deactivated. `deactivated_at`."""

    slug, title, status = "after-deactivation", "Confirmed after the rider had left", 409


def sealed(prepared: Sequence[Prepared], deactivated_at: datetime) -> list[Prepared]:
    """The records that were made before the deactivation, by their own time and by that inside their ids; the others
    become their problem."""
    return [_sealed(each, deactivated_at) for each in prepared]


def _sealed(prepared: Prepared, deactivated_at: datetime) -> Prepared:
    if isinstance(prepared, Problem):
        return prepared
    made_at = time_of(prepared.id) if is_version_7(prepared.id) else prepared.at
    if max(prepared.at, made_at) < deactivated_at:
        return prepared
    return AfterDeactivation(
        "Only what was confirmed before the deactivation is taken.",
        field=prepared.time_field,
        deactivated_at=deactivated_at,
    )
