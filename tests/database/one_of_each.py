"""A city with a row in every table that has a rule of its own, made by the makers; for showing what is refused."""

from datetime import date
from typing import Any
from uuid import UUID

from tests.make import Make, World

MONDAY = date(2027, 4, 19)
# A spot check's result that replaces another and is not replaced itself.
LAST_RESULT = UUID(int=1)


async def one_of_each(make: Make) -> World:
    """The standard world, with one of everything that can happen in it. Only few rows per table, all valid."""
    world = await make.world()
    await _ground_and_people(make, world)
    await _campaign(make, world)
    await _copies(make, world)
    await _handouts(make, world)
    await _figures(make, world)
    await _questions(make, world)
    return world


async def _ground_and_people(make: Make, world: World) -> None:
    city = world.city_id
    await make.insert(
        "incident_count", city_id=city, zone_id=world.zones[0], month=date(2027, 3, 1), scam_type="刷单", incidents=3
    )
    await make.insert("district", city_id=city, code="990101", name="东湖区", changed_at=make.now)
    planner = await make.account(city, "planner", login="zhang", oidc_subject="https://id.test|1")
    await make.account(city, "firm_manager", partner_id=world.partners[0])
    await make.account(city, "outlet_manager", partner_id=world.partners[0], outlet_id=world.outlets[0])
    await make.session(city, account_id=planner)
    await make.rider(city, world.outlets[0], pin="246810")
    await make.partner_system(city, world.partners[0])
    await make.insert(
        "partner_reference", city_id=city, partner_id=world.partners[0], kind="claim", source_id="A-1", reference_id=make.id(),
        made_at=make.now, made_by=make.id(),
    )  # fmt: skip
    await make.insert(
        "sign_in_attempt", city_id=city, kind="login", subject=b"digest", failures=1, locks=0, failed_at=make.now
    )
    await make.insert("upkeep_run", city_id=city, job="seal_trail", begun_at=make.now, held_until=make.now)
    await make.insert(
        "privacy_notice", city_id=city, version=1, text_zh="告知", text_en="notice", published_at=make.now
    )
    await make.insert(
        "privacy_consent", city_id=city, consent_id=make.id(), rider_id=world.riders[0], purpose="taking_part", version=1,
        given=True, answered_at=make.now,
    )  # fmt: skip
    entry = make.id()
    await make.insert(
        "audit_entry", city_id=city, entry_id=entry, at=make.now, kind="change", operation="claim_batch", result="done",
        caller_role="planner", request_id="1", address="127.0.0.1", subject={},
    )  # fmt: skip
    await make.insert("audit_seal", city_id=city, position=1, entry_id=entry, hash=b"1")
    await make.insert(
        "audit_head", city_id=city, position=1, hash=b"1", signature=b"1", sealed_at=make.now, anchor_position=0,
        anchor_hash=b"0",
    )  # fmt: skip


async def _campaign(make: Make, world: World) -> None:
    campaign = {"city_id": world.city_id, "campaign_id": world.campaign}
    await make.insert("wave", **campaign, number=1, name="首轮", starts_on=MONDAY, ends_on=MONDAY, planned_share=0.5)
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[0], 500, MONDAY)
    await make.approved(world, {0: 500})


async def _copies(make: Make, world: World) -> None:
    printing = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 5000)
    await make.stock(world.city_id, world.campaign, world.material, "depot", world.depot, 1000)
    issued = await make.move(world, "issue", ("depot", world.depot), ("outlet", world.outlets[0]), 100)
    await make.move(
        world, "reversal", ("outlet", world.outlets[0]), ("depot", world.depot), 100, reason="误记", reversal_of=issued
    )
    await make.bundle(world, printing, "PR1-01-001", "depot", world.depot)
    claim = await make.claim(world, await make.batch(world, unreached_households=4200), world.partners[0])
    await make.waybill(world, claim, world.outlets[0], 500)


async def _handouts(make: Make, world: World) -> None:
    rider: dict[str, Any] = {
        "city_id": world.city_id, "campaign_id": world.campaign, "zone_id": world.zones[0], "outlet_id": world.outlets[0],
        "day": MONDAY, "received_at": make.now,
    }  # fmt: skip
    await make.insert(
        "handout", **rider, id_day=MONDAY, handout_id=make.id(), holder_id=world.riders[0], holder_kind="rider",
        material_id=world.material, channel="in_person", copies=1, first_copy_answer="yes", handed_out_at=make.now,
    )  # fmt: skip
    await make.insert(
        "visit", **rider, visit_id=make.id(), rider_id=world.riders[0], result="declined", visits=1, visited_at=make.now
    )
    await make.insert(
        "zone_visit_tally", city_id=world.city_id, campaign_id=world.campaign, zone_id=world.zones[0], day=MONDAY,
        outlet_id=world.outlets[0], result="declined", visits=1,
    )  # fmt: skip
    await make.insert(
        "handout_refused", city_id=world.city_id, handout_id=make.id(), content_digest=b"digest", entry="sync",
        caller_role="rider", caller_id=world.riders[0], record={}, problem="no-stock", detail="-", refused_at=make.now,
    )  # fmt: skip
    await make.tally(world, 0, 1, channel="in_person", cell=world.cells[0][0])


async def _figures(make: Make, world: World) -> None:
    campaign = {"city_id": world.city_id, "campaign_id": world.campaign, "estimated_at": make.now}
    figures: dict[str, Any] = {"low": 0.1, "median": 0.2, "high": 0.3, "level": "B", "sources_disagree": False}
    await make.insert(
        "reach_estimate_state", **campaign, revision=1, zones=4, target_reach=0.6, a_median=1.5, a_log_sd=0.7
    )
    await make.insert(
        "reach_estimate", **campaign, **figures, zone_id=world.zones[0], division_code="990101", copies=1, first_yes=1,
        first_asked=2, have=3, sampled=4,
    )  # fmt: skip
    await make.insert("area_reach_estimate", **campaign, **figures, division_prefix="")


async def _questions(make: Make, world: World) -> None:
    check = await make.spot_check(world, 0, asked=30, have=12)
    first = await make.value("select result_id from spot_check_result where spot_check_id = $1", check)
    await make.insert(
        "spot_check_result", city_id=world.city_id, result_id=LAST_RESULT, spot_check_id=check, number=1, asked=30,
        have=13, replaces_id=first, recorded_at=make.now, recorded_by=make.id(),
    )  # fmt: skip
    flag = make.id()
    await make.insert(
        "review_flag", city_id=world.city_id, flag_id=flag, campaign_id=world.campaign, rider_id=world.riders[0],
        outlet_id=world.outlets[0], week_starts_on=MONDAY, score=1.0, reasons=[], zone_copies={}, raised_at=make.now,
        changed_at=make.now,
    )  # fmt: skip
    await make.insert(
        "review_flag_opinion", city_id=world.city_id, opinion_id=make.id(), flag_id=flag,
        account_id=await make.account(world.city_id, "planner"), decision="explained", reason="节前加班", given_at=make.now,
    )  # fmt: skip
