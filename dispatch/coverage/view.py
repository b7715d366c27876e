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
from dispatch.coverage.estimate_refresh import estimate_first
from dispatch.database import Connection, Database, queries_for
from dispatch.problems import NotFound
from dispatch.reach.copies_alone import PRIOR_ORDERS, Orders, orders
from dispatch.server.caller import Caller
from dispatch.server.conditional import cached_response, client_has, etag_of, not_modified
from schemas.common import Datum
from schemas.coverage import FigureScope, Gap, PartnerCoverage

SQL = queries_for(__file__)
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


class Version(msgspec.Struct, frozen=True):
    """What changes whenever a figure may have changed. Leaves the server only as a digest."""

    revision: int
    """The campaign's own, and those of its tallies, which only rise."""
    zones: int
    zones_changed_at: datetime | None
    estimated_at: datetime | None
    """When the kept estimates were computed; None: not yet."""
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


class View(msgspec.Struct, frozen=True, kw_only=True):
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


async def read_view(
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    now: datetime,
    *,
    material: str | None = None,
    as_of: date | None = None,
) -> View:
    """The view of a request. Raises NotFound for a campaign, or a material of it, that is not there."""
    row = await connection.fetchrow(SQL.read_view, caller.city_id, campaign_id, material)
    if row is None:
        raise NotFound("There is no such campaign here.")
    values: dict[str, Any] = dict(row)
    version = Version(*(values.pop(name) for name in Version.__struct_fields__))
    for name in ("kept_target_reach", "estimate_is_current"):
        del values[name]
    if material is not None and not values["material_ids"]:
        raise NotFound(f"The campaign has no material {material}.", field="material")
    cut = rules.cut_off(now, ZoneInfo(values["timezone"]), as_of)
    return View(version=version, cut=cut, caller=caller, material=material, **values)


@asynccontextmanager
async def open_view(
    database: Database,
    caller: Caller,
    campaign_id: UUID,
    now: datetime,
    *,
    material: str | None = None,
    as_of: date | None = None,
) -> AsyncGenerator[tuple[Connection, View]]:
    """A connection and the view, for whatever shows reach: the first to look has the estimates computed, once."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, material=material, as_of=as_of)
        if view.version.estimated_at is not None or not view.shows_kept:
            yield connection, view
            return
    await estimate_first(database, caller.city_id, campaign_id, now)
    async with database.read() as connection:
        yield connection, await read_view(connection, caller, campaign_id, now, material=material, as_of=as_of)


async def read_version(connection: Connection, city_id: int, campaign_id: UUID) -> Version | None:
    """The campaign's version alone; None when there is no such campaign."""
    row = await connection.fetchrow(SQL.read_version, city_id, campaign_id)
    return None if row is None else Version(*row)


def answer_if_changed(request: Request[Any, Any, Any], view: View, figures: list[Figure]) -> Response[list[Figure]]:
    """Answer with figures that rest on more than the campaign's version (names of firms, incident counts).

    The list itself is answer_if_changed with what the client has, but for the cut-off, which moves on by itself.
    """
    still = [msgspec.structs.replace(figure, as_of=rules.EPOCH) for figure in figures]
    etag = etag_of(msgspec.json.encode((request.url.path, view.cut.day, view.cut.known_on, still)))
    return not_modified(etag) if client_has(request, etag) else cached_response(figures, etag)
