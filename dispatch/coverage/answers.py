"""How a figure is answered: with 304 where the client has it already, else with what is read."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import msgspec
from litestar import Response

from dispatch.coverage import rules
from dispatch.coverage.view import Question, View, open_view
from dispatch.database import Connection, Database
from dispatch.server.caller import CallerRequest
from dispatch.server.conditional import cached_response, client_has, etag_of, not_modified
from schemas.coverage import CoverageHistory, Gap, PartnerCoverage

T = TypeVar("T")
Figures = TypeVar("Figures", list[PartnerCoverage], list[Gap], CoverageHistory)


class FileKind(NamedTuple):
    """A kind of file that figures are sent as."""

    media_type: str
    ending: str


CSV = FileKind("text/csv", "csv")
GEOJSON = FileKind("application/geo+json", "geojson")


async def conditional(
    database: Database,
    request: CallerRequest,
    question: Question,
    read: Callable[[Connection, View], Awaitable[T]],
    *,
    file: FileKind | None = None,
) -> Response[T]:
    """What `read` makes of the question's view; without reading it, 304 where the campaign's version is the client's.

    Args:
        file: sent as a file of this kind, named by the cut-off's day.
    """
    async with open_view(database, question) as (connection, view):
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        content = await read(connection, view)
    if file is None:
        return cached_response(content, etag)
    name = f"coverage-zones-{view.cut.day.isoformat()}.{file.ending}"
    return cached_response(content, etag, media_type=file.media_type, file_name=name)


def answer_if_changed(request: CallerRequest, figures: Figures, *parts: object) -> Response[Figures]:
    """Figures that rest on more than the campaign's version (names of firms, incident counts), or 304.

    Compared with what the client has but for the cut-off, which moves on by itself.

    Args:
        parts: what else the answer depends on.
    """
    etag = etag_of(msgspec.json.encode((request.url.path, *parts, _without_cut_off(figures))))
    return not_modified(etag) if client_has(request, etag) else cached_response(figures, etag)


def _without_cut_off(figures: Any) -> Any:
    if isinstance(figures, list):
        return [_without_cut_off(figure) for figure in figures]  # pyright: ignore[reportUnknownVariableType]
    return msgspec.structs.replace(figures, as_of=rules.EPOCH)
