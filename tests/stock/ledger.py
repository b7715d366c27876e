"""Looking at balances, and whether the ledger is sound: asked by every test that moves copies."""

from typing import Any
from uuid import UUID

import httpx

from tests.make import Make, World


async def balance(make: Make, kind: str, holder_id: UUID) -> int:
    """Copies at one holder, of all campaigns and materials."""
    statement = "select coalesce(sum(quantity), 0)::int from stock_balance where holder_kind = $1 and holder_id = $2"
    return await make.value(statement, kind, holder_id)


async def assert_ledger_is_sound(make: Make) -> None:
    """Every balance is what its moves say, no physical one is below zero, and with what was handed out all sum to nothing.

    Handouts leave balances without a move: tests that make them compare the sums themselves.
    """
    told: list[dict[str, Any]] = await make.fetch(
        """
        with moved as (
            select campaign_id, material_id, to_kind as kind, to_id as id, copies from stock_move
            union all select campaign_id, material_id, from_kind, from_id, -copies from stock_move)
        select coalesce(m.kind, b.holder_kind) as kind, m.copies, b.quantity
        from (select campaign_id, material_id, kind, id, sum(copies) as copies from moved group by 1, 2, 3, 4) m
        full join stock_balance b on (b.campaign_id, b.material_id, b.holder_kind, b.holder_id)
                                   = (m.campaign_id, m.material_id, m.kind, m.id)
        """
    )
    assert all((row["copies"] or 0) == (row["quantity"] or 0) for row in told), told
    assert all(row["quantity"] >= 0 for row in told if row["kind"] not in ("printer", "variance")), told
    assert sum(row["quantity"] for row in told) == 0


class Codes:
    """Codes of everything in a world, by its position."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._codes = {row["id"]: row["code"] for row in rows}

    def __getitem__(self, identifier: UUID) -> str:
        return self._codes[identifier]


def move(world: World, codes: Codes, make: Make, kind: str, source: Any, target: Any, copies: int, **more: Any) -> Any:
    """A move; holders as (kind, id)."""
    body = {
        "move_id": str(make.id()),
        "kind": kind,
        "campaign_id": str(world.campaign),
        "material_code": codes[world.material],
        "from": {"kind": source[0], "code": codes[source[1]]},
        "copies": copies,
        **more,
    }
    if target:
        body["to"] = {"kind": target[0], "code": codes[target[1]]}
    return body


async def send(api: httpx.AsyncClient, headers: dict[str, str], *moves: Any) -> httpx.Response:
    return await api.post("/api/stock/moves", json={"moves": list(moves)}, headers=headers)


def slugs(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["reason"]) for error in answer.json()["errors"]]
