"""`dispatch demo` runs the campaign of the fictional city through the product, the same for the same seed."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from dispatch.commands.demo import clock_start
from dispatch.database import Database
from dispatch.demo.stage import instant
from tests.conftest import SETTINGS, execute, with_database
from tests.make import SECRET

ROOT = Path(__file__).parents[2]


async def demo(server_url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    name = f"demo_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}"')
    return run(server_url, name, *arguments)


def run(server_url: str, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DISPATCH_DATABASE_URL": with_database(server_url, name), "DISPATCH_SECRET": SECRET}
    command = [sys.executable, "-m", "dispatch", "demo", "--no-serve", "--json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)


async def test_a_week_of_the_small_city_is_recorded_balances_and_is_the_same_for_the_same_seed(server_url: str) -> None:
    done = await demo(server_url, "--day", "7")
    assert done.returncode == 0, done.stderr[-2000:]
    first: dict[str, Any] = json.loads(done.stdout)
    assert first["demonstration"] is True
    assert (first["zones"], first["riders"], first["day"]) == (24, 500, 7)
    assert first["balance"]["balanced"] is True
    assert first["balance"]["handed_out"] == first["coverage"]["handed_out"] > 400
    assert first["recorded"] > 200
    assert first["duplicates"] > 0
    assert first["mishaps"]["refused_imports"] == ["wrong-datum-suspected"]
    assert first["coverage"]["reach"]["low"] < first["coverage"]["reach"]["median"] < first["coverage"]["reported"]
    again: dict[str, Any] = json.loads((await demo(server_url, "--day", "7")).stdout)
    assert {**again, "seconds": 0} == {**first, "seconds": 0}


async def test_it_opens_in_the_morning_with_taps_of_the_day_and_its_clock_never_goes_back(server_url: str) -> None:
    name = f"demo_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}"')
    done = run(server_url, name, "--day", "4")
    assert done.returncode == 0, done.stderr[-2000:]
    morning = instant(4, 10, 30)
    settings = replace(SETTINGS, database_url=with_database(server_url, name))
    database = await Database.open(settings.database_url, size=1)
    try:
        async with database.read() as connection:
            today = await connection.fetchval(
                "select sum(copies)::int from handout where day = $1 and received_at <= $2", morning.date(), morning
            )
            assert today > 0
            assert await connection.fetchval("select max(handed_out_at) from handout") <= morning
            assert await clock_start(4, settings) == morning + timedelta(seconds=1)
            # It was opened before, until eleven: somebody made a slip, which signed the rider's phone out.
            eleven = instant(4, 11)
            await connection.execute(
                "update rider set signed_out_at = $1 where code = (select min(code) from rider)", eleven
            )
            assert await clock_start(4, settings) == eleven + timedelta(seconds=1)
    finally:
        await database.close()


@pytest.mark.parametrize("arguments", [["--day", "0"], ["--day", "101"], ["--city", "huge"]])
async def test_a_day_or_city_there_is_not_is_refused(server_url: str, arguments: list[str]) -> None:
    done = await demo(server_url, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
