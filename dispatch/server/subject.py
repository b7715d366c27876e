"""What the request under way is about, put together while it is answered: the audit trail writes it down.

A handler that knows more than its address holds (who signed in, whose account was made) calls `note`. Outside of a
request, and where the trail keeps nothing, it does nothing.
"""

from contextvars import ContextVar

import msgspec


class RequestSubject(msgspec.Struct):
    """Whom or what a request is about, by ids and codes; the city where no caller is known yet."""

    facts: dict[str, str] = {}
    city_id: int | None = None


REQUEST_SUBJECT: ContextVar[RequestSubject | None] = ContextVar("request_subject", default=None)

# A code somebody sent may be anything; the trail keeps its beginning.
_LONGEST = 100


def note(*, city_id: int | None = None, **facts: object) -> None:
    """Add ids and codes (never a name, a secret or free text) to what this request is about; None is left out."""
    subject = REQUEST_SUBJECT.get()
    if subject is None:
        return
    if city_id is not None:
        subject.city_id = city_id
    subject.facts.update({key: clean(value) for key, value in facts.items() if value is not None})


def clean(value: object) -> str:
    """A value as the trail keeps it: text, not too long, nothing the database refuses."""
    return str(value).replace("\x00", "\ufffd")[:_LONGEST]
