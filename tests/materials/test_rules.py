"""How a material is packed and handed out, and what a print run may be."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from dispatch.database.ids import new_id
from dispatch.materials import rules
from dispatch.server.client_ids import IdUnusable
from schemas.materials import Material, NewMaterial, NewPrintRun, PrintRun

NOW = datetime(2027, 3, 1, tzinfo=UTC)
RUN_ID = new_id(NOW, 1)
LEAFLET, DEPOT = UUID(int=1), UUID(int=2)

MATERIAL = NewMaterial(
    code="HANDBOOK", name="反诈宣传手册", kind="handbook", channels=["in_person", "with_parcel"], bundle_copies=50,
    carton_copies=400,
)  # fmt: skip
STORED = Material(material_id=LEAFLET, created_at=NOW, **msgspec.structs.asdict(MATERIAL))
RUN = NewPrintRun(
    print_run_id=RUN_ID, code="PR-1", material_code="HANDBOOK", copies=60_000, depot_code="D1", due_on=date(2027, 3, 20)
)
STORED_RUN = PrintRun(
    material_name="手册", depot_name="库", received_copies=0, created_at=NOW, **msgspec.structs.asdict(RUN)
)  # fmt: skip


@pytest.mark.parametrize(
    ("bundle", "carton"), [(50, 50), (50, 100), (1, 7), (400, 400)], ids=["one", "two", "single copies", "large"]
)
def test_a_carton_holds_whole_bundles(bundle: int, carton: int) -> None:
    rules.require_material(msgspec.structs.replace(MATERIAL, bundle_copies=bundle, carton_copies=carton))


@pytest.mark.parametrize(("bundle", "carton"), [(50, 49), (50, 51), (50, 420), (400, 50)])
def test_a_carton_that_does_not_hold_whole_bundles_is_refused(bundle: int, carton: int) -> None:
    with pytest.raises(rules.Packing) as refused:
        rules.require_material(msgspec.structs.replace(MATERIAL, bundle_copies=bundle, carton_copies=carton))
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "carton_copies"})


@pytest.mark.parametrize("channels", [["placed"], ["in_person", "with_meal", "with_parcel", "placed", "home_visit"]])
def test_each_channel_is_named_once(channels: list[Any]) -> None:
    rules.require_material(msgspec.structs.replace(MATERIAL, channels=channels))
    with pytest.raises(rules.ChannelTwice) as refused:
        rules.require_material(msgspec.structs.replace(MATERIAL, channels=[*channels, channels[0]]))
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "channels"})


def test_the_same_material_again_is_the_one_that_is_kept() -> None:
    assert rules.judge_stored_material(MATERIAL, STORED) is STORED


@pytest.mark.parametrize(
    "other",
    [
        {"name": "别的"}, {"kind": "leaflet"}, {"channels": ["in_person"]}, {"bundle_copies": 100}, {"carton_copies": 800},
        {"counts_for_reach": False},
    ],
)  # fmt: skip
def test_a_code_with_other_content_is_taken(other: dict[str, Any]) -> None:
    with pytest.raises(rules.MaterialCodeTaken) as refused:
        rules.judge_stored_material(msgspec.structs.replace(MATERIAL, **other), STORED)
    assert (refused.value.status, refused.value.extensions) == (409, {"field": "code"})


def test_a_print_run_is_of_a_material_for_a_depot() -> None:
    assert rules.judge_print_run(RUN, LEAFLET, DEPOT) == (LEAFLET, DEPOT)


def test_the_id_of_a_print_run_is_made_by_the_client_and_sorts_by_time() -> None:
    foreign = msgspec.structs.replace(RUN, print_run_id=UUID("6ba7b810-9dad-41d1-80b4-00c04fd430c8"))
    with pytest.raises(IdUnusable) as refused:
        rules.judge_print_run(foreign, None, None)
    assert refused.value.extensions == {"field": "print_run_id"}


@pytest.mark.parametrize(
    ("material_id", "depot_id", "problem", "field"),
    [
        (None, DEPOT, rules.MaterialUnknown, "material_code"),
        (None, None, rules.MaterialUnknown, "material_code"),
        (LEAFLET, None, rules.DepotUnknown, "depot_code"),
    ],
)
def test_a_print_run_of_nothing_or_to_nowhere_is_refused(
    material_id: UUID | None, depot_id: UUID | None, problem: Any, field: str
) -> None:
    with pytest.raises(problem) as refused:
        rules.judge_print_run(RUN, material_id, depot_id)
    assert (refused.value.status, refused.value.extensions) == (422, {"field": field})


def test_the_same_print_run_again_is_the_one_that_is_kept() -> None:
    received = msgspec.structs.replace(STORED_RUN, received_copies=500)
    assert rules.judge_stored_print_run(RUN, received) is received


def test_a_print_run_with_other_content_under_the_id_or_the_code_is_refused() -> None:
    with pytest.raises(rules.PrintRunChanged) as changed:
        rules.judge_stored_print_run(msgspec.structs.replace(RUN, copies=70_000), STORED_RUN)
    assert (changed.value.status, changed.value.extensions) == (409, {"field": "print_run_id"})
    with pytest.raises(rules.PrintRunCodeTaken) as taken:
        rules.judge_stored_print_run(RUN, None)
    assert (taken.value.status, taken.value.extensions) == (409, {"field": "code"})
