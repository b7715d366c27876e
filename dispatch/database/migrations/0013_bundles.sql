-- Bundles: the sealed packs copies travel in, each with a code of its own. Written by "stock".
-- A hand-out never touches them: whether a pack has been opened follows from the balance of whoever holds it, and is
-- written down when its holder's copies next move.

create table bundle (
    city_id int not null,
    bundle_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    print_run_id uuid not null,
    number int not null constraint bundle_number_positive check (number > 0),
    carton_code text not null,
    code text not null,
    copies int not null constraint bundle_copies_positive check (copies > 0),
    holder_kind text not null constraint bundle_holder_known check (holder_kind in
        ('printer', 'depot', 'transit', 'outlet', 'rider', 'activity', 'written_off', 'variance')),
    holder_id uuid not null,
    -- Null: sealed. An opened bundle stays where it was opened; its copies are loose there.
    opened_at timestamptz,
    constraint bundle_key primary key (city_id, bundle_id),
    constraint bundle_code_unique unique (city_id, campaign_id, code),
    constraint bundle_number_unique unique (city_id, print_run_id, number),
    constraint bundle_print_run foreign key (city_id, print_run_id) references print_run (city_id, print_run_id)
) with (fillfactor = 85);
create index bundle_by_carton on bundle (city_id, campaign_id, carton_code);
create index bundle_by_holder on bundle (city_id, holder_id, holder_kind, material_id, code) where opened_at is null;

-- Which move carried which bundle. Only added to: so is a bundle's whole way read.
create table bundle_move (
    city_id int not null,
    bundle_id uuid not null,
    move_id uuid not null,
    constraint bundle_move_key primary key (city_id, bundle_id, move_id),
    constraint bundle_move_bundle foreign key (city_id, bundle_id) references bundle (city_id, bundle_id),
    constraint bundle_move_move foreign key (city_id, move_id) references stock_move (city_id, move_id)
);
create index bundle_move_by_move on bundle_move (city_id, move_id);

-- Copies of the balance that lie in bundles written down as sealed. A hand-out leaves it alone: what it says beyond the
-- balance is the copies of bundles opened since.
alter table stock_balance add column sealed_copies bigint not null default 0
    constraint stock_balance_sealed_not_negative check (sealed_copies >= 0);
