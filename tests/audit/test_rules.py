"""What the trail keeps, how entries are chained, and what a broken chain shows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import pytest

from dispatch.audit import rules
from dispatch.audit.rules import Link, TrailEntry
from dispatch.database.ids import new_id
from tests.conftest import NOW
from tests.make import SECRET

HASH = "ab" * 32
MILLISECOND = timedelta(milliseconds=1)


def entry(number: int, **more: Any) -> TrailEntry:
    values: dict[str, Any] = {
        "city_id": 99, "entry_id": new_id(NOW, number), "at": NOW + timedelta(seconds=number), "kind": "change",
        "operation": "deactivate_rider", "result": "done", "caller_role": "planner", "caller_id": new_id(NOW, 100),
        "partner_id": None, "outlet_id": None, "request_id": "r", "address": "127.0.0.1", "subject": {"b": "2", "a": "1"},
        **more,
    }  # fmt: skip
    return TrailEntry(**values)


# ---- what is hashed


def test_an_entry_is_hashed_as_one_line_of_json_in_a_fixed_order() -> None:
    """Whoever checks the chain with a program of their own hashes the same bytes."""
    one = entry(
        0, entry_id=UUID(int=1), caller_id=None, outlet_id=UUID(int=2), at=datetime(2027, 4, 20, 2, 0, 0, 5, UTC)
    )
    assert rules.canonical(one) == (
        b'[99,"00000000-0000-0000-0000-000000000001","2027-04-20T02:00:00.000005+00:00","change","deactivate_rider","done",'
        b'"planner",null,null,"00000000-0000-0000-0000-000000000002","r","127.0.0.1",{"a":"1","b":"2"}]'
    )


def test_the_same_instant_and_the_same_facts_are_the_same_bytes_however_they_are_written() -> None:
    shanghai = timezone(timedelta(hours=8))
    other = entry(0, at=NOW.astimezone(shanghai), subject={"a": "1", "b": "2"})
    assert rules.canonical(other) == rules.canonical(entry(0))


@pytest.mark.parametrize(
    "change",
    [
        {"city_id": 98}, {"entry_id": new_id(NOW, 7)}, {"at": NOW + timedelta(microseconds=1)}, {"kind": "refusal"},
        {"operation": "x"}, {"result": "x"}, {"caller_role": "x"}, {"caller_id": None}, {"partner_id": new_id(NOW, 7)},
        {"outlet_id": new_id(NOW, 7)}, {"request_id": "x"}, {"address": "x"}, {"subject": {}},
        {"partner_id": new_id(NOW, 100), "caller_id": None},
    ],
    ids=lambda change: "+".join(change),
)  # fmt: skip
def test_every_field_of_an_entry_is_in_its_hash(change: dict[str, Any]) -> None:
    assert rules.canonical(entry(0, **change)) != rules.canonical(entry(0))


def test_a_seal_binds_an_entry_to_its_place_and_to_all_before_it() -> None:
    first = rules.genesis(99)
    assert first == sha256(b"dispatch audit 99").digest()
    assert first != rules.genesis(98)
    one = rules.link_hash(first, 1, entry(1))
    assert one == sha256(first + (1).to_bytes(8, "big") + sha256(rules.canonical(entry(1))).digest()).digest()
    assert len({one, rules.link_hash(first, 2, entry(1)), rules.link_hash(one, 1, entry(1))}) == 3
    assert rules.chain(first, 0, [entry(1), entry(2)]) == [one, rules.link_hash(one, 2, entry(2))]
    assert rules.chain(one, 1, [entry(2)]) == [rules.link_hash(one, 2, entry(2))], "it goes on where it ended"
    assert rules.chain(first, 0, []) == []


def test_the_head_is_signed_for_one_city_position_and_hash_under_one_secret() -> None:
    head, other = b"h" * 32, b"i" * 32
    signature = rules.sign_head(SECRET, 99, 5, head)
    assert rules.head_is_signed(SECRET, 99, 5, head, signature)
    assert not rules.head_is_signed("another secret", 99, 5, head, signature)
    assert not rules.head_is_signed(SECRET, 98, 5, head, signature)
    assert not rules.head_is_signed(SECRET, 99, 6, head, signature)
    assert not rules.head_is_signed(SECRET, 99, 5, other, signature)
    assert not rules.head_is_signed(SECRET, 99, 5, head, signature[:-1] + b"x")


# ---- a head that was kept


@pytest.mark.parametrize(
    ("kept", "expected"),
    [(f"7:{HASH}", (7, bytes.fromhex(HASH))), (f" 0:{HASH.upper()}\n", (0, bytes.fromhex(HASH)))],
    ids=["as printed", "with blanks, in capitals"],
)
def test_a_kept_head_is_read_as_it_was_printed(kept: str, expected: tuple[int, bytes]) -> None:
    assert rules.read_head(kept) == expected


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "seventeen",
        "7",
        f":{HASH}",
        f"-7:{HASH}",
        f"７:{HASH}",
        f"7:{HASH[:-2]}",
        f"7:{HASH}ab",
        f"7:{'g' * 64}",
        f"7;{HASH}",
    ],
)
def test_what_is_no_head_is_refused(kept: str) -> None:
    with pytest.raises(rules.HeadNotKept) as refused:
        rules.read_head(kept)
    assert refused.value.extensions == {"field": "head"}


# ---- what is wrong with a chain


def links(count: int, after: int = 0) -> list[Link]:
    """A chain nobody touched."""
    entries = [entry(number) for number in range(after + 1, after + count + 1)]
    hashes = rules.chain(rules.genesis(99), after, entries)
    return [
        Link(after + place, one.entry_id, hash_, one)
        for place, (one, hash_) in enumerate(zip(entries, hashes, strict=True), start=1)
    ]


def faults(chain: Sequence[Link], after: int = 0) -> list[tuple[str, int | None, UUID | None]]:
    return [
        (fault.kind, fault.position, fault.entry_id) for fault in rules.judge_links(after, rules.genesis(99), chain)
    ]


def with_entry(link: Link, changed: TrailEntry | None) -> Link:
    return msgspec.structs.replace(link, entry=changed)


def test_a_chain_nobody_touched_has_no_fault() -> None:
    assert faults(links(5)) == []
    assert faults(links(3, after=7), after=7) == []
    assert faults([]) == []


@pytest.mark.parametrize("place", range(5))
def test_one_altered_entry_is_one_fault(place: int) -> None:
    chain = links(5)
    altered = msgspec.structs.replace(entry(place + 1), result="not-allowed")
    chain[place] = with_entry(chain[place], altered)
    assert faults(chain) == [("altered", place + 1, chain[place].entry_id)]


def test_an_entry_that_is_gone_is_missing_and_what_follows_is_whole() -> None:
    chain = links(5)
    chain[2] = with_entry(chain[2], None)
    assert faults(chain) == [("missing", 3, chain[2].entry_id)]


def test_seals_that_are_gone_are_one_fault_and_what_follows_is_not_judged_by_them() -> None:
    chain = links(6)
    assert faults([*chain[:2], *chain[3:]]) == [("missing", 3, None)]
    (one,) = rules.judge_links(0, rules.genesis(99), [*chain[:2], *chain[3:]])
    assert "the seals 3 are gone" in one.detail
    (several,) = rules.judge_links(0, rules.genesis(99), [*chain[:1], *chain[4:]])
    assert (several.position, "the seals 2 to 4 are gone" in several.detail) == (2, True)
    assert faults(chain[1:]) == [("missing", 1, None)]


def test_an_altered_entry_right_after_a_gap_is_not_known_but_the_next_one_is() -> None:
    chain = links(6)
    for place in (3, 4):
        changed = msgspec.structs.replace(entry(place + 1), result="x")
        chain[place] = with_entry(chain[place], changed)
    assert faults([*chain[:2], *chain[3:]]) == [("missing", 3, None), ("altered", 5, chain[4].entry_id)]


def swapped(chain: list[Link], one: int, other: int) -> list[Link]:
    """The entries with their ids and hashes at two places, exchanged."""
    first, second = chain[one], chain[other]
    changed = list(chain)
    changed[one] = msgspec.structs.replace(second, position=first.position)
    changed[other] = msgspec.structs.replace(first, position=second.position)
    return changed


def test_entries_that_changed_places_are_named_as_moved_and_from_where() -> None:
    chain = swapped(links(5), 1, 3)
    found = rules.judge_links(0, rules.genesis(99), chain)
    assert [(fault.kind, fault.position) for fault in found] == [("reordered", 2), ("reordered", 4)]
    assert [fault.detail for fault in found] == [
        "the entry was sealed at position 4", "the entry was sealed at position 2"]  # fmt: skip


def test_neighbours_that_changed_places_are_named_as_moved() -> None:
    chain = swapped(links(5), 2, 3)
    assert [(fault.kind, fault.position) for fault in rules.judge_links(0, rules.genesis(99), chain)] == [
        ("reordered", 3), ("reordered", 4)]  # fmt: skip


def test_an_altered_entry_is_named_even_where_others_changed_places() -> None:
    chain = swapped(links(8), 1, 3)
    chain[6] = with_entry(chain[6], msgspec.structs.replace(entry(7), result="x"))
    assert [(fault.kind, fault.position) for fault in rules.judge_links(0, rules.genesis(99), chain)] == [
        ("reordered", 2), ("reordered", 4), ("altered", 7)]  # fmt: skip


def test_faults_come_in_the_order_of_their_positions() -> None:
    chain = links(8)
    chain[6] = with_entry(chain[6], None)
    chain[2] = with_entry(chain[2], msgspec.structs.replace(entry(3), result="x"))
    found = [fault.position for fault in rules.judge_links(0, rules.genesis(99), [*chain[:4], *chain[5:]])]
    assert found == [3, 5, 7]


# ---- what is kept of a request


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::", "2001:db8:1::/48"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_of_a_riders_address_the_network_is_kept(address: str, network: str) -> None:
    assert rules.network_of(address) == network


def test_what_the_handler_knew_wins_over_what_the_address_holds() -> None:
    assert rules.subject_of({"rider_id": "1", "code": "A"}, {"code": "B", "method": "pin"}) == {
        "rider_id": "1", "code": "B", "method": "pin"}  # fmt: skip


def test_entries_of_an_instant_have_ids_from_its_first_one_on() -> None:
    first = rules.first_id_of(NOW)
    assert first <= new_id(NOW)
    assert first > new_id(NOW - MILLISECOND)
    assert first == rules.first_id_of(NOW), "the lowest, not any"


EARLIER, LATER = rules.first_id_of(NOW), rules.first_id_of(NOW + MILLISECOND)


@pytest.mark.parametrize(
    ("since", "until", "before", "expected"),
    [
        (None, None, None, (None, None)),
        (NOW, None, None, (EARLIER, None)),
        (None, NOW, None, (None, EARLIER)),
        (None, None, LATER, (None, LATER)),
        (None, NOW, LATER, (None, EARLIER)),
        (None, NOW + MILLISECOND, EARLIER, (None, EARLIER)),
        (NOW, NOW + MILLISECOND, None, (EARLIER, LATER)),
    ],
)
def test_instants_become_ids_and_the_earlier_of_two_ends_counts(
    since: datetime | None, until: datetime | None, before: UUID | None, expected: tuple[UUID | None, UUID | None]
) -> None:
    assert rules.id_bounds(since, until, before) == expected


def test_entries_are_kept_for_so_many_days() -> None:
    assert rules.expires_before(NOW, 400) == NOW - timedelta(days=400)
    assert rules.DAYS_KEPT == 400
