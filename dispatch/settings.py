"""Everything an operator can set, read once from DISPATCH_* at the start; nothing else reads the environment."""

import ipaddress
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and how to correct it. Stops the start."""


def about(description: str, least: int | None = None, most: int | None = None, **limits: Any) -> Meta:
    """What a setting is for, with its unit and what 0 or nothing means, and its bounds."""
    return Meta(description=description, ge=least, le=most, **limits)


_A_DAY: Final = 86400


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One field per variable: `claim_lease_hours` is set by DISPATCH_CLAIM_LEASE_HOURS."""

    # Where it runs.
    database_url: Annotated[str, about("PostgreSQL 15 or newer, as postgresql://…; empty: the embedded server")] = ""
    data: Annotated[str, about("Folder of the embedded PostgreSQL and of generated secrets")] = ".dispatch"
    secret: Annotated[
        str, about("Key of PIN digests and sealed secrets, at least 32 characters; empty: made once, in DISPATCH_DATA")
    ] = ""
    host: Annotated[str, about("Address the server listens on")] = "127.0.0.1"
    port: Annotated[int, about("Port the server listens on", 1, 65535)] = 8000
    public_address: Annotated[
        str,
        about(
            "Address phones reach this server at, as https://…, for links on slips; empty: as asked for",
            pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?$",
        ),
    ] = ""
    pool_size: Annotated[int, about("Database connections per server process", 2, 64)] = 6
    statement_timeout_seconds: Annotated[int, about("Longest a database statement may take, in seconds", 1, 600)] = 20
    log_level: Annotated[str, about("Least severe log line written", pattern="^(debug|info|warning|error)$")] = "info"

    # The map under the zones.
    base_map: Annotated[
        str,
        about(
            "Path of a .pmtiles file of pictures, or a template of pictures as https://…/{z}/{x}/{y}.png;"
            " empty: zones only",
            max_length=1000,
        ),
    ] = ""
    base_map_datum: Annotated[
        str, about("Datum the base map is drawn in", pattern="^(gcj02|wgs84|cgcs2000|bd09)?$")
    ] = ""
    # The year in brackets and the sign at its end are in every approval number: GS(2024)0650号, 京S(2024)023号.
    base_map_approval_no: Annotated[
        str,
        about(
            "Map approval number (审图号) of the base map, shown on it",
            max_length=60,
            pattern=r"^(.+[(（\[]\d{4}[)）\]].*号)?$",
        ),
    ] = ""
    base_map_max_zoom: Annotated[int, about("Closest zoom of a template; a file has its own", 1, 22)] = 18

    # Signing in.
    session_hours: Annotated[int, about("Longest life of a sign-in with password, in hours", 1, 720)] = 12
    rider_session_hours: Annotated[
        int, about("Longest life of a rider's sign-in with PIN, in hours, used or not", 1, 8760)
    ] = 4320
    idle_minutes: Annotated[int, about("Idle minutes that end a sign-in with password; 0: none", 0, 1440)] = 15
    phone_idle_minutes: Annotated[
        int, about("Idle minutes that end it for an outlet's manager on a phone, instead; 0: none", 0, 1440)
    ] = 240
    rider_idle_hours: Annotated[
        int, about("Idle hours after which a rider types the PIN again, unless campaigns ask sooner; 0: never", 0, 8760)
    ] = 720
    require_second_factor: Annotated[bool, about("Planners must set up an authenticator before anything else")] = False
    secure_cookie: Annotated[bool, about("Session cookie over HTTPS only; off for the demo on plain HTTP")] = True
    oidc_issuer: Annotated[
        str,
        about(
            "OpenID Connect provider of the organisation, as https://…; empty: logins and passwords only",
            pattern=r"^(https?://[^\s?#]+)?$",
        ),
    ] = ""
    oidc_client_id: Annotated[str, about("Name of this server at the provider", max_length=200)] = ""
    oidc_client_secret: Annotated[str, about("Secret of this server at the provider", max_length=500)] = ""
    oidc_login_claim: Annotated[
        str, about("Claim that holds the login of the account here", min_length=1, max_length=100)
    ] = "preferred_username"
    oidc_city_code: Annotated[str, about("City whose accounts it signs in; empty: the only one", max_length=40)] = ""

    # How often and how slowly somebody may call.
    limit_sign_in_per_minute: Annotated[int, about("Sign-ins a minute and address; 0: any number", 0, 1_000_000)] = 120
    limit_write_per_minute: Annotated[int, about("Writes a minute and account; 0: any number", 0, 1_000_000)] = 600
    limit_read_per_minute: Annotated[int, about("Reads a minute and account; 0: any number", 0, 1_000_000)] = 1200
    limit_export_per_minute: Annotated[int, about("Files a minute and account; 0: any number", 0, 1_000_000)] = 60
    limit_tile_per_minute: Annotated[int, about("Map tiles a minute and account; 0: any number", 0, 1_000_000)] = 6000
    limit_retry_per_minute: Annotated[
        int, about("Retries of refused records a minute and outlet, firm or city; 0: any number", 0, 1_000_000)
    ] = 1
    event_streams: Annotated[int, about("Event streams a session may hold open in one server process", 1, 100)] = 6
    body_seconds: Annotated[
        int, about("How long a request's body may take, in seconds; one more for each 16 kB of it", 1, 600)
    ] = 20
    header_seconds: Annotated[int, about("How long a request's head may take, in seconds", 1, 600)] = 10
    keep_alive_seconds: Annotated[int, about("How long an idle connection is kept open, in seconds", 1, 600)] = 15
    trusted_proxies: Annotated[
        str,
        about("The operator's own proxies, by commas; only they are believed in X-Forwarded-For", max_length=1000),
    ] = ""

    # The work itself, and what the server does unasked.
    claim_lease_hours: Annotated[int, about("How long a claim is held before collection, in hours", 1, 720)] = 72
    coalesce: Annotated[bool, about("Record the handouts of several phones in one transaction")] = True
    coalesce_records: Annotated[int, about("Most records in one such transaction", 1, 20000)] = 2000
    refused_retry_seconds: Annotated[
        int, about("How often waiting refused records are tried again, in seconds; 0: only when asked", 0, _A_DAY)
    ] = 60
    estimate_seconds: Annotated[
        int, about("How often reach is estimated from new evidence, in seconds; 0: never unasked", 0, _A_DAY)
    ] = 10
    partition_days_ahead: Annotated[int, about("Days ahead whose partitions of handouts are made; 0: none", 0, 365)] = 7
    retention_hours: Annotated[
        int, about("How often records whose time is over are deleted, in hours; 0: only when asked", 0, 720)
    ] = 6
    audit_seal_seconds: Annotated[
        int, about("How often new entries of the audit trail are sealed, in seconds; 0: never unasked", 0, 3600)
    ] = 5
    audit_days: Annotated[int, about("How long entries of the audit trail are kept, in days", 180, 3650)] = 400


_PREFIX: Final = "DISPATCH_"
_FIELDS: Final = frozenset(field.name for field in msgspec.structs.fields(Settings))
# For the tests, not for the product.
_OF_TESTS: Final = frozenset({"shared", "storm", "test_server"})
# Accepted for one release after a setting got a better name.
_FORMER_NAMES: Final = {"folding": "coalesce", "folding_records": "coalesce_records"}


def read_settings(environment: Mapping[str, str], **overrides: Any) -> Settings:
    """Read the settings from DISPATCH_* variables; `overrides` (from the command line) win.

    Raises SettingsError naming every unknown variable and every value that does not fit.
    """
    values: dict[str, Any] = _read_variables(environment)
    values.update((key, value) for key, value in overrides.items() if value is not None)
    problems: list[str] = []
    for name in sorted(values):
        try:
            msgspec.convert({name: values[name]}, Settings, strict=False)
        except msgspec.ValidationError as error:
            problems.append(f"{_PREFIX}{name.upper()}: {error}")
    if problems:
        raise SettingsError("; ".join(problems))
    settings = msgspec.convert(values, Settings, strict=False)
    _require_whole(settings)
    return settings


def _read_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """{field: text} of the variables that are set."""
    given = {key[len(_PREFIX) :].lower(): value for key, value in environment.items() if key.startswith(_PREFIX)}
    given = {_FORMER_NAMES.get(key, key): value for key, value in given.items() if key not in _OF_TESTS}
    unknown = sorted(set(given) - _FIELDS)
    if unknown:
        names = ", ".join(_PREFIX + name.upper() for name in unknown)
        raise SettingsError(f"unknown setting {names}: remove or correct it")
    return given


def _require_whole(settings: Settings) -> None:
    """Refuse what only shows when settings are looked at together, or in a language of their own."""
    if settings.secret and len(settings.secret) < 32:
        raise SettingsError("DISPATCH_SECRET: needs at least 32 characters")
    try:
        for part in settings.trusted_proxies.split(","):
            ipaddress.ip_network(part.strip() or "::", strict=False)
    except ValueError as error:
        raise SettingsError(f"DISPATCH_TRUSTED_PROXIES: {error}") from error
    for needed in ("oidc_client_id", "public_address") if settings.oidc_issuer else ():
        if not getattr(settings, needed):
            raise SettingsError(f"DISPATCH_{needed.upper()}: must be set when DISPATCH_OIDC_ISSUER is")
    if settings.database_url and not settings.secret:
        raise SettingsError(
            "DISPATCH_SECRET: must be set when DISPATCH_DATABASE_URL is, so that all processes share it"
        )


def with_secret(settings: Settings) -> Settings:
    """Return the settings with a secret, made on the first start and kept next to the embedded database."""
    if settings.secret:
        return settings
    path = Path(settings.data, "secret")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return msgspec.structs.replace(settings, secret=path.read_text().strip())
