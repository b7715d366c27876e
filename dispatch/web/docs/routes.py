"""The contract's pages over HTTP. Nothing in them runs: no script, no inline style, nothing from another host."""

from pathlib import Path
from typing import Final, cast

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from dispatch.server.conditional import client_has, etag_of
from dispatch.server.contract import contract_of
from dispatch.server.options import ANYONE
from dispatch.server.requests import AnyRequest
from dispatch.web.docs.page import render
from dispatch.web.docs.words import Language

_STYLE: Final = (Path(__file__).parent / "docs.css").read_bytes()
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-cache",
}

Pages = dict[tuple[str, Language, bool], bytes]


def _page(request: AnyRequest, section: str, language: Language | None) -> Response[bytes]:
    """A page, made once for each application and language."""
    state = request.app.state
    pages: Pages = state.setdefault("docs_pages", {})
    key = (section, language or _language_of(request.headers.get("accept-language", "")), language is not None)
    if key not in pages:
        if "docs_contract" not in state:
            state.docs_contract = contract_of(request.app)
        pages[key] = render(state.docs_contract, *key[:2], chosen=key[2]).encode()
    return _answer(request, pages[key], "text/html")


def _language_of(accepted: str) -> Language:
    """The first of our languages that a browser asks for; Chinese where it asks for neither."""
    for entry in accepted.lower().split(","):
        code = entry.strip()[:2]
        if code in {"zh", "en"}:
            return cast("Language", code)
    return "zh"


def _answer(request: AnyRequest, content: bytes, media_type: str) -> Response[bytes]:
    headers = {**HEADERS, "etag": etag_of(content), "vary": "accept-language"}
    if client_has(request, headers["etag"]):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type=f"{media_type}; charset=utf-8", headers=headers)


@get("/api/docs", opt={ANYONE: True}, include_in_schema=False, sync_to_thread=True)
def read_docs(request: AnyRequest, language: FromQuery[Language | None] = None) -> Response[bytes]:
    """The overview of the contract."""
    return _page(request, "", language)


@get("/api/docs/{section:str}", opt={ANYONE: True}, include_in_schema=False, sync_to_thread=True)
def read_docs_section(
    request: AnyRequest, section: FromPath[str], language: FromQuery[Language | None] = None
) -> Response[bytes]:
    """A section of the contract, its problems, or its changes."""
    return _page(request, section, language)


@get("/api/docs.css", opt={ANYONE: True}, include_in_schema=False, sync_to_thread=False)
def read_docs_style(request: AnyRequest) -> Response[bytes]:
    """How the pages look."""
    return _answer(request, _STYLE, "text/css")


# Pages, which people read: no part of the contract that programs are built on.
DOCS = [read_docs, read_docs_section, read_docs_style]
