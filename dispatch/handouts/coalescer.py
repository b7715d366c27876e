"""Puts the calls of several phones into one transaction: a call of one record costs little, and a cell that many riders
serve at once is no bottleneck.

Calls wait in a queue per city; one drainer takes up to a limit of records, and every phone gets its own verdicts after
the commit. When the shared transaction fails, every call is done alone, so that one bad row never sinks the others;
when the database is away, all calls fail at once.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextvars import Context
from datetime import datetime

import msgspec

from dispatch.database import Connection, Database, is_away
from dispatch.database.audit_hook import AuditHook, new_audit_hook
from dispatch.handouts.calls import Answer, Call, record_calls
from dispatch.problems import Busy, Problem
from schemas.handouts import Outcome

logger = logging.getLogger("dispatch.handouts")

# Two transactions of one process may be under way: while one waits for the disk, the next is judged.
_DRAINERS = 2


class _WaitingCall(msgspec.Struct):
    call: Call
    answer: asyncio.Future[list[Outcome]]
    audit_hook: AuditHook | None


class HandoutCoalescer:
    """Takes calls, answers each when its records are on disk."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        most_records: int,
        coalesce: bool = True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._most_records = most_records
        self._coalesce = coalesce
        self._queues: dict[int, deque[_WaitingCall]] = {}
        self._drainers: dict[int, set[asyncio.Task[None]]] = {}

    async def record(self, call: Call) -> list[Outcome]:
        """Record one call's entries; returns when they are committed."""
        if not self._coalesce:
            return _outcomes((await self._transact([call], [new_audit_hook()]))[0])
        city_id = call.caller.city_id
        waiting = _WaitingCall(call, asyncio.get_running_loop().create_future(), new_audit_hook())
        self._queues.setdefault(city_id, deque()).append(waiting)
        drainers = self._drainers.setdefault(city_id, set())
        # One that is done but not yet discarded will not look into the queue again.
        if sum(not task.done() for task in drainers) < _DRAINERS:
            # A context of its own: the drainer works for all callers, not for the request that happened to start it.
            task = asyncio.create_task(self._drain(city_id), context=Context())
            drainers.add(task)
            task.add_done_callback(drainers.discard)
        # A phone that hangs up does not undo what others share a transaction with.
        return await asyncio.shield(waiting.answer)

    async def _drain(self, city_id: int) -> None:
        queue = self._queues[city_id]
        while queue:
            taken = self._take(queue)
            try:
                await self._serve(taken)
            finally:
                # Cancelled when the server stops: no caller is left waiting for an answer that will not come.
                for waiting in taken:
                    _fail(waiting, Busy("The server is stopping; send the same request again."))

    async def _serve(self, taken: list[_WaitingCall]) -> None:
        try:
            answers = await self._transact(
                [waiting.call for waiting in taken], [waiting.audit_hook for waiting in taken]
            )
        except Exception as error:
            if len(taken) == 1 or is_away(error):
                for waiting in taken:
                    _fail(waiting, error)
            else:
                await self._one_by_one(taken, error)
            return
        for waiting, answer in zip(taken, answers, strict=True):
            _give(waiting, answer)

    def _take(self, queue: deque[_WaitingCall]) -> list[_WaitingCall]:
        taken = [queue.popleft()]
        records = len(taken[0].call.sent)
        while queue and records + len(queue[0].call.sent) <= self._most_records:
            taken.append(queue.popleft())
            records += len(taken[-1].call.sent)
        return taken

    async def _one_by_one(self, taken: list[_WaitingCall], cause: Exception) -> None:
        if not isinstance(cause, Problem):
            logger.warning("coalesced_transaction_failed", exc_info=cause, extra={"calls": len(taken)})
        for waiting in taken:
            try:
                answer = (await self._transact([waiting.call], [waiting.audit_hook]))[0]
            except Exception as error:
                _fail(waiting, error)
            else:
                _give(waiting, answer)

    async def _transact(self, calls: list[Call], audit_hooks: list[AuditHook | None]) -> list[Answer]:
        now = self._clock()

        async def record(connection: Connection) -> list[Answer]:
            answers = await record_calls(connection, calls, now)
            for hook in filter(None, audit_hooks):
                await hook(connection)
            return answers

        return await self._database.transact(record, audited=False)


def _outcomes(answer: Answer) -> list[Outcome]:
    if isinstance(answer, Problem):
        raise answer
    return answer


def _give(waiting: _WaitingCall, answer: Answer) -> None:
    if isinstance(answer, Problem):
        _fail(waiting, answer)
    elif not waiting.answer.done():
        waiting.answer.set_result(answer)


def _fail(waiting: _WaitingCall, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
