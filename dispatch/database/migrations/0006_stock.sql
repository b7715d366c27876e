-- Money-grade stock. Every movement is one append-only row with both holders; balances are kept in the same
-- transaction. Written by "stock"; "handouts" lowers the balance of the holder it takes copies from, because only a
-- constraint on this one row can promise that nobody ever hands out what he does not hold.

create table waybill (
    city_id int not null,
    waybill_id uuid not null,
    code text not null,
    campaign_id uuid not null,
    claim_id uuid not null,
    material_id uuid not null,
    depot_id uuid not null,
    outlet_id uuid not null,
    copies int not null constraint waybill_copies_positive check (copies > 0),
    received_copies int constraint waybill_received_not_negative check (received_copies >= 0),
    variance_reason text,
    issued_at timestamptz not null,
    issued_by uuid not null,
    received_at timestamptz,
    received_by uuid,
    constraint waybill_key primary key (city_id, waybill_id),
    constraint waybill_code_unique unique (city_id, code),
    constraint waybill_claim foreign key (city_id, claim_id) references claim (city_id, claim_id),
    constraint waybill_depot foreign key (city_id, depot_id) references depot (city_id, depot_id),
    constraint waybill_outlet foreign key (city_id, outlet_id) references outlet (city_id, outlet_id),
    constraint waybill_variance_has_reason check
        (received_copies is null or received_copies = copies or variance_reason <> ''),
    constraint waybill_received_by_somebody check (num_nonnulls(received_copies, received_at, received_by) in (0, 3))
);
create index waybill_by_claim on waybill (city_id, claim_id);
create index waybill_by_outlet on waybill (city_id, outlet_id);

create table stock_move (
    city_id int not null,
    move_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    kind text not null constraint stock_move_kind_known check (kind in
        ('receipt', 'issue', 'acceptance', 'transfer', 'return', 'write_off', 'activity', 'variance', 'reversal')),
    from_kind text not null,
    from_id uuid not null,
    to_kind text not null,
    to_id uuid not null,
    copies int not null constraint stock_move_copies_positive check (copies > 0),
    reason text not null default '',
    print_run_id uuid,
    waybill_id uuid,
    reversal_of uuid,
    moved_at timestamptz not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint stock_move_key primary key (city_id, move_id),
    constraint stock_move_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint stock_move_material foreign key (city_id, material_id) references material (city_id, material_id),
    constraint stock_move_waybill foreign key (city_id, waybill_id) references waybill (city_id, waybill_id),
    constraint stock_move_reverses foreign key (city_id, reversal_of) references stock_move (city_id, move_id),
    constraint stock_move_goes_somewhere check ((from_kind, from_id) <> (to_kind, to_id)),
    constraint stock_move_loss_has_reason check (kind not in ('write_off', 'variance', 'reversal') or reason <> ''),
    constraint stock_move_reversal_names_original check ((kind = 'reversal') = (reversal_of is not null))
);
-- A move is reversed at most once.
create unique index stock_move_reversed_once on stock_move (city_id, reversal_of) where reversal_of is not null;
create index stock_move_by_campaign on stock_move (city_id, campaign_id, recorded_at);
create index stock_move_from on stock_move (city_id, from_id, recorded_at);
create index stock_move_to on stock_move (city_id, to_id, recorded_at);

-- Balance of every holder. printer, variance: the far ends of the ledger, which may be below zero.
create table stock_balance (
    city_id int not null,
    holder_id uuid not null,
    holder_kind text not null constraint stock_balance_holder_known check (holder_kind in
        ('printer', 'depot', 'transit', 'outlet', 'rider', 'activity', 'written_off', 'variance')),
    campaign_id uuid not null,
    material_id uuid not null,
    quantity bigint not null,
    constraint stock_balance_key primary key (city_id, holder_id, holder_kind, campaign_id, material_id),
    constraint stock_balance_material foreign key (city_id, material_id) references material (city_id, material_id),
    constraint stock_balance_not_negative check (quantity >= 0 or holder_kind in ('printer', 'variance'))
) with (fillfactor = 70);
create index stock_balance_by_campaign on stock_balance (city_id, campaign_id, holder_kind, material_id);
