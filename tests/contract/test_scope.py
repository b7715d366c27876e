"""Nobody sees what is another city's, firm's, outlet's or rider's: every address that reads, tried with others' ids.

What belongs to somebody is marked with KEEP-OUT in its code and name. Whoever has no business with it may find it
neither by its id nor in a list. New addresses are tried as soon as they are in test_access.py.
"""

from typing import Any

import httpx

from tests.contract.furnished import INCIDENTS, MARK, SCAM, Things, address, furnish, mark, other_firm
from tests.contract.test_access import ACCESS, ask, everybody
from tests.make import Make, World

# Answers that never end; with an id that is not the caller's they must end at once.
STREAMS = {"/api/campaigns/{campaign_id:uuid}/events"}
# The trail tells which ids the city's own people tried, others' among them; of what lies behind those it knows nothing.
TRAIL = {"/api/audit", "/api/audit.csv"}
# What a rider's slip says of itself, open to strangers: city, centre, firm and outlet of the outlet's code, in these words.
# It tells their names, which are marked, and no id; nor anything else that is looked for.
SLIP = "/api/sign-in/place"
SAID_OF_A_SLIP = {"city_name", "centre_name", "centre_phone", "partner_name", "outlet_name", "outlet_code"}
READS = [path for method, path in ACCESS if method == "GET"]


async def seen(
    api: httpx.AsyncClient,
    role: str,
    headers: dict[str, str],
    things: Things,
    marks: set[str],
    *,
    foreign: bool = False,
) -> list[str]:
    """Every address where somebody of this role reads one of the marks with the ids of these things."""
    found: list[str] = []
    for path in READS:
        if role not in ACCESS["GET", path] or "/api/schema" in path or (path in STREAMS and not foreign):
            continue
        url = address(path, things)
        answer = await ask(api, "GET", url, headers)
        if answer.status_code not in {200, 204, 404} and not (answer.status_code == 403 and role == "planner"):
            found.append(f"{url} was not answered: {answer.status_code} {answer.text[:200]}")
        # An id of the question may be told back; what lies behind it may not.
        told = marks - {part for part in url.split("/") if answer.status_code == 404}
        if path in TRAIL:
            told = {text for text in told if text in (MARK, SCAM, str(INCIDENTS))}
        if path == SLIP and answer.status_code == 200:
            told = told - {MARK}
            found += [f"{role} reads {word} at {path}" for word in sorted(set(answer.json()) - SAID_OF_A_SLIP)]
        found += [f"{role} reads {text} at {path}" for text in sorted(told) if text in answer.text]
    return found


async def test_nothing_of_another_city_is_read_by_anybody(api: httpx.AsyncClient, make: Make, world: World) -> None:
    other = await furnish(make, 98)
    for table in ("city", "zone", "partner", "outlet", "rider", "depot", "campaign", "material"):
        await mark(make, f"update {table} set name = $1 || name where city_id = $2", 98)
    marks = other.marks() | {
        str(thing) for thing in (*other.world.zones, *other.world.partners, *other.world.outlets, *other.world.riders)
    }
    for role, headers in (await everybody(make, world)).items():
        assert await seen(api, role, headers, other, marks, foreign=True) == []


OF_THE_FIRM = (
    "partner_id", "outlet_id", "rider_id", "claim_id", "waybill_id", "move_id", "handout_id", "refused_id", "flag_id",
    "api_key_id", "session_id", "account_id",
)  # fmt: skip


async def test_the_firm_itself_does_see_what_is_its_own(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    """The marks are where the tests below look for them."""
    headers = await make.firm_manager(99, things.world.partners[0])
    found = "\n".join(await seen(api, "firm_manager", headers, things, things.marks(*OF_THE_FIRM)))
    for name in ("claim_id", "waybill_id", "handout_id", "rider_id", "flag_id", "account_id", "api_key_id"):
        assert str(things.ids[name]) in found, f"no address shows the {name}"


async def test_nothing_of_a_firm_is_read_by_another(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    for invited in (False, True):
        if invited:
            await make.invitation(99, things.world.campaign, things.world.partners[1])
            await make.serves(things.world, 2, 3)
        for role, headers in (await other_firm(make, things.world)).items():
            assert await seen(api, role, headers, things, things.marks(*OF_THE_FIRM)) == []


OF_THE_OUTLET = ("account_id", "outlet_id", "rider_id", "waybill_id", "move_id", "handout_id", "refused_id", "flag_id")


async def test_an_outlet_manager_reads_the_own_outlet_only(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    await make.fetch(
        "update partner set code = 'P-OWN', name = '本公司' where partner_id = $1", things.ids["partner_id"]
    )
    headers = await make.outlet_manager(99, things.world.partners[0], things.world.outlets[1])
    assert await seen(api, "outlet_manager", headers, things, things.marks(*OF_THE_OUTLET)) == []


async def test_a_rider_reads_nothing_of_a_colleague(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    ids = things.ids
    await make.fetch("update partner set code = 'P-OWN', name = '本公司' where partner_id = $1", ids["partner_id"])
    await make.fetch("update outlet set code = 'O-OWN', name = '本网点' where outlet_id = $1", ids["outlet_id"])
    things.outlet_code = "O-OWN"
    headers = await make.rider_session(99, things.world.riders[1])
    assert (
        await seen(
            api, "rider", headers, things, things.marks("rider_id", "move_id", "handout_id", "refused_id", "flag_id")
        )
        == []
    )


async def test_a_district_reads_nothing_of_another(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    """Zones, and what lies in them; the partners work for the whole city."""
    for table, column in (("partner", "partner_id"), ("outlet", "outlet_id"), ("rider", "rider_id")):
        await make.fetch(
            f"update {table} set code = replace(code, $1, ''), name = replace(name, $1, '') where {column} = $2",
            MARK,
            things.ids[column],
        )
    things.outlet_code = things.outlet_code.replace(MARK, "")
    await mark(make, "update zone set name = $1 || name where zone_id = $2", things.ids["zone_id"])
    headers = await make.planner(99, division_code="990102")
    assert (
        await seen(api, "planner", headers, things, things.marks("zone_id", "handout_id", "refused_id", "batch_id"))
        == []
    )


async def test_incident_counts_and_risk_are_the_planners_alone(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    """Whoever learns them learns where the fraud is, and shops and firms would draw conclusions about residents."""
    callers = await everybody(make, things.world)
    marks = {SCAM, str(INCIDENTS)}
    assert len(await seen(api, "planner", callers["planner"], things, marks)) >= 1
    for role in ("auditor", "firm_manager", "outlet_manager", "rider", "partner_system"):
        assert await seen(api, role, callers[role], things, marks) == []


async def test_no_figure_of_a_firm_hints_at_risk(api: httpx.AsyncClient, make: Make, things: Things) -> None:
    """A weight may have its place in an answer, but it stays empty."""
    callers = await everybody(make, things.world)
    words = {f'"{word}":{digit}' for word in ("risk_weight", "incidents", "priority") for digit in range(10)}
    for role in ("auditor", "firm_manager", "outlet_manager", "rider", "partner_system"):
        assert await seen(api, role, callers[role], things, words) == []


# Counts of people or of cases, by the names answers give them. Copies, bundles and households of a zone are no such counts.
COUNTS_OF_PEOPLE = {
    "incidents", "incident_count", "asked", "have", "first_asked", "first_yes", "first_unknown", "sampled", "declined",
    "nobody_reached", "read_and_remembered", "riders_agreed", "riders_agreed_to_location", "riders_withdrawn",
}  # fmt: skip


def small_counts(node: Any, path: str = "") -> list[str]:
    """Every count of people in a JSON answer that is above nothing and below five."""
    if isinstance(node, list):
        return [found for entry in node for found in small_counts(entry, path)]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(node, dict):
        return []
    found: list[str] = []
    for key, value in node.items():  # pyright: ignore[reportUnknownVariableType]
        if key in COUNTS_OF_PEOPLE and isinstance(value, int) and 0 < value < 5:
            found.append(f"{path}/{key} = {value}")
        found += small_counts(value, f"{path}/{key}")
    return found


async def test_counts_of_fewer_than_five_people_stay_in_the_centre(
    api: httpx.AsyncClient, make: Make, things: Things
) -> None:
    """Three cases of a street are three neighbours. Nobody outside the centre is told any count of cases, of households
    asked at the door, of answers to the first-copy question or of doors that stayed shut, small or not; so there is no
    small one to withhold. What firms and outlets do get to see of people are their own riders, by name."""
    world = things.world
    await make.fetch("update incident_count set incidents = 3 where zone_id = $1", things.ids["zone_id"])
    await make.first_copies(world, 0, asked=4, yes=2, unknown=1)
    await make.spot_check(world, 0, asked=4, have=2)
    callers = await everybody(make, world)
    told: dict[str, list[str]] = {}
    for role in callers:
        for path in READS:
            if role not in ACCESS["GET", path] or "/api/schema" in path or path in STREAMS:
                continue
            answer = await ask(api, "GET", address(path, things), callers[role])
            if answer.headers.get("content-type", "").startswith("application/json"):
                told.setdefault(role, []).extend(f"{path} {count}" for count in small_counts(answer.json()))
    assert told.pop("planner") != [], "the centre itself does see them, so the test looks in the right place"
    told.pop(
        "auditor", None
    )  # The auditor is of the centre and reads what was asked at the doors, without zones' cases.
    assert {role: counts for role, counts in told.items() if counts} == {}
