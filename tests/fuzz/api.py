"""Every address of the contract with everything its schemas allow and more: `uv run python tests/fuzz/api.py --seconds 180`.

Signed in as each role in turn, against a server and a PostgreSQL of its own. Exit status 1 when an answer is an error of
ours, is no problem document where it refuses, or does not fit the schema the contract gives it. Ids and codes are the
made-up ones of the schemas or, more often, those of things that are there: otherwise nearly all would be answered by 404.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import hypothesis
import jsonschema_rs
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis.core import NotSet

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dispatch.commands.openapi import document  # noqa: E402
from dispatch.database import Database  # noqa: E402
from dispatch.database.embedded import embedded_postgres  # noqa: E402
from dispatch.database.migrate import migrate  # noqa: E402
from tests.contract.furnished import Things, furnish  # noqa: E402
from tests.make import Make  # noqa: E402
from tests.storm import Server  # noqa: E402

CITY = 99
T = TypeVar("T")
# Answers that never end, and files and pages that are no JSON.
LEFT_OUT = {"/api/campaigns/{campaign_id}/events"}
# Not to sign oneself out for good in the middle: tried by hand-written tests.
ENDS_THE_SESSION = {"sign_out", "end_session", "end_other_sessions"}
ROLES = (
    "planner",
    "district_planner",
    "auditor",
    "firm_manager",
    "outlet_manager",
    "rider",
    "partner_system",
    "nobody",
)


class Ground:
    """A city with one of everything, and a session for each role, made again when one was lost."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.database = self.run(_opened(url))
        self.make = Make(self.database, datetime.now(UTC))
        self.things: Things = self.run(furnish(self.make, CITY))
        self.run(self._make_it_today())
        self.codes: dict[str, list[str]] = self.run(self._read_codes())

    def run(self, work: Awaitable[T]) -> T:
        async def wrapped() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(wrapped(), self._loop).result(120)

    async def _make_it_today(self) -> None:
        """The campaign around today, and capacity: plans, claims and handouts are then refused for reasons of theirs."""
        today, day = self.make.now.date(), timedelta(days=1)
        world = self.things.world
        await self.make.fetch("update campaign set starts_on = $1, ends_on = $2", today - 30 * day, today + 60 * day)
        monday = today - today.weekday() * day
        for zone in world.zones:
            await self.make.capacity(CITY, world.campaign, world.outlets[0], zone, 1000, monday + 7 * day)

    def plan_really(self, address: str) -> None:
        """The plan behind the furnished batch was written by hand; give it the papers of one the server made."""
        body = {"allocation_id": str(self.make.id()), "material_code": self.codes["material_code"][0], "copies": 500,
                "within_capacity": False}  # fmt: skip
        path = f"/api/campaigns/{self.things.world.campaign}/allocations"
        made = httpx.post(address + path, json=body, headers=self.headers("planner"), timeout=30)
        if made.status_code != 201:
            raise SystemExit(f"no plan to try things on: {made.text}")
        self.run(self.make.fetch(
            "update allocation a set parameters = b.parameters, certificate = b.certificate from allocation b"
            " where b.allocation_id = $1 and a.allocation_id <> $1", made.json()["allocation_id"],
        ))  # fmt: skip

    async def _read_codes(self) -> dict[str, list[str]]:
        tables = ("partner", "outlet", "rider", "zone", "material", "depot", "campaign")
        return {
            f"{table}_code": [row["code"] for row in await self.make.fetch(f"select code from {table}")]
            for table in tables
        }

    def headers(self, role: str) -> dict[str, str]:
        """A fresh session of somebody of the role who may work, whatever the requests before did to them."""
        return {} if role == "nobody" else self.run(self._sign_in(role))

    async def _sign_in(self, role: str) -> dict[str, str]:
        make, world = self.make, self.things.world
        for table in ("partner", "outlet", "rider"):
            await make.fetch(f"update {table} set active = true, signed_out_at = null")
        match role:
            case "planner":
                return await make.planner(CITY)
            case "district_planner":
                return await make.planner(CITY, division_code="990101")
            case "auditor":
                return await make.session(CITY, account_id=await make.account(CITY, "auditor"))
            case "firm_manager":
                return await make.firm_manager(CITY, world.partners[0])
            case "outlet_manager":
                return await make.outlet_manager(CITY, world.partners[0], world.outlets[0])
            case "rider":
                return await make.rider_session(CITY, world.riders[0])
            case _:
                return await make.partner_system(CITY, world.partners[0])


async def _opened(url: str) -> Database:
    await migrate(url)
    return await Database.open(url, size=4)


class Finding(Exception):
    """An answer that is not as it has to be."""


class Fuzz:
    """Sends cases and judges answers."""

    def __init__(self, ground: Ground, address: str, seed: int) -> None:
        self.ground, self.random = ground, random.Random(seed)
        self.contract: dict[str, Any] = json.loads(document())
        self.client = httpx.Client(base_url=address, timeout=30)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.slowest: tuple[float, str] = (0.0, "")
        self.findings: dict[str, str] = {}
        self.kept_out: set[tuple[str, str]] = set()

    def send(self, role: str, headers: dict[str, str], operation: Any, case: Any) -> None:
        """One request and everything its answer has to be."""
        path = self._path(operation.path, case)
        options: dict[str, Any] = {"params": _plain(case.query), "headers": {**_headers(case), **headers}}
        if case.body is not None and not isinstance(case.body, NotSet):
            if isinstance(case.body, bytes | str):
                options["content"] = case.body
            else:
                options["content"] = json.dumps(self._known(case.body), default=str)
            options["headers"].setdefault("content-type", case.media_type or "application/json")
        started = time.monotonic()
        try:
            request = self.client.build_request(operation.method.upper(), path, **options)
        except (UnicodeError, httpx.InvalidURL, ValueError, TypeError):
            return  # Cannot be put on the wire at all.
        try:
            response = self.client.send(request)
        except httpx.LocalProtocolError:
            return
        except httpx.HTTPError as error:
            raise Finding(f"no answer: {type(error).__name__}") from error
        took = time.monotonic() - started
        self.slowest = max(self.slowest, (took, operation.label))
        self.requests[role] += 1
        self.statuses[role, response.status_code] += 1
        if response.status_code in {401, 403} and "/problems/not-" in response.text:
            self.kept_out.add((role, operation.label))
        self._judge(operation, response)

    def _judge(self, operation: Any, response: httpx.Response) -> None:
        if response.status_code >= 500:
            raise Finding(f"{response.status_code} {response.text[:300]} for {response.request.content[:300]!r}")
        if response.status_code >= 400:
            _require_refusal(response)
            return
        if response.status_code == 304:
            return
        declared: dict[str, Any] = operation.definition.raw["responses"]
        if str(response.status_code) not in declared:
            raise Finding(f"answers {response.status_code}, which the contract does not know")
        if response.headers.get("content-type", "").startswith("application/json"):
            schema = declared[str(response.status_code)].get("content", {}).get("application/json", {}).get("schema")
            if schema is not None:
                self._fits(schema, response)

    def _fits(self, schema: dict[str, Any], response: httpx.Response) -> None:
        """The contract is JSON Schema of 2020-12, as OpenAPI 3.1 has it."""
        whole = {**schema, "components": self.contract["components"]}
        for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(response.json()):
            raise Finding(f"answers what its schema does not know: {error.message[:200]} at {error.instance_path}")

    def _path(self, template: str, case: Any) -> str:
        path = template
        for name, value in dict[str, Any](case.path_parameters or {}).items():
            known = self._value(name)
            chosen = known if known is not None and self.random.random() < 0.8 else value
            path = path.replace("{" + name + "}", httpx.URL(path="/" + str(chosen)).raw_path.decode()[1:] or "-")
        return path

    def _value(self, name: str) -> str | None:
        if name in self.ground.things.ids:
            return str(self.ground.things.ids[name])
        codes = self.ground.codes.get(name) or self.ground.codes.get(name.removesuffix("s"))
        return self.random.choice(codes) if codes else None

    def _known(self, value: Any, name: str = "") -> Any:
        """The body, with things that are there in most places where a thing is named."""
        if isinstance(value, dict):
            return {key: self._known(inner, str(key)) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if isinstance(value, list):
            return [self._known(inner, name) for inner in value]  # pyright: ignore[reportUnknownVariableType]
        known = self._value(name) if isinstance(value, str) else None
        return known if known is not None and self.random.random() < 0.7 else value


def _require_refusal(response: httpx.Response) -> None:
    if response.headers.get("content-type") != "application/problem+json":
        raise Finding(
            f"refuses {response.status_code} with {response.headers.get('content-type')}: {response.text[:200]}"
        )
    problem = response.json()
    if problem["status"] != response.status_code or not problem["title"] or not problem["detail"]:
        raise Finding(f"refuses without saying why: {response.text[:200]}")
    if not problem["type"].startswith("/problems/"):
        raise Finding(f"refuses as {problem['type']}")
    for given_away in ("Traceback", 'File "', "asyncpg", "msgspec.", "select ", "litestar"):
        if given_away in response.text:
            raise Finding(f"gives away {given_away!r}: {response.text[:300]}")


def _plain(query: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in dict[str, Any](query or {}).items():
        values: list[Any] = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
        found += [(str(name), "" if one is None else str(one).replace("\ud800", "")) for one in values]
    return found


# Who calls is the role's business: made-up keys would show again and again that they are refused.
NOT_MADE_UP = {"host", "content-length", "authorization", "cookie"}


def _headers(case: Any) -> dict[str, str]:
    return {
        str(name): str(value)
        for name, value in dict(case.headers or {}).items()
        if str(value).isascii() and str(value).isprintable() and str(name).lower() not in NOT_MADE_UP
    }


def run(ground: Ground, address: str, seconds: float, seed: int) -> Fuzz:
    """Round after round over every operation and role until the time is up; a failing operation is told once."""
    schema: Any = schemathesis.openapi.from_dict(json.loads(document()))
    found: list[Any] = [entry.ok() for entry in schema.get_all_operations()]
    operations = [
        operation
        for operation in found
        if operation.path not in LEFT_OUT and operation.definition.raw.get("operationId") not in ENDS_THE_SESSION
    ]
    fuzz, until, round_number = Fuzz(ground, address, seed), time.monotonic() + seconds, 0
    plan = [(role, operation) for role in ROLES for operation in operations]
    while time.monotonic() < until:
        fuzz.random.shuffle(plan)
        for role, operation in plan:
            if time.monotonic() >= until:
                break
            # Kept out once, kept out again: looked at now and then.
            if (role, operation.label) in fuzz.kept_out and fuzz.random.random() > 0.1:
                continue
            _try(fuzz, role, operation, seed + round_number)
        round_number += 1
    return fuzz


def _try(fuzz: Fuzz, role: str, operation: Any, seed: int) -> None:
    headers = fuzz.ground.headers(role)

    # Not Python's own hash, which differs from run to run: the same seed must try the same again.
    @hypothesis.seed(zlib.crc32(f"{role} {operation.label} {seed}".encode()))
    @hypothesis.settings(
        max_examples=4,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @hypothesis.given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        fuzz.send(role, headers, operation, case)

    try:
        attempt()
    except Exception as error:
        key = f"{operation.label} as {role}"
        told = f"{type(error).__name__}: {error}"[:700]
        if isinstance(error, Unsatisfiable):
            return
        fuzz.findings.setdefault(key, told)


def main() -> int:
    """Seeds a city, serves it, tries everything, tells what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatch-fuzz-", ignore_cleanup_errors=True))
        )
        url = stack.enter_context(embedded_postgres(folder / "postgres"))
        ground = Ground(url)
        server = Server(url, folder / "server.log", {"DISPATCH_REQUIRE_SECOND_FACTOR": "false"})
        stack.callback(server.kill)
        with httpx.Client(base_url=server.address) as client:
            _wait(client)
        ground.plan_really(server.address)
        started = time.monotonic()
        fuzz = run(ground, server.address, options.seconds, options.seed)
        took = time.monotonic() - started
        errors = [line for line in server.log.read_text(errors="replace").splitlines() if '"level":"error"' in line]
        ground.run(ground.database.close())
    print(
        f"seed {options.seed}, {took:.0f} s, {sum(fuzz.requests.values())} requests, slowest {fuzz.slowest[0]:.2f} s at {fuzz.slowest[1]}"
    )
    for role in ROLES:
        statuses = {status: count for (who, status), count in sorted(fuzz.statuses.items()) if who == role}
        print(f"  {role:17} {fuzz.requests[role]:6} requests  {statuses}")
    for key, told in sorted(fuzz.findings.items()):
        print(f"FOUND {key}\n      {told}")
    for line in errors[:10]:
        print(f"LOGGED {line}")
    return 1 if fuzz.findings or errors else 0


def _wait(client: httpx.Client) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            client.get("/problems")
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
