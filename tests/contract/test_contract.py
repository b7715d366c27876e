"""What the contract says of every operation besides its shapes: who may, every refusal, files, examples, sections."""

import re
from typing import Any

import httpx
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from dispatch.app import create_app
from dispatch.commands.openapi import document
from dispatch.routes import PAGES, ROUTES, SECTIONS
from dispatch.server.caller import ROLES
from dispatch.server.contract import contract_text
from dispatch.server.contract_schemas import examples, structs
from dispatch.server.problem_pages import problem_kinds
from dispatch.settings import Settings
from dispatch.tables.uploads import GEOJSON, TABLE
from schemas import VERSION
from schemas.files import CONDITIONAL, CSV, DOWNLOADS, EMPTY, UPLOADS
from schemas.handouts import Correction, Handout, ReportedHandout, SyncRecord, Visit
from tests.contract.call_graph import functions
from tests.contract.test_access import ACCESS
from tests.contract.test_key_scopes import SCOPES
from tests.contract.test_openapi import OPERATIONS, SCHEMA, Operation, every_operation, parts
from tests.make import Make, World


def responses(operation: Operation) -> dict[str, dict[str, Any]]:
    """The responses by status, those that are described once for all operations looked up."""
    shared = SCHEMA["components"]["responses"]
    return {
        status: shared[answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
        for status, answer in operation.said["responses"].items()
    }


def refused(operation: Operation) -> dict[str, int]:
    """{slug: status} of every refusal of an operation."""
    return {
        slug: int(status) for status, answer in responses(operation).items() for slug in answer.get("x-problems", [])
    }


def roles_by_template() -> dict[tuple[str, str], frozenset[str]]:
    return {(method, re.sub(r":\w+}", "}", path)): roles for (method, path), roles in ACCESS.items()}


def scopes_by_template() -> dict[tuple[str, str], list[str]]:
    """What a key needs for everything that is open to keys; a list of nothing: no scope."""
    return {(method, re.sub(r":\w+}", "}", path)): [scope] if scope else [] for (method, path), scope in SCOPES.items()}


def test_the_document_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(SCHEMA).iter_errors()] == []


async def test_the_server_serves_what_the_command_prints(api: httpx.AsyncClient) -> None:
    for address in ("/api/schema", "/api/schema/openapi.json"):
        answer = await api.get(address)
        assert answer.status_code == 200
        assert answer.text == document()


def test_the_document_has_a_version_a_licence_and_an_introduction() -> None:
    info = SCHEMA["info"]
    assert info["version"] == VERSION
    assert re.fullmatch(r"[1-9]\d*\.\d+", VERSION)
    assert info["license"] == {"name": "MIT", "identifier": "MIT"}
    assert {"Bearer", "UUIDv7", "Deprecation"} <= set(re.findall(r"\w+", info["description"]))


def test_every_operation_is_in_one_section_and_every_section_says_what_it_is_about() -> None:
    tags = {tag["name"]: tag["description"] for tag in SCHEMA["tags"]}
    assert [name for name, about in tags.items() if len(about.split()) < 4] == []
    assert list(tags) == [section.tag for section in SECTIONS]
    assert {operation.name for operation in OPERATIONS if len(operation.said["tags"]) != 1} == set()
    assert {tag for operation in OPERATIONS for tag in operation.said["tags"]} == set(tags)


@every_operation
def test_an_operation_says_who_may_use_it_and_how_they_show_who_they_are(operation: Operation) -> None:
    place = operation.method.upper(), operation.path
    roles, scopes = roles_by_template()[place], scopes_by_template().get(place)
    if "stranger" in roles:
        assert operation.said["security"] == []
        assert {"x-roles", "x-key-scopes"} & set(operation.said) == set()
        return
    by_key = [] if scopes is None else [{"key": scopes}]
    assert operation.said["security"] == [*by_key, {"bearer": []}, {"cookie": []}]
    assert operation.said.get("x-key-scopes") == scopes
    assert ("partner_system" in roles) == (scopes is not None)
    said = re.findall(r"A key needs the scope `(\w+)`\.", operation.said["description"])
    assert said == (scopes or [])
    assert set(operation.said["x-roles"]) == roles
    assert all(f"`{role}`" in operation.said["description"] for role in roles)
    assert operation.said["x-whole-city"] == ("single district" in operation.said["description"])


def test_the_ways_to_sign_in_are_those_the_server_takes() -> None:
    schemes = SCHEMA["components"]["securitySchemes"]
    assert {(name, scheme["type"]) for name, scheme in schemes.items()} == {
        ("key", "http"), ("bearer", "http"), ("cookie", "apiKey"),
    }  # fmt: skip
    assert [schemes[name]["scheme"] for name in ("key", "bearer")] == ["bearer"] * 2
    assert schemes["cookie"]["name"] == "__Host-dispatch_session"


@every_operation
def test_a_refusal_is_a_problem_document_under_its_own_status(operation: Operation) -> None:
    kinds = problem_kinds()
    for status, answer in responses(operation).items():
        if int(status) < 400:
            assert "x-problems" not in answer
            continue
        assert answer["content"]["application/problem+json"]["schema"] == {
            "$ref": "#/components/schemas/ProblemDocument"
        }
        assert answer["x-problems"] == sorted(set(answer["x-problems"]))
        assert {kinds[slug].status for slug in answer["x-problems"]} == {int(status)}
        assert all(kinds[slug].title in answer["description"] for slug in answer["x-problems"])
    assert set(operation.said.get("x-record-problems", [])) <= set(kinds)


@every_operation
def test_what_any_request_may_meet_is_listed(operation: Operation) -> None:
    slugs, roles = set(refused(operation)), set(operation.said.get("x-roles", []))
    assert {"too-many-requests", "busy", "unexpected"} <= slugs
    assert ("not-signed-in" in slugs) >= bool(roles)
    assert ("not-allowed" in slugs) >= bool(roles)
    assert ("cross-site-request" in slugs) == (operation.method != "get")
    assert ("body-too-slow" in slugs) == ("requestBody" in operation.said)
    assert {"too-large", "invalid-request"} <= slugs or "requestBody" not in operation.said
    assert "not-found" in slugs or "{" not in operation.path


def test_what_stands_before_the_work_is_listed_where_it_stands() -> None:
    """A first password is changed, and a second factor set up, through operations that are open meanwhile."""
    by_name = {operation.said["operationId"]: set(refused(operation)) for operation in OPERATIONS}
    assert "password-change-required" in by_name["create_campaign"]
    assert "password-change-required" not in by_name["change_password"]
    assert "second-factor-required" in by_name["create_campaign"]
    assert "second-factor-required" not in by_name["propose_second_factor"]
    assert "second-factor-required" not in by_name["report_handouts"]
    assert "key-scope" in by_name["report_handouts"]
    assert "key-scope" not in by_name["sync_handouts"]


def test_nothing_of_the_framework_is_left_in_the_document() -> None:
    assert [pointer for pointer, node in parts(SCHEMA) if "status_code" in node.get("properties", {})] == []
    assert "Validation Exception" not in document()


# ---- examples


def bodies() -> list[tuple[str, str, dict[str, Any]]]:
    """(operation's name, media type, media) of everything that may be sent."""
    return [
        (operation.said["operationId"], media_type, media)
        for operation in OPERATIONS
        for media_type, media in operation.said.get("requestBody", {"content": {}})["content"].items()
    ]


@pytest.mark.parametrize("body", bodies(), ids=lambda body: body[0])
def test_everything_that_may_be_sent_has_an_example(body: tuple[str, str, dict[str, Any]]) -> None:
    _, _, media = body
    taken = {node["$ref"].rsplit("/", 1)[1] for _, node in parts(media["schema"]) if "$ref" in node}
    assert set(media["examples"]) == (taken or {"file"})


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_is_what_the_server_takes(name: str) -> None:
    sent = msgspec.json.encode(examples()[name])
    decoded: Any = msgspec.json.decode(sent, type=structs()[name])
    if name == "SyncRequest":
        records = msgspec.convert(decoded.records, list[SyncRecord], strict=False)
        assert {type(record) for record in records} == {Handout, Visit, Correction}
    if name == "ReportRequest":
        assert msgspec.convert(decoded.records, list[ReportedHandout], strict=False)[0].copies == 120


def test_no_example_is_of_something_nobody_may_send() -> None:
    sent = {name for _, _, media in bodies() for name in media["examples"]} - {"file"}
    assert set(examples()) == sent


@pytest.mark.parametrize("name", sorted(set(UPLOADS) - {"import_capacity"}))
async def test_an_example_of_a_file_is_read(api: httpx.AsyncClient, make: Make, world: World, name: str) -> None:
    """Its columns are known; what it names need not be in the city."""
    operation = next(operation for operation in OPERATIONS if operation.said["operationId"] == name)
    query = (
        {"datum": "gcj02"}
        if "zones" in operation.path.split("/")[-2:] or name == "preview_zones"
        else {"preview": "true"}
    )
    upload, headers = UPLOADS[name], await make.planner(world.city_id)
    answer = await api.post(
        operation.path,
        params=query,
        content=upload.example.encode(),
        headers={**headers, "content-type": upload.media_type},
    )
    faults = {error["reason"] for error in answer.json().get("errors", [])}
    assert answer.status_code == 200 or faults, answer.text
    assert faults <= {"unknown-zone", "unknown-partner", "unknown-outlet", "outside-division"}, answer.text


# ---- files


def naming(module: str, function: str) -> set[str]:
    """The operations whose handlers come to a function."""
    handlers = [handler for handler in ROUTES if handler not in PAGES]
    return {
        handler.handler_name
        for handler in handlers
        if (module, function) in functions(handler.fn.__module__, handler.fn.__name__)
    }


def test_every_file_that_is_taken_is_in_the_contract() -> None:
    assert naming("dispatch.tables.uploads", "read_upload") == set(UPLOADS)
    for upload in UPLOADS.values():
        kinds = {upload.media_type, *upload.also_taken}
        assert kinds == set(TABLE if CSV in kinds else GEOJSON)
        assert upload.returns_table == (CSV in kinds)


def test_every_answer_that_may_be_unchanged_is_in_the_contract() -> None:
    assert naming("dispatch.server.conditional", "client_has") - CONDITIONAL == set()
    assert EMPTY <= CONDITIONAL


def test_no_file_of_the_contract_outlives_its_operation() -> None:
    named = {operation.said["operationId"] for operation in OPERATIONS}
    assert (CONDITIONAL | set(DOWNLOADS) | set(UPLOADS)) - named == set(), "these are gone"


@pytest.mark.parametrize("name", sorted(DOWNLOADS))
def test_a_file_is_answered_under_its_own_type(name: str) -> None:
    operation = next(operation for operation in OPERATIONS if operation.said["operationId"] == name)
    answer = operation.said["responses"][str(DOWNLOADS[name].status)]
    assert DOWNLOADS[name].media_type in answer["content"]
    assert "application/json" not in answer["content"]


# ---- records that are decoded one by one


@pytest.mark.parametrize(
    ("request_name", "kinds"),
    [("SyncRequest", {"Handout", "Visit", "Correction"}), ("ReportRequest", {"ReportedHandout"})],
)
def test_records_are_described_although_each_is_decoded_by_itself(request_name: str, kinds: set[str]) -> None:
    records = SCHEMA["components"]["schemas"][request_name]["properties"]["records"]
    given = {choice["$ref"].rsplit("/", 1)[1] for choice in records["items"].get("oneOf", [records["items"]])}
    assert given == kinds
    assert records["maxItems"] >= 500
    if len(kinds) > 1:
        assert records["items"]["discriminator"]["propertyName"] == "kind"
        tags = {structs()[kind].__struct_config__.tag: f"#/components/schemas/{kind}" for kind in kinds}
        assert records["items"]["discriminator"]["mapping"] == tags


def test_the_kinds_of_a_union_are_told_apart_by_a_member() -> None:
    untagged = [
        pointer
        for pointer, node in parts(SCHEMA)
        if len(node.get("oneOf", [])) > 1
        and all("$ref" in choice for choice in node["oneOf"])
        and "discriminator" not in node
    ]
    assert untagged == []


def test_a_field_says_what_its_module_says_under_it() -> None:
    schemas = SCHEMA["components"]["schemas"]
    assert schemas["SyncRequest"]["properties"]["rider_id"]["description"].startswith("Whose taps these are")
    assert schemas["Waybill"]["description"].startswith("A hand-over from a depot")
    inherited = schemas["MaterialWhereabouts"]["properties"]["variance"]["description"]
    assert inherited == "Below zero where more was found than should be there."


def test_each_role_of_the_contract_is_one_of_the_products() -> None:
    assert {role for operation in OPERATIONS for role in operation.said.get("x-roles", [])} == set(ROLES)


def test_the_document_does_not_depend_on_the_settings() -> None:
    assert contract_text(create_app(Settings(secure_cookie=False, oidc_issuer=""))) == document()
