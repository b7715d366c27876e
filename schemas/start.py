"""What the start page needs before anybody has signed in."""

from msgspec import Struct


class DemonstrationSignIn(Struct, frozen=True, kw_only=True):
    """A public way into a demonstration city: login and password, or a rider's outlet code and PIN."""

    role: str
    login: str | None = None
    password: str | None = None
    outlet_code: str | None = None
    pin: str | None = None
    city_code: str | None = None


class Start(Struct, frozen=True, kw_only=True):
    """What a stranger may know of this server: nothing of a real city but its name."""

    signed_in: bool
    """Whether the request came with a session that still holds."""
    cities: int
    """0: none was set up yet; 2: two or more, and the form has to ask for the city's code."""
    city_name: str | None
    """Null unless the server holds exactly one city."""
    centre_name: str | None
    """The anti-fraud centre that asks for the PIN, and where to call; null unless there is exactly one city and it says
    so."""
    centre_phone: str | None
    demonstration: bool
    """Whether the server holds the fictional city."""
    oidc: bool
    """Whether this server takes the organisation's own sign-in as well."""
    demonstration_sign_ins: list[DemonstrationSignIn]
    """Empty for real cities."""
