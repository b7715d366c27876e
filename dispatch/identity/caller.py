"""The caller of a request and the guards that let roles in. Scope itself stands in every SQL statement."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from dispatch.problems import NotAllowed, NotSignedIn, Problem

Role = Literal["planner", "auditor", "firm_manager", "outlet_manager", "rider", "partner_system"]
ROLES: tuple[Role, ...] = get_args(Role)
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class PasswordChangeRequired(Problem):
    """The password was given by somebody else: choose an own one at /api/me/password before anything else."""

    slug, title, status = "password-change-required", "Choose a password of your own first", 403


class SecondFactorRequired(Problem):
    """This server asks planners for a second factor: set one up at /api/me/second-factor before anything else."""

    slug, title, status = "second-factor-required", "Set up your second factor first", 403


class KeyScope(Problem):
    """The key was not made for this: `scope` names what it lacks."""

    slug, title, status = "key-scope", "This key may not do that", 403


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signed in. What is None does not limit: a planner has no partner, a firm manager no outlet."""

    city_id: int
    role: Role
    subject_id: UUID
    partner_id: UUID | None = None
    outlet_id: UUID | None = None
    division_code: str | None = None
    session_id: UUID | None = None
    scopes: tuple[str, ...] = ()
    """What the key of a partner's system is for: `read`, `report`."""
    must_change_password: bool = False
    lacks_second_factor: bool = False

    @property
    def rider_id(self) -> UUID | None:
        """The rider, when the caller is one."""
        return self.subject_id if self.role == "rider" else None


def allow(*roles: Role) -> Guard:
    """A guard that lets these roles in. Runs before the body is read."""

    # A coroutine though it waits for nothing: the framework runs a plain function in a thread, at every request.
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        caller: Caller | None = connection.scope.get("user")
        if caller is None:
            raise NotSignedIn("Send a session cookie or an Authorization: Bearer header.")
        if caller.role not in roles:
            raise NotAllowed(f"This is for {', '.join(roles)}; you are signed in as {caller.role}.")
        if "before_all_else" in handler.opt:
            return  # The own profile, signing out, and the way out of what follows.
        if caller.must_change_password:
            raise PasswordChangeRequired("Change the password you were given at /api/me/password, then go on.")
        if caller.lacks_second_factor and "before_second_factor" not in handler.opt:
            raise SecondFactorRequired("Planners here need a second factor; set it up at /api/me/second-factor.")
        if caller.role == "partner_system":
            wanted = "read" if connection.scope.get("method") in SAFE_METHODS else "report"
            if wanted not in caller.scopes:
                raise KeyScope(f"This key lacks the scope {wanted}; ask for a key that has it.", scope=wanted)

    guard.roles = roles  # pyright: ignore[reportFunctionMemberAccess]  read by the test that tries every role
    return guard


anybody_signed_in = allow(*ROLES)
