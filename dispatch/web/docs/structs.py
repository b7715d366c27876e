"""Schemas as a reader sees them: the type in a few words with links, and a table of members for each struct."""

from typing import Any

from dispatch.server.contract_schemas import named, references
from dispatch.web.docs.html import Html, element, joined, table, words
from dispatch.web.docs.words import Words


def type_of(schema: dict[str, Any], text: Words) -> Html:
    """A schema in a few words; structs are links to their tables."""
    name = named(schema)
    if name is not None:
        return element("a", name, href=f"#{name}")
    choices: list[dict[str, Any]] = schema.get("oneOf") or schema.get("anyOf") or []
    if choices:
        given = [choice for choice in choices if choice.get("type") != "null"]
        inner = [type_of(choice, text) for choice in given]
        shown = inner[0] if len(inner) == 1 else joined(text.one_of, " ", _listed(inner))
        return joined(shown, f" {text.or_null}") if len(given) < len(choices) else shown
    if "enum" in schema:
        return _listed([element("code", str(value)) for value in schema["enum"]])
    if schema.get("type") == "array" and "items" in schema:
        return joined(f"{text.list_of} ", type_of(schema["items"], text), _limits(schema))
    kind = schema.get("format") or schema.get("type") or "JSON"
    return joined(" | ".join(kind) if isinstance(kind, list) else str(kind), _limits(schema))  # pyright: ignore[reportUnknownArgumentType]


def _listed(parts: list[Html]) -> Html:
    return joined(*(part for position, one in enumerate(parts) for part in (Html(", ") if position else None, one)))


def _limits(schema: dict[str, Any]) -> Html:
    """How much of it there may be."""
    low = next((schema[key] for key in ("minimum", "minLength", "minItems") if key in schema), None)
    high = next((schema[key] for key in ("maximum", "maxLength", "maxItems") if key in schema), None)
    over = f" > {schema['exclusiveMinimum']}" if "exclusiveMinimum" in schema else ""
    under = f" < {schema['exclusiveMaximum']}" if "exclusiveMaximum" in schema else ""
    if low is not None and high is not None:
        return Html(f" {low:,}–{high:,}")
    return Html((f" ≥ {low:,}" if low is not None else over) + (f" ≤ {high:,}" if high is not None else under))


def _note(schema: dict[str, Any], text: Words) -> Html:
    """What a member means, and what it is when it is left out."""
    inner = [choice.get("description") for choice in schema.get("anyOf", []) if choice.get("description")]
    said = schema.get("description") or (inner[0] if inner else "")
    left_out = schema.get("default")
    default = joined(f" {text.default}: ", element("code", str(left_out))) if left_out not in (None, [], {}) else None
    return joined(words(said), default)


def members(schema: dict[str, Any], text: Words) -> Html:
    """The table of an object's members, those that must be sent first."""
    required = schema.get("required", [])
    names = sorted(schema.get("properties", {}), key=lambda name: (name not in required, name))
    rows: list[tuple[str, ...]] = [
        (
            joined(element("code", name), element("small", f" {text.required}") if name in required else None),
            type_of(schema["properties"][name], text),
            _note(schema["properties"][name], text),
        )
        for name in names
    ]
    return table((text.name, text.type, text.meaning), rows)


def structs_of(tree: Any, schemas: dict[str, Any], text: Words) -> Html:
    """Every struct that operations lead to, by name, each with its table."""
    wanted: set[str] = set()
    while new := references(tree) - wanted:
        wanted |= new
        tree = [schemas[name] for name in new]
    return joined(
        *(
            element(
                "section", element("h3", element("a", name, href=f"#{name}")),
                element("p", words(schemas[name].get("description", ""))), members(schemas[name], text),
                id=name, class_="struct",
            )
            for name in sorted(wanted)
        )
    )  # fmt: skip
