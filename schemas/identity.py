"""Signing in, accounts and keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Code, Instant, Name

Password = Annotated[str, Meta(min_length=10, max_length=200, description="At least 10 characters")]
Pin = Annotated[str, Meta(pattern=r"^[0-9]{6}$", description="Six digits from the rider's slip", examples=["482913"])]


class PasswordSignIn(Struct, frozen=True, kw_only=True, tag="password", tag_field="kind", forbid_unknown_fields=True):
    """A planner, auditor or manager. `city_code` may be left out where the server holds one city."""

    login: Annotated[str, Meta(min_length=1, max_length=100)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]
    city_code: Code | None = None


class PinSignIn(Struct, frozen=True, kw_only=True, tag="pin", tag_field="kind", forbid_unknown_fields=True):
    """A rider, with what the slip says."""

    outlet_code: Code
    pin: Pin
    city_code: Code | None = None


class SignedIn(Struct, frozen=True, kw_only=True):
    """The session. Pages use the cookie that comes with it; programs send the token as Authorization: Bearer."""

    token: str
    role: str
    expires_at: datetime
    server_time: datetime
    """For phones: the server's clock, so that a wrong phone clock can be corrected."""


class Profile(Struct, frozen=True, kw_only=True):
    """Who the caller is, for the page's header."""

    role: str
    subject_id: UUID
    display_name: str
    city_code: str
    city_name: str
    datum: str
    timezone: str
    demonstration: bool
    partner_name: str | None
    outlet_name: str | None
    division_code: str | None
    server_time: datetime


class NewAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account made by a planner, or an outlet manager's made by the firm manager."""

    role: Literal["planner", "auditor", "firm_manager", "outlet_manager"]
    login: Annotated[str, Meta(min_length=3, max_length=100)]
    password: Password
    display_name: Name
    division_code: Code | None = None
    partner_code: Code | None = None
    outlet_code: Code | None = None


class Account(Struct, frozen=True, kw_only=True):
    """An account that was made."""

    account_id: UUID
    login: str
    role: str


class NewApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a partner's system. `partner_code` is the planner's to choose; a firm manager's is the own firm."""

    name: Name
    expires_at: Instant
    partner_code: Code | None = None


class ApiKey(Struct, frozen=True, kw_only=True):
    """The key, shown this once; only its hash is kept."""

    api_key_id: UUID
    key: str
    expires_at: datetime
