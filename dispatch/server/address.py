"""Where a request comes from. Only the operator's own proxies are believed in what they add to X-Forwarded-For."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dispatch.server.requests import AnyConnection

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks from "10.0.0.5, 172.16.0.0/12". Raises ValueError for what is not a network."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """The address a request comes from.

    Args:
        peer: who holds the connection.
        forwarded: the X-Forwarded-For lines in order. Anybody can write there; each honest proxy adds its own peer at
            the end. So it is read from the end, as long as what added the entry is one of `proxies`.
        proxies: the operator's own.
    """
    hops = [part.strip() for line in forwarded for part in line.split(",")]
    current = peer
    while hops and _is_among(current, proxies):
        before = hops.pop()
        if _parsed(before) is None:
            break
        current = before
    return current[:45]


@lru_cache(4096)
def neighbourhood(address: str) -> str:
    """What counts as one caller: an IPv4 address; of IPv6 the /64, which a household has to itself."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def address_of(connection: AnyConnection) -> str:
    """The address this request comes from, kept for the request's life."""
    state: dict[str, Any] = connection.scope.setdefault("state", {})
    if "address" not in state:
        peer = connection.client.host if connection.client else ""
        proxies: tuple[Network, ...] = connection.app.state.proxies
        forwarded = connection.headers.getall("x-forwarded-for", []) if proxies else []
        state["address"] = client_address(peer, forwarded, proxies)
    return state["address"]


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def _is_among(address: str, networks: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed is not None and any(parsed in network for network in networks)
