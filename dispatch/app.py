"""create_app: the only wiring of routes, dependencies, lifespan and refusals."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from dispatch import problems
from dispatch.database import Database
from dispatch.database.changes import Changes
from dispatch.dependencies import DEPENDENCIES
from dispatch.identity.authentication import Authentication, CallerReader
from dispatch.logs import RequestLog
from dispatch.routes import ROUTES
from dispatch.settings import Settings

Clock = Callable[[], datetime]


def real_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def create_app(settings: Settings, database: Database | None = None, clock: Clock = real_clock) -> Litestar:
    """Wire the application. With `database` given (tests, benchmarks) it is used and left open."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        opened = database or await Database.open(
            settings.database_url, size=settings.pool_size, statement_timeout_seconds=settings.statement_timeout_seconds
        )
        app.state.database = opened
        app.state.settings = settings
        app.state.clock = clock
        app.state.callers = CallerReader(opened, clock)
        app.state.changes = Changes(opened)
        try:
            yield
        finally:
            await app.state.changes.stop()
            if database is None:
                await opened.close()

    return Litestar(
        route_handlers=ROUTES,
        lifespan=[lifespan],
        dependencies=DEPENDENCIES,
        middleware=[RequestLog, DefineMiddleware(Authentication)],
        exception_handlers={
            problems.Problem: problems.handle_problem,
            HTTPException: problems.handle_http_exception,
            Exception: problems.handle_unexpected,
        },
        openapi_config=OpenAPIConfig(
            title="Dispatch",
            version="1",
            path="/api/schema",
            render_plugins=[JsonRenderPlugin()],
            use_handler_docstrings=True,
        ),
        compression_config=CompressionConfig(backend="gzip", minimum_size=1000, gzip_compress_level=4),
        request_max_body_size=2_000_000,
        logging_config=None,
    )
