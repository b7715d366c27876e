"""Rows as they are read: one that must be there, and one that may be absent."""

import pytest

from dispatch.database import Database, NoRow, one, one_row
from dispatch.database.queries import Statement
from schemas.partners import Partner

FIND_PARTNER = Statement("find_partner", "-- find_partner\nselect code from partner where city_id = $1", ("city_id",))


async def test_a_row_that_is_taken_for_granted_comes_or_the_failure_names_the_statement(clone: Database) -> None:
    async with clone.read() as connection:
        row = await one_row(connection, ("select 7 as copies",))
        with pytest.raises(NoRow, match=r"^-- find_partner$"):
            await one_row(connection, FIND_PARTNER(city_id=-1))
    assert row["copies"] == 7


def test_no_row_stays_none() -> None:
    assert one(Partner, None) is None
