"""What changed between two schemas, as those see it who send, or those who read, what they describe.

Sending, it breaks a program when less is taken than before; reading, when more may come than before.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple, cast

Schema = dict[str, Any]
Direction = Literal["sent", "read"]
Kind = Literal["breaking", "deprecated", "additive"]


class Change(NamedTuple):
    """One change: what it is to programs, the operation or struct it is about, and what it is."""

    kind: Kind
    place: str
    what: str
    was_unsaid: bool = False
    """The old contract said nothing of it: the server may well have done so before."""


_ANYTHING, _OTHER = "anything at all", "other than the values listed"
_NULL: Final[Schema] = {"type": "null"}
# Limits by which of two is the wider one.
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")


class SchemaChanges:
    """Compares schemas of two documents, each pair of structs once for each direction."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self._old: dict[str, Schema] = old.get("components", {}).get("schemas", {})
        self._new: dict[str, Schema] = new.get("components", {}).get("schemas", {})
        self._compared: set[tuple[str, str, Direction]] = set()

    def between(self, old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[Change]:
        """What changed; `place` is said of what is in no struct."""
        before, after = _name(old), _name(new)
        if before is not None and after is not None:
            key = (before, after, direction)
            if key in self._compared:
                return
            self._compared.add(key)
        old, new = self._old[before] if before else old, self._new[after] if after else new
        yield from self._unions(_choices(old), _choices(new), direction, after or place)

    def _unions(self, old: list[Schema], new: list[Schema], direction: Direction, place: str) -> Iterator[Change]:
        if not all(any(map(_says_something, one)) for one in (old, new)):
            open_ended = [not any(map(_says_something, one)) for one in (old, new)]
            yield from _widened(open_ended[0], open_ended[1], direction, place, _ANYTHING)
            return
        yield from _widened(_has_null(old), _has_null(new), direction, place, "null")
        old, new = [one for one in old if not _is_null(one)], [one for one in new if not _is_null(one)]
        if len(old) == len(new) == 1:
            yield from self._one(old[0], new[0], direction, place)
            return
        before, after = {_key(one): one for one in old}, {_key(one): one for one in new}
        for key in sorted(set(before) | set(after)):
            if key in before and key in after:
                yield from self.between(before[key], after[key], direction, place)
            else:
                yield from _widened(key in before, key in after, direction, place, key)

    def _one(self, old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[Change]:
        if _name(old) or _name(new):
            yield from self.between(old, new, direction, place)
            return
        if _type(old) != _type(new):
            wider = {("integer", "number"): True, ("number", "integer"): False}.get((_type(old), _type(new)))
            kind: Kind = "breaking" if wider is None or wider == (direction == "read") else "additive"
            yield Change(kind, place, f"is {_type(new)}, was {_type(old)}")
            return
        yield from _values(old, new, direction, place)
        if _type(new) == "object":
            yield from self._members(old, new, direction, place)
        for key, within in (("items", "[]"), ("additionalProperties", "{}")):
            before, after = old.get(key), new.get(key)
            if isinstance(before, dict) and isinstance(after, dict):
                yield from self.between(cast("Schema", before), cast("Schema", after), direction, f"{place}{within}")

    def _members(self, old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[Change]:
        before: dict[str, Schema] = old.get("properties", {})
        after: dict[str, Schema] = new.get("properties", {})
        needed_before, needed_after = set(old.get("required", [])), set(new.get("required", []))
        for name in sorted(set(before) | set(after)):
            member = f"{place}.{name}"
            if name not in after:
                yield Change("breaking", member, "is gone")
            elif name not in before:
                needed = direction == "sent" and name in needed_after
                kind: Kind = "breaking" if needed else "additive"
                yield Change(kind, member, "is new and must be sent" if needed else "is new")
            else:
                if (name in needed_before) != (name in needed_after):
                    now_needed = name in needed_after
                    kind = "breaking" if now_needed == (direction == "sent") else "additive"
                    words = "must be sent" if direction == "sent" else "is always there"
                    yield Change(kind, member, words if now_needed else f"no longer {words}")
                yield from self.between(before[name], after[name], direction, member)


def _widened(before: bool, after: bool, direction: Direction, place: str, what: str) -> Iterator[Change]:
    """Something is possible that was not, or the other way round."""
    if before != after:
        kind: Kind = "breaking" if after == (direction == "read") else "additive"
        unsaid = not after and what in {_ANYTHING, _OTHER}
        yield Change(kind, place, f"may be {what}" if after else f"may no longer be {what}", unsaid)


def _values(old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[Change]:
    """Enumerations, formats, patterns and limits. Limits of what is only read change nothing for a program."""
    if "enum" in old and "enum" in new:
        for value in sorted({*old["enum"], *new["enum"]}, key=str):
            yield from _widened(value in old["enum"], value in new["enum"], direction, place, f"`{value}`")
    else:
        yield from _widened("enum" not in old, "enum" not in new, direction, place, _OTHER)
    if direction == "read":
        return
    for key in ("format", "pattern", *_UPPER, *_LOWER):
        before, after = old.get(key), new.get(key)
        if before != after:
            kind: Kind = "breaking" if _is_narrower(key, before, after) else "additive"
            yield Change(kind, place, f"{key}: {old.get(key, 'none')} → {new.get(key, 'none')}", before is None)


def _is_narrower(key: str, before: Any, after: Any) -> bool:
    """Whether less is taken than before. Of another format or pattern nobody can say."""
    if before is None or after is None:
        return before is None
    return key in {"format", "pattern"} or (after < before) == (key in _UPPER)


def _name(schema: Schema) -> str | None:
    reference: str | None = schema.get("$ref")
    return reference.rsplit("/", 1)[1] if reference else None


def _choices(schema: Schema) -> list[Schema]:
    """What it may be: one thing, or those of a union. A type written as a list is a union too."""
    kinds: Any = schema.get("type")
    if isinstance(kinds, list):
        return [_NULL if kind == "null" else {**_filled(schema), "type": kind} for kind in kinds]  # pyright: ignore[reportUnknownVariableType]
    if None in schema.get("enum", ()):
        return [_filled(schema), _NULL]
    inner: list[Schema] = schema.get("oneOf") or schema.get("anyOf") or []
    return [choice for one in inner for choice in _choices(one)] or [schema]


def _filled(schema: Schema) -> Schema:
    """Without null among its values."""
    return schema | {"enum": [value for value in schema["enum"] if value is not None]} if "enum" in schema else schema


def _type(schema: Schema) -> str:
    """Its type; that of an enumeration is its values'; nothing for what may be anything."""
    if "enum" in schema and "type" not in schema:
        return "string" if all(isinstance(value, str) for value in schema["enum"]) else "JSON"
    return schema.get("type", "object" if "properties" in schema else "")


def _key(schema: Schema) -> str:
    return _name(schema) or _type(schema)


def _says_something(schema: Schema) -> bool:
    """Whether it is any narrower than "anything at all"."""
    return bool(_key(schema) or _choices(schema) != [schema])


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null"


def _has_null(schemas: list[Schema]) -> bool:
    return any(_is_null(schema) for schema in schemas)
