"""One example of everything that may be sent, as the contract shows it: a firm's week in the city 云川.

Two of a kind where the contract takes either. A test decodes each as the server would.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from uuid import UUID

from msgspec import Struct

from schemas import (
    allocation,
    batches,
    campaigns,
    checks,
    flags,
    handouts,
    identity,
    materials,
    partners,
    privacy,
    refused_handouts,
    stock,
    zones,
)

_CITY_TIME: Final = timezone(timedelta(hours=8))
# Nobody's: what the contract shows.
_PASSWORD, _NEXT_PASSWORD = "Kuaidi-2027!", "Dianxin-2028?"


def _id(number: int) -> UUID:
    """A UUIDv7 as a client makes it; the same each time."""
    return UUID(f"0197f2a4-6c00-7b3e-9a51-2f4c8d0e{number:04x}")


_CAMPAIGN, _MATERIAL, _ZONE, _HANDOUT = _id(1), _id(2), _id(3), _id(4)
_TEN_O_CLOCK: Final = datetime(2027, 4, 20, 10, 5, tzinfo=_CITY_TIME)
_RECORDED: Final = handouts.Handout(
    id=_HANDOUT, campaign_id=_CAMPAIGN, material_id=_MATERIAL, channel="in_person", copies=1,
    handed_out_at=_TEN_O_CLOCK, cell="8931aa5a9c3ffff", first_copy_answer="yes",
)  # fmt: skip
_REPORTED: Final = handouts.ReportedHandout(
    source_id="YC-2027-04-20-0017", material_code="LEAFLET-1", channel="with_parcel", copies=120,
    outlet_code="YC-EXP-01", zone_code="990102001", day=date(2027, 4, 20),
)  # fmt: skip
_MOVE: Final = stock.NewMove(
    move_id=_id(6), kind="transfer", campaign_id=_CAMPAIGN, material_code="LEAFLET-1",
    source=stock.HolderCode(kind="outlet", code="YC-EXP-01"), target=stock.HolderCode(kind="rider", code="YC-EXP-0107"),
    copies=50, bundle_codes=["HB1-0001-03"],
)  # fmt: skip

EXAMPLES: Final[tuple[Struct, ...]] = (
    # identity
    identity.PasswordSignIn(login="yunchuan-express", password=_PASSWORD, second_factor="492039"),
    identity.PinSignIn(outlet_code="YC-EXP-01", rider_code="YC-EXP-0107", pin="482913"),
    identity.OidcAnswer(code="SplxlOBeZQQYbYS6WxSbIA", state="af0ifjsldkj"),
    identity.PasswordChange(current_password=_PASSWORD, new_password=_NEXT_PASSWORD),
    identity.LanguageChoice(language="zh"),
    identity.NewAccount(
        account_id=_id(7), role="outlet_manager", login="yc-exp-01", display_name="东湖站站长", partner_code="YC-EXP",
        outlet_code="YC-EXP-01",
    ),
    identity.PartnersWithoutAccounts(partner_codes=["YC-EXP", "YC-MEAL"]),
    identity.SecondFactorProof(code="492039"),
    identity.NewApiKey(
        name="云川快递调度系统", expires_at=datetime(2027, 12, 31, tzinfo=UTC), partner_code="YC-EXP",
        scopes=["read", "report", "correct", "read_handouts", "claims", "waybills"],
    ),
    identity.KeyRotation(grace_hours=48, expires_at=datetime(2028, 6, 30, tzinfo=UTC)),
    # zones
    zones.CityContact(centre_name="云川市反诈中心", centre_phone="96110"),
    zones.DistrictName(name="东湖区"),
    # partners
    partners.RiderForm(code="YC-EXP-0107", name="李师傅", outlet_code="YC-EXP-01"),
    partners.SlipsWanted(rider_ids=[_id(8), _id(9)]),
    # campaigns and materials
    campaigns.NewCampaign(
        campaign_id=_CAMPAIGN, code="FZ-2027-SPRING", name="春季防范电信网络诈骗专项行动", starts_on=date(2027, 3, 15),
        ends_on=date(2027, 6, 13), target_reach=0.6, retention_days=90, rider_idle_hours=12,
        waves=[
            campaigns.Wave(number=1, name="第一阶段", starts_on=date(2027, 3, 15), ends_on=date(2027, 4, 30),
                           planned_share=0.6),
            campaigns.Wave(number=2, name="第二阶段", starts_on=date(2027, 5, 1), ends_on=date(2027, 6, 13),
                           planned_share=1.0, zone_codes=["990102001"]),
        ],
    ),
    campaigns.NewInvitations(partner_codes=["YC-EXP", "YC-MEAL"]),
    campaigns.InvitationAnswer(accepted=True),
    campaigns.CapacityRows(
        rows=[
            campaigns.CapacityRow(
                outlet_code="YC-EXP-01", zone_code="990102001", week_starts_on=date(2027, 4, 19), copies=800
            )
        ]
    ),
    campaigns.InvitationsWithdrawn(partner_codes=["YC-MEAL"]),
    campaigns.TelephonedCapacity(
        rows=[
            campaigns.CapacityRow(
                outlet_code="YC-EXP-01", zone_code="990102001", week_starts_on=date(2027, 4, 26), copies=600
            )
        ],
        told_by="王经理",
        told_on=date(2027, 4, 19),
    ),
    materials.NewMaterial(
        code="LEAFLET-1", name="防诈骗折页", kind="leaflet", channels=["in_person", "with_parcel"], bundle_copies=50,
        carton_copies=1000,
    ),
    materials.NewPrintRun(
        print_run_id=_id(10), code="PR-2027-03", material_code="LEAFLET-1", copies=60_000, depot_code="DEPOT-1",
        due_on=date(2027, 3, 10),
    ),
    # allocation
    allocation.NewAllocation(
        allocation_id=_id(11), material_code="LEAFLET-1", copies=60_000, wave_number=1, floor=0.2,
        weights=allocation.ZoneWeights(by_group={"elderly": 2.0}), assign_partners=True,
    ),
    allocation.LineChange(copies=1500, reason="社区活动另需一百五十册", partner_code="YC-EXP", revision=2),
    allocation.Approval(batch_copies=2000, depot_code="DEPOT-1", due_on=date(2027, 4, 30), revision=3),
    allocation.NewAllocation(
        allocation_id=_id(71), material_code="LEAFLET-1", copies=4_000, floor=0.45, zone_codes=["990102001"],
        ignore_promises=True,
    ),
    allocation.Sizing(target_reach=0.45, material_code="LEAFLET-1", zone_codes=["990102001"], unit_price=0.85),
    allocation.PlanWithdrawal(reason="没有单位在这些片区承接，改派后重做"),
    allocation.BatchWithdrawal(batch_ids=[_id(72)], reason="站点撤并，改由其他单位投放"),
    # batches and stock
    batches.NewClaim(source_id="YC-CLAIM-0012", outlet_code="YC-EXP-01"),
    batches.NewClaims(
        claims=[
            batches.WantedBatch(batch_id=_id(61), claim_id=_id(62)),
            batches.WantedBatch(batch_id=_id(63), claim_id=_id(64)),
        ],
        outlet_code="YC-EXP-01",
    ),
    batches.Release(reason="本周运力不足"),
    batches.ReturnAsked(reason="该片区三周未投放，请退回改派"),
    stock.PrintRunDelivery(move_id=_id(13), copies=59_500, variance_reason="印厂少交五百册"),
    stock.NewWaybill(waybill_id=_id(14), outlet_code="YC-EXP-01", copies=1000, bundle_codes=["HB1-0001"]),
    stock.WaybillReceipt(
        move_id=_id(15), received_copies=950, variance_reason="少一捆", missing_bundle_codes=["HB1-0001-03"]
    ),
    stock.NewMoves(moves=[_MOVE]),
    stock.NewStockCount(
        move_id=_id(16), campaign_id=_CAMPAIGN, material_code="LEAFLET-1",
        holder=stock.HolderCode(kind="outlet", code="YC-EXP-01"), counted_copies=412, reason="月末盘点",
    ),
    stock.NewReversal(move_id=_id(17), reason="交接对象填错"),
    # handouts
    handouts.SyncRequest(
        records=[
            _RECORDED,
            handouts.Visit(
                id=_id(18), campaign_id=_CAMPAIGN, result="nobody_reached", visits=3, visited_at=_TEN_O_CLOCK,
                zone_id=_ZONE,
            ),
            handouts.Correction(id=_id(19), corrects_id=_HANDOUT, reason="按错了", corrected_at=_TEN_O_CLOCK),
        ],
        rider_id=_id(8),
    ),
    handouts.ReportRequest(campaign_id=_CAMPAIGN, records=[_REPORTED]),
    handouts.CorrectionRequest(source_id="YC-CORR-0020", reason="多报了二十册", copies=20),
    handouts.ReportedCorrection(
        source_id="YC-CORR-0021", corrects_source_id="YC-2027-04-20-0017", reason="多报了二十册", copies=20
    ),
    refused_handouts.Dismissal(handout_ids=[_HANDOUT]),
    refused_handouts.ChosenRefused(handout_ids=[_HANDOUT]),
    refused_handouts.Withdrawal(handout_ids=[_HANDOUT]),
    # flags and spot checks
    flags.RaiseFlags(week_starts_on=date(2027, 4, 12)),
    flags.NewFlagAnswer(text="当天在社区活动现场固定摊位发放"),
    flags.NewFlagOpinion(opinion_id=_id(21), decision="explained", reason="活动通知可以佐证"),
    checks.NewSpotCheck(spot_check_id=_id(22), zone_code="990102001", sample=40, clusters=8, seed=20270420),
    checks.NewSpotCheckResult(result_id=_id(23), number=1, asked=5, have=3, read_and_remembered=2),
    # privacy
    privacy.NewPrivacyNotice(
        version=3,
        text_zh="我们只记录您发放的份数、时间和所在的地图格，不记录位置坐标，也不记录居民的任何信息。",
        text_en="We record how many copies you handed out, when, and in which map cell; no coordinates, and nothing "
        "about residents.",
    ),
    privacy.ConsentAnswer(consent_id=_id(24), purpose="taking_part", given=True, version=2),
)  # fmt: skip
