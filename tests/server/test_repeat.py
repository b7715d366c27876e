"""What the server does unasked: again and again, whatever fails, and of all processes one at a time for each city."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest

from dispatch.database import Database
from dispatch.server.repeat import city_by_city, repeat
from tests.conftest import NOW, Clock

HELD, INSTANT = timedelta(minutes=10), timedelta(microseconds=1)


class Job:
    """A job whose turns are counted; `failing` are the turns that fail."""

    def __init__(self, *failing: int, until: int) -> None:
        self.turns = 0
        self.done = asyncio.Event()
        self._failing = failing
        self._until = until

    async def __call__(self) -> None:
        self.turns += 1
        if self.turns == self._until:
            self.done.set()
            await asyncio.Event().wait()  # this turn is cut off by the test
        if self.turns in self._failing:
            raise RuntimeError(f"turn {self.turns} failed")


async def run_until_done(job: Job) -> None:
    """Repeat the job until as many turns were begun as it waits for."""
    task = asyncio.create_task(repeat(0, job, name="sweep"))
    done = asyncio.create_task(job.done.wait())
    await asyncio.wait({task, done}, return_when=asyncio.FIRST_COMPLETED)
    assert not task.done(), "it goes on until it is cancelled"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def failures(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, int | None]]:
    """(event, job, city) of each line."""
    return [
        (record.getMessage(), vars(record)["job"], vars(record).get("city_id"))
        for record in caplog.records
        if record.name == "dispatch.upkeep"
    ]


async def test_a_job_is_done_again_and_again() -> None:
    job = Job(until=3)
    await run_until_done(job)
    assert job.turns == 3


async def test_the_first_turn_comes_after_as_long_a_pause_as_every_other(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = list[float]()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("dispatch.server.repeat.asyncio.sleep", sleep)
    for first_after, expected in ((None, [60, 60]), (0, [0, 60]), (300, [300, 60])):
        pauses.clear()

        async def job() -> None:
            if len(pauses) == 2:
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await repeat(60, job, name="sweep", first_after=first_after)
        assert pauses == expected


async def test_a_turn_that_fails_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    job = Job(1, 2, until=3)
    await run_until_done(job)
    assert job.turns == 3
    assert failures(caplog) == [("job_failed", "sweep", None)] * 2
    assert all(record.exc_info for record in caplog.records), "with its trace"


async def test_a_city_whose_job_fails_does_not_stop_the_next_and_is_tried_again_next_time(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    done = list[int]()

    async def work(city_id: int, now: datetime) -> None:
        assert now == NOW
        done.append(city_id)
        if city_id == 1:
            raise RuntimeError("this city's rows are broken")

    for _ in range(2):
        await city_by_city(database, clock, "sweep", [1, 2, 3], work)
    assert done == [1, 2, 3, 1, 2, 3]
    assert failures(caplog) == [("job_failed", "sweep", 1)] * 2


@pytest.fixture
async def other(clone: Database) -> AsyncGenerator[Database]:
    """The database as another server process has it."""
    opened = await Database.open(clone.url, size=2)
    yield opened
    await opened.close()


class Held:
    """Work that begins, and ends when the test lets it."""

    def __init__(self) -> None:
        self.cities = list[int]()
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def __call__(self, city_id: int, now: datetime) -> None:
        del now
        self.cities.append(city_id)
        self.begun.set()
        await self.may_end.wait()


class Counted:
    """Work that is done at once."""

    def __init__(self) -> None:
        self.cities = list[int]()

    async def __call__(self, city_id: int, now: datetime) -> None:
        del now
        self.cities.append(city_id)


async def test_of_two_processes_one_at_a_time_does_a_job_of_a_city(
    clone: Database, other: Database, clock: Clock
) -> None:
    held, counted = Held(), Counted()
    first = asyncio.create_task(city_by_city(clone, clock, "sweep", [1], held))
    await held.begun.wait()
    await city_by_city(other, clock, "sweep", [1, 2], counted)
    assert counted.cities == [2], "the city that is being worked on is left to the other process"
    await city_by_city(other, clock, "seal", [1], counted)
    assert counted.cities == [2, 1], "another job of the same city is free"
    held.may_end.set()
    await first
    await city_by_city(other, clock, "sweep", [1], counted)
    assert counted.cities == [2, 1, 1], "what is done is given back at once"


async def test_of_two_processes_that_begin_at_once_one_does_the_job(
    clone: Database, other: Database, clock: Clock
) -> None:
    for city_id in range(20):
        works = [Held(), Held()]
        both = [
            asyncio.create_task(city_by_city(process, clock, "sweep", [city_id], work))
            for process, work in zip((clone, other), works, strict=True)
        ]
        finished, working = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        assert (len(finished), len(working)) == (1, 1), "the one that came too late has nothing to wait for"
        for work in works:
            work.may_end.set()
        await asyncio.gather(*working)
        assert sorted(work.cities for work in works) == [[], [city_id]]


async def test_a_process_that_died_loses_its_job_after_ten_minutes(
    clone: Database, other: Database, clock: Clock
) -> None:
    counted = Counted()

    async def dies(city_id: int, now: datetime) -> None:
        await other.close()  # nothing it does from here on reaches the database

    await city_by_city(other, clock, "sweep", [1], dies)
    clock.now = NOW + HELD - INSTANT
    await city_by_city(clone, clock, "sweep", [1], counted)
    assert counted.cities == []
    clock.now = NOW + HELD
    await city_by_city(clone, clock, "sweep", [1], counted)
    assert counted.cities == [1]


async def test_a_process_that_comes_to_its_end_late_ends_nobody_elses_turn(
    clone: Database, other: Database, clock: Clock
) -> None:
    late, successor, counted = Held(), Held(), Counted()
    first = asyncio.create_task(city_by_city(clone, clock, "sweep", [1], late))
    await late.begun.wait()
    clock.now = NOW + HELD
    second = asyncio.create_task(city_by_city(other, clock, "sweep", [1], successor))
    await successor.begun.wait()
    late.may_end.set()
    await first
    await city_by_city(clone, clock, "sweep", [1], counted)
    assert counted.cities == [], "the process that took it over still works on it"
    successor.may_end.set()
    await second
    await city_by_city(clone, clock, "sweep", [1], counted)
    assert counted.cities == [1]
