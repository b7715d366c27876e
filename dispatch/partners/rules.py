"""What makes partners, outlets, riders and depots acceptable, and what a list of them changes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from dispatch.partners.records import (
    Coded,
    DepotRecord,
    ListChanges,
    Listed,
    ListedRider,
    OutletRecord,
    PartnerRecord,
    Record,
)
from dispatch.tables.cells import choice, code, pin, text
from dispatch.tables.sheets import Column, refuse
from schemas.common import RowError
from schemas.partners import NewDepot, NewOutlet, NewPartner, NewRider

KINDS: Final = {
    "寄递企业": "parcel",
    "快递": "parcel",
    "快递企业": "parcel",
    "邮政": "post",
    "外卖平台": "meal",
    "外卖": "meal",
    "银行": "bank",
    "学校": "school",
    "社区": "community",
    "物业": "property",
    "通信": "telecom",
    "通信运营商": "telecom",
    "印刷": "printer",
    "印刷厂": "printer",
}
PARTNER_COLUMNS: Final = (
    Column("code", "单位代码", code, aliases=("代码", "编码")),
    Column("name", "单位名称", text(120), aliases=("名称", "合作单位")),
    Column("kind", "类型", choice(KINDS), aliases=("单位类型", "类别")),
)
OUTLET_COLUMNS: Final = (
    Column("code", "网点代码", code, aliases=("代码", "编码", "站点代码")),
    Column("name", "网点名称", text(120), aliases=("名称", "网点", "站点名称")),
    Column("partner_code", "单位代码", code, required=False, aliases=("企业代码", "合作单位代码")),
    Column("zone_code", "片区代码", code, required=False),
)
RIDER_COLUMNS: Final = (
    Column("code", "骑手代码", code, aliases=("代码", "编码", "工号", "编号")),
    Column("name", "姓名", text(60), aliases=("骑手姓名", "名称")),
    Column("outlet_code", "网点代码", code, required=False, aliases=("站点代码",)),
    Column("pin", "PIN", pin, required=False, aliases=("口令", "PIN码")),
)
DEPOT_COLUMNS: Final = (
    Column("code", "领取点代码", code, aliases=("代码", "编码", "库代码")),
    Column("name", "领取点名称", text(120), aliases=("名称", "领取点", "库名称")),
    Column("address", "地址", text(200), required=False),
)


def judge_partners(
    listed: Listed[NewPartner], existing: Mapping[str, PartnerRecord], ids: Sequence[UUID]
) -> ListChanges[PartnerRecord]:
    """Partners by code. Every judge here takes (row, wanted) pairs and one id for each, should it be new; raises
    ImportRefused with every reason found."""
    refuse(_double_codes(listed))
    wanted = [
        PartnerRecord(
            partner_id=existing[new.code].partner_id if new.code in existing else new_id,
            code=new.code,
            name=new.name,
            kind=new.kind,
        )
        for (_, new), new_id in zip(listed, ids, strict=True)
    ]
    return _changes(wanted, existing)


def judge_depots(
    listed: Listed[NewDepot], existing: Mapping[str, DepotRecord], ids: Sequence[UUID]
) -> ListChanges[DepotRecord]:
    """Depots by code."""
    refuse(_double_codes(listed))
    wanted: list[DepotRecord] = []
    for (_, new), new_id in zip(listed, ids, strict=True):
        kept = existing.get(new.code, DepotRecord(depot_id=new_id, code=new.code, name=new.name))
        address = kept.address if new.address is None else new.address
        wanted.append(msgspec.structs.replace(kept, name=new.name, address=address))
    return _changes(wanted, existing)


def judge_outlets(
    listed: Listed[NewOutlet],
    existing: Mapping[str, OutletRecord],
    ids: Sequence[UUID],
    partners: Mapping[str, UUID],
    zones: Mapping[str, UUID],
    own_partner_id: UUID | None,
) -> ListChanges[OutletRecord]:
    """Outlets by code. `partners` are those the writer may write for; a row without a partner's code is for
    `own_partner_id`."""
    errors = _double_codes(listed)
    wanted: list[OutletRecord] = []
    for (row, new), new_id in zip(listed, ids, strict=True):
        partner_id = own_partner_id if new.partner_code is None else partners.get(new.partner_code)
        kept = existing.get(new.code)
        if partner_id is None:
            errors.append(_error(row, new.code, "partner_code", "unknown-partner", "names no partner of yours here"))
        elif kept is not None and kept.partner_id != partner_id:
            errors.append(_error(row, new.code, "code", "code-taken", "another partner's outlet has this code"))
        if new.zone_code is not None and new.zone_code not in zones:
            errors.append(_error(row, new.code, "zone_code", "unknown-zone", "no zone of the city has this code"))
        if errors or partner_id is None:
            continue
        zone_id = zones[new.zone_code] if new.zone_code is not None else kept.zone_id if kept else None
        outlet_id = kept.outlet_id if kept else new_id
        wanted.append(
            OutletRecord(outlet_id=outlet_id, partner_id=partner_id, code=new.code, name=new.name, zone_id=zone_id)
        )
    refuse(errors)
    return _changes(wanted, existing)


def judge_riders(
    listed: Listed[NewRider],
    existing: Mapping[str, ListedRider],
    ids: Sequence[UUID],
    outlets: Mapping[str, OutletRecord],
    partner_of: Mapping[UUID, UUID],
    own_outlet_id: UUID | None,
    digest: Callable[[UUID, str], bytes],
) -> ListChanges[ListedRider]:
    """Riders by code. `existing` holds the riders with these codes and all riders of the outlets in `outlets`, which
    are those the writer may write for; `partner_of` has the partner of every outlet that occurs.

    A rider may change to another outlet of the same partner, though not when an outlet (`own_outlet_id`) writes the
    list; without a new PIN that rider has none until one is made.
    """
    errors = _double_codes(listed)
    wanted: list[ListedRider] = []
    rows: dict[str, int] = {}
    for (row, new), new_id in zip(listed, ids, strict=True):
        outlet_id = own_outlet_id if new.outlet_code is None else _outlet_id(outlets, new.outlet_code)
        kept = existing.get(new.code)
        if outlet_id is None:
            errors.append(_error(row, new.code, "outlet_code", "unknown-outlet", "names no outlet of yours here"))
            continue
        stays = kept is None or kept.outlet_id == outlet_id
        if kept and not stays and (own_outlet_id or partner_of[kept.outlet_id] != partner_of[outlet_id]):
            errors.append(_error(row, new.code, "code", "code-taken", "a rider elsewhere has this code"))
            continue
        pin_digest = kept.pin_digest if kept and stays else None
        if new.pin is not None:
            rows[new.code] = row
            pin_digest = digest(outlet_id, new.pin)
        rider_id = kept.rider_id if kept else new_id
        wanted.append(
            ListedRider(rider_id=rider_id, outlet_id=outlet_id, code=new.code, name=new.name, pin_digest=pin_digest)
        )
    refuse([*errors, *_taken_pins(wanted, existing, rows)])
    return _changes(wanted, existing)


def with_other_pins(changed: Sequence[ListedRider], existing: Mapping[str, ListedRider]) -> list[UUID]:
    """The changed riders whose PIN changes: theirs must go before others may have them."""
    return [rider.rider_id for rider in changed if rider.pin_digest != existing[rider.code].pin_digest]


def _outlet_id(outlets: Mapping[str, OutletRecord], outlet_code: str) -> UUID | None:
    outlet = outlets.get(outlet_code)
    return outlet.outlet_id if outlet else None


def _taken_pins(
    wanted: Sequence[ListedRider], existing: Mapping[str, ListedRider], rows: Mapping[str, int]
) -> list[RowError]:
    """Riders of an outlet who would have the same PIN afterwards. `rows`: of the riders whom the list gives a PIN."""
    afterwards = {**existing, **{rider.code: rider for rider in wanted}}
    holders: dict[tuple[UUID, bytes], list[str]] = {}
    for rider in afterwards.values():
        if rider.pin_digest is not None:
            holders.setdefault((rider.outlet_id, rider.pin_digest), []).append(rider.code)
    detail = "another rider of the outlet has this PIN"
    return [
        _error(rows[rider_code], rider_code, "pin", "pin-taken", detail)
        for codes in holders.values()
        if len(codes) > 1
        for rider_code in codes
        if rider_code in rows
    ]


def _double_codes(listed: Sequence[tuple[int, Coded]]) -> list[RowError]:
    first: dict[str, int] = {}
    return [
        _error(row, new.code, "code", "duplicate-code", f"row {first[new.code]} has this code already")
        for row, new in listed
        if first.setdefault(new.code, row) != row
    ]


def _changes(wanted: Sequence[Record], existing: Mapping[str, Record]) -> ListChanges[Record]:
    created = [record for record in wanted if record.code not in existing]
    changed = [record for record in wanted if record.code in existing and existing[record.code] != record]
    return ListChanges(created, changed, len(wanted) - len(created) - len(changed))


def _error(row: int, row_code: str, field: str, reason: str, detail: str) -> RowError:
    return RowError(row=row, code=row_code, field=field, reason=reason, detail=detail)
