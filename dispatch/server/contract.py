"""The contract as one OpenAPI document: what the server serves, `dispatch openapi` prints, schemas/openapi.json keeps.

It starts from what the framework knows of the handlers (addresses, parameters, bodies, answers) and adds what it cannot
know: who may call (from the guards), every refusal with its status, examples, files, and the words of the structs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute

from dispatch.problems import Problem
from dispatch.server.caller import SAFE_METHODS, Allow
from dispatch.server.contract_parts import (
    DEPRECATION,
    ETAG,
    NEXT_PAGE,
    RETRY_AFTER,
    answer_words,
    file_body,
    file_schema,
    named_in,
)
from dispatch.server.contract_schemas import components, examples, named, nodes, plain, reference, references
from dispatch.server.contract_words import SECURITY
from dispatch.server.deprecations import OPERATIONS, PARAMETERS
from dispatch.server.options import BEFORE_ALL_ELSE, BEFORE_SECOND_FACTOR, REFUSALS_OF_WRITES
from dispatch.server.problem_pages import problem_kinds
from dispatch.server.refusals import PROBLEM_JSON, Asked, Refusals, of_any_request
from dispatch.server.requests import AnyRequest
from schemas.files import BINARY, CONDITIONAL, DOWNLOADS, EMPTY, UPLOADS, XLSX
from schemas.problems import ProblemKind


class Contract(JsonRenderPlugin):
    """Serves the document, made once for each application."""

    def __init__(self) -> None:
        super().__init__()
        self._text: bytes | None = None

    def render(self, request: AnyRequest, openapi_schema: dict[str, Any]) -> bytes:
        """The text, whatever the framework would have served."""
        if self._text is None:
            self._text = contract_text(request.app).encode()
        return self._text


def contract_text(app: Litestar) -> str:
    """The document as committed in schemas/openapi.json: keys sorted, two spaces, newline at the end."""
    return msgspec.json.format(msgspec.json.encode(contract_of(app), order="sorted"), indent=2).decode() + "\n"


def contract_of(app: Litestar) -> dict[str, Any]:
    """The document of everything the application answers, but its pages."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    kinds, shared = problem_kinds(), dict[str, Any]()
    for route in app.routes:
        for method, (handler, _) in route.route_handler_map.items() if isinstance(route, HTTPRoute) else ():
            operation = document["paths"].get(route.path_format, {}).get(str(method).lower())
            if operation is not None:
                _Operation(operation, handler, str(method), kinds, shared).complete()
    document["components"] = {
        "responses": shared,
        "schemas": components(references(document["paths"]) | {"ProblemDocument"}),
        "securitySchemes": SECURITY,
    }
    for node in nodes(document["paths"]):
        _tidy(node, document["components"]["schemas"])
    return document


class _Operation:
    """One operation, completed in place."""

    def __init__(
        self, said: dict[str, Any], handler: HTTPRouteHandler, method: str, kinds: dict[str, ProblemKind],
        shared: dict[str, Any],
    ) -> None:  # fmt: skip
        self._said, self._handler, self._kinds, self._shared = said, handler, kinds, shared
        self._name: str = said["operationId"]
        self._writes = method not in SAFE_METHODS
        self._guard = next(
            (guard for guard in cast("list[Any]", handler.resolve_guards()) if isinstance(guard, Allow)), None
        )
        self._upload = UPLOADS.get(self._name)

    def complete(self) -> None:
        """Add everything the framework does not know."""
        self._describe()
        self._add_body()
        responses = self._answers()
        own = self._handler.responses if isinstance(self._handler.responses, Refusals) else Refusals((), ())
        for status, slugs in sorted(self._refusals(own).items()):
            responses[str(status)] = self._refusal(slugs)
        self._said["responses"] = responses
        if own.of_records:
            self._said["x-record-problems"] = sorted(problem.slug for problem in own.of_records)

    def _describe(self) -> None:
        said, text = self._said, plain(self._said.get("description", ""))
        said["summary"] = re.split(r"(?<=[^.])\. |\n", text, maxsplit=1)[0].rstrip(".")
        deprecation = OPERATIONS.get(self._name)
        said.pop("deprecated", None)
        if deprecation is not None:
            said["deprecated"], text = True, f"{deprecation.words}\n\n{text}"
        said["description"] = f"{text}\n\n{self._who()}"
        for parameter in said.get("parameters", []):
            _tidy_parameter(parameter)
            if (used := PARAMETERS.get((self._name, parameter["name"]))) is not None:
                parameter["deprecated"] = True
                parameter["description"] = f"{parameter.get('description', '')} {used.words}".strip()

    def _who(self) -> str:
        said = self._said
        if self._guard is None:
            said["security"] = []
            return "Answered before anybody has signed in."
        said["security"] = [{"bearer": []}, {"cookie": []}]
        if "partner_system" in self._guard.roles:
            scopes = [] if BEFORE_ALL_ELSE in self._handler.opt else [self._guard.scope]
            said["security"], said["x-key-scopes"] = [{"key": scopes}, *said["security"]], scopes
        said["x-roles"] = sorted(self._guard.roles)
        said["x-whole-city"] = self._guard.whole_city
        roles = ", ".join(f"`{role}`" for role in self._guard.roles)
        limits = " A planner of a single district may not." if self._guard.whole_city else ""
        limits += "".join(f" A key needs the scope `{scope}`." for scope in said.get("x-key-scopes", ()))
        return f"For the roles {roles}.{limits}" if len(self._guard.roles) > 1 else f"For the role {roles}.{limits}"

    def _add_body(self) -> None:
        body = self._said.get("requestBody")
        if self._upload is not None:
            self._said["requestBody"] = file_body(self._upload)
        elif body is not None:
            for media in body["content"].values():
                given = [media["schema"], *media["schema"].get("oneOf", [])]
                named_ones = {name: examples()[name] for one in given if (name := named(one)) in examples()}
                media["examples"] = {name: {"value": value} for name, value in named_ones.items()}

    def _answers(self) -> dict[str, Any]:
        """What is answered when nothing is refused."""
        given = {status: dict(answer) for status, answer in self._said["responses"].items() if int(status) < 400}
        status, answer = next(iter(given.items()))
        download = DOWNLOADS.get(self._name)
        if download is not None:
            given = next(iter(answer["content"].values()))["schema"] if named_in(answer) else None
            named_by_hand = reference(download.struct) if download.struct else None
            schema = named_by_hand or given or file_schema(download.is_text)
            status, answer["content"] = str(download.status), {download.media_type: {"schema": schema}}
            if not download.is_text:
                answer["content"][BINARY] = {"schema": schema}
        answer["description"] = answer_words(answer)
        del answer["headers"]
        if self._name in CONDITIONAL:
            answer["headers"] = ETAG
        if self._pages_without_envelope(answer):
            answer["headers"] = answer.get("headers", {}) | NEXT_PAGE
        if self._is_deprecated():
            answer["headers"] = answer.get("headers", {}) | DEPRECATION
        answers = {status: answer}
        if self._name in EMPTY:
            answers["204"] = {"description": "There is nothing to draw here.", "headers": ETAG}
        if self._name in CONDITIONAL:
            answers["304"] = {"description": "What `If-None-Match` names is still the answer.", "headers": ETAG}
        return answers

    def _pages_without_envelope(self, answer: dict[str, Any]) -> bool:
        schemas = [media.get("schema", {}) for media in answer.get("content", {}).values()]
        parameters = {entry["name"] for entry in self._said.get("parameters", [])}
        return "cursor" in parameters and any("items" in schema for schema in schemas)

    def _is_deprecated(self) -> bool:
        return self._name in OPERATIONS or any(name == self._name for name, _ in PARAMETERS)

    def _refusals(self, own: Refusals) -> dict[int, set[str]]:
        """Slugs of every refusal by status."""
        parameters = self._said.get("parameters", [])
        asked = Asked(
            roles=frozenset(self._guard.roles) if self._guard else frozenset(),
            before_password_change=BEFORE_ALL_ELSE in self._handler.opt,
            before_second_factor=bool({BEFORE_ALL_ELSE, BEFORE_SECOND_FACTOR} & set(self._handler.opt)),
            has_body="requestBody" in self._said,
            takes_text=any(
                entry["in"] != "path" or entry["schema"].get("format") != "uuid" for entry in parameters
            ),
            is_addressed=any(entry["in"] == "path" for entry in parameters),
            takes_file=self._upload is not None,
        )  # fmt: skip
        of_writes: Iterable[type[Problem]] = self._handler.opt.get(REFUSALS_OF_WRITES, ()) if self._writes else ()
        found: dict[int, set[str]] = defaultdict(set)
        for problem in {*of_any_request(asked), *own.problems, *of_writes}:
            found[problem.status].add(problem.slug)
        return found

    def _refusal(self, slugs: set[str]) -> dict[str, Any]:
        """The response of one status. One with a single problem is described once for all operations."""
        kinds = [self._kinds[slug] for slug in sorted(slugs)]
        returns_table = self._upload is not None and self._upload.returns_table and "import-refused" in slugs
        content: dict[str, Any] = {PROBLEM_JSON: {"schema": reference("ProblemDocument")}}
        if returns_table:
            content[XLSX] = {"schema": file_schema(is_text=False)}
        words = "\n".join(f"- `{kind.slug}`: {kind.title}" for kind in kinds)
        described = {"content": content, "description": words, "x-problems": [kind.slug for kind in kinds]}
        if {"too-many-requests", "busy"} & slugs:
            described["headers"] = RETRY_AFTER
        if len(kinds) > 1 or returns_table:
            return described
        name = "".join(word.capitalize() for word in kinds[0].slug.split("-"))
        described["description"] = f"{kinds[0].title}: {plain(kinds[0].description)}"
        self._shared[name] = described
        return {"$ref": f"#/components/responses/{name}"}


def _tidy_parameter(parameter: dict[str, Any]) -> None:
    """Drop what only repeats the defaults of OpenAPI, and null: in an address, what is optional is left out."""
    for name in ("allowEmptyValue", "allowReserved", "deprecated"):
        parameter.pop(name, None)
    what, _, kind = parameter["name"].rpartition("_")
    if what and kind in {"id", "code"}:
        parameter.setdefault("description", f"The {kind} of the {what.replace('_', ' ')}.")
    choices = parameter["schema"].pop("oneOf", None)
    if choices is not None:
        parameter["schema"] |= next(choice for choice in choices if choice.get("type") != "null")


def _tidy(node: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Name the member that tells the kinds of a union apart, where the framework did not."""
    kinds = [named(choice) for choice in node.get("oneOf", ())]
    if not kinds or not all(kinds) or "discriminator" in node:
        return
    tags = {str(name): schemas[str(name)]["properties"].get("kind", {}).get("enum", [None])[0] for name in kinds}
    if all(tags.values()):
        mapping = {tag: reference(name)["$ref"] for name, tag in tags.items()}
        node["discriminator"] = {"propertyName": "kind", "mapping": mapping}
