"""The database itself refuses a row that breaks a rule, whatever the program does: every check and every key.

Each line of the two tables is a rule: a change of a valid row that is refused by the constraint named, and the nearest one
that is taken. test_catalogue.py sees to it that no constraint is left out.
"""

from typing import Any, NamedTuple, cast

import asyncpg
import pytest

from tests.database.one_of_each import LAST_RESULT, one_of_each
from tests.make import Make


class Check(NamedTuple):
    """A check: `update {table} set {refused}` is refused by it, `set {taken}` is not."""

    constraint: str
    table: str
    refused: str
    taken: str


class Repeated(NamedTuple):
    """A key: the row again, with `again` changed, is refused by it; with `other` changed as well it is taken."""

    constraint: str
    table: str
    again: dict[str, Any]
    other: dict[str, Any]
    row: str | None = None


# The row that is changed or repeated, where one_of_each makes several that differ.
ROWS = {
    "account": "oidc_subject is not null",
    "stock_balance": "holder_kind = 'depot'",
    "stock_move": "kind = 'transfer'",
    "spot_check_result": "replaces_id is null",
}

NEW = "00000000-0000-0000-0000-000000000009"
SOME = "'00000000-0000-0000-0000-000000000001'"
TIME = "'2027-04-20T02:00:00Z'"

CHECKS = [
    # ground
    Check("city_datum_known", "city", "datum = 'mars'", "datum = 'cgcs2000'"),
    Check("zone_households_not_negative", "zone", "households = -1", "households = 0"),
    Check("zone_population_not_negative", "zone", "population = -1", "population = 0"),
    Check("zone_area_positive", "zone", "area_square_metres = 0", "area_square_metres = 0.1"),
    Check("zone_cell_households_not_negative", "zone_cell", "households = -1", "households = 0"),
    Check("incident_count_month_starts_on_first", "incident_count", "month = '2027-03-02'", "month = '2027-02-01'"),
    Check("incident_count_not_negative", "incident_count", "incidents = -1", "incidents = 0"),
    Check("district_has_code", "district", "code = ''", "code = '990109'"),
    Check("district_has_name", "district", "name = ''", "name = '西湖区'"),
    # people
    Check("partner_kind_known", "partner", "kind = 'army'", "kind = 'property'"),
    Check("account_role_known", "account", "role = 'guest'", "role = 'auditor'"),
    Check("account_scope_fits_role", "account", "division_code = '9901' where role = 'firm_manager'",
          "division_code = '9901'"),
    Check("account_language_known", "account", "language = 'fr'", "language = 'en'"),
    Check("session_has_one_subject", "session", "account_id = null", "expires_at = created_at"),
    Check("session_method_known", "session", "method = 'card'", "method = 'oidc'"),
    Check("session_idle_not_negative", "session", "idle_seconds = -1", "idle_seconds = 0"),
    Check("api_key_scopes_known", "api_key", "scopes = '{read,everything}'", "scopes = '{read,riders}'"),
    Check("api_key_scopes_known", "api_key", "scopes = '{}'", "scopes = '{capacity}'"),
    Check("partner_reference_kind_known", "partner_reference", "kind = 'letter'", "kind = 'receipt'"),
    Check("partner_reference_source_id_visible", "partner_reference", "source_id = 'A 1'", "source_id = '单号A_1'"),
    Check("partner_reference_source_id_visible", "partner_reference", "source_id = ''", "source_id = '1'"),
    Check("partner_reference_source_id_visible", "partner_reference", "source_id = repeat('A', 65)",
          "source_id = repeat('A', 64)"),
    Check("sign_in_attempt_kind_known", "sign_in_attempt", "kind = 'guess'", "kind = 'pin_address'"),
    Check("sign_in_attempt_failures_not_negative", "sign_in_attempt", "failures = -1", "failures = 0"),
    Check("sign_in_attempt_locks_not_negative", "sign_in_attempt", "locks = -1", "locks = 1"),
    Check("privacy_notice_version_positive", "privacy_notice", "version = 0", "version = 1"),
    Check("privacy_notice_has_text", "privacy_notice", "text_zh = ''", "text_zh = '-'"),
    Check("privacy_consent_purpose_known", "privacy_consent", "purpose = 'advertising'", "purpose = 'location'"),
    Check("audit_entry_kind_known", "audit_entry", "kind = 'gossip'", "kind = 'upkeep'"),
    Check("audit_seal_position_positive", "audit_seal", "position = 0", "position = 2"),
    Check("upkeep_run_held_after_begin", "upkeep_run", "held_until = begun_at - interval '1 second'",
          "held_until = begun_at"),
    Check("audit_head_not_before_anchor", "audit_head", "anchor_position = 2", "anchor_position = 1"),
    # campaigns
    Check("campaign_target_is_a_share", "campaign", "target_reach = 0", "target_reach = 1"),
    Check("campaign_target_is_a_share", "campaign", "target_reach = 1.01", "target_reach = 0.01"),
    Check("campaign_status_known", "campaign", "status = 'paused'", "status = 'draft'"),
    Check("campaign_rider_idle_hours_in_a_month", "campaign", "rider_idle_hours = 721", "rider_idle_hours = 720"),
    Check("city_centre_name_not_empty", "city", "centre_name = ''", "centre_name = '反诈中心'"),
    Check("city_centre_phone_not_empty", "city", "centre_phone = ''", "centre_phone = '96110'"),
    Check("campaign_retention_positive", "campaign", "retention_days = 0", "retention_days = 1"),
    Check("campaign_dates_in_order", "campaign", "ends_on = starts_on - 1", "ends_on = starts_on"),
    Check("campaign_closed_has_time", "campaign", "status = 'closed'", f"status = 'closed', closed_at = {TIME}"),
    Check("campaign_closed_has_time", "campaign", f"closed_at = {TIME}", "status = 'open'"),
    Check("wave_number_positive", "wave", "number = 0", "number = 2"),
    Check("wave_planned_share_is_a_share", "wave", "planned_share = -0.01", "planned_share = 0"),
    Check("wave_planned_share_is_a_share", "wave", "planned_share = 1.01", "planned_share = 1"),
    Check("wave_dates_in_order", "wave", "ends_on = starts_on - 1", "ends_on = starts_on"),
    Check("material_kind_known", "material", "kind = 'novel'", "kind = 'letter'"),
    Check("material_channels_known", "material", "channels = '{by_drone}'", "channels = '{placed,home_visit}'"),
    Check("material_channels_known", "material", "channels = '{}'", "channels = '{with_meal}'"),
    Check("material_bundle_positive", "material", "bundle_copies = 0", "bundle_copies = 1"),
    Check("material_carton_holds_whole_bundles", "material", "carton_copies = 75", "carton_copies = 50"),
    Check("material_carton_holds_whole_bundles", "material", "carton_copies = 0", "carton_copies = 100"),
    Check("print_run_copies_positive", "print_run", "copies = 0", "copies = 1"),
    Check("invitation_status_known", "invitation", "status = 'ordered'", "status = 'declined'"),
    Check("capacity_week_starts_on_monday", "capacity", "week_starts_on = '2027-04-20'", "week_starts_on = '2027-04-26'"),
    Check("capacity_not_negative", "capacity", "copies = -1", "copies = 0"),
    Check("capacity_told_by_somebody", "capacity", f"entered_by = {SOME}",
          f"entered_by = {SOME}, told_by = '王经理', told_on = '2027-04-19'"),
    # plans, batches, claims
    Check("allocation_status_known", "allocation", "status = 'maybe', approved_at = null, approved_by = null",
          "status = 'dropped', approved_at = null, approved_by = null"),
    Check("allocation_copies_positive", "allocation", "copies = 0", "copies = 1"),
    Check("allocation_revision_not_negative", "allocation", "revision = -1", "revision = 0"),
    Check("allocation_approved_by_somebody", "allocation", "approved_by = null", f"approved_by = {SOME}"),
    Check("allocation_approved_by_somebody", "allocation", "status = 'draft'",
          "status = 'draft', approved_at = null, approved_by = null"),
    Check("allocation_line_not_negative", "allocation_line", "copies = -1, proposed_copies = -1", "copies = 0, proposed_copies = 0"),
    Check("allocation_line_proposal_not_negative", "allocation_line",
          f"proposed_copies = -1, changed_by = {SOME}, change_reason = '所里要求'",
          f"proposed_copies = 0, changed_by = {SOME}, change_reason = '所里要求'"),
    Check("allocation_line_change_has_reason", "allocation_line", f"copies = 0, changed_by = {SOME}, change_reason = ''",
          f"copies = 0, changed_by = {SOME}, change_reason = '所里要求'"),
    Check("allocation_line_change_has_reason", "allocation_line", "copies = 0, change_reason = '所里要求'",
          "change_reason = '所里要求'"),
    Check("allocation_line_withdrawal_not_negative", "allocation_line",
          "withdrawn_copies = -1, copies = proposed_copies + 1", "withdrawn_copies = 1, copies = proposed_copies - 1"),
    Check("batch_copies_positive", "batch", "copies = 0", "copies = 1"),
    Check("batch_unreached_not_negative", "batch", "unreached_households = -1", "unreached_households = 0"),
    Check("batch_withdraws_what_it_has", "batch",
          f"withdrawn_copies = copies + 1, withdrawn_at = {TIME}, withdrawn_by = {SOME}, withdrawn_reason = '改派'",
          f"withdrawn_copies = copies, withdrawn_at = {TIME}, withdrawn_by = {SOME}, withdrawn_reason = '改派'"),
    Check("batch_withdrawn_by_somebody", "batch", "withdrawn_copies = 1",
          f"withdrawn_copies = 1, withdrawn_at = {TIME}, withdrawn_by = {SOME}, withdrawn_reason = '改派'"),
    Check("claim_return_asked_by_somebody", "claim", f"return_asked_at = {TIME}",
          f"return_asked_at = {TIME}, return_asked_by = {SOME}, return_asked_reason = '三周未投放'"),
    Check("claim_copies_positive", "claim", "copies = 0", "copies = 1"),
    Check("claim_status_known", "claim", f"status = 'lost', ended_at = {TIME}", f"status = 'expired', ended_at = {TIME}"),
    Check("claim_ends_when_not_held", "claim", "status = 'released'", f"status = 'released', ended_at = {TIME}"),
    Check("claim_ends_when_not_held", "claim", f"ended_at = {TIME}", "assigned = true"),
    # stock
    Check("waybill_copies_positive", "waybill", "copies = 0", "copies = 1"),
    Check("waybill_received_not_negative", "waybill",
          f"received_copies = -1, variance_reason = '少', received_at = {TIME}, received_by = {SOME}",
          f"received_copies = 0, variance_reason = '少', received_at = {TIME}, received_by = {SOME}"),
    Check("waybill_variance_has_reason", "waybill",
          f"received_copies = 499, variance_reason = '', received_at = {TIME}, received_by = {SOME}",
          f"received_copies = 500, variance_reason = '', received_at = {TIME}, received_by = {SOME}"),
    Check("waybill_received_by_somebody", "waybill", f"received_copies = 500, received_at = {TIME}",
          f"received_copies = 500, received_at = {TIME}, received_by = {SOME}"),
    Check("stock_move_kind_known", "stock_move", "kind = 'gift'", "kind = 'return'"),
    Check("stock_move_copies_positive", "stock_move", "copies = 0", "copies = 1"),
    Check("stock_move_goes_somewhere", "stock_move", "to_kind = from_kind, to_id = from_id", "to_kind = from_kind"),
    Check("stock_move_goes_somewhere", "stock_move", "from_kind = to_kind, from_id = to_id", "from_id = to_id"),
    Check("stock_move_loss_has_reason", "stock_move", "kind = 'write_off'", "kind = 'write_off', reason = '受潮'"),
    Check("stock_move_loss_has_reason", "stock_move", "kind = 'variance'", "kind = 'issue'"),
    Check("stock_move_loss_has_reason", "stock_move", "kind = 'reversal', reversal_of = move_id",
          "kind = 'reversal', reversal_of = move_id, reason = '误记'"),
    Check("stock_move_reversal_names_original", "stock_move", "kind = 'reversal', reason = '误记'",
          "kind = 'reversal', reason = '误记', reversal_of = move_id"),
    Check("stock_move_reversal_names_original", "stock_move", "reversal_of = move_id", "reversal_of = null"),
    Check("stock_balance_holder_known", "stock_balance", "holder_kind = 'thief'", "holder_kind = 'activity'"),
    Check("stock_balance_not_negative", "stock_balance", "quantity = -1", "quantity = 0"),
    Check("stock_balance_not_negative", "stock_balance", "holder_kind = 'outlet' where holder_kind = 'printer'",
          "holder_kind = 'variance' where holder_kind = 'printer'"),
    Check("stock_balance_sealed_not_negative", "stock_balance", "sealed_copies = -1", "sealed_copies = 0"),
    Check("bundle_number_positive", "bundle", "number = 0", "number = 1"),
    Check("bundle_copies_positive", "bundle", "copies = 0", "copies = 1"),
    Check("bundle_holder_known", "bundle", "holder_kind = 'thief'", "holder_kind = 'transit'"),
    # handouts
    Check("handout_holder_known", "handout", "holder_kind = 'depot'", "holder_kind = 'outlet'"),
    Check("handout_channel_known", "handout", "channel = 'by_drone'", "channel = 'home_visit'"),
    Check("handout_answer_known", "handout", "first_copy_answer = 'perhaps'", "first_copy_answer = 'unknown'"),
    Check("handout_copies_not_zero", "handout", "copies = 0", "copies = 1"),
    Check("handout_correction_is_linked", "handout", "copies = -1", f"copies = -1, corrects_id = {SOME}"),
    Check("handout_correction_is_linked", "handout", f"corrects_id = {SOME}", "copies = 2"),
    Check("handout_refused_entry_known", "handout_refused", "entry = 'letter'", "entry = 'correction'"),
    Check("handout_refused_status_known", "handout_refused", f"status = 'lost', settled_at = {TIME}",
          f"status = 'dismissed', settled_at = {TIME}"),
    Check("handout_refused_settled_has_time", "handout_refused", "status = 'recorded_later'",
          f"status = 'recorded_later', settled_at = {TIME}"),
    Check("handout_refused_settled_has_time", "handout_refused", f"settled_at = {TIME}", "tries = 2"),
    Check("handout_refused_status_known", "handout_refused", f"status = 'forgotten', settled_at = {TIME}",
          f"status = 'withdrawn', settled_at = {TIME}"),
    Check("handout_refused_holder_known", "handout_refused",
          f"holder_kind = 'depot', holder_id = {SOME}, holder_outlet_id = {SOME}",
          f"holder_kind = 'outlet', holder_id = {SOME}, holder_outlet_id = {SOME}"),
    Check("handout_refused_holder_is_whole", "handout_refused", "holder_kind = 'rider'",
          f"holder_kind = 'rider', holder_id = {SOME}, holder_outlet_id = {SOME}"),
    Check("handout_refused_corrects_has_day", "handout_refused", f"corrects_id = {SOME}",
          f"corrects_id = {SOME}, corrects_day = '2027-04-19'"),
    Check("rider_deactivated_is_inactive", "rider", f"deactivated_at = {TIME}",
          f"active = false, deactivated_at = {TIME}"),
    Check("visit_result_known", "visit", "result = 'invited_in'", "result = 'nobody_reached'"),
    Check("visit_visits_not_zero", "visit", "visits = 0", "visits = 1"),
    Check("visit_correction_is_linked", "visit", "visits = -1", f"visits = -1, corrects_id = {SOME}"),
    Check("visit_correction_is_linked", "visit", f"corrects_id = {SOME}", "visits = 2"),
    Check("zone_visit_tally_result_known", "zone_visit_tally", "result = 'invited_in'", "result = 'nobody_reached'"),
    Check("zone_tally_not_negative", "zone_tally", "copies = -1", "copies = 0"),
    Check("cell_tally_not_negative", "cell_tally", "copies = -1", "copies = 0"),
    Check("cell_tally_in_person_not_negative", "cell_tally", "in_person = -1", "in_person = 0"),
    # spot checks
    Check("spot_check_clusters_fit_sample", "spot_check", "clusters = sample + 1", "clusters = sample"),
    Check("spot_check_clusters_fit_sample", "spot_check", "clusters = 0", "clusters = 1"),
    Check("spot_check_status_known", "spot_check", "status = 'late', closed_at = null, closed_by = null",
          "status = 'open', closed_at = null, closed_by = null"),
    Check("spot_check_closed_by_somebody", "spot_check", "closed_by = null", f"closed_by = {SOME}"),
    Check("spot_check_closed_by_somebody", "spot_check", "status = 'open'",
          "status = 'open', closed_at = null, closed_by = null"),
    Check("spot_check_cluster_number_positive", "spot_check_cluster", "number = 0", "number = 1"),
    Check("spot_check_cluster_households_positive", "spot_check_cluster", "households = 0", "households = 1"),
    Check("spot_check_cluster_planned_positive", "spot_check_cluster", "planned = 0", "planned = 1"),
    Check("spot_check_cluster_direction_known", "spot_check_cluster", "start_direction = 'up'", "start_direction = 'north_west'"),
    Check("spot_check_cluster_first_door_within_interval", "spot_check_cluster", "first_door = 4, door_interval = 3",
          "first_door = 3, door_interval = 3"),
    Check("spot_check_cluster_first_door_within_interval", "spot_check_cluster", "first_door = 0", "first_door = 1"),
    Check("spot_check_result_asked_not_negative", "spot_check_result", "asked = -1, have = 0", "asked = 0, have = 0"),
    Check("spot_check_result_have_not_over_asked", "spot_check_result", "have = asked + 1", "have = asked"),
    Check("spot_check_result_have_not_over_asked", "spot_check_result", "have = -1", "have = 0"),
    Check("spot_check_result_remembered_not_over_have", "spot_check_result", "read_and_remembered = have + 1",
          "read_and_remembered = have"),
    Check("spot_check_result_remembered_not_over_have", "spot_check_result", "read_and_remembered = -1",
          "read_and_remembered = 0"),
    # figures
    Check("reach_estimate_state_a_positive", "reach_estimate_state", "a_median = 0", "a_median = 0.01"),
    Check("reach_estimate_state_a_spread_not_negative", "reach_estimate_state", "a_log_sd = -0.01", "a_log_sd = 0"),
    Check("reach_estimate_level_known", "reach_estimate", "level = 'D'", "level = 'C'"),
    Check("reach_estimate_first_not_over_asked", "reach_estimate", "first_yes = first_asked + 1", "first_yes = first_asked"),
    Check("reach_estimate_have_not_over_sampled", "reach_estimate", "have = sampled + 1", "have = sampled"),
    Check("reach_estimate_in_order", "reach_estimate", "low = -0.01", "low = 0"),
    Check("reach_estimate_in_order", "reach_estimate", "low = 0.21", "low = 0.2"),
    Check("reach_estimate_in_order", "reach_estimate", "high = 0.19", "high = 0.2"),
    Check("reach_estimate_in_order", "reach_estimate", "high = 1.01", "high = 1"),
    Check("area_reach_estimate_level_known", "area_reach_estimate", "level = 'D'", "level = 'A'"),
    Check("area_reach_estimate_in_order", "area_reach_estimate", "low = -0.01", "low = 0"),
    Check("area_reach_estimate_in_order", "area_reach_estimate", "low = 0.21", "low = 0.2"),
    Check("area_reach_estimate_in_order", "area_reach_estimate", "high = 0.19", "high = 0.2"),
    Check("area_reach_estimate_in_order", "area_reach_estimate", "high = 1.01", "high = 1"),
    # questions about a rider's week
    Check("review_flag_week_starts_on_monday", "review_flag", "week_starts_on = '2027-04-20'", "week_starts_on = '2027-04-26'"),
    Check("review_flag_score_not_negative", "review_flag", "score = -0.1", "score = 0"),
    Check("review_flag_status_known", "review_flag", "status = 'guilty'", "status = 'withdrawn'"),
    Check("review_flag_decision_known", "review_flag", f"status = 'decided', decision = 'punished', decided_at = {TIME}",
          f"status = 'decided', decision = 'dismissed', decided_at = {TIME}"),
    Check("review_flag_decided_has_decision", "review_flag", "status = 'decided'",
          f"status = 'decided', decision = 'explained', decided_at = {TIME}"),
    Check("review_flag_decided_has_decision", "review_flag", "status = 'decided', decision = 'explained'", "status = 'answered'"),
    Check("review_flag_rider_answer_has_time", "review_flag", "rider_answer = '加班'",
          f"rider_answer = '加班', rider_answered_at = {TIME}"),
    Check("review_flag_outlet_answer_has_author", "review_flag", f"outlet_answer = '属实', outlet_answered_at = {TIME}",
          f"outlet_answer = '属实', outlet_answered_at = {TIME}, outlet_answered_by = {SOME}"),
    Check("review_flag_opinion_decision_known", "review_flag_opinion", "decision = 'punished'", "decision = 'dismissed'"),
    Check("review_flag_opinion_has_reason", "review_flag_opinion", "reason = ''", "reason = '-'"),
]  # fmt: skip

REPEATED = [
    # codes that people read and write mean one thing each
    Repeated("city_code_unique", "city", {"city_id": 98}, {"code": "98"}),
    Repeated("zone_code_unique", "zone", {"zone_id": NEW}, {"code": "990101999"}),
    Repeated("partner_code_unique", "partner", {"partner_id": NEW}, {"code": "NEW"}),
    Repeated("outlet_code_unique", "outlet", {"outlet_id": NEW}, {"code": "NEW"}),
    Repeated("rider_code_unique", "rider", {"rider_id": NEW}, {"code": "NEW"}),
    Repeated("depot_code_unique", "depot", {"depot_id": NEW}, {"code": "NEW"}),
    Repeated("campaign_code_unique", "campaign", {"campaign_id": NEW}, {"code": "NEW"}),
    Repeated("material_code_unique", "material", {"material_id": NEW}, {"code": "NEW"}),
    Repeated("print_run_code_unique", "print_run", {"print_run_id": NEW}, {"code": "NEW"}),
    Repeated("batch_code_unique", "batch", {"batch_id": NEW}, {"code": "NEW"}),
    Repeated("waybill_code_unique", "waybill", {"waybill_id": NEW}, {"code": "NEW"}),
    Repeated("bundle_code_unique", "bundle", {"bundle_id": NEW, "number": 99}, {"code": "NEW"}),
    Repeated("bundle_number_unique", "bundle", {"bundle_id": NEW, "code": "NEW"}, {"number": 99}),
    # people
    Repeated("account_login_unique", "account", {"account_id": NEW, "oidc_subject": None}, {"login": "zhang2"}),
    Repeated("account_login_in_any_case", "account", {"account_id": NEW, "oidc_subject": None, "login": "ZHANG"}, {"login": "ZHANG2"}),
    Repeated("account_oidc_subject_unique", "account", {"account_id": NEW, "login": "zhang2"}, {"oidc_subject": "https://id.test|2"}),
    Repeated("rider_pin_unique", "rider", {"rider_id": NEW, "code": "NEW"}, {"pin_digest": None},
             row="pin_digest is not null"),
    Repeated("session_id_unique", "session", {"token_hash": "\\x00"}, {"session_id": NEW}),
    Repeated("api_key_id_unique", "api_key", {"key_hash": "\\x00"}, {"api_key_id": NEW}),
    Repeated("partner_reference_id_unique", "partner_reference", {"source_id": "A-2"}, {"reference_id": NEW}),
    Repeated("audit_seal_entry_once", "audit_seal", {"position": 2}, {"entry_id": NEW}),
    # deeds that happen once
    Repeated("claim_one_holder", "claim", {"claim_id": NEW}, {"status": "expired", "ended_at": "2027-04-20T02:00:00Z"}),
    Repeated("stock_move_reversed_once", "stock_move", {"move_id": NEW}, {"kind": "transfer", "reversal_of": None},
             row="reversal_of is not null"),
    Repeated("spot_check_result_first", "spot_check_result", {"result_id": NEW}, {"replaces_id": LAST_RESULT}),
    Repeated("spot_check_result_replaced_once", "spot_check_result", {"result_id": NEW}, {"replaces_id": LAST_RESULT},
             row="replaces_id is not null"),
    Repeated("review_flag_once_a_week", "review_flag", {"flag_id": NEW}, {"week_starts_on": "2027-04-26"}),
]  # fmt: skip


def constraint_of(error: asyncpg.PostgresError) -> str:
    """The constraint a refusal names."""
    return cast("Any", error).constraint_name


async def rows_of(make: Make, table: str) -> list[Any]:
    """All that the table holds, to show that a refusal changed nothing."""
    found = await make.fetch(f"select to_jsonb(t) as row from {table} t")
    return sorted((row["row"] for row in found), key=str)


async def change(make: Make, table: str, change: str) -> str:
    where = "" if " where " in change or table not in ROWS else f" where {ROWS[table]}"
    async with make.database.read() as connection, connection.transaction():
        return await connection.execute(f"update {table} set {change}{where}")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.constraint}: {check.refused}")
async def test_a_row_that_breaks_a_rule_is_refused_and_stays_as_it_was(make: Make, check: Check) -> None:
    await one_of_each(make)
    before = await rows_of(make, check.table)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await change(make, check.table, check.refused)
    assert constraint_of(refused.value) == check.constraint
    assert await rows_of(make, check.table) == before
    done = await change(make, check.table, check.taken)
    assert int(done.removeprefix("UPDATE ")) >= 1


async def again(make: Make, repeated: Repeated, changes: dict[str, Any]) -> None:
    """Insert the row once more, changed."""
    row = repeated.row or ROWS.get(repeated.table, "true")
    async with make.database.read() as connection, connection.transaction():
        await connection.execute(
            f"insert into {repeated.table} select (jsonb_populate_record(t, $1)).* from {repeated.table} t where {row} limit 1",
            changes,
        )


@pytest.mark.parametrize("repeated", REPEATED, ids=lambda repeated: repeated.constraint)
async def test_what_exists_once_is_refused_a_second_time(make: Make, repeated: Repeated) -> None:
    await one_of_each(make)
    before = await rows_of(make, repeated.table)
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await again(make, repeated, repeated.again)
    assert constraint_of(refused.value) == repeated.constraint
    assert await rows_of(make, repeated.table) == before
    await again(make, repeated, repeated.again | repeated.other)
    assert len(await rows_of(make, repeated.table)) == len(before) + 1
