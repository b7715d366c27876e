"""The pages: an overview, one for each section of the contract, all problems, and all changes."""

from pathlib import Path
from typing import Any, Final

import schemas
from dispatch.problems import NotFound
from dispatch.server.problem_pages import problem_kinds
from dispatch.web.docs.html import Html, element, joined, prose, table, words
from dispatch.web.docs.operations import Shown, answers_of, operation, operations_of
from dispatch.web.docs.structs import structs_of
from dispatch.web.docs.words import SECTIONS, WORDS, Language, Words

CHANGELOG: Final = Path(schemas.__file__).parent / "CHANGELOG.md"
OVERVIEW, PROBLEMS, CHANGES = "", "problems", "changes"
ROOT: Final = "/api/docs"


def render(document: dict[str, Any], section: str, language: Language, *, chosen: bool) -> str:
    """The whole page of a section.

    Args:
        document: the contract.
        section: a tag of the contract, or one of the three above.
        language: of the words around the contract's own.
        chosen: whether the reader chose the language: then links keep to it.

    Raises NotFound for a section that is none.
    """
    text, query = WORDS[language], f"?language={language}" if chosen else ""
    tags: dict[str, str] = {tag["name"]: tag["description"] for tag in document["tags"]}
    match section:
        case "":
            title, content = text.overview, _overview(document, text, query)
        case "problems":
            title, content = text.problems, _problems(document, text, query)
        case "changes":
            title, content = text.changes, prose(CHANGELOG.read_text(encoding="utf-8"))
        case tag if tag in tags:
            title, content = _name(tag, language), _section(document, tag, text, query)
        case _:
            raise NotFound("There is no such section; /api/docs lists them.")
    return _page(document, (section, title), content, language, query)


def _name(tag: str, language: Language) -> str:
    return SECTIONS.get(tag, tag) if language == "zh" else tag.replace("_", " ").capitalize()


def _page(
    document: dict[str, Any], here: tuple[str, str], content: Html, language: Language, query: str
) -> str:  # fmt: skip
    text, (section, title) = WORDS[language], here
    other: Language = "en" if language == "zh" else "zh"
    names = {OVERVIEW: text.overview, CHANGES: text.changes}
    names |= {tag["name"]: _name(tag["name"], language) for tag in document["tags"]}
    links = [
        element("li", element("a", name, href=_address(key, query), aria_current="page" if key == section else None))
        for key, name in names.items()
    ]
    version = element("small", document["info"]["version"])
    head = element(
        "head", element("meta", charset="utf-8"), element("title", f"{title} · {text.title}"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="stylesheet", href=f"{ROOT}.css"),
        element("link", rel="icon", href="/favicon.svg"),
    )  # fmt: skip
    body = element(
        "body",
        element("a", text.skip, href="#content", class_="skip"),
        element(
            "header",
            element("p", element("a", text.title, href=_address(OVERVIEW, query)), " ", version),
            element("a", text.other_language, href=_address(section, f"?language={other}"), lang=other, hreflang=other),
        ),
        element("nav", element("ul", *links), aria_label=text.sections),
        element("main", element("h1", title), content, id="content", tabindex="-1"),
    )  # fmt: skip
    return "<!doctype html>\n" + element("html", head, body, lang="zh-CN" if language == "zh" else "en")


def _address(section: str, query: str) -> str:
    return f"{ROOT}/{section}{query}" if section else f"{ROOT}{query}"


def _overview(document: dict[str, Any], text: Words, query: str) -> Html:
    parts: list[Html] = [
        prose(document["info"]["description"]),
        element("p", element("a", text.guide, href="/guide")),
        element("p", element("a", text.document, href="/api/schema/openapi.json")),
        element("h2", text.sections),
    ]
    for tag in document["tags"]:
        lines = [_line(shown, _address(tag["name"], query)) for shown in _of(document, tag["name"])]
        language: Language = "zh" if text is WORDS["zh"] else "en"
        name = element("a", _name(tag["name"], language), href=_address(tag["name"], query))
        parts.append(
            element("section", element("h3", name), element("p", words(tag["description"])), element("ul", *lines))
        )
    return joined(*parts)


def _of(document: dict[str, Any], tag: str) -> list[Shown]:
    return [shown for shown in operations_of(document) if tag in shown.said["tags"]]


def _line(shown: Shown, address: str) -> Html:
    return element(
        "li", element("code", shown.method.upper()), " ",
        element("a", element("code", shown.path), href=f"{address}#{shown.name}"), " ", words(shown.said["summary"]),
    )  # fmt: skip


def _section(document: dict[str, Any], tag: str, text: Words, query: str) -> Html:
    about = next(each["description"] for each in document["tags"] if each["name"] == tag)
    here = _of(document, tag)
    structs = structs_of([shown.said for shown in here], document["components"]["schemas"], text)
    return joined(
        element("p", words(about)),
        element("ul", *(_line(shown, "") for shown in here), class_="operations"),
        *(operation(document, shown, text, query) for shown in here),
        element("h2", text.structs), structs,
    )  # fmt: skip


def _problems(document: dict[str, Any], text: Words, query: str) -> Html:
    """Every problem once, with the operations that give it. The pages of the problems' own section come with it."""
    given: dict[str, list[Shown]] = {}
    everything = operations_of(document)
    for shown in everything:
        slugs = {slug for answer in answers_of(document, shown).values() for slug in answer.get("x-problems", [])}
        for slug in sorted(slugs | set(shown.said.get("x-record-problems", []))):
            given.setdefault(slug, []).append(shown)
    rows: list[tuple[str, ...]] = [
        (
            joined(element("code", kind.slug, id=kind.slug), element("small", f" {kind.status}")),
            joined(element("strong", kind.title), element("p", words(kind.description))),
            _givers(given.get(kind.slug, []), len(everything), text, query),
        )
        for kind in problem_kinds().values()
    ]
    return joined(
        element("p", text.problems_about), table((text.problem, text.meaning, text.given_by), rows),
        _section(document, PROBLEMS, text, query),
    )  # fmt: skip


def _givers(shown: list[Shown], everything: int, text: Words, query: str) -> Html:
    """The operations by name; nobody reads a list of half of them all."""
    if len(shown) * 4 > everything:
        return Html(text.any_request)
    links = [element("a", each.name, href=f"{_address(each.said['tags'][0], query)}#{each.name}") for each in shown]
    return joined(*(part for position, link in enumerate(links) for part in (", " if position else None, link)))
