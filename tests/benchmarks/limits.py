"""What guarding the door costs: rate limits, the audit trail and the note of a session's last use, with and without.

    uv run python tests/benchmarks/limits.py [--seconds 3] [--rounds 5]

Servers with and without each part answer the same calls by turns, so that whatever else the machine does falls on all
alike; compared is CPU, of the server and of PostgreSQL together, not time. Two kinds of callers: `busy` ones, whose
calls come out of the part a process has taken (60 calls, as at the default of 600 a minute) and whose last use is written
once a minute; and `rare` ones, the worst case: every call takes from the database and every use is written, as with a
rider who sends a record every few minutes.

Bars: 1.25 times without for busy callers. The guards may cost a fifth of what two cores serve, which is less than one
phone in four more; a call of one record has to stay near the bar of sync.py. 3.5 times for rare ones: thirty thousand
riders who each call once in five minutes are a hundred calls a second, and at two milliseconds a call that is a fifth of
a core: no load that many calls can make is of this kind, for then they are busy ones.

The second part holds two server processes against one allowance: what both let through together must not pass it.
"""

import argparse
import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from dispatch.database.embedded import start, url_of  # noqa: E402
from tests.benchmarks.sync import Rider, cpu_seconds, database_pids, free_port, run_http, seed  # noqa: E402
from tests.make import SECRET  # noqa: E402

BARS = {"busy": 1.25, "rare": 3.5}
PARTS = ("limits", "trail", "uses")
ALLOWANCE = 600
MOST = 1_000_000


def serve_without(parts: Sequence[str], kind: str) -> None:
    """`dispatch serve` in this process, with some of the guards taken out."""
    from dispatch.__main__ import main as dispatch_main
    from dispatch.audit import trail
    from dispatch.identity import last_use
    from dispatch.server import limits

    async def uncounted(*_: Any) -> None:
        return

    async def untold(self: Any, *arguments: Any) -> None:
        await self._app(*arguments)

    changed: Any = limits
    without_trail: Any = trail.Trail
    changed._PARTS = 10 * MOST if kind == "rare" else MOST // 60
    if kind == "rare":
        last_use.EVERY = timedelta(0)
    if "limits" in parts:
        changed.LimitCalls._spend = uncounted
    if "trail" in parts:
        without_trail.__call__ = untold
    if "uses" in parts:
        last_use.LastUses.note = lambda *_, **__: None  # type: ignore[method-assign]
    sys.argv = ["dispatch", "serve"]
    raise SystemExit(dispatch_main())


def serve(url: str, arguments: Sequence[str], limit: int) -> tuple["subprocess.Popen[bytes]", int]:
    """Start a server; (process, port)."""
    port = free_port()
    environment = {
        **os.environ, "DISPATCH_DATABASE_URL": url, "DISPATCH_SECRET": SECRET, "DISPATCH_PORT": str(port), "DISPATCH_LOG_LEVEL": "warning",
        "DISPATCH_REFUSED_RETRY_SECONDS": "0", "DISPATCH_ESTIMATE_SECONDS": "0",
        "DISPATCH_LIMIT_WRITE_PER_MINUTE": str(limit), "DISPATCH_LIMIT_READ_PER_MINUTE": str(limit),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment)
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def stop(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """End them and wait."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def measure(url: str, world: Any, headers: list[dict[str, str]], kind: str, seconds: float, rounds: int) -> bool:
    """Print what each part costs; whether the bar held."""
    ways = {"without": ",".join(PARTS), "with": "-", **{f"with all but {part}": part for part in PARTS}}
    servers = {
        way: serve(url, ["-m", "tests.benchmarks.limits", "--without", parts, "--kind", kind], MOST)
        for way, parts in ways.items()
    }
    spent: dict[str, list[float]] = {way: [] for way in ways}
    try:
        for turn in range(-1, rounds):
            for way in list(ways) if turn % 2 else list(ways)[::-1]:
                process, port = servers[way]
                pids = [process.pid, *database_pids(url)]
                before = cpu_seconds(pids)
                riders: list[Rider] = asyncio.run(run_http(world, headers, port, 1, seconds))  # type: ignore[arg-type]
                if turn >= 0:
                    calls = sum(len(rider.latencies) for rider in riders)
                    spent[way].append((cpu_seconds(pids) - before) / calls * 1e6)
    finally:
        stop([process for process, _ in servers.values()])
    base = statistics.median(spent["without"])
    for way, found in spent.items():
        middle = statistics.median(found)
        print(
            f"{kind:5} {way:20} {middle:6.0f} µs a call ({min(found):.0f} to {max(found):.0f}), ratio {middle / base:.2f}"
        )
    ratio = statistics.median(spent["with"]) / base
    print(f"{kind:5} bar {BARS[kind]}: {'holds' if ratio <= BARS[kind] else 'MISSED'} at {ratio:.2f}", flush=True)
    return ratio <= BARS[kind]


async def hammer(port: int, headers: dict[str, str], until: float) -> int:
    """How many reads of one account a process lets through."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    message = f"GET /api/me HTTP/1.1\r\nhost: x\r\nauthorization: {headers['authorization']}\r\n\r\n".encode()
    passed = 0
    while time.perf_counter() < until:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))  # type: ignore[index]
        passed += b" 200 " in head.split(b"\r\n")[0]
    writer.close()
    return passed


def share(url: str, headers: dict[str, str], seconds: float) -> bool:
    """Two processes, several connections each, one account: whether both together keep to its allowance."""
    servers = [serve(url, ["-m", "dispatch", "serve"], ALLOWANCE) for _ in range(2)]

    async def run() -> list[int]:
        until = time.perf_counter() + seconds
        return list(await asyncio.gather(*(hammer(port, headers, until) for _, port in servers for _ in range(4))))

    try:
        started = time.perf_counter()
        passed = asyncio.run(run())
        took = time.perf_counter() - started
    finally:
        stop([process for process, _ in servers])
    most = int(ALLOWANCE * (1 + took / 60)) + 1
    good = 0.9 * ALLOWANCE <= sum(passed) <= most
    each = f"{sum(passed[:4])} and {sum(passed[4:])}"
    print(f"two processes let {sum(passed)} through ({each}); allowed were {most}: {'holds' if good else 'MISSED'}")
    return good


def main() -> int:
    """Run both parts; 1 when a bar was missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--riders", type=int, default=32)
    parser.add_argument("--without", help=argparse.SUPPRESS)
    parser.add_argument("--kind", choices=list(BARS), default="busy", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.without is not None:
        serve_without(options.without.split(","), options.kind)
    with tempfile.TemporaryDirectory(prefix="dispatch-bench-", ignore_cleanup_errors=True) as folder:
        server = start(Path(folder))
        try:
            url = url_of(server)
            world, _, headers = asyncio.run(seed(url, options.riders))
            held = share(url, headers[0], 5)
            for kind in BARS:
                held &= measure(url, world, headers, kind, options.seconds, options.rounds)
        finally:
            server.cleanup()
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
