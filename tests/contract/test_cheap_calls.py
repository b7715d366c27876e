"""No request starts a thread or a task for what is at hand: that cost more than the rest of a phone's call."""

from typing import Any

from litestar.utils import is_async_callable

from dispatch.app import create_app
from tests.conftest import SETTINGS


def test_no_guard_needs_a_thread_and_no_argument_a_task() -> None:
    handlers: dict[str, Any] = {}
    for route in create_app(SETTINGS).routes:
        handlers_of_route: Any = getattr(route, "route_handler_map", {})
        for handler, parameters in handlers_of_route.values():
            handlers[handler.handler_name] = handler
            assert [len(batch) for batch in parameters.dependency_batches if len(batch) > 1] == [], handler.handler_name
            for guard in handler.guards or ():
                assert is_async_callable(guard), handler.handler_name
    assert len(handlers["sync_handouts"].guards) == 1
