"""Every refusal has one stable name, says what it means, and can be looked up under the type it carries."""

import importlib
import pkgutil
import re
from collections import Counter
from inspect import cleandoc

import httpx
import pytest

import dispatch
from dispatch.problems import Problem
from dispatch.server.problem_pages import problem_classes
from tests.make import World

for _module in pkgutil.walk_packages(dispatch.__path__, "dispatch."):
    if not _module.name.endswith(("__main__", "hatch_build")):  # the build hook needs the builder
        importlib.import_module(_module.name)

CLASSES = sorted(problem_classes(), key=lambda kind: (kind.__module__, kind.__name__))


def name_of(kind: type[Problem]) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def test_there_are_problems_to_speak_of() -> None:
    assert {"not-found", "not-allowed", "not-signed-in", "invalid-request"} <= {kind.slug for kind in CLASSES}


def test_no_two_problems_share_a_name() -> None:
    count = Counter(kind.slug for kind in CLASSES)
    twice = {slug: [name_of(kind) for kind in CLASSES if kind.slug == slug] for slug in count if count[slug] > 1}
    assert twice == {}, "give the rule of one slice its own slug, or import the other slice's problem"


@pytest.mark.parametrize("kind", CLASSES, ids=name_of)
def test_a_problem_says_what_it_is(kind: type[Problem]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", kind.slug), f"{kind.slug} is not kebab-case"
    assert kind.title[0].isupper(), f"{kind.title!r} begins without a capital"
    assert kind.title[-1] not in ".!", f"{kind.title!r} ends like a sentence; it is a heading"
    assert kind.status in range(400, 504)
    assert kind.__doc__ is not None, f"{name_of(kind)} has no docstring"
    assert len(cleandoc(kind.__doc__).split()) >= 4
    assert "slug" in vars(kind), f"{name_of(kind)} carries the slug of another problem"


async def test_the_type_of_an_answer_is_an_address_that_explains_it(api: httpx.AsyncClient) -> None:
    for kind in CLASSES:
        answer = await api.get(f"/problems/{kind.slug}")
        assert answer.status_code == 200, name_of(kind)
        assert answer.json() == {
            "type": f"/problems/{kind.slug}",
            "slug": kind.slug,
            "title": kind.title,
            "status": kind.status,
            "description": cleandoc(kind.__doc__ or ""),
        }, name_of(kind)


async def test_anyone_may_read_the_whole_catalogue(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/problems")).json()
    slugs = [entry["slug"] for entry in listed]
    assert slugs == sorted(slugs)
    assert {kind.slug for kind in CLASSES} <= set(slugs)
    assert all(entry["description"] for entry in listed)


async def test_an_unknown_name_is_not_found(api: httpx.AsyncClient) -> None:
    answer = await api.get("/problems/no-such-problem")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


async def test_what_http_itself_refuses_is_in_the_catalogue_too(api: httpx.AsyncClient, world: World) -> None:
    refused = [
        await api.get("/api/nowhere"),
        await api.patch("/api/me"),
        await api.post("/api/sign-in", content=b"<x/>", headers={"content-type": "application/xml"}),
        await api.post("/api/sign-in", content=b"{", headers={"content-type": "application/json"}),
    ]
    assert [answer.status_code for answer in refused] == [404, 405, 400, 400]
    for answer in refused:
        explained = await api.get(answer.json()["type"])
        assert explained.status_code == 200
        assert (explained.json()["title"], explained.json()["status"]) == (answer.json()["title"], answer.status_code)
