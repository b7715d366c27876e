"""schemas/openapi.json is what the server speaks: pages and partners' systems are built on the committed file."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

import schemas
from dispatch.commands.openapi import document
from dispatch.routes import PAGES, ROUTES

COMMITTED = Path(__file__).parents[2] / "schemas" / "openapi.json"
REGENERATE = "uv run dispatch openapi > schemas/openapi.json"


def spoken() -> dict[str, Any]:
    """The document; empty when it cannot be made, which test_the_document_can_be_made shows: here it would stop all."""
    try:
        return msgspec.json.decode(document())
    except Exception:
        return {"paths": {}, "components": {"schemas": {}}, "tags": []}


SCHEMA = spoken()

# Operations that answer with a file or a stream, not with JSON.
NOT_JSON = re.compile(r"\.(mvt|csv|geojson|svg|pdf|docx|xlsx|png)$|/(events|live|changes)$|/tiles/|^/api/templates/")


class Operation(NamedTuple):
    """One method of one address."""

    method: str
    path: str
    said: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"


OPERATIONS = [
    Operation(method, path, said)
    for path, item in SCHEMA["paths"].items()
    for method, said in item.items()
    if method in {"get", "put", "post", "patch", "delete"}
]  # fmt: skip
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def parts(node: Any, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with the place it stands at."""
    if isinstance(node, dict):
        yield pointer, node  # pyright: ignore[reportUnknownArgumentType]  JSON
        for key, value in node.items():  # pyright: ignore[reportUnknownVariableType]
            yield from parts(value, f"{pointer}/{key}")
    elif isinstance(node, list):
        for position, value in enumerate(node):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from parts(value, f"{pointer}/{position}")


def pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def test_the_document_can_be_made() -> None:
    assert msgspec.json.decode(document())["openapi"].startswith("3.")


def test_the_committed_document_is_what_the_server_speaks() -> None:
    assert COMMITTED.exists(), f"make it: {REGENERATE}"
    same = COMMITTED.read_text(encoding="utf-8") == document()
    assert same, f"the contract changed; look at the difference and commit it: {REGENERATE}"


def test_the_document_is_the_same_each_time_it_is_made() -> None:
    assert document() == document()


def test_every_address_of_the_slices_is_in_the_document() -> None:
    """But the pages, which people read and no program is built on."""
    handlers = [handler for handler in ROUTES if handler not in PAGES]
    addresses = {re.sub(r":\w+}", "}", path) for handler in handlers for path in handler.paths}
    assert addresses == set(SCHEMA["paths"])


@every_operation
def test_an_operation_says_what_it_does(operation: Operation) -> None:
    assert operation.said.get("summary")
    assert len(operation.said.get("description", "").split()) >= 2, "the handler lacks its docstring"


def test_every_operation_has_a_name_of_its_own() -> None:
    count = Counter(operation.said["operationId"] for operation in OPERATIONS)
    assert [name for name, times in count.items() if times > 1] == []
    handlers = Counter(handler.handler_name for handler in ROUTES)
    assert [name for name, times in handlers.items() if times > 1] == [], "one word names a handler everywhere"


@every_operation
def test_an_operation_is_named_after_its_handler(operation: Operation) -> None:
    """One search finds the whole path: the name in the document holds the handler's."""
    found = [
        handler.handler_name
        for handler in ROUTES
        for path in handler.paths
        if re.sub(r":\w+}", "}", path) == operation.path and operation.method.upper() in handler.http_methods
    ]
    assert len(found) == 1
    assert operation.said["operationId"] == found[0] or operation.said["operationId"].endswith(pascal(found[0]))


@every_operation
def test_a_body_that_is_sent_is_described(operation: Operation) -> None:
    body = operation.said.get("requestBody")
    if body is not None:
        for media in body["content"].values():
            assert media["schema"] not in ({}, {"type": "object"}), "any object at all is no contract"


@every_operation
def test_an_answer_is_described(operation: Operation) -> None:
    answers = {int(status): answer for status, answer in operation.said["responses"].items() if status.startswith("2")}
    assert len(answers) >= 1
    for status, answer in answers.items():
        if status == 204 or NOT_JSON.search(operation.path):
            continue
        if operation.method == "delete" and "content" not in answer:
            continue
        schemas = [media.get("schema") for media in answer["content"].values()]
        assert all(schemas), "the handler's return type says nothing"
        assert {"type": "object"} not in schemas


@every_operation
def test_every_part_of_the_address_is_described(operation: Operation) -> None:
    wanted = set(re.findall(r"{(\w+)}", operation.path))
    given = {entry["name"] for entry in operation.said.get("parameters", []) if entry["in"] == "path"}
    assert given == wanted


def test_every_reference_leads_to_something() -> None:
    known = {f"#/components/{kind}/{name}" for kind, named in SCHEMA["components"].items() for name in named}
    used = {node["$ref"] for _, node in parts(SCHEMA) if isinstance(node.get("$ref"), str)}
    assert used - known == set()


STRUCTS: list[type[msgspec.Struct]] = [
    kind
    for module in pkgutil.iter_modules(schemas.__path__, "schemas.")
    for kind in vars(importlib.import_module(module.name)).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ == module.name
]
every_struct = pytest.mark.parametrize("struct", STRUCTS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")


@every_struct
def test_a_struct_of_the_contract_is_frozen_and_says_what_it_is(struct: type[msgspec.Struct]) -> None:
    assert struct.__struct_config__.frozen
    assert struct.__doc__, "it lacks its docstring"
    assert len(struct.__doc__.split()) >= 2


def test_no_two_structs_of_the_contract_share_a_name() -> None:
    """The document names them without their module, and would number the second one."""
    assert [name for name, times in Counter(kind.__name__ for kind in STRUCTS).items() if times > 1] == []


def is_request(struct: type[msgspec.Struct]) -> bool:
    """Requests are the structs that forbid what they do not know."""
    return struct.__struct_config__.forbid_unknown_fields


def test_what_a_handler_takes_is_a_struct_that_refuses_what_it_does_not_know() -> None:
    taken = {
        node["$ref"].rsplit("/", 1)[1]
        for operation in OPERATIONS
        for _, node in parts(operation.said.get("requestBody", {}))
        if isinstance(node.get("$ref"), str)
    }
    assert taken - {kind.__name__ for kind in STRUCTS if is_request(kind)} == set()


@pytest.mark.parametrize("struct", [kind for kind in STRUCTS if is_request(kind)], ids=lambda kind: kind.__name__)
def test_what_may_be_sent_is_limited(struct: type[msgspec.Struct]) -> None:
    """A text, list or number without a limit is an invitation: everything in a request says how much it may be."""
    (described,), components = msgspec.json.schema_components([struct])
    said: dict[str, Any] = components[described["$ref"].rsplit("/", 1)[1]]
    limits = {
        "string": {"maxLength", "format", "enum", "const", "pattern"},
        "array": {"maxItems"},
        "integer": {"maximum", "enum", "const"},
        "number": {"maximum", "exclusiveMaximum"},
    }
    open_ended = [
        f"{struct.__name__}{pointer[1:]}"
        for pointer, node in parts(said["properties"])
        if isinstance(node.get("type"), str) and node["type"] in limits and not limits[node["type"]] & set(node)
    ]
    open_ended += [
        f"{struct.__name__}{pointer[1:]}"
        for pointer, node in parts(said["properties"])
        if isinstance(node.get("additionalProperties"), dict) and "maxProperties" not in node
    ]
    assert open_ended == []
