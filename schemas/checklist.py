"""What a city needs before its campaign can run, in the order of the work."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

StepKey = Literal[
    "zones", "districts", "households", "incidents", "partners", "accounts", "depots", "campaign", "materials",
    "print_runs", "invitations", "plan",
]  # fmt: skip
StepState = Literal["done", "part", "missing"]


class ChecklistStep(Struct, frozen=True, kw_only=True):
    """One thing a city needs. What is counted: zones; districts with a name; zones with households, with incident
    counts; firms with an outlet, with an account; depots; campaigns; materials; copies received; firms that have
    accepted; approved plans."""

    key: StepKey
    state: StepState
    """`done`; `part`: begun, `lacking` says how much is missing; `missing`: nothing there."""
    count: int
    total: int | None
    """Of how many; null where there is no such number."""
    lacking: int
    """How many are missing: zones without a division code, households or incident counts; firms without an outlet or
    an account; copies ordered and not received; invited firms in which nobody can sign in."""


class Checklist(Struct, frozen=True, kw_only=True):
    """What is there and what is missing. Computed from what is kept, at the moment of the question."""

    division_code: str | None
    """Of a district: then the steps are those of its own ground; the city's planner does the others."""
    campaign_id: UUID | None
    """The campaign the steps from the materials on are about: the one that runs, otherwise the newest being set up."""
    running: bool
    """A campaign of the city runs: the list has done its work, and pages show it no more."""
    next: StepKey | None
    """The first step of which nothing is there, otherwise the first that lacks something; null: nothing is missing."""
    steps: list[ChecklistStep]
