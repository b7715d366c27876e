"""Which steps of setting up a city are done, and which one is next: computed from counts, never kept."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from schemas.checklist import Checklist, ChecklistStep, StepKey, StepState


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """The zones within scope, counted by what is known of them."""

    zones: int = 0
    with_division: int = 0
    with_households: int = 0
    with_incidents: int = 0
    districts: int = 0
    named_districts: int = 0


class Firms(msgspec.Struct, frozen=True, kw_only=True):
    """The partners that hand out."""

    firms: int = 0
    with_outlet: int = 0
    with_account: int = 0
    """Of those with an outlet."""


class OpenCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign that runs or is being set up; how many campaigns there are of both kinds."""

    campaign_id: UUID
    running: bool
    campaigns: int


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """What the campaign has so far."""

    materials: int = 0
    ordered: int = 0
    received: int = 0
    invited: int = 0
    accepted: int = 0
    invited_without_account: int = 0
    plans: int = 0
    approved: int = 0


def judge_district(division_code: str, ground: Ground, campaign: OpenCampaign | None) -> Checklist:
    """The part of the list that is about a district's own ground: the rest is the city's."""
    return _checklist(division_code, campaign, _ground_steps(ground))


def judge_city(
    ground: Ground, firms: Firms, depots: int, campaign: OpenCampaign | None, preparation: Preparation
) -> Checklist:
    """The whole list, in the order of the work."""
    steps = [
        *_ground_steps(ground),
        _all_of("partners", firms.with_outlet, firms.firms),
        _all_of("accounts", firms.with_account, firms.with_outlet),
        _any_of("depots", depots),
        _any_of("campaign", 0 if campaign is None else campaign.campaigns),
        _any_of("materials", preparation.materials),
        _print_runs(preparation),
        _invitations(preparation),
        _plan(preparation),
    ]
    return _checklist(None, campaign, steps)


def _checklist(division_code: str | None, campaign: OpenCampaign | None, steps: Sequence[ChecklistStep]) -> Checklist:
    first = {state: next((step.key for step in steps if step.state == state), None) for state in ("missing", "part")}
    return Checklist(
        division_code=division_code,
        campaign_id=None if campaign is None else campaign.campaign_id,
        running=campaign is not None and campaign.running,
        next=first["missing"] or first["part"],
        steps=list(steps),
    )


def _ground_steps(ground: Ground) -> list[ChecklistStep]:
    without_division = ground.zones - ground.with_division
    named = ground.named_districts == ground.districts
    return [
        _any_of("zones", ground.zones),
        ChecklistStep(
            key="districts",
            state="missing" if not ground.districts else "done" if named and not without_division else "part",
            count=ground.named_districts,
            total=ground.districts,
            lacking=without_division,
        ),
        _all_of("households", ground.with_households, ground.zones),
        _all_of("incidents", ground.with_incidents, ground.zones),
    ]


def _print_runs(preparation: Preparation) -> ChecklistStep:
    """Copies that are still at the printer's can be planned, and not handed over: received is what counts."""
    ordered, received = preparation.ordered, preparation.received
    return ChecklistStep(
        key="print_runs",
        state="missing" if not ordered else "done" if received else "part",
        count=received,
        total=ordered,
        lacking=max(0, ordered - received),
    )


def _invitations(preparation: Preparation) -> ChecklistStep:
    """One firm that has accepted is enough to begin, if whoever was asked can sign in to answer."""
    lacking = preparation.invited_without_account
    done = preparation.accepted and not lacking
    return ChecklistStep(
        key="invitations",
        state="missing" if not preparation.invited else "done" if done else "part",
        count=preparation.accepted,
        total=preparation.invited,
        lacking=lacking,
    )


def _plan(preparation: Preparation) -> ChecklistStep:
    state: StepState = "done" if preparation.approved else "part" if preparation.plans else "missing"
    return ChecklistStep(key="plan", state=state, count=preparation.approved, total=preparation.plans, lacking=0)


def _any_of(key: StepKey, count: int) -> ChecklistStep:
    return ChecklistStep(key=key, state="done" if count else "missing", count=count, total=None, lacking=0)


def _all_of(key: StepKey, count: int, total: int) -> ChecklistStep:
    state: StepState = "missing" if not count else "done" if count >= total else "part"
    return ChecklistStep(key=key, state=state, count=count, total=total, lacking=total - count)
