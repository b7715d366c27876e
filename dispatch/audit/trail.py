"""ASGI middleware: what a request did goes into the trail.

A change is written into the trail in its own transaction, whatever slice makes it. A read that is kept, a refusal and a
request that changed nothing are written before the answer leaves: what cannot be written down is not answered.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.audit.rules import (
    NOT_KEPT,
    ONE_VIEW,
    OWN_RECORD,
    VIEWED,
    Kind,
    TrailEntry,
    kind_of_read,
    network_of,
    subject_of,
)
from dispatch.audit.store import append, write_entry
from dispatch.database import Connection, new_id
from dispatch.database.audit_hook import MAKE_AUDIT_HOOK, AuditHook
from dispatch.problems import Busy, Problem, render_bytes
from dispatch.server.address import address_of
from dispatch.server.caller import SAFE_METHODS, Caller
from dispatch.server.subject import REQUEST_SUBJECT, RequestSubject, clean

logger = logging.getLogger("dispatch.audit")
_NOT_MODIFIED = 304


class Trail:
    """Outside of the authentication, so that what it refuses is seen too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write down what it did."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request: Any = scope
        audited = _AuditedRequest(request)
        subject = REQUEST_SUBJECT.set(audited.about)
        hook = MAKE_AUDIT_HOOK.set(audited.new_hook if audited.changes else None)
        try:
            await self._app(scope, receive, _Answer(audited, send))
        except Problem as problem:
            # Refused by a middleware further in; the answer is made further out.
            await audited.finish(problem.slug)
            raise
        finally:
            MAKE_AUDIT_HOOK.reset(hook)
            REQUEST_SUBJECT.reset(subject)


class _Answer:
    """The way out: the entry is on disk before the first byte leaves."""

    def __init__(self, audited: "_AuditedRequest", send: Send) -> None:
        self._audited = audited
        self._send = send
        self._withheld = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            refused = message["status"] >= 400
            problem = self._audited.scope.get("state", {}).get("problem", "refused") if refused else None
            try:
                await self._audited.finish(problem, sent=message["status"] != _NOT_MODIFIED)
            except Exception:
                # The database is away. A refusal may leave without a trace, personal data may not.
                logger.warning("audit_entry_not_written", exc_info=True)
                if not refused:
                    self._withheld = True
                    await self._refuse()
                    return
        if not self._withheld:
            await self._send(message)

    async def _refuse(self) -> None:
        busy = Busy("The audit trail cannot be written for a moment; send the same request again.")
        headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"2")]
        start: Any = {"type": "http.response.start", "status": busy.status, "headers": headers}
        body: Any = {"type": "http.response.body", "body": render_bytes(busy), "more_body": False}
        await self._send(start)
        await self._send(body)


class _AuditedRequest:
    """One request, from what is known at its beginning to what came of it."""

    def __init__(self, scope: Any) -> None:
        self.scope = scope
        self.about = RequestSubject()
        self.operation: str = getattr(scope.get("route_handler"), "handler_name", "") or "unknown"
        self.changes = scope["method"] not in SAFE_METHODS and self.operation not in OWN_RECORD
        self._written = False

    def new_hook(self) -> AuditHook:
        """For one transaction: an entry with an id of its own, the same if the transaction is done again."""
        now = self._now()
        entry_id = new_id(now)

        async def write(connection: Connection) -> None:
            entry = self._entry(now, entry_id, "change", "done")
            if entry is not None:
                await write_entry(connection, entry)
                self._written = True

        return write

    async def finish(self, problem: str | None, *, sent: bool = True) -> None:
        """Write what is not written yet: a refusal, a read that is kept, a request that changed nothing.

        `sent` False: the client had it already, and nothing left the server.
        """
        kind = self._kind(problem)
        if kind is None or (kind == "export" and not sent):
            return
        now = self._now()
        if kind == "read" and self.operation in VIEWED and not self._is_new_view(now):
            return
        entry = self._entry(now, new_id(now), kind, problem or "done")
        if entry is not None:
            await append(self.scope["app"].state.database, entry)

    def _kind(self, problem: str | None) -> Kind | None:
        if problem is not None:
            return None if problem in NOT_KEPT else "refusal"
        if self.changes:
            return None if self._written else "request"
        caller: Caller | None = self.scope.get("user")
        # A rider reads no data but the rider's own.
        if caller is not None and caller.role == "rider":
            return None
        by_a_page = dict(self.scope["headers"]).get(b"x-requested-with") == b"dispatch"
        return kind_of_read(self.operation, by_a_page=by_a_page)

    def _is_new_view(self, now: datetime) -> bool:
        """Whether this caller has not looked at the same for an hour, as far as this process has seen."""
        caller: Caller | None = self.scope.get("user")
        looked: dict[Any, datetime] = self.scope["app"].state.setdefault("looked", {})
        key = (caller and (caller.city_id, caller.subject_id), self.operation, str(self.scope.get("path_params")))
        if key in looked and now - looked[key] < ONE_VIEW:
            return False
        for known in [known for known, at in looked.items() if now - at >= ONE_VIEW]:
            del looked[known]
        looked[key] = now
        return True

    def _entry(self, now: datetime, entry_id: Any, kind: Kind, result: str) -> TrailEntry | None:
        """None: the city is not known, so there is no trail to put it in."""
        caller: Caller | None = self.scope.get("user")
        city_id = caller.city_id if caller is not None else self.about.city_id
        if city_id is None:
            return None
        path: Mapping[str, Any] = self.scope.get("path_params") or {}
        return TrailEntry(
            city_id=city_id, entry_id=entry_id, at=now, kind=kind, operation=self.operation, result=result,
            caller_role=caller.role if caller else "stranger", caller_id=caller.subject_id if caller else None,
            partner_id=caller.partner_id if caller else None, outlet_id=caller.outlet_id if caller else None,
            request_id=str(self.scope.get("state", {}).get("request_id", "")), address=self._address(caller),
            subject=subject_of({key: clean(value) for key, value in path.items()}, self.about.facts),
        )  # fmt: skip

    def _address(self, caller: Caller | None) -> str:
        address = address_of(ASGIConnection(self.scope))
        rider = (caller is not None and caller.role == "rider") or "rider_id" in self.about.facts
        return network_of(address) if rider else clean(address)

    def _now(self) -> datetime:
        return self.scope["app"].state.clock()
