"""The body of an uploaded file: raw bytes of a named media type, as pages, curl and spreadsheets send it."""

from typing import Any, Final

from litestar import Request
from litestar.exceptions import HTTPException

from dispatch.identity.caller import Caller
from dispatch.tables import MOST_BYTES

__all__ = ["CSV", "GEOJSON", "MOST_BYTES", "read_upload"]

# Windows calls a CSV file a workbook.
CSV: Final = ("text/csv", "application/csv", "application/vnd.ms-excel")
GEOJSON: Final = ("application/geo+json", "application/json", "application/vnd.geo+json")


async def read_upload(request: Request[Caller, Any, Any], kinds: tuple[str, ...]) -> bytes:
    """The request's body. Raises 415 for another media type than `kinds`, 413 beyond the route's limit."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind not in kinds:
        raise HTTPException(f"Send the file as {kinds[0]}.", status_code=415)
    return await request.body()
