"""The pages: served packed and guarded, nothing from elsewhere, telling a stranger nothing of a real city."""

import gzip
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from dispatch.database import Database
from dispatch.demo.sign_ins import demonstration_sign_ins
from dispatch.demo.stage import AUDITOR, CITY_CODE, MANAGER, pin_of
from dispatch.demo.variants import VariantName
from dispatch.demo.world import make_world
from dispatch.privacy.notice import STANDARD_VERSION
from dispatch.web import routes
from dispatch.web.routes import HEADERS, files
from tests.conftest import Clock, serving
from tests.make import Make, World

SOURCES = Path(routes.__file__).parent


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A built folder of a console, a rider's page and one script, served instead of the real one."""
    (tmp_path / "assets").mkdir()
    for name, content in (
        ("console.html", b"<title>console</title>"),
        ("rider.html", b"<title>rider</title>"),
        ("rider-worker.js", b"self.x = 1"),
        ("assets/console-1a2b.js", b"console.log(1);" * 100),
        ("assets/console-1a2b.js.gz", gzip.compress(b"console.log(1);" * 100)),
        ("assets/console-1a2b.js.br", b"packed by brotli"),
        (".stamp", b"secret"),
    ):
        (tmp_path / name).write_bytes(content)
    found = files(tmp_path)
    monkeypatch.setattr(routes, "files", lambda: found)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "title"),
    [("/", "console"), ("/zones", "console"), ("/zones/990101001", "console"), ("/r", "rider"), ("/r/", "rider")],
)
async def test_a_page_comes_guarded_and_is_asked_about_again(
    api: httpx.AsyncClient, built: Path, path: str, title: str
) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.text) == (200, f"<title>{title}</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert answer.headers["cache-control"] == "no-cache"
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    again = await api.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await api.get(path, headers={"if-none-match": 'W/"older"'})).status_code == 200


@pytest.mark.parametrize(
    ("accepts", "encoding", "content"),
    [
        ("br, gzip", "br", b"packed by brotli"),
        ("gzip;q=0.8", "gzip", gzip.compress(b"console.log(1);" * 100, mtime=0)),
        ("identity", None, b"console.log(1);" * 100),
    ],
    ids=["br", "gzip", "identity"],
)
async def test_a_script_named_by_its_content_is_kept_for_ever_and_comes_packed_as_the_browser_takes_it(
    api: httpx.AsyncClient, built: Path, accepts: str, encoding: str | None, content: bytes
) -> None:
    request = api.build_request("GET", "/assets/console-1a2b.js", headers={"accept-encoding": accepts})
    answer = await api.send(request, stream=True)
    raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "accept-encoding"
    if encoding == "gzip":
        assert gzip.decompress(raw) == gzip.decompress(content)
    else:
        assert raw == content


@pytest.mark.parametrize(
    "path",
    [
        "/start.vue", "/routes.py", "/queries.sql", "/.stamp", "/assets/gone.js", "/assets/x/y", "/api/nowhere", "/api",
        "/assets/console-1a2b.js.gz", "/../routes.py", "/%2e%2e/routes.py", "/rider.html.bak",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_a_problem_document_and_never_a_page(
    api: httpx.AsyncClient, built: Path, path: str
) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-found"


async def test_a_server_without_built_pages_says_how_to_build_them(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "files", dict[str, routes.File])
    answer = await api.get("/")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/pages-not-built")
    assert "npm run build" in answer.json()["detail"]


# ---- the sources of the pages


def texts(*endings: str) -> dict[str, str]:
    paths = [*SOURCES.glob("*.html"), *(SOURCES / "src").rglob("*")]
    return {
        path.relative_to(SOURCES).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(paths)
        if path.is_file() and path.name.endswith(endings) and not path.name.endswith((".spec.ts", ".d.ts"))
    }


# What the guide's commands say for the address of this server; replaced before they are shown, and never asked.
PLACEHOLDER = "https://dispatch.example"


def test_nothing_comes_from_elsewhere_and_nothing_is_inline() -> None:
    faults: list[str] = []
    for name, text in texts(".html", ".vue", ".ts", ".css").items():
        outside = set(re.findall(r"\bhttps?://[^\s\"'`)]*", text)) - {"http://www.w3.org/2000/svg", PLACEHOLDER}
        faults += [f"{name}: {address}" for address in outside]
        # The content security policy would stop the first ones silently; the second let a name act as markup.
        faults += [f"{name}: {found}" for found in re.findall(r"\beval\(|new Function\(|\sstyle=\"", text)]
        faults += [f"{name}: {found}" for found in re.findall(r"v-html|innerHTML|outerHTML|insertAdjacentHTML", text)]
    assert faults == []


def test_riders_read_nothing_of_supervision() -> None:
    words = {name: text for name, text in texts(".ts").items() if name.startswith("src/rider/messages")}
    assert words
    found = {name: re.findall("监控|追踪|考核|打卡|用户|(?<!不)排名", text) for name, text in words.items()}
    assert [name for name, each in found.items() if each] == []


def test_the_short_form_of_the_notice_names_the_standard_version() -> None:
    named = re.search(r"SHORT_FORM_VERSION = (\d+)", texts(".ts")["src/rider/consent.ts"])
    assert named
    assert int(named[1]) == STANDARD_VERSION


def test_files_of_the_pages_stay_small() -> None:
    lines = {name: len(text.splitlines()) for name, text in texts(".vue", ".ts", ".css").items()}
    assert {name: count for name, count in lines.items() if count > 400 and "messages" not in name} == {}


# ---- what a stranger is told


async def test_a_real_city_shows_its_name_and_nobody_to_sign_in_as(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    answer = await api.get("/api/start")
    assert answer.json() == {
        "signed_in": False, "cities": 1, "city_name": "云川市", "demonstration": False, "oidc": False,
        "centre_name": None, "centre_phone": None,
        "demonstration_sign_ins": [],
    }  # fmt: skip
    signed_in = await api.get("/api/start", headers=await make.planner(world.city_id))
    assert signed_in.json() == {**answer.json(), "signed_in": True}


@pytest.fixture
async def demonstrating(database: Database, clock: Clock) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a server that `dispatch demo` started."""
    async with serving(database, clock) as (client, app):
        app.state.demonstration_sign_ins = demonstration_sign_ins()
        yield client
        app.state.demonstration_sign_ins = []


async def test_a_demonstration_shows_the_ways_in(demonstrating: httpx.AsyncClient, make: Make, world: World) -> None:
    assert (await demonstrating.get("/api/start")).json()["demonstration_sign_ins"] == [], "a real city has none"
    await make.fetch("update city set demonstration = true where city_id = $1 returning code", world.city_id)
    answer = (await demonstrating.get("/api/start")).json()
    assert answer["demonstration"]
    assert [sign_in["role"] for sign_in in answer["demonstration_sign_ins"]] == [
        "planner",
        "firm_manager",
        "outlet_manager",
        "rider",
        "auditor",
    ]


async def test_another_city_marked_as_demonstration_shows_no_accounts_that_are_not_its_own(
    demonstrating: httpx.AsyncClient, make: Make
) -> None:
    await make.city(41)
    await make.fetch("update city set demonstration = true where city_id = 41 returning code")
    answer = (await demonstrating.get("/api/start")).json()
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
    planner, manager, outlet, rider, auditor = demonstration_sign_ins()
    assert auditor.login == AUDITOR
    assert planner.city_code == manager.city_code == rider.city_code == CITY_CODE
    assert manager.login == f"{partners.partners[0].code.lower()}-{MANAGER}"
    assert outlet.login == partners.outlets[0].code.lower()
    assert partners.partners[0].invited
    assert (rider.outlet_code, rider.pin) == (partners.outlets[int(partners.riders.outlet[0])].code, pin_of(0))
