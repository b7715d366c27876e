"""The body of an uploaded file: raw bytes of a named media type, as pages, curl and spreadsheets send it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from dispatch.problems import UnsupportedMediaType
from dispatch.server.caller import CallerRequest
from dispatch.tables.records import MOST_BYTES
from dispatch.tables.sheets import ImportRefused, returned_file
from dispatch.tables.workbooks import XLSX

__all__ = ["GEOJSON", "MOST_BYTES", "TABLE", "read_upload", "table_upload"]

# Windows calls a CSV file a workbook of the old kind, and some programs name no type: the content says which it is.
TABLE: Final = ("text/csv", XLSX, "application/csv", "application/vnd.ms-excel", "application/octet-stream")
GEOJSON: Final = ("application/geo+json", "application/json", "application/vnd.geo+json")


async def read_upload(request: CallerRequest, kinds: tuple[str, ...]) -> bytes:
    """The request's body. Refused as another media type than `kinds`, or beyond the route's limit."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind not in kinds:
        raise UnsupportedMediaType(f"Send the file as {kinds[0]}.")
    return await request.body()


@asynccontextmanager
async def table_upload(request: CallerRequest) -> AsyncGenerator[bytes]:
    """The table in the request's body, CSV or .xlsx, to be taken inside the block.

    When the block refuses it and the request accepts a workbook, the answer is the sender's own table with a last
    column 错误原因.
    """
    document = await read_upload(request, TABLE)
    try:
        yield document
    except ImportRefused as refused:
        if XLSX not in request.headers.get("accept", ""):
            raise
        returned = await asyncio.to_thread(returned_file, document, refused.every)
        if returned is None:
            raise
        raise ImportRefused(refused.every, returned_file=(XLSX, returned)) from None
