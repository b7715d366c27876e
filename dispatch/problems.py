"""Every refusal is one of these: RFC 9457 problem documents with a type that is stable forever.

Problem
├── InvalidRequest   400  the request itself is malformed; `errors` point into it
├── NotFound         404  there is no such thing, or not for this caller
├── NotAllowed       403  the caller's role may not do this
├── NotSignedIn      401  no valid session or key came with the request
└── … each slice declares its own beside the rule that raises it
"""

import logging
from typing import Any, ClassVar, TypeAlias

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

logger = logging.getLogger("dispatch.problems")

AnyRequest: TypeAlias = Request[Any, Any, Any]


class Problem(Exception):
    """A refusal with a stable type. `detail` says what, where and how to mend; extensions carry the facts, typed."""

    slug: str
    title: str
    status: int = 400
    # The same refusal in another form the caller asked for, as media type and bytes: a table with a reason per row.
    attachment: tuple[str, bytes] | None = None

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None, **extensions: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extensions = extensions
        self.headers = headers or {}

    def document(self) -> dict[str, Any]:
        """The problem as RFC 9457 JSON members."""
        return {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extensions,
        }


class InvalidRequest(Problem):
    """The body, path or query does not fit its schema. `errors`: [{pointer, detail}]."""

    slug, title, status = "invalid-request", "The request does not fit its schema", 400


class NotFound(Problem):
    """No such thing, or not within the caller's scope: the answer is the same, so that nothing is given away."""

    slug, title, status = "not-found", "There is no such thing here", 404


class NotAllowed(Problem):
    """The caller is known but may not do this."""

    slug, title, status = "not-allowed", "Your role may not do this", 403


class NotSignedIn(Problem):
    """No valid session or key."""

    slug, title, status = "not-signed-in", "Sign in first", 401


class TooLarge(Problem):
    """The body or the number of its items passes a limit; `limit` says which."""

    slug, title, status = "too-large", "The request is larger than allowed", 413


class UnsupportedMediaType(Problem):
    """The body of an upload comes as another media type than this address takes; `detail` names the one to send."""

    slug, title, status = "unsupported-media-type", "This media type is not taken here", 415


class Unexpected(Problem):
    """Our own fault. The trace is in the log under the request id, never in the answer."""

    slug, title, status = "unexpected", "Something went wrong on our side", 500


class Busy(Problem):
    """The server cannot take this now, or cannot say whether it did; sending the same request again is harmless."""

    slug, title, status = "busy", "The server is busy", 503


def render_bytes(problem: Problem) -> bytes:
    """The problem's document."""
    return msgspec.json.encode(problem.document())


def render(problem: Problem) -> Response[bytes]:
    """Turn a problem into its response."""
    if problem.attachment is not None:
        media_type, content = problem.attachment
        return Response(content, status_code=problem.status, media_type=media_type, headers=problem.headers)
    return Response(
        render_bytes(problem),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=problem.headers,
    )


def _from_http_exception(error: HTTPException) -> Problem:
    if isinstance(error, ValidationException):
        return InvalidRequest(error.detail, errors=_errors_of(error))
    if error.status_code == 413:
        return TooLarge("The body is larger than this address takes; send it in parts.")
    known: dict[int, type[Problem]] = {401: NotSignedIn, 403: NotAllowed, 404: NotFound, 415: UnsupportedMediaType}
    if error.status_code in known:
        return known[error.status_code](error.detail)
    return _Protocol(error)


class _Protocol(Problem):
    """What HTTP itself refuses: a method, an unreadable body."""

    _known: ClassVar[dict[int, tuple[str, str]]] = {
        405: ("method-not-allowed", "This address does not take this method"),
    }

    def __init__(self, error: HTTPException) -> None:
        super().__init__(error.detail, headers=error.headers)
        self.status = error.status_code
        self.slug, self.title = self._known.get(error.status_code, ("invalid-request", InvalidRequest.title))


def _errors_of(error: ValidationException) -> list[dict[str, str]]:
    extra: Any = error.extra or []
    entries: list[Any] = list(extra) if isinstance(extra, list | tuple) else [extra]  # pyright: ignore[reportUnknownArgumentType]
    found: list[dict[str, str]] = []
    for entry in entries:
        if isinstance(entry, dict):
            key = str(entry.get("key", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            message = str(entry.get("message", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            found.append(pointed(message, key))
    return found or [{"pointer": "", "detail": error.detail}]


def pointed(message: str, key: str = "") -> dict[str, str]:
    """Split msgspec's "… - at `$.records[3].copies`" into a JSON pointer and what is wrong there."""
    text, _, path = message.partition(" - at `$")
    pointer = path.rstrip("`").replace("[...]", "").replace("[", "/").replace("]", "").replace(".", "/")
    if not pointer and key and key != "data":
        pointer = f"/{key}"
    return {"pointer": pointer, "detail": text}


def _answer(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """The response, and a word of it beside the request for the log and the audit trail."""
    request.scope.setdefault("state", {})["problem"] = problem.slug
    return render(problem)


def handle_problem(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """Litestar exception handler for refusals."""
    return _answer(request, problem)


def handle_http_exception(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Litestar exception handler for what the framework refuses."""
    if error.status_code >= 500:
        return _answer(
            request, Unexpected("The request was not carried out. Try again; if it stays, tell the operator.")
        )
    return _answer(request, _from_http_exception(error))


def handle_unstorable(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A NUL in a text that no schema looked at, such as a search word: the database takes none."""
    del error
    return _answer(
        request, InvalidRequest("The request holds a character that cannot be stored; leave NUL characters out.")
    )


def handle_deep_nesting(request: AnyRequest, error: RecursionError) -> Response[bytes]:
    """JSON nested thousands deep stops the decoder; that is the sender's fault, not ours."""
    return _answer(
        request,
        InvalidRequest("The body is nested too deeply.", errors=[{"pointer": "", "detail": type(error).__name__}]),
    )


def handle_unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
    """An unmapped error is ours: 500 with the request id, the trace in the log only."""
    request_id = str(request.scope.get("state", {}).get("request_id", ""))
    logger.error("unexpected_error", exc_info=error, extra={"request_id": request_id})
    return _answer(
        request,
        Unexpected(
            "The request was not carried out. Try again; if it stays, tell the operator this request id.",
            request_id=request_id,
        ),
    )
