"""A drill run by hand: `uv run python tests/storm.py --seconds 60`. Exit status 1 when anything is lost or doubled.

32 riders' phones send handouts and corrections to a server of its own while now the server, now all of PostgreSQL is
killed with SIGKILL. A phone keeps a record until it is answered `recorded` or `duplicate`, as the real one does. In the
end every outbox is drained and the database is compared with what was tapped: row by row, tally by tally, balance by
balance. It shows what the death of processes does; the loss of power is fsync's promise and not shown here.
"""

import argparse
import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dispatch.database import Database, connect, new_id  # noqa: E402
from dispatch.database.embedded import start, url_of  # noqa: E402
from dispatch.database.migrate import migrate  # noqa: E402
from dispatch.handouts.partitions import ensure_partitions  # noqa: E402
from tests.make import LEAFLET_CHANNELS, SECRET, Make  # noqa: E402
from tests.storm_evidence import CITY, STOCK, Log, Tap, compare, report  # noqa: E402

MOST_A_CALL = 50
# Most records a phone keeps before its rider stops tapping: bounds the drill while everything is down.
OUTBOX = 200
DRAIN_SECONDS = 60.0
ANSWER_SECONDS = 10.0


class Postgres:
    """An embedded server of the drill's own, with its settings as they are: fsync and synchronous_commit stay on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.start()

    def start(self) -> None:
        self.handle: Any = start(self.folder)
        self.url = url_of(self.handle)

    def kill(self) -> None:
        """SIGKILL the postmaster and all its children; return when they are gone."""
        # A child that was being forked may have escaped the first look.
        while found := self._processes():
            for process in found:
                with suppress(cast("Any", psutil).NoSuchProcess):
                    process.kill()
            time.sleep(0.01)
        # Both name the dead postmaster's number, which a process table may keep or give to somebody else: a new
        # postmaster would take it for a living one. Nobody lives here any more, so they can go.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for lock in Path(self.handle.get_postmaster_info().socket_dir).glob(".s.PGSQL.*.lock"):
            lock.unlink()

    def deadlocks(self) -> int:
        """Deadlocks in PostgreSQL's log: each costs a second, and the transaction is done again."""
        return self.handle.log.read_text(errors="replace").count("ERROR:  deadlock detected")

    def _processes(self) -> list[Any]:
        """Every living PostgreSQL process that works in the data folder, the postmaster first."""
        found: list[Any] = []
        for process in cast("Any", psutil).process_iter():
            try:
                ours = process.name() == "postgres" and Path(process.cwd()) == self.folder
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        # It would bury its children and go on if it outlived them.
        postmaster: int = self.handle.get_pid()
        return sorted(found, key=lambda process: process.pid != postmaster)


class Server:
    """`dispatch serve` as a process of its own."""

    def __init__(self, url: str, log: Path, more: dict[str, str] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.log = log
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("DISPATCH_")} | {
            "DISPATCH_DATABASE_URL": url,
            "DISPATCH_SECRET": SECRET,
            "DISPATCH_PORT": str(port),
            "DISPATCH_REFUSED_RETRY_SECONDS": "0",
            "DISPATCH_LOG_LEVEL": "warning",
            **(more or {}),
        }
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dispatch", "serve"], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    async def ready(self, client: httpx.AsyncClient) -> None:
        """Return when it answers anything at all; start it again when it ended."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                self.start()
            try:
                await client.get("/api/nothing")
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return
        raise SystemExit(f"the server did not start:\n{self.log.read_text()[-3000:]}")


class Rider:
    """A phone with an outbox, in the hands of somebody in a hurry and on a bad line."""

    def __init__(self, log: Log, ground: dict[str, Any], rider: UUID, headers: dict[str, str], seed: str) -> None:
        self.log, self.ground, self.rider, self.headers = log, ground, rider, headers
        self.random = random.Random(seed)
        self.outbox: list[Tap] = []
        self.correctable: list[Tap] = []

    async def ride(self, client: httpx.AsyncClient, until: float) -> None:
        """Tap and send until the time is up, then send what is left."""
        while time.monotonic() < until or self.outbox:
            if time.monotonic() < until and len(self.outbox) < OUTBOX:
                self._tap()
            if self.outbox:
                batch = self.outbox[: self.random.randint(1, MOST_A_CALL)]
                answered = await self._send(client, batch)
                if answered and self.random.random() < 0.1:
                    await self._send(client, batch)
                if not answered:
                    await asyncio.sleep(self.random.uniform(0.05, 0.4))
            await asyncio.sleep(self.random.uniform(0.02, 0.25))

    def _tap(self) -> None:
        for _ in range(self.random.randint(1, MOST_A_CALL)):
            if len(self.log.taps) >= self.log.most_records:
                return
            correct = self.correctable and self.random.random() < 0.08
            tap = self._correction() if correct else self._handout()
            self.log.taps[tap.id] = tap
            self.outbox.append(tap)

    def _handout(self) -> Tap:
        now, copies = datetime.now(UTC), self.random.randint(1, 5)
        record: dict[str, Any] = {
            "kind": "handout", "id": str(new_id(now)), "campaign_id": str(self.ground["campaign"]),
            "material_id": str(self.ground["material"]), "channel": self.random.choice(LEAFLET_CHANNELS),
            "copies": copies, "handed_out_at": now.isoformat(), "cell": f"{self.random.choice(self.ground['cells']):x}",
            "first_copy_answer": self.random.choice([None, None, "yes", "no", "unknown"]),
        }  # fmt: skip
        tap = Tap(record, copies, self.rider)
        self.correctable.append(tap)
        return tap

    def _correction(self) -> Tap:
        """Takes a handout back, all of it or a part; each at most once, so that its effect is known beforehand."""
        original = self.correctable.pop(self.random.randrange(len(self.correctable)))
        part = self.random.choice([None, self.random.randint(1, original.copies)])
        now = datetime.now(UTC)
        record: dict[str, Any] = {
            "kind": "correction", "id": str(new_id(now)), "corrects_id": original.id, "reason": "按错了",
            "corrected_at": now.isoformat(), "copies": part,
        }  # fmt: skip
        return Tap(record, -(part or original.copies), self.rider)

    async def _send(self, client: httpx.AsyncClient, batch: Sequence[Tap]) -> bool:
        """One call; whether its answer was read. What was answered leaves the outbox."""
        self.log.sent.update(tap.id for tap in batch)
        asked_at, chance = time.monotonic(), self.random.random()
        try:
            # Some phones lose the line in the middle, some do not get to read the answer.
            async with asyncio.timeout(self.random.uniform(0, 0.03) if chance < 0.03 else ANSWER_SECONDS):
                request = client.build_request(
                    "POST", "/api/handouts/sync", headers=self.headers, json={"records": [tap.record for tap in batch]}
                )
                response = await client.send(request, stream=True)
                try:
                    if chance > 0.97:
                        self.log.answers["line cut: answer not read"] += 1
                        return False
                    await response.aread()
                finally:
                    await response.aclose()
        except TimeoutError:
            self.log.answers["line cut: hung up" if chance < 0.03 else "no answer in time"] += 1
            return False
        except httpx.HTTPError:
            self.log.answers["connection broken or refused"] += 1
            return False
        self.log.longest_answer = max(self.log.longest_answer, time.monotonic() - asked_at)
        return self._take(response, batch)

    def _take(self, response: httpx.Response, batch: Sequence[Tap]) -> bool:
        self.log.answers[str(response.status_code)] += 1
        if response.status_code != 200:
            busy = response.status_code == 503 and response.json()["type"] == "/problems/busy"
            if not busy or "retry-after" not in response.headers:
                self.log.fault(f"answered {response.status_code}, retry-after {response.headers.get('retry-after')}")
            return False
        self.log.answered_at = time.monotonic()
        outcomes: list[dict[str, Any]] = response.json()["outcomes"]
        if [outcome["id"] for outcome in outcomes] != [tap.id for tap in batch]:
            self.log.fault("the outcomes are not those of the records sent")
        for tap, outcome in zip(batch, outcomes, strict=True):
            self._settle(tap, outcome)
        settled = {tap.id for tap in batch}
        self.outbox = [tap for tap in self.outbox if tap.id not in settled]
        return True

    def _settle(self, tap: Tap, outcome: dict[str, Any]) -> None:
        kind = outcome["outcome"]
        self.log.outcomes[kind] += 1
        if kind == "rejected":
            self.log.fault(f"refused: {outcome['problem']['type']}")
        if kind == "recorded" and tap.id in self.log.acknowledged:
            self.log.fault("recorded again after it was acknowledged: lost in between, or doubled")
        if kind == "duplicate" and self.log.sent[tap.id] == 1:
            self.log.outcomes["duplicate at the first sending"] += 1
        self.log.acknowledged.add(tap.id)


async def keep_killing(
    log: Log, client: httpx.AsyncClient, postgres: Postgres, server: Server, options: argparse.Namespace, until: float
) -> None:
    """Every so many seconds, give or take a fifth, kill the server or PostgreSQL in turn, and start it again."""
    chance, next_at = random.Random(options.seed), time.monotonic()
    while True:
        # Long enough after the last recovery for a good deal to be written.
        next_at = max(next_at + options.every * chance.uniform(0.8, 1.2), time.monotonic() + options.every * 0.3)
        if next_at > until:
            return
        await asyncio.sleep(next_at - time.monotonic())
        if log.kills["server"] <= log.kills["PostgreSQL"]:
            log.kills["server"] += 1
            killed_at = time.monotonic()
            server.kill()
            await asyncio.sleep(chance.uniform(0, 0.5))
            server.start()
            await server.ready(client)
            log.down["server"] += round((time.monotonic() - killed_at) * 1000)
        else:
            await _kill_postgres(log, postgres, server, chance)


async def _kill_postgres(log: Log, postgres: Postgres, server: Server, chance: random.Random) -> None:
    log.kills["PostgreSQL"] += 1
    killed_at = time.monotonic()
    await asyncio.to_thread(postgres.kill)
    acknowledged = list(log.acknowledged)
    await asyncio.sleep(chance.uniform(0.2, 2))
    await asyncio.to_thread(postgres.start)
    back_at = time.monotonic()
    log.down["PostgreSQL"] += round((back_at - killed_at) * 1000)
    # Nobody sends these again by himself: were they only sent and not on disk, they would be gone for good.
    connection = await connect(postgres.url)
    there = await connection.fetchval(
        "select count(*) from handout where city_id = $1 and handout_id = any($2::uuid[])", CITY, acknowledged
    )
    await connection.close()
    log.checked += len(acknowledged)
    if there != len(acknowledged):
        log.fault(f"{len(acknowledged) - there} of {len(acknowledged)} acknowledged records are gone after the kill")
    while log.answered_at < back_at and time.monotonic() < back_at + 30:  # noqa: ASYNC110  a poll is exact enough
        await asyncio.sleep(0.01)
    if log.answered_at < back_at:
        log.fault("the server did not recover within 30 s of PostgreSQL's return")
    log.recoveries.append(log.answered_at - back_at)
    if server.process.poll() is not None:
        log.fault("the server ended when PostgreSQL did")
        server.start()


async def seed(url: str, riders: int) -> tuple[dict[str, Any], dict[UUID, dict[str, str]]]:
    """A migrated city with an open campaign around today and riders with plenty in their bags."""
    await migrate(url)
    database, now = await Database.open(url), datetime.now(UTC)
    today, day = now.date(), timedelta(days=1)
    await ensure_partitions(database, today - day, today + day)
    make = Make(database, now)
    world = await make.world(CITY)
    campaign = await make.campaign(CITY, starts_on=today - 30 * day, ends_on=today + 30 * day)
    material = await make.material(CITY, campaign)
    headers: dict[UUID, dict[str, str]] = {}
    for number in range(riders):
        rider = await make.rider(CITY, world.outlets[number % len(world.outlets)])
        await make.stock(CITY, campaign, material, "rider", rider, STOCK)
        headers[rider] = await make.rider_session(CITY, rider)
    await database.close()
    return {"campaign": campaign, "material": material, "cells": [c for cells in world.cells for c in cells]}, headers


def _look_into_log(log: Log, server: Server) -> None:
    """An error in the server's log is a fault even when no phone noticed. Warnings are what a storm is expected to cause."""
    for line in server.log.read_text(errors="replace").splitlines():
        if '"level":"error"' in line or '"level":"critical"' in line or not line.startswith("{"):
            log.fault(f"the server's log says: {line[:60]} … {line[-300:]}")


async def drill(folder: Path, postgres: Postgres, options: argparse.Namespace) -> int:
    """The whole of it."""
    ground, headers = await seed(postgres.url, options.riders)
    log, server = Log(options.records), Server(postgres.url, folder / "server.log")
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=options.riders)
    try:
        async with httpx.AsyncClient(base_url=server.address, trust_env=False, limits=limits, timeout=30) as client:
            await server.ready(client)
            began = time.monotonic()
            until = began + options.seconds
            riders = [Rider(log, ground, rider, known, f"{options.seed} {n}") for n, (rider, known) in enumerate(headers.items())]  # fmt: skip
            try:
                async with asyncio.timeout(options.seconds + DRAIN_SECONDS), asyncio.TaskGroup() as group:
                    group.create_task(keep_killing(log, client, postgres, server, options, until))
                    for rider in riders:
                        group.create_task(rider.ride(client, until))
            except TimeoutError:
                log.fault(f"outboxes were not drained within {DRAIN_SECONDS:.0f} s")
            seconds = time.monotonic() - began
        figures = await compare(log, postgres.url, list(headers))
        _look_into_log(log, server)
        figures["deadlocks"] = postgres.deadlocks()
        report(log, figures, seconds)
    finally:
        server.kill()
    return 1 if log.faults else 0


def main() -> int:
    """Read the options, run the drill, leave nothing behind."""
    parser = argparse.ArgumentParser(description="Kill the server and PostgreSQL while phones send; compare.")
    parser.add_argument("--seconds", type=float, default=60, help="how long the phones tap")
    parser.add_argument("--every", type=float, default=5, help="seconds from one kill to the next")
    parser.add_argument("--riders", type=int, default=32)
    parser.add_argument("--records", type=int, default=200_000, help="most records tapped")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dispatch-storm-"))
    postgres = Postgres(folder / "postgres")
    try:
        return asyncio.run(drill(folder, postgres, options))
    finally:
        postgres.handle.cleanup()
        postgres.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
