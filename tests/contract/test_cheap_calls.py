"""No request starts a thread or a task for what is at hand: that cost more than the rest of a phone's call."""

import asyncio
from typing import Any

import httpx
from litestar.routes import HTTPRoute
from litestar.utils import is_async_callable

from dispatch.app import create_app
from tests.conftest import SETTINGS


def test_no_guard_needs_a_thread_and_no_argument_a_task() -> None:
    handlers: dict[str, Any] = {}
    for route in create_app(SETTINGS).routes:
        if not isinstance(route, HTTPRoute):
            continue
        inside: Any = route
        for handler, parameters in inside.route_handler_map.values():
            handlers[handler.handler_name] = handler, parameters
            assert [len(batch) for batch in parameters.dependency_batches if len(batch) > 1] == [], handler.handler_name
            for guard in handler.guards or ():
                assert is_async_callable(guard), handler.handler_name
    sync, parameters = handlers["sync_handouts"]
    assert len(sync.guards) == 1
    assert len(parameters.dependency_batches) > 1, "one after the other, and none left out"


async def test_a_call_that_asks_for_several_things_by_name_starts_no_task(api: httpx.AsyncClient) -> None:
    """However the framework is built inside: this handler asks for settings and the instant, and for no database."""
    loop, started = asyncio.get_running_loop(), list[str]()

    def counted(loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        started.append(work.__qualname__)
        return asyncio.Task(work, loop=loop, **more)

    loop.set_task_factory(counted)
    try:
        answer = await api.post("/api/sign-in/oidc/begin")
    finally:
        loop.set_task_factory(None)
    assert answer.status_code == 404, "nobody signs in that way here"
    assert started == []
