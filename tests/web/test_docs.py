"""The contract's pages: whole, in two languages, escaped, and asked about again instead of fetched again."""

from typing import Any

import httpx
import msgspec
import pytest

from dispatch.commands.openapi import document
from dispatch.server.problem_pages import problem_kinds
from dispatch.web.docs.html import Html, element, joined, prose, words
from dispatch.web.docs.page import render
from dispatch.web.docs.structs import type_of
from dispatch.web.docs.words import CHINESE, ENGLISH, SECTIONS

CONTRACT: dict[str, Any] = msgspec.json.decode(document())


async def test_the_pages_let_nothing_run_and_nothing_in_from_elsewhere(api: httpx.AsyncClient) -> None:
    for address in ("/api/docs", "/api/docs/handouts", "/api/docs/problems", "/api/docs/changes", "/api/docs.css"):
        answer = await api.get(address)
        assert answer.status_code == 200, address
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert "http:" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_page_that_has_not_changed_is_not_sent_again(api: httpx.AsyncClient) -> None:
    first = await api.get("/api/docs/stock")
    again = await api.get("/api/docs/stock", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await api.get("/api/docs/handouts", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "zh-CN"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("", "en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("", "fr,en;q=0.5", "en"),
        ("", "fr", "zh-CN"),
        ("?language=en", "zh-CN", "en"),
        ("?language=zh", "en", "zh-CN"),
    ],
)
async def test_a_page_is_in_the_language_that_is_chosen_or_else_asked_for(
    api: httpx.AsyncClient, query: str, accepted: str, language: str
) -> None:
    answer = await api.get(f"/api/docs{query}", headers={"accept-language": accepted})
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["vary"].startswith("accept-language")


async def test_a_section_or_language_that_there_is_not_is_refused(api: httpx.AsyncClient) -> None:
    unknown, strange = await api.get("/api/docs/nothing"), await api.get("/api/docs?language=fr")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/not-found")
    assert (strange.status_code, strange.json()["type"]) == (400, "/problems/invalid-request")


@pytest.mark.parametrize("tag", [tag["name"] for tag in CONTRACT["tags"]])
def test_a_section_shows_every_operation_of_it_with_its_refusals_and_structs(tag: str) -> None:
    page = render(CONTRACT, tag, "en", chosen=True)
    for path, item in CONTRACT["paths"].items():
        for operation in item.values():
            if tag in operation["tags"]:
                assert f'id="{operation["operationId"]}"' in page
                assert f"<code>{path}</code>" in page
                assert 'href="/api/docs/problems?language=en#too-many-requests"' in page
    targets = {part.partition('"')[0] for part in page.split('href="#')[1:]}
    assert {target for target in targets if f'id="{target}"' not in page} == set(), "these links lead nowhere"


def test_every_section_has_a_chinese_name() -> None:
    assert set(SECTIONS) == {tag["name"] for tag in CONTRACT["tags"]}


def test_the_overview_leads_to_every_operation() -> None:
    page = render(CONTRACT, "", "zh", chosen=False)
    for item in CONTRACT["paths"].values():
        for operation in item.values():
            assert f'href="/api/docs/{operation["tags"][0]}#{operation["operationId"]}"' in page


def test_the_page_of_problems_explains_each_and_says_which_operations_give_it() -> None:
    page = render(CONTRACT, "problems", "en", chosen=False)
    for slug, kind in problem_kinds().items():
        assert f'id="{slug}"' in page
        assert str(element("strong", kind.title)) in page
    row = page.split('id="key-scope"')[1].split("</tr>")[0]
    assert 'href="/api/docs/handouts#report_handouts"' in row
    assert "any request" in page.split('id="too-many-requests"')[1].split("</tr>")[0]


def test_both_languages_say_everything() -> None:
    assert [name for name in ENGLISH._fields if not getattr(ENGLISH, name) or not getattr(CHINESE, name)] == []


# ---- the parts


def test_what_is_no_html_is_escaped_wherever_it_comes_from() -> None:
    assert element("p", "<b>", class_='"') == '<p class="&quot;">&lt;b&gt;</p>'
    assert element("p", Html("<b></b>")) == "<p><b></b></p>"
    assert joined("a<", None, Html("<br>")) == "a&lt;<br>"
    assert words("<i> `x<y` **z**") == "&lt;i&gt; <code>x&lt;y</code> <strong>z</strong>"


def test_an_attribute_that_is_none_or_false_is_left_out() -> None:
    assert (
        element("a", "x", href=None, hidden=False, aria_current="page", open=True)
        == '<a aria-current="page" open>x</a>'
    )


def test_paragraphs_lists_and_headings_are_told_apart() -> None:
    text = "# Head\nFirst\nline.\n\n- one\n  goes on\n- `two`\n\nLast."
    assert prose(text) == (
        "<h2>Head</h2><p>First line.</p><ul><li>one goes on</li><li><code>two</code></li></ul><p>Last.</p>"
    )


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 5000}, "integer 1–5,000"),
        ({"type": "string", "maxLength": 40}, "string ≤ 40"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "number > 0 ≤ 1"),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "number ≥ 0 < 1"),
        ({"type": "string", "format": "uuid"}, "uuid"),
        ({"enum": ["a", "b"], "type": "string"}, "<code>a</code>, <code>b</code>"),
        ({"$ref": "#/components/schemas/Claim"}, '<a href="#Claim">Claim</a>'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "string"}]}, 'one of <a href="#A">A</a>, string'),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 3}, "list of string ≤ 3"),
        ({}, "JSON"),
    ],
)
def test_a_type_is_said_in_a_few_words(schema: dict[str, Any], shown: str) -> None:
    assert type_of(schema, ENGLISH) == shown
