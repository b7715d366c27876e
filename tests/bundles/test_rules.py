"""What labels and a waybill's sheet show: every carton before its bundles, and what is loose."""

import pytest

from dispatch.bundles.rules import WaybillHead, labels_of, numbers_of, sheet_of
from dispatch.database import new_id
from dispatch.qr import symbol_of
from schemas.bundles import WaybillBundle
from tests.conftest import NOW


def bundle(code: str, copies: int = 50) -> WaybillBundle:
    return WaybillBundle(code=code, carton_code=code[:-3], copies=copies)


@pytest.mark.parametrize(
    ("first_carton", "cartons", "bundles_a_carton", "numbers"),
    [
        (1, 1, 8, (1, 8)),
        (1, 10, 8, (1, 80)),
        (2, 1, 8, (9, 16)),
        (3, 2, 1, (3, 4)),
        # No bundle has a number beyond what the database counts to.
        (2_148, 1, 1_000_000, (2_147_000_001, 2_147_483_647)),
        (2_149, 1, 1_000_000, (2_147_483_647, 2_147_483_647)),
        (1_000_000, 50, 1_000_000, (2_147_483_647, 2_147_483_647)),
    ],
)
def test_cartons_hold_their_bundles_by_number(
    first_carton: int, cartons: int, bundles_a_carton: int, numbers: tuple[int, int]
) -> None:
    assert numbers_of(first_carton, cartons, bundles_a_carton) == numbers


def test_every_carton_is_labelled_before_its_bundles_with_what_is_inside() -> None:
    labels = labels_of([bundle("HB-1-01"), bundle("HB-1-02", 30), bundle("HB-2-01")])
    assert [(label.kind, label.code, label.copies, label.bundles) for label in labels] == [
        ("carton", "HB-1", 80, 2),
        ("bundle", "HB-1-01", 50, 1),
        ("bundle", "HB-1-02", 30, 1),
        ("carton", "HB-2", 50, 1),
        ("bundle", "HB-2-01", 50, 1),
    ]
    assert [label.symbol for label in labels] == [symbol_of(label.code) for label in labels]
    assert labels_of([]) == []


@pytest.mark.parametrize(("copies", "bundles", "loose"), [(120, 2, 20), (100, 2, 0), (20, 0, 20)])
def test_what_the_bundles_of_a_waybill_do_not_hold_is_loose(copies: int, bundles: int, loose: int) -> None:
    waybill = WaybillHead(code="C1/B7/3", copies=copies, bundles_a_carton=8)
    inside = [bundle(f"HB-1-{number:02d}") for number in range(1, bundles + 1)]
    sheet = sheet_of(new_id(NOW, 1), waybill, inside)
    assert (sheet.waybill_id, sheet.bundles_a_carton, sheet.bundles) == (new_id(NOW, 1), 8, inside)
    assert sheet.loose_copies == loose
    assert sheet.symbol == symbol_of("C1/B7/3")
