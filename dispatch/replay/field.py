"""The days of a replay: riders sign in with their PIN and sync in time order, and the network repeats some calls."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

import httpx
import msgspec

from dispatch.replay.city import OUTLET, Stage, expect
from dispatch.replay.deliveries import Placed, handout_id

# What a phone sends at once, and the share of calls whose answer is lost and that are therefore sent again.
RECORDS_A_CALL, REPEATED_SHARE = 50, 0.05


class Clock:
    """The replay's clock: it stands at the end of the day being played, as phones sync in the evening."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The instant the application takes for now."""
        return self.now


class Tally(msgspec.Struct):
    """What the server answered, over all calls."""

    calls: int = 0
    recorded: int = 0
    duplicates: int = 0
    refused: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())


async def play(
    api: httpx.AsyncClient, stage: Stage, clock: Clock, chosen: Sequence[Placed], codes: Sequence[str], seed: int,
    timezone: tzinfo, progress: Callable[[str], None],
) -> Tally:  # fmt: skip
    """Hand out one copy at each chosen delivery, day by day; returns the answers' tally."""
    days: dict[date, dict[str, list[Placed]]] = defaultdict(lambda: defaultdict(list))
    for each in chosen:
        days[each.delivery.at.astimezone(timezone).date()][each.delivery.courier].append(each)
    tally = Tally()
    for number, (day, couriers) in enumerate(sorted(days.items()), start=1):
        clock.now = datetime.combine(day + timedelta(days=1), time(0), tzinfo=timezone)
        # One stream of chance a day and courier: the order in which phones get through changes nothing.
        rounds = [
            _round(api, stage, courier, records, codes, random.Random(f"{seed}:{day}:{courier}"), seed, tally)  # noqa: S311  not a secret  # nosec B311
            for courier, records in sorted(couriers.items())
        ]
        await asyncio.gather(*rounds)
        if number % 20 == 0 or number == len(days):
            progress(f"day {day}: {tally.recorded} recorded, {tally.duplicates} duplicates in {tally.calls} calls")
    return tally


async def _round(
    api: httpx.AsyncClient, stage: Stage, courier: str, placed: Sequence[Placed], codes: Sequence[str],
    chance: random.Random, seed: int, tally: Tally,
) -> None:  # fmt: skip
    """One rider's evening: sign in, send everything of the day in parts."""
    details = {"kind": "pin", "outlet_code": OUTLET, "pin": stage.pins[courier], "city_code": stage.city_code}
    token = (await expect(await api.post("/api/sign-in", json=details)))["token"]
    for start in range(0, len(placed), RECORDS_A_CALL):
        records = [_record(stage, each, codes, seed) for each in placed[start : start + RECORDS_A_CALL]]
        for _ in range(2 if chance.random() < REPEATED_SHARE else 1):
            headers = {"authorization": f"Bearer {token}"}
            answer = await expect(await api.post("/api/handouts/sync", json={"records": records}, headers=headers))
            tally.calls += 1
            for outcome in answer["outcomes"]:
                tally.recorded += outcome["outcome"] == "recorded"
                tally.duplicates += outcome["outcome"] == "duplicate"
                if outcome["outcome"] == "rejected":
                    tally.refused[outcome["problem"]["type"].removeprefix("/problems/")] += 1


def _record(stage: Stage, each: Placed, codes: Sequence[str], seed: int) -> dict[str, object]:
    return {
        "kind": "handout", "id": str(handout_id(seed, each.delivery)), "campaign_id": str(stage.campaign_id),
        "material_id": str(stage.material_id), "channel": "with_parcel", "copies": 1,
        "handed_out_at": each.delivery.at.isoformat(), "zone_id": str(stage.zone_ids[codes[each.zone]]),
        "cell": f"{each.cell:x}",
    }  # fmt: skip
