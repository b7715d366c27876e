"""Every constraint and index is the one committed, and every rule the database keeps is shown to be kept."""

import re

from dispatch.database import Database
from tests.database import catalogue
from tests.database.test_refusals import CHECKS, REPEATED


async def test_every_constraint_and_index_is_as_committed(database: Database) -> None:
    async with database.read() as connection:
        found = await catalogue.read(connection)
    committed = catalogue.FILE.read_text(encoding="utf-8")
    changed = sorted(set(found.splitlines()) ^ set(committed.splitlines()))
    assert found == committed, f"differs in {changed[:6]}; when that is meant, run: {catalogue.COMMAND}"


# Rules that need no refusal here, each with the reason.
NOT_TRIED = {
    "spot_check_sample_positive": "a sample below one is refused by spot_check_clusters_fit_sample first",
}


def test_every_check_and_every_further_key_has_a_refusal() -> None:
    lines = [line.split(" | ", 2) for line in catalogue.FILE.read_text(encoding="utf-8").splitlines()]
    rules = {
        name
        for table, name, definition in lines
        if re.match(r"CHECK|UNIQUE|CREATE UNIQUE INDEX", definition) and not re.search("^position_|_position$", table)
    }
    tried = {check.constraint for check in CHECKS} | {row.constraint for row in REPEATED}
    assert tried == rules - set(NOT_TRIED)
