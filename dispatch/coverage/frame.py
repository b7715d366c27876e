"""What stands around every figure: campaign, cut-off, whose figures, and the version that makes a 304 cheap.

Apart from routes.py because tiles, exports and the event stream need the same.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, datetime
from hashlib import blake2b
from typing import Annotated, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter

from dispatch.coverage import rules
from dispatch.coverage.estimate import PRIOR_ORDERS, Orders, orders
from dispatch.coverage.keeping import estimate_first
from dispatch.database import Connection, Database, beside
from dispatch.identity.caller import Caller
from dispatch.problems import NotFound
from schemas.common import Datum
from schemas.coverage import FigureScope, Gap, PartnerCoverage

SQL = beside(__file__)
T = TypeVar("T")
Figure = TypeVar("Figure", PartnerCoverage, Gap)
# Limits of a query parameter count only when they stand in QueryParameter itself.
_CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
MaterialCode = Annotated[
    str | None,
    QueryParameter(pattern=_CODE, max_length=40, description="One material; without: every one that counts for reach"),
]
ZoneCode = Annotated[str | None, QueryParameter(pattern=_CODE, max_length=40, description="One zone; without: all")]
AsOf = Annotated[date | None, QueryParameter(description="As it was known at the end of this local day; without: now")]
_CACHING = {"cache-control": "private, no-cache"}


class Version(msgspec.Struct, frozen=True):
    """What changes whenever a figure may have changed. Leaves the server only as a digest."""

    revision: int
    """The campaign's own, and those of its tallies, which only rise."""
    zones: int
    zones_changed_at: datetime | None
    estimated_at: datetime | None
    """When the kept estimates were worked out; None: not yet."""
    a_median: float | None
    a_log_sd: float | None
    target_reach: float

    @property
    def orders(self) -> Orders:
        """How unevenly households order, as far as the kept estimates know."""
        return PRIOR_ORDERS if self.a_median is None or self.a_log_sd is None else orders(self.a_median, self.a_log_sd)

    @property
    def ground(self) -> tuple[int, datetime | None]:
        """What the map's outlines depend on."""
        return self.zones, self.zones_changed_at

    def digest(self, *parts: object) -> str:
        """An opaque text that differs when the version or one of the parts does."""
        told = repr((self.revision, self.zones, self.zones_changed_at, self.estimated_at, parts))
        return blake2b(told.encode(), digest_size=12).hexdigest()


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as one caller may see it, at one cut-off, counting these materials."""

    campaign_id: UUID
    name: str
    starts_on: date
    ends_on: date
    timezone: str
    datum: Datum
    demonstration: bool
    material_ids: list[UUID]
    material: str | None
    version: Version
    cut: rules.CutOff
    caller: Caller

    @property
    def target_reach(self) -> float:
        """Share of a zone's households to be reached."""
        return self.version.target_reach

    @property
    def shows_kept(self) -> bool:
        """Whether reach comes from the kept estimates: now, of all that counts, and not for a firm, which sees none."""
        return self.cut.known_on is None and self.material is None and self.scope != "own"

    @property
    def orders(self) -> Orders:
        """For cells, which show what their copies alone say: what is known of orders now says nothing of a past day."""
        return PRIOR_ORDERS if self.cut.known_on else self.version.orders

    @property
    def scope(self) -> FigureScope:
        """Whose figures these are."""
        if self.caller.partner_id is not None:
            return "own"
        return "city" if self.caller.division_code is None else "district"

    def etag(self, request: Request[Caller, Any, Any]) -> str:
        """Known before anything heavy is read. The local day is in it: plan to date and days left move with it."""
        caller = self.caller
        whose = (caller.city_id, caller.role, caller.partner_id, caller.outlet_id, caller.division_code)
        asked = (request.url.path, request.url.query)
        return f'W/"{self.version.digest(whose, asked, self.cut.day, self.cut.known_on)}"'


async def read_frame(
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    now: datetime,
    *,
    material: str | None = None,
    as_of: date | None = None,
) -> Frame:
    """The frame of a request. Raises NotFound for a campaign, or a material of it, that is not there."""
    row = await connection.fetchrow(SQL.read_frame, caller.city_id, campaign_id, material)
    if row is None:
        raise NotFound("There is no such campaign here.")
    values: dict[str, Any] = dict(row)
    version = Version(*(values.pop(name) for name in Version.__struct_fields__))
    for name in ("kept_target_reach", "estimate_is_current"):
        del values[name]
    if material is not None and not values["material_ids"]:
        raise NotFound(f"The campaign has no material {material}.", field="material")
    cut = rules.cut_off(now, ZoneInfo(values["timezone"]), as_of)
    return Frame(version=version, cut=cut, caller=caller, material=material, **values)


@asynccontextmanager
async def framed(
    database: Database,
    caller: Caller,
    campaign_id: UUID,
    now: datetime,
    *,
    material: str | None = None,
    as_of: date | None = None,
) -> AsyncGenerator[tuple[Connection, Frame]]:
    """A connection and the frame, for whatever shows reach: the first to look has the estimates worked out, once."""
    async with database.read() as connection:
        frame = await read_frame(connection, caller, campaign_id, now, material=material, as_of=as_of)
        if frame.version.estimated_at is not None or not frame.shows_kept:
            yield connection, frame
            return
    await estimate_first(database, caller.city_id, campaign_id, now)
    async with database.read() as connection:
        yield connection, await read_frame(connection, caller, campaign_id, now, material=material, as_of=as_of)


async def read_version(connection: Connection, city_id: int, campaign_id: UUID) -> Version | None:
    """The campaign's version alone; None when there is no such campaign."""
    row = await connection.fetchrow(SQL.read_version, city_id, campaign_id)
    return None if row is None else Version(*row)


def etag_of(content: bytes) -> str:
    """The ETag of an answer that depends on more than the campaign's version."""
    return f'W/"{blake2b(content, digest_size=12).hexdigest()}"'


def is_known(request: Request[Any, Any, Any], etag: str) -> bool:
    """Whether the client says it has this already."""
    known = [entry.strip().removeprefix("W/") for entry in request.headers.get("if-none-match", "").split(",")]
    return etag.removeprefix("W/") in known or "*" in known


def not_modified(etag: str) -> Response[Any]:
    """304: what the client has is still right."""
    return Response(None, status_code=304, headers={"etag": etag, **_CACHING})


def answered(content: T, etag: str, *, media_type: str | None = None, file_name: str | None = None) -> Response[T]:
    """The answer, to be asked about again before it is reused."""
    headers = {"etag": etag, **_CACHING}
    if file_name is not None:
        headers["content-disposition"] = f'attachment; filename="{file_name}"'
    return Response(content, headers=headers, media_type=media_type)


def compared(request: Request[Any, Any, Any], frame: Frame, figures: list[Figure]) -> Response[list[Figure]]:
    """Answer with figures that rest on more than the campaign's version (names of firms, incident counts).

    The list itself is compared with what the client has, but for the cut-off, which moves on by itself.
    """
    still = [msgspec.structs.replace(figure, as_of=rules.EPOCH) for figure in figures]
    etag = etag_of(msgspec.json.encode((request.url.path, frame.cut.day, frame.cut.known_on, still)))
    return not_modified(etag) if is_known(request, etag) else answered(figures, etag)
