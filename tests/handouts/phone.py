"""A rider's phone as the server sees it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from dispatch.database.ids import new_id
from tests.make import World


class Phone:
    """Makes records and sends them."""

    def __init__(self, world: World, rider: UUID, headers: dict[str, str], now: datetime) -> None:
        self.world, self.rider, self.headers, self.now = world, rider, headers, now

    def handout(self, *, minutes_ago: float = 5, **more: Any) -> dict[str, Any]:
        """One confirmation in the first zone."""
        at = self.now - timedelta(minutes=minutes_ago)
        return {
            "kind": "handout", "id": str(new_id(at)), "campaign_id": str(self.world.campaign), "material_id": str(self.world.material),
            "channel": "in_person", "copies": 1, "handed_out_at": at.isoformat(), "cell": f"{self.world.cells[0][0]:x}", **more,
        }  # fmt: skip

    def correction(self, corrects_id: str, **more: Any) -> dict[str, Any]:
        """An undo."""
        return {
            "kind": "correction", "id": str(new_id(self.now)), "corrects_id": corrects_id, "reason": "按错了",
            "corrected_at": self.now.isoformat(), **more,
        }  # fmt: skip

    async def sync(self, api: httpx.AsyncClient, records: list[Any]) -> list[dict[str, Any]]:
        """Send records; return the outcomes."""
        answer = await api.post("/api/handouts/sync", json={"records": records}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["outcomes"]


def kinds(outcomes: list[dict[str, Any]]) -> list[str]:
    """`recorded`, `duplicate`, or the slug of the problem."""
    return [
        o["problem"]["type"].removeprefix("/problems/") if o["outcome"] == "rejected" else o["outcome"]
        for o in outcomes
    ]
