"""The second factor: time-based codes (RFC 6238) and recovery codes. Secrets are sealed before they are kept.

pyotp (MIT, no dependencies, maintained since 2011) makes the codes; cryptography's AES-GCM seals the secrets with a key
derived from DISPATCH_SECRET, so that the table alone gives no codes away.
"""

import hmac
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp import random_base32
from pyotp.totp import TOTP

from dispatch.identity.secrets import digest_of

ISSUER: Final = "Dispatch"
STEP_SECONDS: Final = 30
# A phone's clock may be half a minute off either way.
_STEPS_OFF = (0, -1, 1)
RECOVERY_CODES: Final = 10
_RECOVERY_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_NONCE_BYTES = 12


def new_secret() -> str:
    """160 random bits, as authenticators take them."""
    return random_base32()


def address_for_authenticator(secret: str, login: str, city_name: str) -> str:
    """The otpauth:// address that an authenticator reads from the QR code."""
    return TOTP(secret).provisioning_uri(name=f"{login} {city_name}", issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The time step the code belongs to; None when it is wrong, too old or not newer than the last one used."""
    totp, found = TOTP(secret), None
    step = int(now.timestamp()) // STEP_SECONDS
    for off in _STEPS_OFF:
        # All are compared, so that the time does not show which.
        if hmac.compare_digest(totp.generate_otp(step + off).encode(), code.encode()) and found is None:
            found = step + off
    return found if found is not None and (last_step is None or found > last_step) else None


def seal(secret: str, city_id: int, account_id: UUID, text: str) -> bytes:
    """Encrypt for one account: the ciphertext of another opens nothing."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, text.encode(), _of(city_id, account_id))


def unseal(secret: str, city_id: int, account_id: UUID, sealed: bytes) -> str | None:
    """Decrypt; None when DISPATCH_SECRET is another than it was, or the row is not this account's."""
    try:
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(_key(secret)).decrypt(nonce, ciphertext, _of(city_id, account_id)).decode()
    except InvalidTag:
        return None


def new_recovery_codes() -> list[str]:
    """Ten codes of fifty bits each, to be printed and locked away."""
    draw = [secrets.choice(_RECOVERY_LETTERS) for _ in range(10 * RECOVERY_CODES)]
    words = ["".join(draw[start : start + 5]) for start in range(0, len(draw), 5)]
    return [f"{first}-{second}" for first, second in zip(words[::2], words[1::2], strict=True)]


def digest_recovery_code(secret: str, city_id: int, account_id: UUID, code: str) -> bytes:
    """What is kept of a recovery code, however it is typed."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return digest_of(secret, f"recovery:{city_id}:{account_id}:{plain}")


def is_code(text: str) -> bool:
    """Whether this is the authenticator's code rather than a recovery code."""
    return len(text) == 6 and text.isascii() and text.isdigit()


def _key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dispatch second factor").derive(secret.encode())


def _of(city_id: int, account_id: UUID) -> bytes:
    return f"{city_id}:{account_id}".encode()
