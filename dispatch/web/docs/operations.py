"""One operation as a reader sees it: who may, what is sent, an example, what comes back, and every refusal."""

import json
from typing import Any, NamedTuple

from dispatch.server.problem_pages import problem_kinds
from dispatch.web.docs.html import Html, element, joined, prose, table, words
from dispatch.web.docs.structs import type_of
from dispatch.web.docs.words import Words


class Shown(NamedTuple):
    """An operation of the document with its place."""

    method: str
    path: str
    said: dict[str, Any]

    @property
    def name(self) -> str:
        """The same word as in the program."""
        return self.said["operationId"]


def operations_of(document: dict[str, Any]) -> list[Shown]:
    """Every operation, by address."""
    return [
        Shown(method, path, said)
        for path, item in sorted(document["paths"].items())
        for method, said in sorted(item.items())
    ]  # fmt: skip


def answers_of(document: dict[str, Any], shown: Shown) -> dict[int, dict[str, Any]]:
    """The responses by status, those that are described once for all looked up."""
    shared = document["components"]["responses"]
    return {
        int(status): shared[answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
        for status, answer in shown.said["responses"].items()
    }


def operation(document: dict[str, Any], shown: Shown, text: Words, query: str) -> Html:
    """The operation's part of its section's page."""
    said, kinds = shown.said, f"/api/docs/problems{query}"
    what, _, _ = said["description"].rpartition("\n\n")  # The last paragraph says who, which stands by itself here.
    return element(
        "section",
        element(
            "h2", element("a", said["summary"], href=f"#{shown.name}"),
            element("small", f" {text.deprecated}", class_="deprecated") if said.get("deprecated") else None,
        ),
        element("p", element("code", shown.method.upper()), " ", element("code", shown.path), class_="address"),
        prose(what) if what != said["summary"] + "." else None,
        element("p", element("strong", f"{text.who}: "), _who(said, text)),
        _key_scope(said, text),
        _parameters(said, text),
        _body(said, text),
        _answers(document, shown, text),
        _refusals(document, shown, text, kinds),
        id=shown.name,
        class_="operation",
    )  # fmt: skip


def _who(said: dict[str, Any], text: Words) -> Html:
    if "x-roles" not in said:
        return Html(text.everybody)
    roles = [element("code", role) for role in said["x-roles"]]
    parts = [part for position, role in enumerate(roles) for part in (", " if position else None, role)]
    return joined(*parts, f" ({text.whole_city})" if said["x-whole-city"] else None)


def _key_scope(said: dict[str, Any], text: Words) -> Html | None:
    scopes = said.get("x-key-scopes")
    if not scopes:
        return None
    return element("p", element("strong", f"{text.key_scope}: "), element("code", scopes[0]))


def _parameters(said: dict[str, Any], text: Words) -> Html | None:
    if not said.get("parameters"):
        return None
    rows: list[tuple[str, ...]] = [
        (
            joined(
                element("code", entry["name"]),
                element("small", f" {text.required}") if entry.get("required") else None,
                element("small", f" {text.deprecated}", class_="deprecated") if entry.get("deprecated") else None,
            ),
            entry["in"],
            type_of(entry["schema"], text),
            words(entry.get("description") or entry["schema"].get("description", "")),
        )
        for entry in said["parameters"]
    ]
    return joined(element("h3", text.parameters), table((text.name, text.where, text.type, text.meaning), rows))


def _body(said: dict[str, Any], text: Words) -> Html | None:
    if "requestBody" not in said:
        return None
    parts: list[Html | None] = [element("h3", text.body)]
    note: str = said["requestBody"].get("description", "")
    parts.append(element("p", words(note)) if note else None)
    for media_type, media in said["requestBody"]["content"].items():
        parts.append(element("p", element("code", media_type), ": ", type_of(media["schema"], text)))
        for name, example in media.get("examples", {}).items():
            value = example["value"]
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
            caption = f"{text.example} ({name})" if len(media["examples"]) > 1 else text.example
            parts.append(element("figure", element("figcaption", caption), element("pre", shown, tabindex="0")))
    return joined(*parts)


def _answers(document: dict[str, Any], shown: Shown, text: Words) -> Html:
    rows: list[tuple[str, ...]] = [
        (str(status), _contents(answer, text), words(answer["description"]))
        for status, answer in sorted(answers_of(document, shown).items())
        if status < 400
    ]
    return joined(element("h3", text.answers), table((text.status, text.type, text.meaning), rows))


def _contents(answer: dict[str, Any], text: Words) -> Html:
    first = next(iter(answer.get("content", {}).items()), None)
    if first is None:
        return Html("–")
    return joined(element("code", first[0]), ": ", type_of(first[1].get("schema", {}), text))


def _refusals(document: dict[str, Any], shown: Shown, text: Words, kinds: str) -> Html:
    titles = {slug: kind.title for slug, kind in problem_kinds().items()}
    rows: list[tuple[str, ...]] = [
        (str(status), element("a", slug, href=f"{kinds}#{slug}"), titles.get(slug, ""))
        for status, answer in sorted(answers_of(document, shown).items())
        for slug in answer.get("x-problems", [])
    ]
    records = [
        element("li", element("a", slug, href=f"{kinds}#{slug}")) for slug in shown.said.get("x-record-problems", [])
    ]
    return joined(
        element("h3", text.refusals), table((text.status, text.problem, text.meaning), rows),
        joined(element("h3", text.of_records), element("ul", *records)) if records else None,
    )  # fmt: skip
