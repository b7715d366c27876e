"""What every figure needs around it: campaign, cut-off, whose figures, and the version that makes a 304 cheap.

Separate from the routes because tiles, files and the event stream need the same. Nothing here writes.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, datetime
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar.params import QueryParameter

from dispatch.coverage import rules
from dispatch.database import Connection, Database, one, queries_for
from dispatch.problems import NotFound
from dispatch.reach.copies_alone import PRIOR_ORDERS, Orders, orders
from dispatch.server.caller import Caller, CallerRequest
from schemas.common import Datum
from schemas.coverage import FigureScope

SQL = queries_for(__file__)

# Limits of a query parameter count only when they are in QueryParameter itself.
_CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
MaterialCode = Annotated[
    str | None,
    QueryParameter(pattern=_CODE, max_length=40, description="One material; without: every one that counts for reach"),
]
ZoneCode = Annotated[str | None, QueryParameter(pattern=_CODE, max_length=40, description="One zone; without: all")]
AsOf = Annotated[date | None, QueryParameter(description="As it was known at the end of this local day; without: now")]

OutlinesVersion = tuple[int, datetime | None]
"""Of a city's zones: how many there are and when one last changed."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks about: a campaign for one caller, one material or all that count, known by when."""

    caller: Caller
    campaign_id: UUID
    now: datetime
    material: str | None = None
    as_of: date | None = None


class Version(msgspec.Struct, frozen=True):
    """What changes whenever a figure may have changed. Leaves the server only as a digest."""

    revision: int
    """The campaign's own, and those of its tallies, which only rise."""
    zones: int
    zones_changed_at: datetime | None
    estimated_at: datetime | None
    """When the stored estimates were computed; None: not yet."""
    a_median: float | None
    a_log_sd: float | None
    target_reach: float

    @property
    def orders(self) -> Orders:
        """How unevenly households order, as far as the stored estimates know."""
        return PRIOR_ORDERS if self.a_median is None or self.a_log_sd is None else orders(self.a_median, self.a_log_sd)

    @property
    def outlines_version(self) -> OutlinesVersion:
        """What the map's outlines depend on."""
        return self.zones, self.zones_changed_at

    def digest(self, *parts: object) -> str:
        """An opaque text that differs when the version or one of the parts does."""
        text = repr((self.revision, self.zones, self.zones_changed_at, self.estimated_at, parts))
        return blake2b(text.encode(), digest_size=12).hexdigest()


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as one caller may see it, at one cut-off, counting these materials."""

    campaign_id: UUID
    name: str
    status: str
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
    def has_begun(self) -> bool:
        """Whether anything can be due: a campaign that is still being set up has no gaps."""
        return self.status != "draft"

    @property
    def shows_estimates(self) -> bool:
        """Whether reach comes from the stored estimates: see rules.shows_estimates."""
        return rules.shows_estimates(self.scope, self.material, self.cut)

    @property
    def orders(self) -> Orders:
        """For cells, which show what their copies alone say: what is known of orders now says nothing of a past day."""
        return PRIOR_ORDERS if self.cut.known_on else self.version.orders

    @property
    def scope(self) -> FigureScope:
        """Whose figures these are."""
        return rules.scope_of(self.caller.partner_id, self.caller.division_code)

    def etag(self, request: CallerRequest) -> str:
        """Known before anything heavy is read. The local day is in it: plan to date and days left move with it."""
        caller = self.caller
        whose = (caller.city_id, caller.role, caller.partner_id, caller.outlet_id, caller.division_code)
        asked = (request.url.path, request.url.query)
        return f'W/"{self.version.digest(whose, asked, self.cut.day, self.cut.known_on)}"'


async def read_view(connection: Connection, question: Question) -> View:
    """The view of a request. Raises NotFound for a campaign, or a material of it, that is not there."""
    caller = question.caller
    row = await connection.fetchrow(
        *SQL.read_view(city_id=caller.city_id, campaign_id=question.campaign_id, material=question.material)
    )
    if row is None:
        raise NotFound("There is no such campaign here.")
    values: dict[str, Any] = dict(row)
    version = Version(*(values.pop(name) for name in Version.__struct_fields__))
    for name in ("estimated_target_reach", "estimate_is_current"):
        del values[name]
    if question.material is not None and not values["material_ids"]:
        raise NotFound(f"The campaign has no material {question.material}.", field="material")
    cut = rules.cut_off(question.now, ZoneInfo(values["timezone"]), question.as_of)
    return View(version=version, cut=cut, caller=caller, material=question.material, **values)


@asynccontextmanager
async def open_view(database: Database, question: Question) -> AsyncGenerator[tuple[Connection, View]]:
    """A connection and the view on it, for reading. Raises NotFound like read_view."""
    async with database.read() as connection:
        yield connection, await read_view(connection, question)


async def read_version(connection: Connection, city_id: int, campaign_id: UUID) -> Version | None:
    """The campaign's version alone; None when there is no such campaign."""
    row = await connection.fetchrow(*SQL.read_version(city_id=city_id, campaign_id=campaign_id))
    return one(Version, row)
