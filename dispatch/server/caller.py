"""The caller of a request, the guards that let roles in, and the scope that every SQL statement keeps to."""

from typing import Literal, TypeAlias, get_args
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from dispatch.database.queries import Scope
from dispatch.problems import NotAllowed, NotSignedIn, Problem
from dispatch.server.options import BEFORE_ALL_ELSE, BEFORE_SECOND_FACTOR
from dispatch.server.requests import AnyConnection
from schemas.identity import KeyScopeName

Role = Literal["planner", "auditor", "firm_manager", "outlet_manager", "rider", "partner_system"]
ROLES: tuple[Role, ...] = get_args(Role)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class PasswordChangeRequired(Problem):
    """The password was given by somebody else: choose one of your own at /api/me/password before anything else."""

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
    """What the key of a partner's system is for."""
    must_change_password: bool = False
    lacks_second_factor: bool = False

    @property
    def scope(self) -> Scope:
        """Whose rows the caller may see or change, for SQL."""
        return Scope(
            city_id=self.city_id, scope_division=self.division_code, scope_partner=self.partner_id,
            scope_outlet=self.outlet_id, scope_rider=self.rider_id,
        )  # fmt: skip

    @property
    def rider_id(self) -> UUID | None:
        """The rider, when the caller is one."""
        return self.subject_id if self.role == "rider" else None


CallerRequest: TypeAlias = Request[Caller, str, State]
"""A request of somebody signed in, with the token or key it came with."""


class Allow:
    """A guard that lets these roles in; with `whole_city` only those who are not limited to a district. A key of a
    partner's system needs its `scope`. Runs before the body is read, and the contract shows what it lets in."""

    def __init__(self, *roles: Role, whole_city: bool = False, scope: KeyScopeName | None = None) -> None:
        if (scope is not None) != ("partner_system" in roles):
            raise TypeError("say which scope of a key opens this, and only where partners' systems may")
        self.roles = roles
        self.whole_city = whole_city
        self.scope = scope

    # A coroutine though it waits for nothing: the framework runs a plain function in a thread, at every request.
    async def __call__(self, connection: AnyConnection, handler: BaseRouteHandler) -> None:
        """Raise the problem that keeps this caller out, if there is one."""
        caller: Caller | None = connection.scope.get("user")
        if caller is None:
            raise NotSignedIn("Send a session cookie or an Authorization: Bearer header.")
        if caller.role not in self.roles:
            raise NotAllowed(f"This is for {', '.join(self.roles)}; you are signed in as {caller.role}.")
        if self.whole_city and caller.division_code is not None:
            raise NotAllowed("This concerns the whole city; ask a planner of the city's anti-fraud centre.")
        if BEFORE_ALL_ELSE in handler.opt:
            return  # The caller's own profile, signing out, and the way out of what follows.
        if caller.must_change_password:
            raise PasswordChangeRequired("Change the password you were given at /api/me/password, then go on.")
        if caller.lacks_second_factor and BEFORE_SECOND_FACTOR not in handler.opt:
            raise SecondFactorRequired("Planners here need a second factor; set it up at /api/me/second-factor.")
        if caller.role == "partner_system" and self.scope not in caller.scopes:
            raise KeyScope(f"This key lacks the scope {self.scope}; ask for a key that has it.", scope=self.scope)


allow = Allow

# Of the own profile and of signing out, which are BEFORE_ALL_ELSE, no scope is asked.
anybody_signed_in = allow(*ROLES, scope="read")
