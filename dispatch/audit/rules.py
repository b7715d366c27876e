"""What the trail keeps of a request, and the chain that shows whether anybody touched it.

entry ──digest──▶ SHA-256 of its canonical JSON
seal  hash(p) = SHA-256( hash(p-1) ‖ p as 8 bytes ‖ digest of the entry sealed at p );  hash(0) is the city's own
head  the last (position, hash), signed with a key that is kept outside the database

Somebody who can write to the database but does not know the key cannot alter, drop, insert or reorder a sealed entry
without `verify` naming it: correcting the hashes after it ends in a head that is not signed. Three things remain
possible. An entry younger than the seals (some seconds) can be dropped; an old state of the whole trail, with the head
that was signed then, can be put back; and with the chain taken away and every entry put on the list again, the server
begins another. Against the last two the head is written to the server's log, as is the beginning of a chain, and can be
kept anywhere else: a head that was kept must be found in the chain again. Somebody who has the key as well can rewrite
everything after the last head that was kept elsewhere, and nothing before it.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Literal
from uuid import UUID

import msgspec

from dispatch.database import new_id
from dispatch.problems import Problem

Kind = Literal["change", "request", "read", "export", "refusal", "command", "upkeep"]

# Reads that leave a trace: what names people, and files that carry figures away. Every other GET leaves none;
# tests/contract/test_trail.py has a line for each.
KEPT_READS: Final[dict[str, Kind]] = {
    "read_riders": "read",
    "read_accounts": "read",
    "read_flags": "read",
    "read_handouts": "read",
    "read_handout_hours": "read",
    "read_rider_holdings": "read",
    "read_refused": "read",
    "read_moves_csv": "export",
    "read_coverage_zones_csv": "export",
    "read_coverage_zones_geojson": "export",
    "read_boundaries": "export",
    "read_audit": "read",
    "read_audit_csv": "export",
}
# Of these the pages draw their maps: a page of ours looks at them, and what another program takes along is a file. The
# same look again within the hour is the same look.
VIEWED: Final = frozenset({"read_coverage_zones_geojson", "read_boundaries"})
ONE_VIEW: Final = timedelta(hours=1)
# Their own rows are the record, and one more for each would double the work of the busiest call there is.
OWN_RECORD: Final = frozenset({"sync_handouts"})
# Refusals that show no intent, only a server under load.
NOT_KEPT: Final = frozenset({"busy", "too-many-requests"})

GENESIS: Final = "dispatch audit"
DAYS_KEPT: Final = 400


class HeadNotKept(Problem):
    """The head that was kept elsewhere is no `position:hash` of this trail."""

    slug, title, status = "head-not-readable", "The kept head cannot be read", 422


class TrailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the trail."""

    city_id: int
    entry_id: UUID
    at: datetime
    kind: Kind
    operation: str
    result: str
    caller_role: str
    caller_id: UUID | None
    partner_id: UUID | None
    outlet_id: UUID | None
    request_id: str
    address: str
    subject: dict[str, str]


class Link(msgspec.Struct, frozen=True):
    """A seal as the database has it, with its entry; None: the entry is gone."""

    position: int
    entry_id: UUID
    hash: bytes
    entry: TrailEntry | None


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, where. `entry_id` None: it cannot be known which entry was there."""

    kind: Literal["altered", "missing", "reordered", "unsealed", "head"]
    position: int | None
    entry_id: UUID | None
    detail: str


def canonical(entry: TrailEntry) -> bytes:
    """The bytes that are hashed: a JSON array in this order, no blanks, UTF-8, times in UTC to the microsecond."""
    return msgspec.json.encode(
        [
            entry.city_id, str(entry.entry_id), entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.kind,
            entry.operation, entry.result, entry.caller_role, _text(entry.caller_id), _text(entry.partner_id),
            _text(entry.outlet_id), entry.request_id, entry.address, dict(sorted(entry.subject.items())),
        ]
    )  # fmt: skip


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)


def genesis(city_id: int) -> bytes:
    """The hash before the first entry of a city."""
    return sha256(f"{GENESIS} {city_id}".encode()).digest()


def link_hash(previous: bytes, position: int, entry: TrailEntry) -> bytes:
    """The hash of the seal at a position."""
    return _link_hash(previous, position, sha256(canonical(entry)).digest())


def _link_hash(previous: bytes, position: int, digest: bytes) -> bytes:
    return sha256(previous + position.to_bytes(8, "big") + digest).digest()


def chain(previous: bytes, position: int, entries: Sequence[TrailEntry]) -> list[bytes]:
    """Hashes of entries sealed one after the other after `position`."""
    hashes: list[bytes] = []
    for offset, entry in enumerate(entries, start=1):
        previous = link_hash(previous, position + offset, entry)
        hashes.append(previous)
    return hashes


def sign_head(secret: str, city_id: int, position: int, head: bytes) -> bytes:
    """The signature of the end of a chain, with a key of the server that the database does not hold."""
    return hmac.digest(secret.encode(), f"audit head:{city_id}:{position}:{head.hex()}".encode(), "sha256")


def head_is_signed(secret: str, city_id: int, position: int, head: bytes, signature: bytes) -> bool:
    """Whether the server itself wrote this end."""
    return hmac.compare_digest(sign_head(secret, city_id, position, head), signature)


def read_head(kept: str) -> tuple[int, bytes]:
    """`position:hash` as it was printed, logged or answered."""
    position, _, hexadecimal = kept.strip().partition(":")
    try:
        head = bytes.fromhex(hexadecimal)
    except ValueError:
        head = b""
    if not (position.isascii() and position.isdigit()) or len(head) != sha256().digest_size:
        raise HeadNotKept("Give it as position:hash, as it was printed.", field="head")
    return int(position), head


def judge_links(after: int, previous: bytes, links: Sequence[Link]) -> list[Fault]:
    """What is wrong with the seals that follow position `after`, whose hash is `previous`; in order of position.

    Each seal is judged against the hash before it, so that one altered entry is one fault.
    """
    faults: list[Fault] = []
    wrong: list[tuple[Link, bytes]] = []
    expected, known = after + 1, True
    for link in links:
        if link.position != expected:
            span = f"{expected}" if link.position == expected + 1 else f"{expected} to {link.position - 1}"
            faults.append(
                Fault("missing", expected, None, f"the seals {span} are gone, and nothing shows what they held")
            )
            known = False
        if link.entry is None:
            faults.append(Fault("missing", link.position, link.entry_id, "the entry is gone; its seal is still there"))
        elif known and link_hash(previous, link.position, link.entry) != link.hash:
            wrong.append((link, previous))
        previous, expected, known = link.hash, link.position + 1, True
    return sorted([*faults, *_judge_wrong(wrong, previous)], key=lambda fault: fault.position or 0)


_MOST_COMPARED: Final = 50


def _judge_wrong(wrong: Sequence[tuple[Link, bytes]], last: bytes) -> list[Fault]:
    """Seals that do not fit: moved from another place where that explains them, altered otherwise."""
    places = [link.position for link, _ in wrong][:_MOST_COMPARED]
    before = [*(previous for _, previous in wrong[:_MOST_COMPARED]), last]
    faults: list[Fault] = []
    moved = {
        link.position: position
        for link, _ in wrong[:_MOST_COMPARED]
        for position in places
        if position != link.position
        and link.entry is not None
        and any(link_hash(previous, position, link.entry) == link.hash for previous in before)
    }
    for link, _ in wrong:
        if link.position in moved:
            detail = f"the entry was sealed at position {moved[link.position]}"
            faults.append(Fault("reordered", link.position, link.entry_id, detail))
        elif not moved or link.position - 1 not in moved:
            faults.append(Fault("altered", link.position, link.entry_id, "the entry is not what was sealed"))
    return faults


def network_of(address: str) -> str:
    """The network an address lies in: enough to notice a strange sign-in, too little to follow somebody."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, 48 if isinstance(found, IPv6Address) else 24), strict=False))


def first_id_of(instant: datetime) -> UUID:
    """The lowest id an entry of this instant can have: ids carry their time, and the trail is read along them."""
    return new_id(instant, 0)


def id_bounds(
    since: datetime | None, until: datetime | None, before: UUID | None = None
) -> tuple[UUID | None, UUID | None]:
    """(first id, first id no longer asked for) of the entries from `since` on, before `until` and before this id."""
    first = None if since is None else first_id_of(since)
    ends = [end for end in (before, None if until is None else first_id_of(until)) if end is not None]
    return first, min(ends, default=None)


def kind_of_read(operation: str, *, by_a_page: bool) -> Kind | None:
    """How a read is kept; None: it leaves no trace."""
    return "read" if by_a_page and operation in VIEWED else KEPT_READS.get(operation)


def expires_before(now: datetime, days: int) -> datetime:
    """Entries older than this are no longer kept."""
    return now - timedelta(days=days)


def subject_of(path: Mapping[str, str], noted: Mapping[str, str]) -> dict[str, str]:
    """On whom or what: the ids of the address, and what the handler knew."""
    return {**path, **noted}
