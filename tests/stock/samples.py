"""A firm and its neighbours without a database, for the tests of what the ledger's rules say."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from dispatch.database import new_id
from dispatch.server.caller import Caller, Role
from dispatch.stock.moves import Holder, Move
from dispatch.stock.packs import Bundle, PlacedBundle, meaning_of
from dispatch.stock.rules import CodeBook, Place
from tests.conftest import NOW


def uid(number: int) -> UUID:
    """The same UUIDv7 for the same number; they sort as the numbers do."""
    return new_id(NOW, number)


CITY = 99
CAMPAIGN, OTHER_CAMPAIGN, MATERIAL, OTHER_MATERIAL = uid(1), uid(2), uid(3), uid(4)
FIRM, OTHER_FIRM = uid(5), uid(6)


def place(kind: Any, code: str, number: int, outlet: int | None = None, firm: UUID | None = None) -> Place:
    outlet_id = uid(outlet) if outlet else None
    return Place(kind=kind, id=uid(number), code=code, outlet_id=outlet_id, partner_id=firm, active=True)


PLACES = {
    entry.code: entry
    for entry in (
        place("depot", "depot", 10),
        place("depot", "second-depot", 11),
        place("outlet", "outlet", 12, 12, FIRM),
        place("outlet", "sister", 13, 13, FIRM),
        place("outlet", "stranger", 14, 14, OTHER_FIRM),
        place("rider", "rider", 15, 12, FIRM),
        place("rider", "colleague", 16, 12, FIRM),
        place("rider", "sisters-rider", 17, 13, FIRM),
        place("rider", "strangers-rider", 18, 14, OTHER_FIRM),
    )
}
"""By code. The firm has two outlets; riders are named after theirs, but for the two of the first one."""


def caller(role: Role, **more: Any) -> Caller:
    return Caller(city_id=CITY, role=role, subject_id=more.pop("subject_id", uid(30)), **more)


CALLERS = {
    "planner": caller("planner"),
    "district": caller("planner", division_code="9901"),
    "firm": caller("firm_manager", partner_id=FIRM),
    "outlet": caller("outlet_manager", partner_id=FIRM, outlet_id=PLACES["outlet"].id),
    "rider": caller("rider", partner_id=FIRM, outlet_id=PLACES["outlet"].id, subject_id=PLACES["rider"].id),
}


def bundle(number: int, carton: int = 1, copies: int = 50, **more: Any) -> Bundle:
    """Bundle `number` of a carton: HB-1-03."""
    return replace(
        Bundle(
            bundle_id=uid(100 * carton + number), code=f"HB-{carton}-{number:02d}", carton_code=f"HB-{carton}",
            campaign_id=CAMPAIGN, material_id=MATERIAL, copies=copies,
        ),
        **more,
    )  # fmt: skip


def placed(known: Bundle, holder: Holder, *, opened: bool = False) -> PlacedBundle:
    return PlacedBundle(
        bundle_id=known.bundle_id, code=known.code, copies=known.copies, material_id=known.material_id,
        holder_kind=holder.kind, holder_id=holder.id, opened=opened,
    )  # fmt: skip


BUNDLES = [bundle(1), bundle(2), bundle(3), bundle(1, carton=2), bundle(1, carton=9, material_id=OTHER_MATERIAL)]

BOOK = CodeBook(
    places={(entry.kind, entry.code): entry for entry in PLACES.values()},
    materials={(CAMPAIGN, "M"): MATERIAL, (CAMPAIGN, "other"): OTHER_MATERIAL},
    bundles=meaning_of(BUNDLES),
)


def holder(code: str) -> Holder:
    return PLACES[code].holder


def moved(source: Holder, target: Holder, copies: int = 10, **more: Any) -> Move:
    """An entry of the ledger."""
    return replace(
        Move(
            move_id=uid(200), kind="transfer", campaign_id=CAMPAIGN, material_id=MATERIAL, source=source,
            target=target, copies=copies, moved_at=NOW,
        ),
        **more,
    )  # fmt: skip
