"""Reading the trail, taking it along as a file, checking its chain. For auditors alone."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from dispatch.audit import rules, trail_csv, verification
from dispatch.audit.entries import fetch_entries, pages, read_city
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from schemas.audit import AuditEntry, AuditHead, AuditKind, AuditPage, AuditVerification
from schemas.common import Instant

_AUDITOR = allow("auditor")
_MOST_VERIFIED: Final = 20_000

Text = Annotated[str | None, QueryParameter(max_length=100)]
Position = Annotated[int, QueryParameter(ge=0, le=2**53)]


def _filters(
    since: datetime | None, until: datetime | None, before: UUID | None, caller_id: UUID | None,
    caller_role: str | None, operation: str | None, kind: list[AuditKind] | None, result: str | None,
    subject: str | None, address: str | None,
) -> list[Any]:  # fmt: skip
    """The filters in the order of read_entries. Ids carry their time, so instants become ids."""
    first = None if since is None else rules.first_id_of(since)
    last = before if until is None else min(filter(None, (rules.first_id_of(until), before)))
    return [first, last, caller_id, caller_role, operation, kind or None, result, subject, address]


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
) -> AuditPage:
    """The trail, newest first. `subject`: an id or code it is about; `before`: the last id of the page before."""
    rules.require_trail_scope(caller)
    filters = _filters(since, until, before, caller_id, caller_role, operation, kind, result, subject, address)
    async with database.read() as connection:
        found = await fetch_entries(connection, caller.city_id, filters, limit + 1)
    entries = found[:limit]
    return AuditPage(entries=entries, next_before=entries[-1].entry_id if len(found) > limit else None)


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
    rules.require_trail_scope(caller)
    filters = _filters(since, until, None, caller_id, caller_role, operation, kind, result, subject, address)
    city = await read_city(database, caller.city_id)
    timezone = ZoneInfo(city["timezone"])
    name = f"audit-{city['code']}-{now.astimezone(timezone):%Y%m%d}.csv"
    # The first page before the first byte: a filter that cannot be asked for is refused, not broken off in the middle.
    rest = pages(database, caller.city_id, filters)
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
    rules.require_trail_scope(caller)
    async with database.read() as connection:
        return await verification.read_head(connection, caller.city_id)


@get("/api/audit/verification", guards=[_AUDITOR])
async def verify_audit(
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
    after: Position = 0,
    head: Annotated[str | None, QueryParameter(max_length=100)] = None,
) -> AuditVerification:
    """Check the chain behind a position, at most 20,000 entries a call. `head`: one that was kept, as position:hash."""
    rules.require_trail_scope(caller)
    kept = None if head is None else rules.read_head(head)
    return await verification.verify(
        database, caller.city_id, now, settings.secret, after=after, most=_MOST_VERIFIED, kept=kept
    )


ROUTES = [read_audit, read_audit_csv, read_audit_head, verify_audit]
