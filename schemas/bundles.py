"""Bundles as they are found, followed and labelled."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.common import Symbol
from schemas.stock import HolderKind, MoveKind

BundleStatus = Literal["sealed", "opened"]


class BundleRow(Struct, frozen=True, kw_only=True):
    """A bundle that is sealed where it is."""

    code: str
    carton_code: str
    material_code: str
    copies: int
    holder_kind: HolderKind
    holder_code: str
    holder_name: str
    outlet_code: str | None


class BundlePage(Struct, frozen=True, kw_only=True):
    """Sealed bundles by code; `next_cursor` is null on the last page."""

    bundles: list[BundleRow]
    next_cursor: str | None


class BundleStep(Struct, frozen=True, kw_only=True):
    """A move that carried the bundle."""

    move_id: UUID
    kind: MoveKind
    from_kind: HolderKind
    from_code: str
    from_name: str
    to_kind: HolderKind
    to_code: str
    to_name: str
    waybill_code: str | None
    reason: str
    moved_at: datetime


class BundleWay(Struct, frozen=True, kw_only=True):
    """A bundle with its whole way, the first step first; for managers the steps that touch their own holders."""

    code: str
    carton_code: str
    print_run_code: str
    material_code: str
    material_name: str
    copies: int
    status: BundleStatus
    holder_kind: HolderKind
    holder_code: str
    holder_name: str
    way: list[BundleStep]


class WaybillBundle(Struct, frozen=True, kw_only=True):
    """A bundle of a waybill."""

    code: str
    carton_code: str
    copies: int


class WaybillSheet(Struct, frozen=True, kw_only=True):
    """What a waybill's sheet shows next to the waybill: its symbol and the bundles that go with it."""

    waybill_id: UUID
    symbol: Symbol
    bundles_a_carton: int
    bundles: list[WaybillBundle]
    loose_copies: int


class Label(Struct, frozen=True, kw_only=True):
    """What is stuck on a carton or bundle."""

    kind: Literal["carton", "bundle"]
    code: str
    copies: int
    bundles: int
    """In the carton; 1 for a bundle."""
    symbol: Symbol


class LabelSheet(Struct, frozen=True, kw_only=True):
    """Labels of some cartons of a print run, each carton before its bundles. `cartons`: how many the run has."""

    print_run_code: str
    material_code: str
    material_name: str
    campaign_name: str
    cartons: int
    first_carton: int
    labels: list[Label]
