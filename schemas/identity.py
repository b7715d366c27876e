"""Signing in, accounts and keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from schemas.base_map import BaseMap
from schemas.common import Code, Instant, Name, Symbol

SecondFactorCode = Annotated[
    str,
    Meta(
        min_length=6,
        max_length=20,
        pattern=r"^[0-9A-Za-z -]+$",
        description="Six digits of the authenticator, or a recovery code",
        examples=["492039"],
    ),
]
KeyScopeName = Literal["read", "report", "correct", "read_handouts", "claims", "waybills", "riders", "capacity"]
"""What a key may be for; what each opens is with the security scheme `key`."""
Language = Literal["zh", "en"]
Pin = Annotated[str, Meta(pattern=r"^[0-9]{6}$", description="Six digits from the rider's slip", examples=["482913"])]


class PasswordSignIn(Struct, frozen=True, kw_only=True, tag="password", tag_field="kind", forbid_unknown_fields=True):
    """A planner, auditor or manager. `city_code` may be left out where the server holds one city."""

    login: Annotated[str, Meta(min_length=1, max_length=100)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]
    city_code: Code | None = None
    second_factor: SecondFactorCode | None = None
    """Asked for by the problem `second-factor-asked`, once the password is right."""


class PinSignIn(Struct, frozen=True, kw_only=True, tag="pin", tag_field="kind", forbid_unknown_fields=True):
    """A rider, with what the slip says."""

    outlet_code: Code
    rider_code: Code | None = None
    """With it only this rider's PIN is right, and failures count for this slip alone. Slips printed earlier have none
    in their symbol: then any rider of the outlet is found by the PIN."""
    pin: Pin
    city_code: Code | None = None


class SignedIn(Struct, frozen=True, kw_only=True):
    """The session. Pages use the cookie that comes with it; programs send the token as Authorization: Bearer."""

    token: str
    role: str
    expires_at: datetime
    idle_seconds: int
    """Unused for so long, the session ends before that; 0: it does not."""
    must_change_password: bool
    """Only the change of the password, the own profile and signing out are open before it is done."""
    lacks_second_factor: bool
    """This server asks planners for a second factor, and there is none yet: it is to be set up first."""
    server_time: datetime
    """For phones: the server's clock, so that a wrong phone clock can be corrected."""


class OidcAddress(Struct, frozen=True, kw_only=True):
    """Where the page goes to sign in with the organisation's own account."""

    address: str


class OidcAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the provider sent the browser back with."""

    code: Annotated[str, Meta(min_length=1, max_length=2000)]
    state: Annotated[str, Meta(min_length=1, max_length=200)]


class SignInPlace(Struct, frozen=True, kw_only=True):
    """Who asks for a rider's PIN, before anybody has signed in: what is on the outlet's door, and nobody's name."""

    city_name: str
    centre_name: str | None
    centre_phone: str | None
    partner_name: str
    outlet_name: str
    outlet_code: str


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
    centre_name: str | None
    """Who asks riders for their PIN, and where to call; null: not set yet."""
    centre_phone: str | None
    partner_name: str | None
    outlet_name: str | None
    outlet_code: str | None
    rider_code: str | None
    """Of riders: the code on the slip."""
    division_code: str | None
    division_name: str | None
    """What the district of `division_code` is called, where anybody has said."""
    login: str | None
    """What an account signs in with; riders and partners' systems have none."""
    language: Language | None
    """What the account chose; riders choose on the phone."""
    must_change_password: bool
    lacks_second_factor: bool
    has_second_factor: bool
    key_scopes: list[str]
    """What the key in use is for; empty for everybody who signs in."""
    base_map: BaseMap | None
    """What lies under the zones; null: nothing. Riders have no map."""
    idle_seconds: int
    """Unused for so long, this session ends; 0: it does not. Requests with X-Background: 1 are no use. Of riders:
    sooner while an open campaign asks for it."""
    expires_at: datetime | None
    server_time: datetime


class PasswordChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The present password and the one to come."""

    current_password: Annotated[str, Meta(min_length=1, max_length=200)]
    new_password: Annotated[
        str, Meta(min_length=1, max_length=200, description="At least 10 characters of three kinds, without the login")
    ]


class LanguageChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which language the pages speak to this account."""

    language: Language


class Session(Struct, frozen=True, kw_only=True):
    """One of the caller's own sessions."""

    session_id: UUID
    current: bool
    """The one this was asked with."""
    method: Literal["password", "pin", "oidc"]
    device: str
    """What the browser or program says it is."""
    address: str
    created_at: datetime
    last_used_at: datetime
    """Within a minute."""
    expires_at: datetime


Login = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=100,
        pattern=r"^[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._@-]*$",
        description="Letters, digits, Chinese characters and . _ @ -: no blanks, nothing that only looks alike",
    ),
]


class NewAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account made by a planner, or an outlet manager's by the firm manager. Its first password must be changed."""

    role: Literal["planner", "auditor", "firm_manager", "outlet_manager"]
    login: Login
    display_name: Name
    account_id: UUID | None = None
    """Made by the sender, so that the same request sent twice makes one account."""
    password: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """Left out: the server makes one, and shows it only in this answer."""
    division_code: Code | None = None
    partner_code: Code | None = None
    outlet_code: Code | None = None


class PartnersWithoutAccounts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Partners that are to be able to sign in."""

    partner_codes: Annotated[list[Code], Meta(min_length=1, max_length=50)]


class PartnerAccount(Struct, frozen=True, kw_only=True):
    """With what a partner signs in, for the letter to it."""

    partner_code: str
    partner_name: str
    account_id: UUID
    login: str
    state: Literal["made", "renewed", "in_use"]
    """made: there was no account. renewed: nobody has signed in with it yet, so it got a new password. in_use: somebody
    signs in with it, and nothing was changed."""
    one_time_password: str | None
    """Shown this once; null: in use."""


class Account(Struct, frozen=True, kw_only=True):
    """An account that was made."""

    account_id: UUID
    login: str
    role: str
    one_time_password: str | None
    """Shown only in this answer; a person who signs in with it must change it."""


class ListedAccount(Struct, frozen=True, kw_only=True):
    """An account in the caller's scope."""

    account_id: UUID
    role: str
    login: str
    display_name: str
    division_code: str | None
    division_name: str | None
    partner_code: str | None
    partner_name: str | None
    outlet_code: str | None
    outlet_name: str | None
    active: bool
    must_change_password: bool
    """It was given a password and has not chosen an own one yet."""
    has_second_factor: bool
    created_at: datetime
    signed_in_at: datetime | None


class OneTimePassword(Struct, frozen=True, kw_only=True):
    """A one-time password; a person who signs in with it must change it."""

    account_id: UUID
    login: str
    one_time_password: str


class SecondFactorProposal(Struct, frozen=True, kw_only=True):
    """What an authenticator needs. It has no effect until one of its codes has been entered."""

    secret: str
    """For typing in by hand."""
    address: str
    """What the QR code says."""
    symbol: Symbol


class SecondFactorProof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code of the authenticator, or a recovery code."""

    code: SecondFactorCode


class RecoveryCodes(Struct, frozen=True, kw_only=True):
    """For the day the authenticator is gone: each opens the door once. Shown this once."""

    codes: list[str]


class NewApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a partner's system. `partner_code` is the planner's to choose; a firm manager's is the own firm."""

    name: Name
    expires_at: Instant
    partner_code: Code | None = None
    outlet_code: Code | None = None
    """An outlet of the firm: the key then sees and does no more than this outlet's manager."""
    scopes: Annotated[
        list[KeyScopeName],
        Meta(min_length=1, max_length=8, description="What the key is for: the scopes of the security scheme `key`"),
    ] = field(default_factory=lambda: ["read", "report"])


class ApiKey(Struct, frozen=True, kw_only=True):
    """The key, shown this once; only its hash is kept."""

    api_key_id: UUID
    key: str
    expires_at: datetime


class KeyRotation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long the old key stays valid next to the new one, and until when the new one is valid."""

    grace_hours: Annotated[int, Meta(ge=0, le=720, description="Hours the old key still holds")] = 72
    expires_at: Instant | None = None
    """Left out: as long as the old key was made for."""


class ListedKey(Struct, frozen=True, kw_only=True):
    """A key of a partner's system, without the key."""

    api_key_id: UUID
    name: str
    scopes: list[str]
    partner_code: str
    partner_name: str
    outlet_code: str | None
    """Null: the key is the whole firm's."""
    outlet_name: str | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    """Within a minute."""
    replaces: UUID | None
    """The key it was made in the place of."""
