"""When a campaign makes sense, how its status moves, which declared capacity is taken."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.campaigns import rules
from dispatch.database.ids import new_id
from dispatch.problems import NotFound
from dispatch.server.client_ids import IdUnusable
from dispatch.tables.sheets import ImportRefused, read_table
from schemas.campaigns import Campaign, CampaignStatus, CapacityRow, NewCampaign, Wave

NOW = datetime(2027, 3, 1, tzinfo=UTC)
FIRST, LAST = date(2027, 3, 15), date(2027, 6, 22)
DAY = timedelta(days=1)
STATUSES: tuple[CampaignStatus, ...] = get_args(CampaignStatus)
CAMPAIGN_ID = new_id(NOW, 1)


def wave(number: int, starts_on: date, ends_on: date, planned_share: float, zone_codes: tuple[str, ...] = ()) -> Wave:
    return Wave(
        number=number, name="波", starts_on=starts_on, ends_on=ends_on, planned_share=planned_share,
        zone_codes=list(zone_codes),
    )  # fmt: skip


ONE = wave(1, FIRST, date(2027, 3, 31), 0.4)
TWO = wave(2, date(2027, 4, 1), LAST, 1)


def campaign(*waves: Wave, **more: Any) -> NewCampaign:
    values: dict[str, Any] = {"campaign_id": CAMPAIGN_ID, "starts_on": FIRST, "ends_on": LAST, **more}
    return NewCampaign(code="BR-2027", name="百日行动", target_reach=0.5, waves=list(waves), **values)


def stored(wanted: NewCampaign, **more: Any) -> Campaign:
    added: dict[str, Any] = {
        "status": "open",
        "closed_at": None,
        "revision": 3,
        "created_at": NOW,
        "invitation_status": None,
    }
    return Campaign(**{**msgspec.structs.asdict(wanted), **added, **more})


# ---- setting up


@pytest.mark.parametrize(
    "wanted",
    [
        campaign(),
        campaign(ends_on=FIRST),
        campaign(ends_on=FIRST + timedelta(days=731)),
        campaign(ONE, TWO),
        campaign(wave(1, FIRST, LAST, 1)),
        # A wave may have one day, leave a gap to the next, and plan nothing more.
        campaign(wave(1, FIRST, FIRST, 0), wave(2, FIRST + 2 * DAY, FIRST + 2 * DAY, 0), wave(3, LAST, LAST, 1)),
        # Five shares added up need not be 1 to the last digit.
        campaign(wave(1, FIRST, LAST, 1 - 1e-9)),
        campaign(wave(1, FIRST, LAST, 1, ("Z1", "Z2"))),
    ],
)
def test_a_campaign_that_makes_sense_is_taken(wanted: NewCampaign) -> None:
    rules.require_campaign(wanted)


def test_the_id_of_a_campaign_is_made_by_the_client_and_sorts_by_time() -> None:
    with pytest.raises(IdUnusable) as refused:
        rules.require_campaign(campaign(campaign_id=UUID("6ba7b810-9dad-41d1-80b4-00c04fd430c8")))
    assert refused.value.extensions == {"field": "campaign_id"}


@pytest.mark.parametrize("ends_on", [FIRST - DAY, FIRST + timedelta(days=732)])
def test_a_campaign_lasts_from_one_day_to_two_years(ends_on: date) -> None:
    with pytest.raises(rules.CampaignDates) as refused:
        rules.require_campaign(campaign(ends_on=ends_on))
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "ends_on"})


@pytest.mark.parametrize(
    ("waves", "number", "field"),
    [
        ((wave(2, FIRST, LAST, 1),), 2, "number"),
        ((ONE, msgspec.structs.replace(TWO, number=3)), 3, "number"),
        ((ONE, msgspec.structs.replace(TWO, number=1)), 1, "number"),
        ((wave(1, FIRST + DAY, FIRST, 1),), 1, "ends_on"),
        ((wave(1, FIRST - DAY, LAST, 1),), 1, "starts_on"),
        ((wave(1, FIRST, LAST + DAY, 1),), 1, "starts_on"),
        ((wave(1, FIRST, LAST, 1, ("Z1", "Z2", "Z1")),), 1, "zone_codes"),
        ((ONE, msgspec.structs.replace(TWO, starts_on=ONE.ends_on)), 2, "starts_on"),
        ((ONE, wave(2, TWO.starts_on, LAST - DAY, 0.39), wave(3, LAST, LAST, 1)), 2, "planned_share"),
        ((ONE, wave(2, TWO.starts_on, TWO.ends_on, 1 - 1e-8)), 2, "planned_share"),
        ((ONE,), 1, "planned_share"),
    ],
    ids=["begins with 2", "leaves a number out", "a number twice", "ends before it starts", "before the campaign", "after the campaign",
         "a zone twice", "begins on the last day of the one before", "share falls", "ends below 1", "only half"],
)  # fmt: skip
def test_waves_that_do_not_fit_together_are_refused(waves: tuple[Wave, ...], number: int, field: str) -> None:
    with pytest.raises(rules.WavePlan) as refused:
        rules.require_campaign(campaign(*waves))
    assert (refused.value.status, refused.value.extensions) == (422, {"wave": number, "field": field})
    assert refused.value.detail.startswith(f"Wave {number}: ")


def test_waves_with_the_same_share_as_the_one_before_are_taken() -> None:
    rules.require_campaign(campaign(ONE, wave(2, TWO.starts_on, LAST - DAY, 0.4), wave(3, LAST, LAST, 1)))


def test_waves_name_zones_of_the_city() -> None:
    rules.require_wave_zones([])
    unknown = [f"Z{number}" for number in range(7)]
    with pytest.raises(rules.WaveZones) as refused:
        rules.require_wave_zones(unknown)
    assert (refused.value.status, refused.value.extensions) == (422, {"zone_codes": unknown})
    assert "Z0, Z1, Z2, Z3, Z4;" in refused.value.detail


def test_the_campaign_addressed_is_the_one_in_the_body() -> None:
    rules.require_same_id(CAMPAIGN_ID, campaign())
    with pytest.raises(rules.CampaignChanged) as refused:
        rules.require_same_id(new_id(NOW, 2), campaign())
    assert (refused.value.status, refused.value.extensions) == (409, {"field": "campaign_id"})


def test_the_same_campaign_again_is_the_one_that_is_kept() -> None:
    kept = stored(campaign(ONE, TWO))
    assert rules.judge_stored(campaign(ONE, TWO), kept) is kept


def test_a_campaign_with_other_content_under_the_id_or_the_code_is_refused() -> None:
    with pytest.raises(rules.CampaignChanged) as changed:
        rules.judge_stored(campaign(ONE, TWO), stored(campaign(ONE, TWO), name="别的"))
    assert changed.value.extensions == {"field": "campaign_id"}
    with pytest.raises(rules.CampaignCodeTaken) as taken:
        rules.judge_stored(campaign(), None)
    assert (taken.value.status, taken.value.extensions) == (409, {"field": "code"})


def test_a_draft_keeps_to_codes_that_are_free() -> None:
    rules.require_code_free(CAMPAIGN_ID, "BR-2027")
    with pytest.raises(rules.CampaignCodeTaken) as taken:
        rules.require_code_free(None, "BR-2027")
    assert taken.value.extensions == {"field": "code"}


# ---- status


@pytest.mark.parametrize("current", STATUSES)
@pytest.mark.parametrize("wanted", STATUSES)
def test_a_campaign_goes_from_draft_to_open_to_closed_and_never_back(
    current: CampaignStatus, wanted: CampaignStatus
) -> None:
    if current == wanted:
        assert rules.judge_status(current, wanted) is False
    elif (current, wanted) in (("draft", "open"), ("open", "closed")):
        assert rules.judge_status(current, wanted) is True
    else:
        with pytest.raises(rules.CampaignStatusOrder) as refused:
            rules.judge_status(current, wanted)
        assert (refused.value.status, refused.value.extensions) == (409, {"current": current})
        assert "draft to open to closed" in refused.value.detail


@pytest.mark.parametrize("status", STATUSES)
def test_only_a_draft_is_changed(status: CampaignStatus) -> None:
    if status == "draft":
        rules.require_draft(status)
        return
    with pytest.raises(rules.CampaignNotDraft) as refused:
        rules.require_draft(status)
    assert (refused.value.status, refused.value.extensions) == (409, {"current": status})


@pytest.mark.parametrize("status", STATUSES)
def test_a_closed_campaign_takes_nothing_new(status: CampaignStatus) -> None:
    if status != "closed":
        rules.require_still_taking(status)
        return
    with pytest.raises(rules.CampaignClosed) as refused:
        rules.require_still_taking(status)
    assert refused.value.status == 409


@pytest.mark.parametrize("status", STATUSES)
def test_what_a_touch_finds_closed_takes_nothing_new(status: CampaignStatus) -> None:
    if status != "closed":
        rules.require_touched({UUID(int=1): status})
        return
    with pytest.raises(rules.CampaignClosed):
        rules.require_touched({UUID(int=1): status})


def test_a_campaign_that_is_not_there_takes_nothing() -> None:
    with pytest.raises(rules.CampaignClosed):
        rules.require_touched({})


# ---- partners


def test_partners_are_invited_once_each_in_a_fixed_order() -> None:
    known = {"A": UUID(int=3), "B": UUID(int=1), "C": UUID(int=2)}
    assert rules.judge_partners(["A", "B", "A", "C"], known) == [UUID(int=1), UUID(int=2), UUID(int=3)]
    assert rules.judge_partners(["A"], known) == [UUID(int=3)]


def test_a_code_that_names_no_active_partner_invites_nobody() -> None:
    codes = [f"P{number}" for number in range(7)]
    with pytest.raises(rules.PartnersUnknown) as refused:
        rules.judge_partners(["A", *reversed(codes), "P0"], {"A": UUID(int=3)})
    assert (refused.value.status, refused.value.extensions) == (422, {"partner_codes": codes})
    assert "P0, P1, P2, P3, P4;" in refused.value.detail


def test_who_answers_or_declares_belongs_to_a_firm() -> None:
    firm = uuid4()
    assert rules.judge_firm(firm) == firm
    with pytest.raises(NotFound):
        rules.judge_firm(None)


# ---- capacity

MONDAY = date(2027, 4, 26)
SOMEBODY = {code: new_id(NOW, number) for number, code in enumerate("ABC")}


def row(outlet: str = "A", zone: str = "A", week: date = MONDAY, copies: int = 500) -> CapacityRow:
    return CapacityRow(outlet_code=outlet, zone_code=zone, week_starts_on=week, copies=copies)


def judge(*rows: CapacityRow, starts_on: date = FIRST, ends_on: date = LAST) -> list[rules.CapacityKey]:
    return rules.judge_capacity(list(enumerate(rows, start=1)), SOMEBODY, SOMEBODY, starts_on, ends_on)


def reasons(*rows: CapacityRow, **more: Any) -> list[tuple[int, str | None, str | None, str]]:
    with pytest.raises(ImportRefused) as refused:
        judge(*rows, **more)
    return [(error.row, error.code, error.field, error.reason) for error in refused.value.every]


@pytest.mark.parametrize(
    ("week", "starts_on", "ends_on", "reason"),
    [
        (MONDAY, MONDAY, MONDAY, None),
        # The week's last day is the campaign's first.
        (MONDAY, MONDAY + 6 * DAY, MONDAY + 9 * DAY, None),
        (MONDAY, MONDAY + 7 * DAY, MONDAY + 9 * DAY, "outside-campaign"),
        (MONDAY, MONDAY - 9 * DAY, MONDAY, None),
        (MONDAY, MONDAY - 9 * DAY, MONDAY - DAY, "outside-campaign"),
        (MONDAY + DAY, FIRST, LAST, "not-a-monday"),
        (MONDAY - DAY, FIRST, LAST, "not-a-monday"),
        # A day that is no Monday is not asked about the campaign as well.
        (MONDAY + 400 * DAY, FIRST, LAST, "not-a-monday"),
    ],
)
def test_a_week_begins_on_a_monday_and_has_a_day_of_the_campaign(
    week: date, starts_on: date, ends_on: date, reason: str | None
) -> None:
    if reason is None:
        assert judge(row(week=week), starts_on=starts_on, ends_on=ends_on)[0].week_starts_on == week
    else:
        found = reasons(row(week=week), starts_on=starts_on, ends_on=ends_on)
        assert found == [(1, "A", "week_starts_on", reason)]


def test_every_fault_of_every_row_is_reported() -> None:
    assert reasons(
        row(),
        row("X", "Y", MONDAY + DAY),
        row(copies=7),
        row(zone="B"),
        row(week=MONDAY + 7 * DAY),
        row(outlet="B"),
    ) == [
        (2, "X", "outlet_code", "unknown-outlet"),
        (2, "X", "zone_code", "unknown-zone"),
        (2, "X", "week_starts_on", "not-a-monday"),
        (3, "A", "week_starts_on", "duplicate-row"),
    ]


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC"), st.integers(0, 900)), max_size=12))
def test_rows_come_out_sorted_by_key_or_every_repetition_is_refused(given_rows: list[tuple[str, str, int]]) -> None:
    rows = [row(outlet, zone, copies=copies) for outlet, zone, copies in given_rows]
    repeated = len(rows) - len({(entry.outlet_code, entry.zone_code) for entry in rows})
    if repeated:
        assert len(reasons(*rows)) == repeated
    else:
        keys = judge(*rows)
        assert keys == sorted(keys)
        assert sorted((key.outlet_id, key.zone_id, key.copies) for key in keys) == sorted(
            (SOMEBODY[entry.outlet_code], SOMEBODY[entry.zone_code], entry.copies) for entry in rows
        )


@pytest.mark.parametrize(
    ("copies", "faults"), [("10000000", []), ("10000001", ["out-of-range"]), ("", ["missing-value"])]
)
def test_a_table_of_capacity_needs_all_of_its_columns(copies: str, faults: list[str]) -> None:
    table = read_table(
        f"网点代码,片区代码,周一日期,承接份数\nA,B,2027年4月26日,{copies}\n".encode(), rules.CAPACITY_COLUMNS
    )
    assert [error.reason for error in table.errors] == faults
    for column in rules.CAPACITY_COLUMNS:
        others = [other.name for other in rules.CAPACITY_COLUMNS if other is not column]
        document = f"{','.join(others)}\n{','.join('1' for _ in others)}\n"
        assert [error.reason for error in read_table(document.encode(), rules.CAPACITY_COLUMNS).errors] == [
            "missing-column"
        ]
