"""Passwords, tokens and PINs: made here, kept only as hashes."""

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's minimum for argon2id: 19 MiB, 2 passes, 1 lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Verified when the login does not exist, so that the answer takes as long as for one that does.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))

PIN_DIGITS = 6


def hash_password(password: str) -> str:
    """argon2id hash with its parameters inside. Takes tens of milliseconds: call it in a thread."""
    return _HASHER.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Compare in constant time; None (no such account) takes as long as a real hash and is never right."""
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_one_of(password_hashes: list[str], password: str) -> bool:
    """Whether the password is one of these; all are tried, so that the time does not show which."""
    return sum(verify_password(password_hash, password) for password_hash in password_hashes) > 0


def new_token(city_id: int) -> str:
    """256 random bits after the number of the city, so that the look-up names its city."""
    return f"{city_id}.{secrets.token_urlsafe(32)}"


def city_of_token(token: str) -> int | None:
    """The city a token belongs to; None when it is not one of ours."""
    city, separator, rest = token.partition(".")
    if not separator or not rest or len(token) > 100 or not (city.isascii() and city.isdigit() and len(city) <= 9):
        return None
    return int(city)


def hash_token(token: str) -> bytes:
    """SHA-256: enough for 256 random bits."""
    return sha256(token.encode()).digest()


class TokenKey(NamedTuple):
    """What a session or key is found by."""

    city_id: int
    token_hash: bytes


def key_of_token(token: str) -> TokenKey | None:
    """What a token is looked up by; None when it is not one of ours."""
    city_id = city_of_token(token)
    return None if city_id is None else TokenKey(city_id, hash_token(token))


def new_pin() -> str:
    """A PIN of six digits, leading zeros and all."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"


def digest_of(secret: str, text: str) -> bytes:
    """Keyed digest of what must not be read back, such as a login that may be a password typed in the wrong box."""
    return hmac.digest(secret.encode(), text.encode(), "sha256")


def new_password() -> str:
    """A password to be shown once and changed: three groups of four, without letters and digits that look alike."""
    letters, capitals, digits = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789"
    drawn = [secrets.choice(letters), secrets.choice(capitals), secrets.choice(digits)]
    drawn += [secrets.choice(letters + capitals + digits) for _ in range(9)]
    secrets.SystemRandom().shuffle(drawn)
    return "-".join("".join(drawn[start : start + 4]) for start in (0, 4, 8))


def digest_pin(secret: str, city_id: int, outlet_id: UUID, pin: str) -> bytes:
    """Keyed digest of a PIN. Six digits cannot be hashed safely by themselves; the key is not in the database."""
    return hmac.digest(secret.encode(), f"pin:{city_id}:{outlet_id}:{pin}".encode(), "sha256")
