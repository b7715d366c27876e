"""Where a request comes from: what a proxy says of it is believed of the operator's own proxies alone."""

import pytest

from dispatch.server.address import client_address, neighbourhood, networks_of


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.9", [], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "10.0.0.0/8", "203.0.113.9"),
        ("10.0.0.5", ["198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1, 198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1", "198.51.100.1, 10.0.0.9"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", ["10.0.0.1"], "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.5", ["nonsense"], "10.0.0.0/8", "10.0.0.5"),
        ("10.0.0.5", ["198.51.100.1, "], "10.0.0.0/8", "10.0.0.5"),
        ("::ffff:10.0.0.5", ["2001:db8::1"], "10.0.0.0/8", "2001:db8::1"),
        ("fd00::1", ["198.51.100.1"], "fd00::/8, 10.0.0.0/8", "198.51.100.1"),
        ("", ["198.51.100.1"], "10.0.0.0/8", ""),
    ],
)
def test_only_the_operators_own_proxies_are_believed(
    peer: str, forwarded: list[str], proxies: str, expected: str
) -> None:
    assert client_address(peer, forwarded, networks_of(proxies)) == expected


def test_a_household_is_one_caller_however_many_addresses_it_has() -> None:
    assert neighbourhood("2001:db8:1:2:3::4") == neighbourhood("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert neighbourhood("2001:db8:1:3::4") != neighbourhood("2001:db8:1:2::4")
    assert neighbourhood("::ffff:192.0.2.1") == "192.0.2.1"
