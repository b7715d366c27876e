"""Reading the trail, taking it along as a file, checking its chain. For auditors of the whole city alone: the trail is
about all districts, firms and accounts."""

from collections.abc import AsyncGenerator
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from dispatch.audit import rules, trail_csv, verification
from dispatch.audit.entries import TrailFilter, fetch_entries, pages, read_city
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.pages import CursorText, decode_cursor, page_of
from dispatch.server.refusals import refusals
from schemas.audit import AuditEntry, AuditHead, AuditKind, AuditPage, AuditVerification
from schemas.common import Instant

_AUDITOR = allow("auditor", whole_city=True)
_MOST_VERIFIED: Final = 20_000

Text = Annotated[str | None, QueryParameter(max_length=100)]
Position = Annotated[int, QueryParameter(ge=0, le=2**53)]


@get("/api/audit", guards=[_AUDITOR])
async def read_audit(
    caller: CallerDependency,
    database: DatabaseDependency,
    since: FromQuery[Instant | None] = None,
    until: FromQuery[Instant | None] = None,
    before: FromQuery[UUID | None] = None,
    caller_id: FromQuery[UUID | None] = None,
    caller_role: Text = None,
    operation: Text = None,
    kind: FromQuery[list[AuditKind] | None] = None,
    result: Text = None,
    subject: Text = None,
    address: Text = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
    cursor: CursorText = None,
) -> AuditPage:
    """The trail, newest first. `subject`: an id or code it is about."""
    first, last = rules.id_bounds(since, until, decode_cursor(cursor, tuple[UUID])[0] if cursor else before)
    wanted = TrailFilter(
        first_id=first, last_id=last, caller_id=caller_id, caller_role=caller_role, operation=operation,
        kinds=kind or None, result=result, subject=subject, address=address,
    )  # fmt: skip
    async with database.read() as connection:
        entries = await fetch_entries(connection, caller.city_id, wanted, limit + 1)
    page, next_cursor = page_of(entries, limit, lambda entry: (entry.entry_id,))
    return AuditPage(entries=page, next_cursor=next_cursor, next_before=page[-1].entry_id if next_cursor else None)


@get("/api/audit.csv", media_type="text/csv", guards=[_AUDITOR])
async def read_audit_csv(
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    since: FromQuery[Instant | None] = None,
    until: FromQuery[Instant | None] = None,
    caller_id: FromQuery[UUID | None] = None,
    caller_role: Text = None,
    operation: Text = None,
    kind: FromQuery[list[AuditKind] | None] = None,
    result: Text = None,
    subject: Text = None,
    address: Text = None,
) -> Stream:
    """The trail as a file, newest first, with the filters of the list. Taking it along is an entry itself."""
    first, last = rules.id_bounds(since, until)
    wanted = TrailFilter(
        first_id=first, last_id=last, caller_id=caller_id, caller_role=caller_role, operation=operation,
        kinds=kind or None, result=result, subject=subject, address=address,
    )  # fmt: skip
    city = await read_city(database, caller.city_id)
    timezone = ZoneInfo(city["timezone"])
    name = f"audit-{city['code']}-{now.astimezone(timezone):%Y%m%d}.csv"
    # The first page before the first byte: a filter that cannot be asked for is refused, not broken off in the middle.
    rest = pages(database, caller.city_id, wanted)
    lines = _csv_lines(await anext(rest), rest, timezone)
    return Stream(lines, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


async def _csv_lines(
    first: list[AuditEntry], rest: AsyncGenerator[list[AuditEntry]], timezone: ZoneInfo
) -> AsyncGenerator[str]:
    yield trail_csv.head()
    yield trail_csv.lines(first, timezone)
    async for entries in rest:
        yield trail_csv.lines(entries, timezone)


@get("/api/audit/head", guards=[_AUDITOR])
async def read_audit_head(caller: CallerDependency, database: DatabaseDependency) -> AuditHead | None:
    """The end of the chain, to be kept elsewhere; null where nothing was ever sealed."""
    async with database.read() as connection:
        return await verification.read_head(connection, caller.city_id)


@get("/api/audit/verification", guards=[_AUDITOR], responses=refusals(rules.HeadNotKept))
async def verify_audit(
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
    after: Position = 0,
    head: Annotated[str | None, QueryParameter(max_length=100)] = None,
) -> AuditVerification:
    """Check the chain after a position, at most 20,000 entries a call. `head`: one that was kept, as position:hash."""
    kept = None if head is None else rules.read_head(head)
    return await verification.verify(
        database, caller.city_id, now, settings.secret, after=after, most=_MOST_VERIFIED, kept=kept
    )


ROUTES = [read_audit, read_audit_csv, read_audit_head, verify_audit]
