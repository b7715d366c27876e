"""The start page: served with its guards, complete in both languages, telling a stranger nothing of a real city."""

import re
from typing import get_args

import httpx
import pytest

from dispatch.demo.stage import CITY_CODE, MANAGER, pin_of
from dispatch.demo.variants import VariantName
from dispatch.demo.world import make_world
from dispatch.identity.caller import ROLES
from dispatch.web.routes import FILES, FOLDER, HEADERS, demonstration_sign_ins
from schemas.common import PartnerKind
from tests.make import Make, World

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js") if path.name != "messages.js"}
CODE = "\n".join(SCRIPTS.values())
MESSAGES: dict[str, tuple[str, str]] = {
    key: (chinese, english)
    for key, chinese, english in re.findall(
        r'^  (\w+): \["([^"]*)", "([^"]*)"\],$', (FOLDER / "messages.js").read_text(encoding="utf-8"), re.MULTILINE
    )
}
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/start.css", "text/css; charset=utf-8"),
        ("/start.js", "text/javascript; charset=utf-8"),
        ("/parts.js", "text/javascript; charset=utf-8"),
        ("/zone_map.js", "text/javascript; charset=utf-8"),
        ("/messages.js", "text/javascript; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
    ],
)
async def test_a_part_of_the_page_comes_guarded_and_is_asked_about_again(
    api: httpx.AsyncClient, path: str, media_type: str
) -> None:
    answer = await api.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.content == FILES[path].content
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-cache"

    again = await api.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.headers[name] for name in HEADERS} == HEADERS
    assert (await api.get(path, headers={"if-none-match": 'W/"older"'})).status_code == 200


async def test_everything_the_page_asks_for_is_served(api: httpx.AsyncClient) -> None:
    wanted = re.findall(r'(?:src|href)="([^"]+)"', FILES["/"].content.decode()) + re.findall(r'from "([^"]+)"', CODE)
    assert {"/start.js", "/start.css", "/messages.js"} <= set(wanted)
    for path in wanted:
        assert (await api.get(path)).status_code == 200, path


async def test_an_unknown_address_is_a_problem_document(api: httpx.AsyncClient) -> None:
    for path in ("/start.vue", "/web/start.js", "/routes.py", "/queries.sql"):
        answer = await api.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("path", sorted(FILES))
def test_nothing_comes_from_elsewhere_and_nothing_is_inline(path: str) -> None:
    text = FILES[path].content.decode()
    outside = set(re.findall(r"\b\w+://[^\s\"')]*", text)) - {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert outside == set()
    assert re.findall(r"""["'(]//\w""", text) == []
    # The policy would stop each of these, silently.
    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|@import|\beval\(|new Function", text) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text) == []


# ---- words


def test_every_text_stands_in_both_languages() -> None:
    lines = (FOLDER / "messages.js").read_text(encoding="utf-8").splitlines()
    assert len(MESSAGES) == sum(line.startswith("  ") for line in lines), "one text a line, each key once"
    for key, (chinese, english) in MESSAGES.items():
        assert chinese, f"{key} lacks its Chinese"
        assert english, f"{key} lacks its English"
        names = [sorted(set(re.findall(r"\{(\w+)\}", text))) for text in (chinese, english)]
        assert names[0] == names[1], f"{key} fills in different names"
        assert key == "other_language" or not CHINESE.search(english), f"{key} is Chinese in English"


def test_every_text_the_page_names_is_there() -> None:
    used = set(re.findall(r'\b(?:t|card|field|column|table)\("(\w+)"', CODE))
    assert len(used) > 50
    assert used - set(MESSAGES) == set()
    # What is named by a value the server sends.
    named = {f"role_{role}" for role in ROLES} | {f"kind_{kind}" for kind in get_args(PartnerKind)}
    assert named | {f"legend_{grade}" for grade in range(5)} <= set(MESSAGES)


def test_no_text_is_left_over() -> None:
    prefixes = tuple(re.findall(r"`(\w+_)\$\{", CODE))
    unused = {
        key
        for key in MESSAGES
        if not key.startswith(prefixes) and not re.search(rf"""["'\s]{key}["':]|\b{key}\b""", CODE)
    }
    assert unused == set()


def test_no_text_stands_in_the_scripts() -> None:
    for name, text in SCRIPTS.items():
        # 万 is how large numbers are written, and belongs to them.
        assert CHINESE.findall(text.replace("万", "")) == [], name


def test_riders_read_nothing_of_supervision() -> None:
    assert not [key for key, (chinese, _) in MESSAGES.items() if re.search("监控|追踪|考核|用户", chinese)]


def test_the_scripts_stay_small() -> None:
    lines = {name: len(text.splitlines()) for name, text in SCRIPTS.items()}
    assert max(lines.values()) <= 250, lines


# ---- what a stranger is told


async def test_a_real_city_shows_its_name_and_nobody_to_sign_in_as(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    answer = await api.get("/api/start")
    assert answer.json() == {
        "signed_in": False, "cities": 1, "city_name": "云川市", "demonstration": False, "demonstration_sign_ins": [],
    }  # fmt: skip
    signed_in = await api.get("/api/start", headers=await make.planner(world.city_id))
    assert signed_in.json() == {**answer.json(), "signed_in": True}


async def test_a_demonstration_shows_the_ways_in(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.fetch("update city set demonstration = true where city_id = $1 returning code", world.city_id)
    answer = (await api.get("/api/start")).json()
    assert answer["demonstration"]
    assert [sign_in["role"] for sign_in in answer["demonstration_sign_ins"]] == ["planner", "firm_manager", "rider"]


async def test_another_city_marked_as_demonstration_shows_no_accounts_that_are_not_its_own(
    api: httpx.AsyncClient, make: Make
) -> None:
    await make.city(41)
    await make.fetch("update city set demonstration = true where city_id = 41 returning code")
    answer = (await api.get("/api/start")).json()
    assert (answer["demonstration"], answer["demonstration_sign_ins"]) == (False, [])


async def test_a_server_of_several_cities_or_none_names_none(api: httpx.AsyncClient, make: Make) -> None:
    empty = (await api.get("/api/start")).json()
    assert (empty["cities"], empty["city_name"]) == (0, None)
    for city_id in (41, 42, 43):
        await make.city(city_id)
    several = (await api.get("/api/start")).json()
    assert (several["cities"], several["city_name"]) == (2, None)


@pytest.mark.parametrize("variant", ["small", "full"])
def test_the_ways_in_are_people_of_the_fictional_city(variant: VariantName) -> None:
    partners = make_world(variant, 2027).partners
    planner, manager, rider = demonstration_sign_ins()
    assert planner.city_code == manager.city_code == rider.city_code == CITY_CODE
    assert manager.login == f"{partners.partners[0].code.lower()}-{MANAGER}"
    assert partners.partners[0].invited
    assert (rider.outlet_code, rider.pin) == (partners.outlets[int(partners.riders.outlet[0])].code, pin_of(0))
