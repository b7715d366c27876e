"""What the labels of a print run and the sheet of a waybill show."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

from msgspec import Struct

from dispatch.qr import symbol_of
from schemas.bundles import Label, WaybillBundle, WaybillSheet

# The largest number a bundle can have.
_LAST_NUMBER: Final = 2_147_483_647


class PackedRun(Struct, frozen=True, kw_only=True):
    """A print run as its labels name it."""

    print_run_code: str
    material_code: str
    material_name: str
    campaign_name: str
    bundles_a_carton: int
    cartons: int
    """That its bundles fill or begin."""


class WaybillHead(Struct, frozen=True, kw_only=True):
    """A waybill as its sheet names it."""

    code: str
    copies: int
    bundles_a_carton: int


def numbers_of(first_carton: int, cartons: int, bundles_a_carton: int) -> tuple[int, int]:
    """The first and the last number of the bundles in so many cartons of a run. Cartons count from 1, as bundles do."""
    before = (first_carton - 1) * bundles_a_carton
    return min(before + 1, _LAST_NUMBER), min(before + cartons * bundles_a_carton, _LAST_NUMBER)


def labels_of(bundles: Sequence[WaybillBundle]) -> list[Label]:
    """A label for every carton, followed by those of its bundles. `bundles` in the order of their numbers."""
    labels: list[Label] = []
    for carton_code, inside in groupby(bundles, key=lambda bundle: bundle.carton_code):
        packed = list(inside)
        labels.append(
            Label(
                kind="carton",
                code=carton_code,
                copies=sum(bundle.copies for bundle in packed),
                bundles=len(packed),
                symbol=symbol_of(carton_code),
            )
        )
        labels += [
            Label(kind="bundle", code=bundle.code, copies=bundle.copies, bundles=1, symbol=symbol_of(bundle.code))
            for bundle in packed
        ]
    return labels


def sheet_of(waybill_id: UUID, waybill: WaybillHead, bundles: Sequence[WaybillBundle]) -> WaybillSheet:
    """The sheet of a waybill with the bundles issued with it; what they do not hold of its copies is loose."""
    return WaybillSheet(
        waybill_id=waybill_id,
        symbol=symbol_of(waybill.code),
        bundles_a_carton=waybill.bundles_a_carton,
        bundles=list(bundles),
        loose_copies=waybill.copies - sum(bundle.copies for bundle in bundles),
    )
