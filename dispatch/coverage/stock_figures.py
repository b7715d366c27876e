"""Reads what is ordered, printed, issued and in hands, and how fast it is handed out."""

from datetime import timedelta

from dispatch.coverage import rules
from dispatch.coverage.view import View
from dispatch.database import Connection, queries_for, rows

SQL = queries_for(__file__)


async def read_stock(connection: Connection, view: View, *, every: bool = False) -> list[rules.MaterialStock]:
    """Copies of the counted materials, or of `every` one. A district has no stock of its own: its numbers are None."""
    found = await connection.fetch(
        *SQL.read_stock(view.caller.scope, campaign_id=view.campaign_id, as_of=view.cut.as_of)
    )
    district = rules.NOT_DIVIDED if view.scope == "district" else {}
    counted = set(view.material_ids)
    chosen = [dict(row) | district for row in found if every or row["material_id"] in counted]
    return rows(rules.MaterialStock, chosen)


def total_stock(materials: list[rules.MaterialStock]) -> rules.StockTotals:
    """All materials together; what is None for one is None for all."""

    def total(numbers: list[int | None]) -> int | None:
        known = [number for number in numbers if number is not None]
        return sum(known) if len(known) == len(numbers) and numbers else None

    return rules.StockTotals(
        ordered=total([material.ordered for material in materials]),
        printed=total([material.printed for material in materials]),
        issued=total([material.issued for material in materials]),
        moved_in=total([material.moved_in for material in materials]),
    )


async def read_recent_copies(connection: Connection, view: View) -> int:
    """Copies handed out on the last seven whole days; only asked for where stock is known."""
    last = view.cut.last_whole_day
    return await connection.fetchval(
        *SQL.read_recent_copies(
            view.caller.scope, campaign_id=view.campaign_id, material_ids=view.material_ids,
            first_day=last - timedelta(days=rules.RECENT_DAYS - 1), last_day=last, known_on=view.cut.known_on,
        )
    )  # fmt: skip
