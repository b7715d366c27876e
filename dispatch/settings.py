"""Everything an operator can set, read once from DISPATCH_* at the start; nothing else reads the environment."""

import ipaddress
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says how to mend it. Stops the start."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One field per variable: `claim_lease_hours` is set by DISPATCH_CLAIM_LEASE_HOURS."""

    database_url: Annotated[
        str, Meta(description="PostgreSQL 15 or newer, as postgresql://…; empty: the embedded server")
    ] = ""
    data: Annotated[str, Meta(description="Folder of the embedded PostgreSQL and of generated secrets")] = ".dispatch"
    secret: Annotated[
        str,
        Meta(
            description="Key of PIN digests and sealed secrets, at least 32 characters; empty: made once, kept in"
            " DISPATCH_DATA"
        ),
    ] = ""
    host: Annotated[str, Meta(description="Address the server listens on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="Port the server listens on")] = 8000
    public_address: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?$",
            description="Address phones reach this server at, as https://…, for links on slips; empty: as asked for",
        ),
    ] = ""
    base_map: Annotated[
        str,
        Meta(
            max_length=1000,
            description="Base map under the zones: path of a .pmtiles file of pictures, or a template of pictures as"
            " https://…/{z}/{x}/{y}.png; empty: zones only",
        ),
    ] = ""
    base_map_datum: Annotated[
        str, Meta(pattern="^(gcj02|wgs84|cgcs2000|bd09)?$", description="Datum the base map is drawn in")
    ] = ""
    base_map_approval_no: Annotated[
        str,
        Meta(
            max_length=60,
            # The year in brackets and the sign at its end stand in every one: GS(2024)0650号, 京S(2024)023号.
            pattern=r"^(.+[(（\[]\d{4}[)）\]].*号)?$",
            description="Map approval number (审图号) of the base map, shown on it",
        ),
    ] = ""
    base_map_max_zoom: Annotated[
        int, Meta(ge=1, le=22, description="Closest zoom a template has pictures for; a file says so itself")
    ] = 18
    pool_size: Annotated[int, Meta(ge=2, le=64, description="Database connections per server process")] = 6
    statement_timeout_seconds: Annotated[
        int, Meta(ge=1, le=600, description="Longest a database statement may take, in seconds")
    ] = 20
    session_hours: Annotated[
        int, Meta(ge=1, le=720, description="Longest life of a sign-in with password, in hours")
    ] = 12
    rider_session_hours: Annotated[
        int, Meta(ge=1, le=8760, description="Longest life of a rider's sign-in with PIN, in hours")
    ] = 168
    idle_minutes: Annotated[
        int, Meta(ge=0, le=1440, description="Unused for so many minutes, a sign-in with password ends; 0: it does not")
    ] = 15
    rider_idle_hours: Annotated[
        int, Meta(ge=0, le=720, description="Unused for so many hours, a rider's sign-in asks for the PIN; 0: never")
    ] = 12
    require_second_factor: Annotated[
        bool, Meta(description="Planners must set up an authenticator before they can do anything else")
    ] = False
    oidc_issuer: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s?#]+)?$",
            description="OpenID Connect provider of the organisation, as https://…; empty: logins and passwords only",
        ),
    ] = ""
    oidc_client_id: Annotated[str, Meta(max_length=200, description="Name of this server at the provider")] = ""
    oidc_client_secret: Annotated[str, Meta(max_length=500, description="Secret of this server at the provider")] = ""
    oidc_login_claim: Annotated[
        str, Meta(min_length=1, max_length=100, description="Claim that holds the login of the account here")
    ] = "preferred_username"
    oidc_city_code: Annotated[
        str, Meta(max_length=40, description="City whose accounts it signs in; empty: the only city there is")
    ] = ""
    limit_sign_in_per_minute: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Sign-ins an address may try in a minute; 0: any number")
    ] = 120
    limit_write_per_minute: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Writes an account may make in a minute; 0: any number")
    ] = 600
    limit_read_per_minute: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Reads an account may make in a minute; 0: any number")
    ] = 1200
    limit_export_per_minute: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Files an account may export in a minute; 0: any number")
    ] = 60
    limit_tile_per_minute: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Map tiles an account may ask for in a minute; 0: any number")
    ] = 6000
    event_streams: Annotated[
        int, Meta(ge=1, le=100, description="Event streams a session may hold open in one server process")
    ] = 6
    body_seconds: Annotated[
        int,
        Meta(ge=1, le=600, description="How long a request's body may take, in seconds; one more for each 16 kB of it"),
    ] = 20
    header_seconds: Annotated[int, Meta(ge=1, le=600, description="How long a request's head may take, in seconds")] = (
        10
    )
    keep_alive_seconds: Annotated[
        int, Meta(ge=1, le=600, description="How long an idle connection is kept open, in seconds")
    ] = 15
    trusted_proxies: Annotated[
        str,
        Meta(
            max_length=1000,
            description="Networks of the operator's own proxies, by commas; only they are believed in X-Forwarded-For",
        ),
    ] = ""
    claim_lease_hours: Annotated[
        int, Meta(ge=1, le=720, description="How long a claim is held before collection, in hours")
    ] = 72
    coalesce: Annotated[bool, Meta(description="Record the handouts of several phones in one transaction")] = True
    coalesce_records: Annotated[int, Meta(ge=1, le=20000, description="Most records in one such transaction")] = 2000
    refused_retry_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=86400,
            description="How often waiting refused records are tried again, in seconds; 0: only when asked",
        ),
    ] = 60
    estimate_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=86400,
            description="How often reach is estimated again where the evidence changed, in seconds; 0: never unasked",
        ),
    ] = 10
    partition_days_ahead: Annotated[
        int, Meta(ge=0, le=365, description="Days ahead for which partitions of the handouts are made; 0: none")
    ] = 7
    retention_hours: Annotated[
        int,
        Meta(ge=0, le=720, description="How often records whose time is over are let go, in hours; 0: only when asked"),
    ] = 6
    audit_seal_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=3600,
            description="How often new entries of the audit trail are sealed, in seconds; 0: never unasked",
        ),
    ] = 5
    audit_days: Annotated[
        int, Meta(ge=180, le=3650, description="How long entries of the audit trail are kept, in days")
    ] = 400
    secure_cookie: Annotated[
        bool, Meta(description="Send the session cookie over HTTPS only; off for the demo on plain HTTP")
    ] = True
    log_level: Annotated[
        str, Meta(pattern="^(debug|info|warning|error)$", description="Least severe log line written")
    ] = "info"


# Accepted for one release after a setting got a better name.
_FORMER_NAMES = {"folding": "coalesce", "folding_records": "coalesce_records"}


def read_settings(environment: Mapping[str, str], **overrides: Any) -> Settings:
    """Read the settings from DISPATCH_* variables; `overrides` (from the command line) win.

    Raises SettingsError naming every unknown variable and every value that does not fit.
    """
    prefix = "DISPATCH_"
    # These speak to the tests, not to the product.
    given = {key[len(prefix) :].lower(): value for key, value in environment.items() if key.startswith(prefix)}
    given = {key: value for key, value in given.items() if key not in ("shared", "storm", "test_server")}
    given = {_FORMER_NAMES.get(key, key): value for key, value in given.items()}
    fields = {field.name for field in msgspec.structs.fields(Settings)}
    unknown = sorted(set(given) - fields)
    if unknown:
        raise SettingsError(
            f"unknown setting {', '.join(prefix + name.upper() for name in unknown)}: remove or correct it"
        )
    values: dict[str, Any] = {**given, **{key: value for key, value in overrides.items() if value is not None}}
    problems: list[str] = []
    for name in sorted(values):
        try:
            msgspec.convert({name: values[name]}, Settings, strict=False)
        except msgspec.ValidationError as error:
            problems.append(f"{prefix}{name.upper()}: {error}")
    if problems:
        raise SettingsError("; ".join(problems))
    settings = msgspec.convert(values, Settings, strict=False)
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
    return settings


def with_secret(settings: Settings) -> Settings:
    """Return the settings with a secret, made on the first start and kept beside the embedded database."""
    if settings.secret:
        return settings
    path = Path(settings.data, "secret")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return msgspec.structs.replace(settings, secret=path.read_text().strip())
