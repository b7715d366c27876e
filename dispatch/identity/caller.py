"""The caller of a request and the guards that let roles in. Scope itself stands in every SQL statement."""

from collections.abc import Callable
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from dispatch.problems import NotAllowed, NotSignedIn

Role = Literal["planner", "auditor", "firm_manager", "outlet_manager", "rider", "partner_system"]
ROLES: tuple[Role, ...] = get_args(Role)
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signed in. What is None does not limit: a planner has no partner, a firm manager no outlet."""

    city_id: int
    role: Role
    subject_id: UUID
    partner_id: UUID | None = None
    outlet_id: UUID | None = None
    division_code: str | None = None

    @property
    def rider_id(self) -> UUID | None:
        """The rider, when the caller is one."""
        return self.subject_id if self.role == "rider" else None


def allow(*roles: Role) -> Guard:
    """A guard that lets these roles in. Runs before the body is read."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller: Caller | None = connection.scope.get("user")
        if caller is None:
            raise NotSignedIn("Send a session cookie or an Authorization: Bearer header.")
        if caller.role not in roles:
            raise NotAllowed(f"This is for {', '.join(roles)}; you are signed in as {caller.role}.")

    guard.roles = roles  # pyright: ignore[reportFunctionMemberAccess]  read by the test that tries every role
    return guard


anybody_signed_in = allow(*ROLES)
