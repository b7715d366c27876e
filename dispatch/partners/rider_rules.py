"""How one rider is added, how PINs are dealt, and what a slip may show."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final
from uuid import UUID

from dispatch.partners.records import DealtPin, LockedRider, RiderByCode
from dispatch.problems import NotFound, Problem
from dispatch.server.caller import Role
from schemas.partners import Rider, RiderForm

# Each rider of the outlet holds one PIN in a million; so many draws fail only when something is wrong.
MOST_DRAWS: Final = 50
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,253}")


class PinsExhausted(Problem):
    """So many riders of the outlet have PINs that no free one was found."""

    slug, title, status = "pins-exhausted", "No free PIN was found", 409


class RiderCodeTaken(Problem):
    """Another rider has this code."""

    slug, title, status = "rider-code-taken", "This rider code is taken", 409


class UnknownOutlet(Problem):
    """No active outlet of yours has this code."""

    slug, title, status = "unknown-outlet", "There is no such outlet here", 422


class RiderInactive(Problem):
    """A rider who left gets no PIN; `rider_codes`."""

    slug, title, status = "rider-inactive", "The rider is not with us any more", 409


def require_active(riders: Sequence[LockedRider]) -> None:
    """Refuse PINs for riders who left."""
    if gone := [rider.code for rider in riders if not rider.active]:
        raise RiderInactive("Activate riders first who are back.", rider_codes=gone)


def deal_pins(
    riders: Sequence[LockedRider],
    taken: Collection[bytes],
    draw: Callable[[], str],
    digest: Callable[[UUID, str], bytes],
) -> list[DealtPin]:
    """A new PIN for each rider that nobody of the same outlet has. Raises PinsExhausted.

    Args:
        riders: who gets one.
        taken: digests in use at their outlets; they are keyed with the outlet, so one collection serves for all.
        draw: makes a PIN by chance.
        digest: of an outlet's id and a PIN.
    """
    used = set(taken)
    dealt: list[DealtPin] = []
    for rider in riders:
        for _ in range(MOST_DRAWS):
            drawn = draw()
            drawn_digest = digest(rider.outlet_id, drawn)
            if drawn_digest not in used:
                break
        else:
            raise PinsExhausted("Deactivate riders who left, or split the outlet.")
        used.add(drawn_digest)
        dealt.append(DealtPin(rider.rider_id, drawn, drawn_digest))
    return dealt


def judge_outlet(outlet_id: UUID | None) -> UUID:
    """The outlet a rider is added to; None where the code names no active outlet of the caller's."""
    if outlet_id is None:
        raise UnknownOutlet("outlet_code names no active outlet of yours.", field="outlet_code")
    return outlet_id


def judge_added(wanted: RiderForm, outlet_id: UUID, kept: RiderByCode) -> Rider:
    """The rider kept under the wanted code, once they are sure to be the wanted one."""
    if not kept.in_scope or (kept.name, kept.outlet_id) != (wanted.name, outlet_id):
        raise RiderCodeTaken("Another rider has this code; choose another.", field="code")
    return Rider(**{name: getattr(kept, name) for name in Rider.__struct_fields__})


def name_for(role: Role, name: str) -> str | None:
    """A rider's name, for their own managers alone: planners know riders by code."""
    return None if role == "planner" else name


def slip_link(address: str, city_code: str, outlet_code: str, rider_code: str) -> str:
    """Where a slip's symbol leads: whose phone it makes, never with which PIN. What comes after # is not sent to any
    server and is in no log of one. None of the codes holds a stroke."""
    return f"{address}/r#{city_code}/{outlet_code}/{rider_code}"


def link_address(public_address: str, host: str, *, secure: bool) -> str:
    """The address at which phones find this server: as set, or as the caller found it by the request's `host`."""
    if public_address:
        return public_address
    if not _HOST.fullmatch(host):
        raise NotFound("The request names no host that a link could lead to; set DISPATCH_PUBLIC_ADDRESS.")
    return f"{'https' if secure else 'http'}://{host}"
