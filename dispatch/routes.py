"""Every route of every slice, in the order of the work: callers, ground, campaign, copies, figures."""

from typing import Any

from dispatch.identity.routes import ROUTES as IDENTITY

ROUTES: list[Any] = [*IDENTITY]
