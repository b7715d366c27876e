"""What changed between two contracts, told apart by what it does to programs: breaking, deprecated, additive."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from dispatch.commands.schema_changes import Change, Kind, SchemaChanges

Document = dict[str, Any]
# Words and pictures: nothing that a program depends on.
_WORDS: Final = {"description", "summary", "title", "examples", "example", "info", "servers", "tags", "default"}
_METHODS: Final = ("get", "put", "post", "patch", "delete")


def digest(document: Document) -> str:
    """What identifies a contract: everything programs depend on, and no word besides."""
    return sha256(json.dumps(_bare(document), sort_keys=True).encode()).hexdigest()[:12]


def _bare(node: Any, *, named: bool = False) -> Any:
    """Without words. Where names are given freely (members, paths), a member may be called as a word is."""
    if isinstance(node, dict):
        return {
            key: _bare(value, named=key in {"properties", "paths", "schemas", "responses", "content", "headers"})
            for key, value in node.items()  # pyright: ignore[reportUnknownVariableType]  JSON
            if named or key not in _WORDS
        }
    return [_bare(value) for value in node] if isinstance(node, list) else node  # pyright: ignore[reportUnknownVariableType]


def changes(old: Document, new: Document) -> list[Change]:
    """Every change, each once, in the order of their places."""
    found = dict.fromkeys(_changes(old, new))
    return sorted(found, key=lambda change: (change.place, change.what))


def _changes(old: Document, new: Document) -> Iterator[Change]:
    schemas = SchemaChanges(old, new)
    listed = [any("x-problems" in answer for answer in _described(each)) for each in (old, new)]
    if listed == [False, True]:
        yield Change("additive", "All operations", "list every refusal, with its status and `type`")
    before, after = _operations(old), _operations(new)
    for place in sorted(set(before) | set(after)):
        if place not in after:
            announced = " (it was deprecated)" if before[place].get("deprecated") else ""
            yield Change("breaking", place, f"is gone{announced}")
        elif place not in before:
            yield Change("additive", place, "is new")
        else:
            yield from _operation(schemas, place, before[place], after[place])
            if all(listed):
                yield from _refusals(place, _answers(old, before[place]), _answers(new, after[place]))


def _operations(document: Document) -> dict[str, Document]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    }


def _described(document: Document) -> list[Document]:
    return [
        *document.get("components", {}).get("responses", {}).values(),
        *(answer for operation in _operations(document).values() for answer in operation["responses"].values()),
    ]


def _answers(document: Document, operation: Document) -> dict[str, Document]:
    shared = document.get("components", {}).get("responses", {})
    return {
        status: shared[answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
        for status, answer in operation["responses"].items()
    }


def _operation(schemas: SchemaChanges, place: str, old: Document, new: Document) -> Iterator[Change]:
    if new.get("deprecated") and not old.get("deprecated"):
        yield Change("deprecated", place, "will go")
    if old["operationId"] != new["operationId"]:
        yield Change("breaking", place, f"is named `{new['operationId']}`, was `{old['operationId']}`")
    yield from _access(place, old, new)
    yield from _parameters(schemas, place, old, new)
    yield from _bodies(schemas, place, old.get("requestBody"), new.get("requestBody"))
    good = [{status: answer for status, answer in each["responses"].items() if status < "4"} for each in (old, new)]
    for status in sorted(set(good[0]) | set(good[1])):
        if status not in good[1]:
            unsaid = all(map(_is_trivial, good[0][status].get("content", {}).values()))
            yield Change("breaking", place, f"no longer answers {status}", unsaid)
        elif status not in good[0]:
            yield Change("additive", place, f"may answer {status}")
        else:
            yield from _contents(schemas, place, good[0][status], good[1][status], "read")


def _access(place: str, old: Document, new: Document) -> Iterator[Change]:
    """Who may. A contract that said nothing of it cannot be compared."""
    if "x-roles" in old and "x-roles" in new:
        for role in sorted(set(old["x-roles"]) ^ set(new["x-roles"])):
            kind: Kind = "breaking" if role in old["x-roles"] else "additive"
            yield Change(kind, place, f"{'no longer' if kind == 'breaking' else 'also'} for `{role}`")
        if old["x-whole-city"] != new["x-whole-city"]:
            yield Change("breaking" if new["x-whole-city"] else "additive", place, "planners of a district: " + (
                "no longer" if new["x-whole-city"] else "also"))  # fmt: skip
    elif "x-roles" in new and old.get("security") == []:
        yield Change("breaking", place, "asks for signing in")


def _parameters(schemas: SchemaChanges, place: str, old: Document, new: Document) -> Iterator[Change]:
    before, after = (
        {f"{entry['in']} parameter `{entry['name']}`": entry for entry in each.get("parameters", [])}
        for each in (old, new)
    )
    for name in sorted(set(before) | set(after)):
        if name not in after:
            yield Change("breaking", place, f"{name} is gone")
            continue
        needed, was = after[name].get("required", False), before.get(name, {}).get("required", False)
        if name not in before:
            yield Change("breaking" if needed else "additive", place, f"{name} is new")
            continue
        if after[name].get("deprecated") and not before[name].get("deprecated"):
            yield Change("deprecated", place, f"{name} will go")
        if needed != was:
            verb = "must" if needed else "need not"
            yield Change("breaking" if needed else "additive", place, f"{name} {verb} be sent")
        sent = [_without_null(entry[name]["schema"]) for entry in (before, after)]
        yield from schemas.between(sent[0], sent[1], "sent", f"{place}: {name}")


def _without_null(schema: Document) -> Document:
    """No address holds null, whatever a contract says of it."""
    given = [one for one in schema.get("oneOf", schema.get("anyOf", [])) if one.get("type") != "null"]
    return given[0] if len(given) == 1 else schema


def _bodies(schemas: SchemaChanges, place: str, old: Document | None, new: Document | None) -> Iterator[Change]:
    if old is None or new is None:
        if old is not new:
            kind: Kind = "breaking" if new is not None and new.get("required") else "additive"
            yield Change(kind, place, "takes a body" if new is not None else "takes no body", new is not None)
        return
    if new.get("required", False) and not old.get("required", False):
        yield Change("breaking", place, "the body must be sent")
    yield from _contents(schemas, place, old, new, "sent")


def _contents(schemas: SchemaChanges, place: str, old: Document, new: Document, direction: Any) -> Iterator[Change]:
    before, after = old.get("content", {}), new.get("content", {})
    for kind in sorted(set(before) | set(after)):
        verb = "takes" if direction == "sent" else "answers"
        if kind not in after:
            # What a framework writes of every answer, until somebody says what it is.
            unsaid = _is_trivial(before[kind]) or (kind == "application/json" and bool(after) and direction == "read")
            yield Change("breaking", place, f"no longer {verb} `{kind}`", unsaid)
        elif kind not in before:
            yield Change("additive", place, f"{verb} `{kind}`")
        else:
            yield from schemas.between(before[kind].get("schema", {}), after[kind].get("schema", {}), direction, place)


def _is_trivial(media: Document) -> bool:
    """What a framework writes for an answer that it knows nothing of."""
    return media.get("schema", {}) in ({}, {"type": "string"})


def _refusals(place: str, old: dict[str, Document], new: dict[str, Document]) -> Iterator[Change]:
    before, after = (
        {slug for answer in each.values() for slug in answer.get("x-problems", [])} for each in (old, new)
    )  # fmt: skip
    for verb, slugs in (("may refuse as", after - before), ("no longer refuses as", before - after)):
        if slugs:
            yield Change("additive", place, f"{verb} " + ", ".join(f"`{slug}`" for slug in sorted(slugs)))
