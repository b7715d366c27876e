"""What will go, and when: one table, from which the contract marks it and the answers carry `Deprecation` and `Sunset`.

What is deprecated works as before until its last day, at least `NOTICE` later. It is taken out by a later version, not
by the clock. Rules of versions: schemas/README.md.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

NOTICE: Final = timedelta(days=180)
"""How long a program has to change over."""
DOCS: Final = "/api/docs/changes"


class Deprecation(msgspec.Struct, frozen=True):
    """Since when something is deprecated, its last day, and what to use instead."""

    since: date
    until: date
    instead: str

    @property
    def words(self) -> str:
        """The same as a sentence of the contract."""
        return f"Deprecated since {self.since}; answered until {self.until}. Use {self.instead} instead."

    @property
    def headers(self) -> dict[str, str]:
        """As RFC 9745 and RFC 8594 have it."""
        since, until = (datetime.combine(day, time(), UTC) for day in (self.since, self.until))
        return {
            "deprecation": f"@{int(since.timestamp())}",
            "sunset": format_datetime(until, usegmt=True),
            "link": f'<{DOCS}>; rel="deprecation"; type="text/html"',
        }


OPERATIONS: Final[dict[str, Deprecation]] = {
    "take_up_refused": Deprecation(date(2026, 12, 1), date(2027, 6, 1), "`POST /api/handouts/refused/retry`"),
}
"""By the operation's name."""
_PAGING: Final = Deprecation(date(2026, 12, 1), date(2027, 6, 1), "`cursor`")
PARAMETERS: Final[dict[tuple[str, str], Deprecation]] = {
    ("read_audit", "before"): _PAGING,
    ("read_capacity", "offset"): _PAGING,
    ("read_handouts", "before"): _PAGING,
}
"""By the operation's name and the parameter's."""


def headers_of(scope: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """What the answer to a request carries: nothing, unless the request uses what is deprecated."""
    name: str = getattr(scope.get("route_handler"), "handler_name", "")
    used = OPERATIONS.get(name)
    if used is None and name in {operation for operation, _ in PARAMETERS}:
        given = {key for key, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
        used = next((PARAMETERS[name, key] for key in sorted(given) if (name, key) in PARAMETERS), None)
    return [(key.encode(), value.encode()) for key, value in used.headers.items()] if used else []
