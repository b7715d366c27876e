"""The structs of the wire in the contract's words: JSON Schema by msgspec, which also decodes them, with the docstrings
of each struct and each field, and one example of everything that may be sent."""

import ast
import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from functools import cache
from inspect import cleandoc
from itertools import pairwise
from typing import Any

import msgspec
from msgspec import Struct

import schemas
from schemas.examples import EXAMPLES

_REFERENCE = "#/components/schemas/"


@cache
def structs() -> dict[str, type[Struct]]:
    """Every struct of the wire by its name."""
    modules = [importlib.import_module(module.name) for module in pkgutil.iter_modules(schemas.__path__, "schemas.")]
    return {
        kind.__name__: kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Struct) and kind.__module__ == module.__name__
    }


def reference(name: str) -> dict[str, str]:
    """The place where the contract describes a struct."""
    return {"$ref": _REFERENCE + name}


def named(node: Any) -> str | None:
    """The struct's name that a reference leads to; None for anything else."""
    target = node.get("$ref") if isinstance(node, dict) else None  # pyright: ignore[reportUnknownVariableType]  JSON
    return target.removeprefix(_REFERENCE) if isinstance(target, str) and target.startswith(_REFERENCE) else None


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(tree, dict):
        yield tree  # pyright: ignore[reportUnknownVariableType]  JSON
        for value in tree.values():  # pyright: ignore[reportUnknownVariableType]
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:  # pyright: ignore[reportUnknownVariableType]
            yield from nodes(value)


def references(tree: Any) -> set[str]:
    """The names of all structs a document leads to."""
    return {name for node in nodes(tree) if (name := named(node)) is not None}


def components(wanted: set[str]) -> dict[str, Any]:
    """The structs of these names and everything they are made of, described."""
    found: dict[str, Any] = {}
    while missing := sorted(wanted - set(found)):
        kinds = [structs()[name] for name in missing]
        _, described = msgspec.json.schema_components(kinds, ref_template=f"{_REFERENCE}{{name}}")
        found |= described
        wanted = references(found)
    for name, schema in found.items():
        _describe(structs()[name], schema)
    for node in nodes(found):
        _for_older_tools(node)
    return dict(sorted(found.items()))


def _for_older_tools(node: dict[str, Any]) -> None:
    """Say the same so that programs made for older versions of OpenAPI read it."""
    if "discriminator" in node and "anyOf" in node:
        node["oneOf"] = node.pop("anyOf")  # A tagged union is exactly one of its kinds.
    if "prefixItems" in node:
        node["items"] = {"oneOf": list({str(kind): kind for kind in node["prefixItems"]}.values())}
    elif node.get("type") == "array":
        node.setdefault("items", {})
    if all(isinstance(value, str) for value in node.get("enum", [None])):
        node["type"] = "string"
    if "$ref" in node:
        node.pop("type", None)
    elif node.get("type") == "object" and "properties" not in node:
        node.setdefault("additionalProperties", {})


def _describe(struct: type[Struct], schema: dict[str, Any]) -> None:
    """Add what the module says under each field, and what it is when it is left out. The latter in words: makers of
    programs take a member with a default for one that is always there, also where it is sent."""
    schema["description"] = plain(struct.__doc__ or "")
    notes = field_notes(struct)
    for name, encoded in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True):
        member: dict[str, Any] = schema["properties"][encoded]
        left_out = member.pop("default", None)
        sentences = [notes.get(name, ""), member.get("description", "")]
        if left_out not in (None, [], {}):
            sentences.append(f"Left out: `{json.dumps(left_out)}`.")
        text = [sentence for sentence in sentences if sentence]
        if text:
            member["description"] = " ".join(f"{one.rstrip('.')}." for one in text) if len(text) > 1 else text[0]


def plain(docstring: str) -> str:
    """A docstring without its line breaks inside paragraphs."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in cleandoc(docstring).split("\n\n"))


@cache
def field_notes(struct: type[Struct]) -> dict[str, str]:
    """What stands under each field of a struct and of those it extends, by the field's name in Python."""
    found: dict[str, str] = {}
    for kind in reversed(struct.__mro__):
        if not issubclass(kind, Struct) or kind.__module__ == Struct.__module__:
            continue
        body = _classes_of(kind.__module__)[kind.__name__].body
        for statement, following in pairwise(body):
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                found[statement.target.id] = plain(str(following.value.value))
    return found


@cache
def _classes_of(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


@cache
def examples() -> dict[str, Any]:
    """An example by the name of the struct it is of."""
    return {type(example).__name__: _short(example) for example in EXAMPLES}


def _short(value: Any) -> Any:
    """A struct as JSON without what is left at its default: as a program would send it."""
    if isinstance(value, Struct):
        config, fields = value.__struct_config__, msgspec.structs.fields(value)
        tag: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
        given = {field.encode_name: getattr(value, field.name) for field in fields if not _is_default(value, field)}
        return tag | {name: _short(inner) for name, inner in given.items()}
    if isinstance(value, list | tuple):
        return [_short(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return msgspec.to_builtins(value)


def _is_default(value: Struct, field: msgspec.structs.FieldInfo) -> bool:
    return not field.required and getattr(value, field.name) == field.default
