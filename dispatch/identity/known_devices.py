"""Devices that have let somebody in before: a cookie shows it, so that strangers' failures do not lock them out.

It opens nothing by itself. A device is named by whom it let in: signing in a hundred times makes no hundred devices to
guess with. Several people may share one: the last few are kept.
"""

import hmac
from uuid import UUID

from dispatch.identity.secrets import digest_of

_APART, _MOST = "~", 4
ACCOUNTS = ""
"""Where an account's device is known; a rider's is at the outlet's code, which is never empty."""


def phone_of(secret: str, city_id: int, rider_id: UUID) -> str:
    """The name of the phone a rider has signed in with."""
    return digest_of(secret, f"phone of:{city_id}:{rider_id}").hex()[:24]


def desk_of(secret: str, city_id: int, account_id: UUID) -> str:
    """The name of the device an account has signed in with."""
    return digest_of(secret, f"desk of:{city_id}:{account_id}").hex()[:24]


def known_at(secret: str, city_id: int, place: str, cookie: str | None) -> list[str]:
    """Names of this device at an outlet (its code) or for accounts, the last one first; none: a strange device."""
    named = [entry.partition(".") for entry in (cookie or "").split(_APART)[:_MOST]]
    return [
        name
        for name, _, mark in named
        if hmac.compare_digest(mark.encode(), _mark(secret, city_id, place, name).encode())
    ]


def with_name(secret: str, city_id: int, place: str, cookie: str | None, name: str) -> str:
    """The cookie of a device that let somebody in: this name first, and the last few others."""
    entry = f"{name}.{_mark(secret, city_id, place, name)}"
    others = [other for other in (cookie or "").split(_APART) if other and other != entry and len(other) <= 100]
    return _APART.join([entry, *others][:_MOST])


def _mark(secret: str, city_id: int, place: str, name: str) -> str:
    return digest_of(secret, f"known phone:{city_id}:{place}:{name}").hex()
