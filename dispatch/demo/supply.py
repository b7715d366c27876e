"""The copies' way in the demonstration: print run → plan → batch → claim → waybill → outlet → rider."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
import numpy as np

from dispatch.database import Connection, Database, queries_for
from dispatch.demo.campaign import date_of_day
from dispatch.demo.field import Handouts
from dispatch.demo.samples import generator
from dispatch.demo.stage import CITY_CODE, CITY_ID, MANAGER, PASSWORD, PLANNER, Stage, expect
from dispatch.stock.ledger import record_moves
from dispatch.stock.moves import Holder, Move

SQL = queries_for(__file__)

# One rider in fifty gets too little, so that some confirmations wait for a hand-over; one waybill in forty comes short.
# Small batches, so that late firms find open ones too.
_BATCH_COPIES = 500
_TRIAL_COPIES = 50
_SHORT_RIDERS, _SHORT_WAYBILL_EVERY, _COPIES_SHORT = 0.02, 40, 3


class Batch(msgspec.Struct):
    """An open batch or what is left of a claimed one."""

    batch_id: UUID
    zone_code: str
    copies: int
    claim_id: UUID | None = None


class Supply:
    """Plans, claims and hands over, by HTTP as planner and managers would; riders' shares go out in bulk."""

    def __init__(self, stage: Stage, api: httpx.AsyncClient, database: Database) -> None:
        self.stage, self.api, self.database = stage, api, database
        self._open: dict[int, list[Batch]] = defaultdict(list)
        self._claimed: dict[tuple[int, int], list[Batch]] = defaultdict(list)
        self._received: set[str] = set()
        self._waybills = 0
        self._planner: dict[str, str] = {}
        world = stage.world
        served = [set[str]() for _ in world.partners.outlets]
        for outlet, zone in zip(world.capacity.outlet.tolist(), world.capacity.zone.tolist(), strict=True):
            served[outlet].add(world.city.zones[zone].code)
        self._served = served
        self._served_by_firm: dict[int, set[str]] = defaultdict(set)
        for outlet, zones in zip(world.partners.outlets, served, strict=True):
            self._served_by_firm[outlet.partner] |= zones

    async def sign_in(self, login: str) -> dict[str, str]:
        """Headers of an account of the demonstration."""
        details = {"kind": "password", "login": login, "password": PASSWORD, "city_code": CITY_CODE}
        answer = await expect(await self.api.post("/api/sign-in", json=details))
        return {"authorization": f"Bearer {answer['token']}"}

    async def receive_print_runs(self, day: int) -> None:
        """Take in what the printer delivered up to `day`, and plan it onto the zones."""
        stage = self.stage
        self._planner = await self.sign_in(PLANNER)
        async with self.database.read() as connection:
            runs = await connection.fetch(*SQL.read_print_runs(city_id=CITY_ID, campaign_id=stage.campaign_id))
        material_of = {run.code: run.material_code for run in stage.world.campaign.print_runs}
        numbers = {material.code: number for number, material in enumerate(stage.world.campaign.materials)}
        for run in runs:
            if run["code"] in self._received or run["due_on"] > date_of_day(max(day, 1)):
                continue
            self._received.add(run["code"])
            body = {"move_id": str(stage.ids.make(stage.clock.now)), "copies": run["copies"]}
            path = f"/api/print-runs/{run['print_run_id']}/receive"
            await expect(await self.api.post(path, json=body, headers=self._planner))
            material = numbers[material_of[run["code"]]]
            if stage.world.campaign.materials[material].family != "site":
                await self._plan(material, run["copies"])

    async def _plan(self, material: int, copies: int) -> None:
        """Allocate copies to zones within the declared capacity, or beyond it where that is too small; approve."""
        stage = self.stage
        wanted = stage.world.campaign.materials[material]
        path = f"/api/campaigns/{stage.campaign_id}/allocations"
        for within in (True, False):
            allocation_id = stage.ids.make(stage.clock.now)
            body = {
                "allocation_id": str(allocation_id), "material_code": wanted.code,
                "copies": copies - copies % wanted.bundle,
                "within_capacity": within,
            }  # fmt: skip
            answer = await self.api.post(path, json=body, headers=self._planner)
            if answer.is_success or not within:
                break
        await expect(answer)
        approval = {"batch_copies": max(wanted.bundle, _BATCH_COPIES // wanted.bundle * wanted.bundle)}
        approved = await expect(
            await self.api.post(f"/api/allocations/{allocation_id}/approve", json=approval, headers=self._planner)
        )
        self._open[material] += [Batch(UUID(b["batch_id"]), b["zone_code"], b["copies"]) for b in approved["batches"]]

    async def supply(self, days: Sequence[Handouts]) -> None:
        """Bring to every rider what these days will need beyond what is held, outlet by outlet."""
        stage, riders = self.stage, self.stage.world.partners.riders
        need = _needed(stage, days)
        # The rider whose PIN the start page shows always has copies to try it with.
        need[0, 0] = need.get((0, 0), 0) + _TRIAL_COPIES
        async with self.database.read() as connection:
            balances = await connection.fetch(*SQL.read_balances(city_id=CITY_ID, campaign_id=stage.campaign_id))
        held = {(row["holder_id"], row["material_id"]): int(row["quantity"]) for row in balances}
        wanted: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for (rider, material), copies in sorted(need.items()):
            missing = copies - held.get((stage.rider_ids[rider], stage.material_ids[material]), 0)
            if missing > 0:
                wanted[int(riders.outlet[rider]), material].append((rider, missing))
        managers: dict[int, dict[str, str]] = {}
        spare = self._spare_copies(held, wanted)
        for (outlet, material), shares in sorted(wanted.items()):
            partner = stage.world.partners.outlets[outlet].partner
            if partner not in managers:
                login = f"{stage.world.partners.partners[partner].code.lower()}-{MANAGER}"
                managers[partner] = await self.sign_in(login)
            there = held.get((stage.outlet_ids[outlet], stage.material_ids[material]), 0)
            wanting = sum(copies for _, copies in shares)
            there += await self._borrow(outlet, partner, material, wanting - there, spare)
            there += await self.fetch(outlet, partner, material, wanting - there, managers[partner])
            left = await self._share_out(outlet, material, shares, there)
            spare[partner, material].append((outlet, left))

    async def fetch(self, outlet: int, partner: int, material: int, copies: int, manager: dict[str, str]) -> int:
        """Collect at least `copies` for an outlet from claimed batches, claiming more as needed; returns what came."""
        bundle, came = self.stage.world.campaign.materials[material].bundle, 0
        while came < copies:
            batch = await self._batch(outlet, partner, material, manager)
            if batch is None:
                break
            taken = min(batch.copies, -(-(copies - came) // bundle) * bundle)
            received = await self._hand_over(outlet, batch, taken, manager)
            if received is None:
                # The lease ran out uncollected: what is left is open to everybody again.
                self._claimed[partner, material].remove(batch)
                self._open[material].append(msgspec.structs.replace(batch, claim_id=None))
                continue
            came += received
            batch.copies -= taken
        return came

    async def _batch(self, outlet: int, partner: int, material: int, manager: dict[str, str]) -> Batch | None:
        """What is left of a claim of the firm, in a zone of the outlet first; else a new claim."""
        zones = self._served[outlet]
        claimed = [batch for batch in self._claimed[partner, material] if batch.copies > 0]
        self._claimed[partner, material] = claimed
        if claimed:
            # A firm that hoards claims leaves nothing for the late ones: what it has is used up first.
            return next((batch for batch in claimed if batch.zone_code in zones), claimed[0])
        for reach in (zones, self._served_by_firm[partner]):
            for batch in [batch for batch in self._open[material] if batch.zone_code in reach]:
                self._open[material].remove(batch)
                claim_id = self.stage.ids.make(self.stage.clock.now)
                path = f"/api/batches/{batch.batch_id}/claim"
                answer = await self.api.post(path, json={"claim_id": str(claim_id)}, headers=manager)
                if answer.is_success:
                    batch.claim_id = claim_id
                    claimed.append(batch)
                    return batch
        return None

    async def send(self, outlet: int, partner: int, material: int, copies: int, manager: dict[str, str]) -> None:
        """Hand copies over at the depot and leave them on their way."""
        batch = await self._batch(outlet, partner, material, manager)
        if batch is not None:
            taken = min(batch.copies, copies)
            if await self._issue(outlet, batch, taken) is not None:
                batch.copies -= taken

    async def claim_one(self, outlet: int, partner: int, material: int, manager: dict[str, str]) -> None:
        """Claim one more batch and leave it at the depot."""
        for batch in self._open[material]:
            if batch.zone_code in self._served[outlet] | self._served_by_firm[partner]:
                body = {"claim_id": str(self.stage.ids.make(self.stage.clock.now))}
                answer = await self.api.post(f"/api/batches/{batch.batch_id}/claim", json=body, headers=manager)
                if answer.is_success:
                    return

    async def _hand_over(self, outlet: int, batch: Batch, copies: int, manager: dict[str, str]) -> int | None:
        """Copies that arrived at the outlet; None when the claim has ended."""
        waybill_id = await self._issue(outlet, batch, copies)
        if waybill_id is None:
            return None
        self._waybills += 1
        receipt: dict[str, Any] = {
            "move_id": str(self.stage.ids.make(self.stage.clock.now)), "received_copies": copies,
        }  # fmt: skip
        if self._waybills % _SHORT_WAYBILL_EVERY == 0:
            receipt |= {"received_copies": copies - _COPIES_SHORT, "variance_reason": "拆捆清点，少三册"}
        await expect(await self.api.post(f"/api/waybills/{waybill_id}/receive", json=receipt, headers=manager))
        return receipt["received_copies"]

    async def _issue(self, outlet: int, batch: Batch, copies: int) -> UUID | None:
        """The waybill's id; None when the claim has ended."""
        stage = self.stage
        waybill_id = stage.ids.make(stage.clock.now)
        issue = {
            "waybill_id": str(waybill_id), "outlet_code": stage.world.partners.outlets[outlet].code, "copies": copies,
            "pick_bundles": True,
        }  # fmt: skip
        issued = await self.api.post(f"/api/claims/{batch.claim_id}/issue", json=issue, headers=self._planner)
        if issued.status_code == 409 and issued.json()["type"] == "/problems/claim-not-held":
            return None
        await expect(issued)
        return waybill_id

    def _spare_copies(
        self, held: dict[tuple[UUID, UUID], int], wanted: Mapping[tuple[int, int], object]
    ) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Copies of outlets that need none this time, by firm and material: a sealed bundle is more than most need."""
        stage = self.stage
        spare: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for outlet, entry in enumerate(stage.world.partners.outlets):
            for material, material_id in enumerate(stage.material_ids):
                copies = held.get((stage.outlet_ids[outlet], material_id), 0)
                if copies and (outlet, material) not in wanted:
                    spare[entry.partner, material].append((outlet, copies))
        return spare

    async def _borrow(
        self, outlet: int, partner: int, material: int, copies: int, spare: dict[tuple[int, int], list[tuple[int, int]]]
    ) -> int:
        """Fetch up to `copies` from other outlets of the firm that have some to spare; returns what came."""
        stage, moves, came = self.stage, list[Move](), 0
        there = spare[partner, material]
        while there and came < copies:
            lender, available = there.pop()
            given = min(available, copies - came)
            if given:
                lent, borrower = Holder("outlet", stage.outlet_ids[lender]), Holder("outlet", stage.outlet_ids[outlet])
                moves.append(self._move(lent, borrower, material, given, stage.clock.now))
            if available > given:
                there.append((lender, available - given))
            came += given
        await self._record(moves, stage.outlet_ids[outlet])
        return came

    async def _share_out(self, outlet: int, material: int, shares: Sequence[tuple[int, int]], there: int) -> int:
        """Give the riders their shares while the outlet's copies last; returns what is left."""
        stage, moves = self.stage, list[Move]()
        for rider, copies in shares:
            given = min(copies, there)
            if given > 0:
                there -= given
                source, target = Holder("outlet", stage.outlet_ids[outlet]), Holder("rider", stage.rider_ids[rider])
                moves.append(self._move(source, target, material, given, stage.clock.now))
        await self._record(moves, stage.outlet_ids[outlet])
        return there

    async def _record(self, moves: Sequence[Move], recorded_by: UUID) -> None:
        now = self.stage.clock.now

        async def work(connection: Connection) -> None:
            await record_moves(connection, CITY_ID, moves, recorded_at=now, recorded_by=recorded_by)

        if moves:
            await self.database.transact(work)

    def _move(self, source: Holder, target: Holder, material: int, copies: int, at: datetime) -> Move:
        stage = self.stage
        return Move(
            move_id=stage.ids.make(at), kind="transfer", campaign_id=stage.campaign_id,
            material_id=stage.material_ids[material], source=source, target=target, copies=copies, moved_at=at,
        )  # fmt: skip

    async def use_at_sites(self, day: int) -> int:
        """Letters and posters of the day's activities leave the depot; returns the copies used."""
        stage, moves = self.stage, list[Move]()
        for activity in stage.world.sites.activities:
            if activity.day == day and activity.material >= 0 and activity.copies > 0:
                moves.append(
                    Move(
                        move_id=stage.ids.make(stage.clock.now),
                        kind="activity",
                        campaign_id=stage.campaign_id,
                        material_id=stage.material_ids[activity.material],
                        source=Holder("depot", stage.depot_id),
                        target=Holder("activity", stage.campaign_id),
                        copies=activity.copies,
                        moved_at=stage.clock.now,
                        reason=stage.world.sites.sites[activity.site].code,
                    )
                )

        await self._record(moves, stage.depot_id)
        return sum(move.copies for move in moves)


def _needed(stage: Stage, days: Sequence[Handouts]) -> dict[tuple[int, int], int]:
    """Copies by (rider, material) that these days' records take; some riders are given a little less."""
    rider = np.concatenate([day.rider for day in days])
    material = np.concatenate([day.material for day in days])
    copies = np.concatenate([day.copies for day in days])
    width = len(stage.material_ids)
    total = np.bincount(rider * width + material, copies, len(stage.rider_ids) * width).astype(np.int64)
    chance = generator(stage.world.city.seed, "supply", days[0].day)
    short = chance.random(len(stage.rider_ids)) < _SHORT_RIDERS
    total -= np.where(np.repeat(short, width), total // 8, 0)
    return {(int(key) // width, int(key) % width): int(total[key]) for key in np.flatnonzero(total)}


def supply_days(last_day: int, full: bool) -> list[int]:
    """The days on which outlets collect: weekly in the small city, by fortnight where there are ten times as many."""
    return list(range(1, last_day + 1, 15 if full else 7))
