"""What of a list of partners, outlets, riders or depots is taken, what it changes, and every reason why it is refused."""

from typing import Any
from uuid import UUID

import pytest

from dispatch.partners import rules
from dispatch.partners.records import DepotRecord, ListedRider, OutletRecord, PartnerRecord
from dispatch.tables.sheets import Column, ImportRefused, read_table
from schemas.partners import NewDepot, NewOutlet, NewPartner, NewRider

ZTO, MT = UUID(int=1), UUID(int=2)
EAST, WEST, THEIRS = UUID(int=11), UUID(int=12), UUID(int=13)
ZONE = UUID(int=21)
IDS = [UUID(int=100 + number) for number in range(9)]


def listed(*wanted: Any) -> list[tuple[int, Any]]:
    return list(enumerate(wanted, start=1))


def reasons(refused: pytest.ExceptionInfo[ImportRefused]) -> list[tuple[int, str | None, str | None, str]]:
    return [(error.row, error.code, error.field, error.reason) for error in refused.value.every]


def digest(outlet_id: UUID, pin: str) -> bytes:
    return f"{outlet_id.int}:{pin}".encode()


# ---- partners and depots


def test_partners_are_made_or_changed_by_code() -> None:
    existing = {
        "ZTO": PartnerRecord(partner_id=ZTO, code="ZTO", name="中通", kind="parcel"),
        "MT": PartnerRecord(partner_id=MT, code="MT", name="美团", kind="meal"),
    }
    changes = rules.judge_partners(
        listed(
            NewPartner(code="NEW", name="新", kind="bank"),
            NewPartner(code="ZTO", name="中通快递", kind="post"),
            NewPartner(code="MT", name="美团", kind="meal"),
        ),
        existing,
        IDS[:3],
    )
    assert changes.created == [PartnerRecord(partner_id=IDS[0], code="NEW", name="新", kind="bank")]
    assert changes.changed == [PartnerRecord(partner_id=ZTO, code="ZTO", name="中通快递", kind="post")]
    assert changes.unchanged == 1


def test_depots_are_made_or_changed_by_code_and_keep_the_address_a_row_leaves_out() -> None:
    depot = UUID(int=5)
    existing = {code: DepotRecord(depot_id=depot, code=code, name="库", address="人民路") for code in "ABC"}
    changes = rules.judge_depots(
        listed(
            NewDepot(code="A", name="新名"),
            NewDepot(code="B", name="库", address=""),
            NewDepot(code="C", name="库"),
            NewDepot(code="D", name="新库"),
            NewDepot(code="E", name="新库", address="北路"),
        ),
        existing,
        IDS[:5],
    )
    assert [(each.depot_id, each.name, each.address) for each in changes.changed] == [
        (depot, "新名", "人民路"),
        (depot, "库", ""),
    ]
    assert [(each.depot_id, each.address) for each in changes.created] == [(IDS[3], ""), (IDS[4], "北路")]
    assert changes.unchanged == 1


# ---- outlets

OUTLETS = {
    "EAST": OutletRecord(outlet_id=EAST, partner_id=ZTO, code="EAST", name="东", zone_id=ZONE),
    "THEIRS": OutletRecord(outlet_id=THEIRS, partner_id=MT, code="THEIRS", name="站"),
}


def judge_outlets(*wanted: NewOutlet, own: UUID | None = None) -> Any:
    partners = {"ZTO": ZTO} if own else {"ZTO": ZTO, "MT": MT}
    return rules.judge_outlets(listed(*wanted), OUTLETS, IDS[: len(wanted)], partners, {"Z1": ZONE, "Z2": IDS[8]}, own)


def test_outlets_are_made_or_changed_and_keep_the_zone_a_row_leaves_out() -> None:
    changes = judge_outlets(
        NewOutlet(code="EAST", name="新名", partner_code="ZTO"),
        NewOutlet(code="NEW", name="新", partner_code="MT", zone_code="Z1"),
        NewOutlet(code="BARE", name="新", partner_code="MT"),
        NewOutlet(code="THEIRS", name="站", partner_code="MT"),
    )
    assert changes.changed == [
        OutletRecord(outlet_id=EAST, partner_id=ZTO, code="EAST", name="新名", zone_id=ZONE)
    ]  # fmt: skip
    assert changes.created == [
        OutletRecord(outlet_id=IDS[1], partner_id=MT, code="NEW", name="新", zone_id=ZONE),
        OutletRecord(outlet_id=IDS[2], partner_id=MT, code="BARE", name="新", zone_id=None),
    ]
    assert changes.unchanged == 1
    moved = judge_outlets(NewOutlet(code="EAST", name="东", partner_code="ZTO", zone_code="Z2"))
    assert [each.zone_id for each in moved.changed] == [IDS[8]]


def test_a_partner_may_leave_its_own_code_out_and_nobody_else() -> None:
    assert judge_outlets(NewOutlet(code="NEW", name="新"), own=ZTO).created[0].partner_id == ZTO
    with pytest.raises(ImportRefused) as refused:
        judge_outlets(NewOutlet(code="NEW", name="新"))
    assert reasons(refused) == [(1, "NEW", "partner_code", "unknown-partner")]


def test_every_fault_of_a_list_of_outlets_is_reported() -> None:
    with pytest.raises(ImportRefused) as refused:
        judge_outlets(
            NewOutlet(code="A", name="新", partner_code="MT"),
            NewOutlet(code="THEIRS", name="站", partner_code="ZTO"),
            NewOutlet(code="B", name="新", partner_code="ZTO", zone_code="Z9"),
            NewOutlet(code="B", name="新", partner_code="NOBODY", zone_code="Z9"),
            own=ZTO,
        )
    assert reasons(refused) == [
        (1, "A", "partner_code", "unknown-partner"),
        (2, "THEIRS", "code", "code-taken"),
        (3, "B", "zone_code", "unknown-zone"),
        (4, "B", "code", "duplicate-code"),
        (4, "B", "partner_code", "unknown-partner"),
        (4, "B", "zone_code", "unknown-zone"),
    ]


# ---- riders


def rider(number: int, outlet_id: UUID = EAST, pin: str | None = None, **more: Any) -> ListedRider:
    values: dict[str, Any] = {"code": f"R{number}", "name": "甲", **more}
    return ListedRider(
        rider_id=UUID(int=50 + number),
        outlet_id=outlet_id,
        pin_digest=digest(outlet_id, pin) if pin else None,
        **values,
    )


OF_ZTO = {
    "EAST": OUTLETS["EAST"],
    "WEST": OutletRecord(outlet_id=WEST, partner_id=ZTO, code="WEST", name="西"),
}
PARTNER_OF = {EAST: ZTO, WEST: ZTO, THEIRS: MT}


def judge_riders(
    *wanted: NewRider,
    existing: tuple[ListedRider, ...] = (),
    own: UUID | None = None,
    outlets: dict[str, OutletRecord] = OF_ZTO,
) -> Any:
    known = {each.code: each for each in existing}
    return rules.judge_riders(listed(*wanted), known, IDS[: len(wanted)], outlets, PARTNER_OF, own, digest)


def test_riders_are_made_or_changed_and_keep_the_pin_a_row_leaves_out() -> None:
    changes = judge_riders(
        NewRider(code="R1", name="改名", outlet_code="EAST"),
        NewRider(code="R2", name="甲", outlet_code="EAST", pin="222222"),
        NewRider(code="R3", name="甲", outlet_code="EAST"),
        NewRider(code="R4", name="新", outlet_code="WEST", pin="111111"),
        NewRider(code="R5", name="新", outlet_code="WEST"),
        existing=(rider(1, pin="111111"), rider(2), rider(3)),
    )
    assert changes.changed == [rider(1, pin="111111", name="改名"), rider(2, pin="222222")]
    assert [(each.rider_id, each.outlet_id, each.pin_digest) for each in changes.created] == [
        (IDS[3], WEST, digest(WEST, "111111")),
        (IDS[4], WEST, None),
    ]
    assert changes.unchanged == 1


def test_a_rider_who_changes_outlet_within_the_partner_has_no_pin_until_one_is_given() -> None:
    before = rider(1, pin="111111")
    (moved,) = judge_riders(NewRider(code="R1", name="甲", outlet_code="WEST"), existing=(before,)).changed
    assert (moved.rider_id, moved.outlet_id, moved.pin_digest) == (before.rider_id, WEST, None)
    (given,) = judge_riders(
        NewRider(code="R1", name="甲", outlet_code="WEST", pin="111111"), existing=(before,)
    ).changed
    assert given.pin_digest == digest(WEST, "111111")


def test_an_outlet_may_leave_its_code_out_and_takes_no_rider_from_elsewhere() -> None:
    changes = judge_riders(NewRider(code="R9", name="新"), own=EAST, outlets={})
    assert [each.outlet_id for each in changes.created] == [EAST]
    for elsewhere in (WEST, THEIRS):
        with pytest.raises(ImportRefused) as refused:
            judge_riders(NewRider(code="R1", name="甲"), existing=(rider(1, elsewhere),), own=EAST, outlets={})
        assert reasons(refused) == [(1, "R1", "code", "code-taken")]


def test_every_fault_of_a_list_of_riders_is_reported() -> None:
    with pytest.raises(ImportRefused) as refused:
        judge_riders(
            NewRider(code="R1", name="甲", outlet_code="THEIRS"),
            NewRider(code="R2", name="甲"),
            # A row that is refused takes no PIN away from others.
            NewRider(code="R3", name="甲", outlet_code="EAST", pin="333333"),
            NewRider(code="R6", name="甲", outlet_code="EAST", pin="333333"),
            NewRider(code="R4", name="甲", outlet_code="EAST", pin="111111"),
            NewRider(code="R4", name="甲", outlet_code="EAST"),
            existing=(rider(1), rider(3, THEIRS), rider(7, pin="111111")),
        )
    assert reasons(refused) == [
        (1, "R1", "outlet_code", "unknown-outlet"),
        (2, "R2", "outlet_code", "unknown-outlet"),
        (3, "R3", "code", "code-taken"),
        (6, "R4", "code", "duplicate-code"),
    ]


def test_a_pin_may_be_held_once_at_an_outlet_and_again_at_another() -> None:
    wanted = [NewRider(code=f"R{number}", name="甲", outlet_code="EAST", pin="111111") for number in (1, 2)]
    with pytest.raises(ImportRefused) as refused:
        judge_riders(*wanted)
    assert reasons(refused) == [(1, "R1", "pin", "pin-taken"), (2, "R2", "pin", "pin-taken")]
    with pytest.raises(ImportRefused) as taken:
        judge_riders(wanted[0], existing=(rider(7, pin="111111"),))
    # The rider who has it already is in no row of the list.
    assert reasons(taken) == [(1, "R1", "pin", "pin-taken")]
    assert len(judge_riders(wanted[0], existing=(rider(7, WEST, pin="111111"), rider(8), rider(9))).created) == 1


def test_two_riders_may_swap_their_pins() -> None:
    before = (rider(1, pin="111111"), rider(2, pin="222222"), rider(3, pin="333333"), rider(4))
    changes = judge_riders(
        NewRider(code="R1", name="甲", outlet_code="EAST", pin="222222"),
        NewRider(code="R2", name="甲", outlet_code="EAST", pin="111111"),
        NewRider(code="R3", name="改名", outlet_code="EAST"),
        existing=before,
    )
    assert len(changes.changed) == 3
    known = {each.code: each for each in before}
    assert rules.with_other_pins(changes.changed, known) == [before[0].rider_id, before[1].rider_id]


# ---- columns


@pytest.mark.parametrize(
    "judge",
    [
        lambda: rules.judge_partners(listed(*[NewPartner(code="A", name="甲", kind="bank")] * 2), {}, IDS[:2]),
        lambda: rules.judge_depots(listed(*[NewDepot(code="A", name="甲")] * 2), {}, IDS[:2]),
    ],
    ids=["partners", "depots"],
)
def test_a_code_occurs_once_in_a_list(judge: Any) -> None:
    with pytest.raises(ImportRefused) as refused:
        judge()
    assert reasons(refused) == [(2, "A", "code", "duplicate-code")]
    assert refused.value.every[0].detail == "row 1 has this code already"


@pytest.mark.parametrize(
    ("columns", "row", "longest"),
    [
        (rules.PARTNER_COLUMNS, {"code": "A", "name": "甲", "kind": "银行"}, {"name": 120}),
        (rules.OUTLET_COLUMNS, {"code": "A", "name": "甲"}, {"name": 120}),
        (rules.RIDER_COLUMNS, {"code": "A", "name": "甲"}, {"name": 60}),
        (rules.DEPOT_COLUMNS, {"code": "A", "name": "甲"}, {"name": 120, "address": 200}),
    ],
    ids=["partners", "outlets", "riders", "depots"],
)
def test_a_table_needs_its_columns_and_takes_texts_up_to_their_length(
    columns: tuple[Column, ...], row: dict[str, str], longest: dict[str, int]
) -> None:
    def faults(**values: str) -> list[str]:
        table = read_table(f"{','.join(values)}\n{','.join(values.values())}\n".encode(), columns)
        return [error.reason for error in table.errors]

    assert faults(**row) == []
    for name in row:
        assert faults(**{key: value for key, value in row.items() if key != name}) == ["missing-column"]
    for name, length in longest.items():
        assert faults(**{**row, name: "东" * length}) == []
        assert faults(**{**row, name: "东" * (length + 1)}) == ["too-long"]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("寄递企业", "parcel"), ("快递", "parcel"), ("快递企业", "parcel"), ("邮政", "post"), ("外卖平台", "meal"), ("外卖", "meal"),
        ("银行", "bank"), ("学校", "school"), ("社区", "community"), ("物业", "property"), ("通信", "telecom"),
        ("通信运营商", "telecom"), ("印刷", "printer"), ("印刷厂", "printer"), ("parcel", "parcel"), ("Meal", "meal"),
    ],
)  # fmt: skip
def test_the_kind_of_a_partner_is_known_by_every_usual_word(word: str, kind: str) -> None:
    table = read_table(f"code,name,kind\nA,甲,{word}\n".encode(), rules.PARTNER_COLUMNS)
    assert [row.values["kind"] for row in table.rows] == [kind]
