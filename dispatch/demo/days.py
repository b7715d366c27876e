"""The demonstration's days: riders confirm, outlets report, some records come late, twice, or are taken back."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from dispatch.database import Connection, Database
from dispatch.demo.campaign import CHANNELS
from dispatch.demo.field import Handouts
from dispatch.demo.households import Households
from dispatch.demo.stage import CITY_ID, Stage, instant
from dispatch.handouts.calls import Answer, Call, record_calls
from dispatch.handouts.entries import sync_entries
from dispatch.handouts.question import carries_question
from dispatch.handouts.report_codes import prepare_report
from dispatch.handouts.rules import CopiesHolder
from dispatch.problems import Problem
from dispatch.server.caller import Caller

_RECORDS_A_TRANSACTION = 1_500
_DO_NOT_KNOW = 0.06


class Tally(msgspec.Struct):
    """What became of the records, over all days."""

    recorded: int = 0
    duplicates: int = 0
    refused: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())


class Days:
    """Plays one day after the other; what a phone sends late waits here for its day."""

    def __init__(self, stage: Stage, database: Database) -> None:
        self.stage, self.database, self.tally = stage, database, Tally()
        # The truth behind the copies, which the product learns only through answers and spot checks.
        self.households = Households(stage.world.city)
        self._chance = random.Random(stage.world.city.seed)  # noqa: S311  a demonstration, not a secret  # nosec B311
        self._phones: dict[int, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        self._reports: dict[int, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        self._again: dict[int, set[int]] = defaultdict(set)

    async def play(self, handouts: Handouts, at: datetime | None = None) -> None:
        """Everything that reaches the server on this day, received at `at`, else at its end."""
        self._collect(handouts)
        day = handouts.day
        self.stage.clock.now = at or instant(day, 23, 59)
        phones, reports, again = self._phones.pop(day, {}), self._reports.pop(day, {}), self._again.pop(day, set[int]())
        calls = [self._phone_call(rider, records) for rider, records in sorted(phones.items())]
        await self._send(calls, {partner: reports[partner] for partner in sorted(reports)})
        await self._send([self._phone_call(rider, phones[rider]) for rider in sorted(again) if rider in phones], {})

    def _collect(self, handouts: Handouts) -> None:
        stage, riders = self.stage, self.stage.world.partners.riders
        midnight = instant(handouts.day, 0)
        columns = (
            handouts.rider, handouts.minute, handouts.zone, handouts.cell, handouts.material, handouts.channel,
            handouts.copies, handouts.delay_minutes, handouts.repeats, handouts.undone_after_minutes,
        )  # fmt: skip
        first = self.households.hand_out(handouts.zone, handouts.copies)
        for rider, minute, zone, cell, material, channel, copies, delay, repeats, undone, firsts in zip(
            *(column.tolist() for column in (*columns, first)), strict=True
        ):
            at = midnight + timedelta(minutes=minute)
            arrives = handouts.day + (minute + delay) // (24 * 60)
            common: dict[str, Any] = {
                "id": str(stage.ids.make(at)),
                "channel": CHANNELS[channel],
                "copies": copies,
                "handed_out_at": at,
            }
            if cell < 0:
                codes: dict[str, Any] = {
                    "material_code": stage.world.campaign.materials[material].code, "rider_code": riders.code[rider],
                    "zone_code": stage.world.city.zones[zone].code,
                }  # fmt: skip
                self._reports[arrives][int(riders.partner[rider])].append({**common, **codes})
                continue
            ids: dict[str, Any] = {
                "kind": "handout", "campaign_id": stage.campaign_id, "material_id": stage.material_ids[material],
                "zone_id": stage.zone_ids[zone], "cell": f"{int(stage.world.city.cells.cell[cell]):x}",
            }  # fmt: skip
            self._phones[arrives][rider].append({**common, **ids, **self._answer(common["id"], copies, firsts > 0)})
            if undone >= 0:
                self._phones[arrives][rider].append(self._undo(common["id"], at + timedelta(minutes=undone)))
            if repeats:
                self._again[arrives].add(rider)

    def _answer(self, handout_id: str, copies: int, is_first: bool) -> dict[str, Any]:
        """What the rider answers where the first-copy question is due: the truth, now and then "don't know"."""
        if copies != 1 or not carries_question(self.stage.campaign_id, UUID(handout_id)):
            return {}
        known = self._chance.random() > _DO_NOT_KNOW
        return {"first_copy_answer": ("yes" if is_first else "no") if known else "unknown"}

    def _undo(self, corrects_id: object, at: datetime) -> dict[str, Any]:
        made = self.stage.ids.make(at)
        return {"kind": "correction", "id": str(made), "corrects_id": corrects_id, "reason": "误点", "corrected_at": at}

    def _phone_call(self, rider: int, records: list[dict[str, Any]]) -> Call:
        stage, riders = self.stage, self.stage.world.partners.riders
        outlet_id = stage.outlet_ids[int(riders.outlet[rider])]
        caller = Caller(
            city_id=CITY_ID, role="rider", subject_id=stage.rider_ids[rider],
            partner_id=stage.partner_ids[int(riders.partner[rider])], outlet_id=outlet_id,
        )  # fmt: skip
        sent = [msgspec.to_builtins(record) for record in records]
        prepared = sync_entries(sent, CopiesHolder("rider", caller.subject_id, outlet_id))
        return Call(caller=caller, source="sync", sent=sent, prepared=prepared)

    async def _send(self, phones: list[Call], reports: dict[int, list[dict[str, Any]]]) -> None:
        """Put calls into shared transactions, as the server does."""
        together: list[Call] = []
        for call in phones:
            together.append(call)
            if sum(len(one.sent) for one in together) >= _RECORDS_A_TRANSACTION:
                await self._record(together, {})
                together = []
        if together or reports:
            await self._record(together, reports)

    async def _record(self, calls: list[Call], reports: dict[int, list[dict[str, Any]]]) -> None:
        now = self.stage.clock.now

        async def record(connection: Connection) -> list[Answer]:
            reported = [await self._report_call(connection, partner, records) for partner, records in reports.items()]
            return await record_calls(connection, [*calls, *reported], now)

        for answer in await self.database.transact(record):
            if isinstance(answer, Problem):
                continue  # A phone whose refused records are too many keeps the rest.
            for outcome in answer:
                self.tally.recorded += outcome.outcome == "recorded"
                self.tally.duplicates += outcome.outcome == "duplicate"
                if outcome.problem is not None:
                    self.tally.refused[outcome.problem["type"].removeprefix("/problems/")] += 1

    async def _report_call(self, connection: Connection, partner: int, records: list[dict[str, Any]]) -> Call:
        stage = self.stage
        partner_id = stage.partner_ids[partner]
        caller = Caller(city_id=CITY_ID, role="partner_system", subject_id=partner_id, partner_id=partner_id)
        sent = [msgspec.to_builtins(record) for record in records]
        prepared = await prepare_report(connection, caller, stage.campaign_id, sent)
        return Call(caller=caller, source="report", sent=sent, prepared=prepared, campaign_id=stage.campaign_id)
