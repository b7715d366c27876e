"""The commands of the integration guide are run, in their order, against the real application: the guide cannot rot.

What is run is the text that the page shows: addresses, headers and bodies are read from its curl commands, and the lines
"→ NAME = field" below them are followed as a reader would.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import httpx

import dispatch
from schemas.identity import KeyScopeName
from tests.conftest import Clock
from tests.handouts.phone import kinds
from tests.make import Make, World
from tests.stock.ledger import balance

SAMPLES = Path(dispatch.__file__).parent / "web/src/console/guide/samples.sh"
# What the guide tells its reader to tick.
SCOPES: list[KeyScopeName] = ["read", "claims", "waybills", "report", "correct", "read_handouts"]


class Step(NamedTuple):
    """One step of the guide."""

    name: str
    commands: list[str]
    taken: dict[str, str]
    """{name of the variable: member of the answer}"""
    expected: tuple[int, str] | None
    """The status and problem that the guide announces."""


def steps() -> Iterator[Step]:
    for part in re.split(r"^## ", SAMPLES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, text = part.partition("\n")
        taken = dict(re.findall(r"^# → (\w+) = (\w+)", text, re.MULTILINE))
        expected = re.search(r"^# (\d{3}) ([\w-]+)$", text, re.MULTILINE)
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        commands = [each.strip() for each in re.split(r"^(?=curl )", "\n".join(lines), flags=re.MULTILINE)]
        yield Step(
            name.strip(), [command for command in commands if command.startswith("curl")], taken,
            (int(expected[1]), expected[2]) if expected else None,
        )  # fmt: skip


def first_of(answer: Any, member: str) -> str | None:
    """The first value of a member of this name in an answer, as a reader finds it; of a list its first entry."""
    if isinstance(answer, dict):
        known = cast("dict[str, Any]", answer)
        value = known.get(member)
        if isinstance(value, list):
            value = next(iter(cast("list[Any]", value)), None)
        if value is not None:
            return str(value)
        return next((found for inner in known.values() if (found := first_of(inner, member))), None)
    if isinstance(answer, list):
        return next((found for inner in cast("list[Any]", answer) if (found := first_of(inner, member))), None)
    return None


async def run(api: httpx.AsyncClient, command: str, variables: dict[str, str]) -> httpx.Response:
    """What curl would send."""
    words = shlex.split(command.replace("\\\n", " "))
    words = [re.sub(r"\$([A-Z]+)", lambda found: variables[found[1]], word) for word in words]
    method, headers, body, address = "GET", dict[str, str](), None, ""
    rest = iter(words[1:])
    for word in rest:
        match word:
            case "-sS":
                continue
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                body = next(rest)
            case _:
                address = word
    api.cookies.clear()
    assert address.startswith(variables["SERVER"]), command
    return await api.request(method, address.removeprefix(variables["SERVER"]), headers=headers, content=body)


async def hand_over_at_the_depot(api: httpx.AsyncClient, make: Make, world: World, claim_id: str) -> None:
    """What the police do meanwhile."""
    await make.stock(world.city_id, world.campaign, world.material, "depot", world.depot, 1000)
    outlet = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    body = {"waybill_id": str(make.id()), "outlet_code": outlet, "copies": 500}
    planner = await make.planner(world.city_id)
    answer = await api.post(f"/api/claims/{claim_id}/issue", json=body, headers=planner)
    assert answer.status_code == 201, answer.text


async def test_every_command_of_the_guide_does_what_the_guide_says(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    await make.serves(world)
    await make.batch(world, copies=500)
    key = await make.partner_system(world.city_id, world.partners[0], scopes=SCOPES)
    variables = {"SERVER": "https://dispatch.example", "KEY": key["authorization"].removeprefix("Bearer ")}
    answers: dict[str, Any] = {}
    for step in steps():
        for command in step.commands:
            answer = await run(api, command, variables)
            status = step.expected[0] if step.expected else 200
            assert answer.status_code in ({200, 201} if status == 200 else {status}), f"{step.name}: {answer.text}"
            answers[step.name] = answer.json()
            assert step.expected is None or f"/problems/{step.expected[1]}" in answer.text, step.name
        for variable, member in step.taken.items():
            found = first_of(answers[step.name], member)
            assert found, f"{step.name}: no {member} in {answers[step.name]}"
            variables[variable] = found[:10] if variable == "DAY" else found
        if step.name == "claim":
            await hand_over_at_the_depot(api, make, world, variables["CLAIM"])
    assert answers["claim_trial"]["dry_run"]
    assert not answers["claim"]["dry_run"]
    assert answers["receive"]["received_copies"] == 500
    assert kinds(answers["report_trial"]["outcomes"]) == kinds(answers["report"]["outcomes"]) == ["recorded"]
    assert [row["outcome"] for row in answers["read_back"]["handouts"]] == ["recorded"]
    assert answers["correct"]["outcome"] == "recorded"
    assert await balance(make, "outlet", world.outlets[0]) == 500 - 20 + 5


async def test_every_request_of_the_guide_is_in_the_contract(api: httpx.AsyncClient) -> None:
    paths = (await api.get("/api/schema/openapi.json")).json()["paths"]
    patterns = {
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"))
        for path, item in paths.items()
        for method in item
    }
    for step in steps():
        for command in step.commands:
            method = "POST" if "-X POST" in command else "GET"
            address = re.search(r'"\$SERVER([^"?]*)', command)
            assert address, command
            assert any(m == method and pattern.match(address[1]) for m, pattern in patterns), command


async def test_the_contract_s_pages_lead_to_the_guide_and_name_the_scope_of_a_key(api: httpx.AsyncClient) -> None:
    assert 'href="/guide"' in (await api.get("/api/docs", params={"language": "en"})).text
    page = (await api.get("/api/docs/handouts", params={"language": "en"})).text
    report = page[page.index('id="report_handouts"') :]
    assert "<strong>Scope of a key: </strong><code>report</code>" in report[: report.index("</section>")]
