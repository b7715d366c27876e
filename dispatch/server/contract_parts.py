"""Parts of the contract's operations: headers, files, and what an answer is, in words."""

import json
from typing import Any, Final

from dispatch.server.contract_schemas import named, plain, structs
from schemas.files import Upload

RETRY_AFTER: Final[dict[str, Any]] = {
    "Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer"}}
}
DEPRECATION: Final[dict[str, Any]] = {
    "Deprecation": {
        "description": "Since when what the request uses is deprecated (RFC 9745); absent when it uses nothing such.",
        "schema": {"type": "string"},
    },
    "Sunset": {"description": "The last day of it (RFC 8594).", "schema": {"type": "string"}},
}
NEXT_PAGE: Final[dict[str, Any]] = {
    "Next-Cursor": {
        "description": "To be sent as `cursor` for the next page; absent: this is the last one.",
        "schema": {"type": "string"},
    }
}
ETAG: Final[dict[str, Any]] = {"ETag": {"description": "To be sent as `If-None-Match`.", "schema": {"type": "string"}}}


def named_in(answer: dict[str, Any]) -> bool:
    """Whether an answer has a struct for its schema."""
    return any(named(media.get("schema")) for media in answer.get("content", {}).values())


def answer_words(answer: dict[str, Any]) -> str:
    """What comes back: what the struct's own docstring says, as far as there is one."""
    if "content" not in answer:
        return "Done; the answer is empty."
    media_type, media = next(iter(answer["content"].items()))
    schema = media.get("schema", {})
    name = named(schema) or named(schema.get("items"))
    if name is None:
        return "The answer." if "json" in media_type else f"A file of the type `{media_type}`."
    words = plain(structs()[name].__doc__ or "").partition("\n\n")[0]
    return f"A list. Each: {words}" if "items" in schema else words


def file_schema(is_text: bool) -> dict[str, Any]:
    """A whole file."""
    return {"type": "string"} if is_text else {"type": "string", "format": "binary"}


def file_body(upload: Upload) -> dict[str, Any]:
    """A request whose body is a file."""
    example: Any = json.loads(upload.example) if "json" in upload.media_type else upload.example
    media = {"schema": upload.schema, "examples": {"file": {"value": example}}}
    also = ", ".join(f"`{kind}`" for kind in upload.also_taken)
    words = f"The file as it is, without a form around it. Its type may also be {also}."
    return {"content": {upload.media_type: media}, "required": True, "description": words}
