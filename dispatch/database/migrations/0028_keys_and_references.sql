-- Keys by scope, of a firm or of one outlet, and a partner's own references for what it sends. Written by "identity"
-- and "server".

-- What a key is for is one of these words. A key made before keeps its words, and with them what it could do.
alter table api_key add constraint api_key_scopes_known check
    (scopes <@ array['read', 'report', 'correct', 'read_handouts', 'claims', 'waybills', 'riders', 'capacity']::text[]
     and cardinality(scopes) > 0);
-- Null: the key is the whole firm's.
alter table api_key add outlet_id uuid;
alter table api_key add constraint api_key_outlet
    foreign key (city_id, outlet_id) references outlet (city_id, outlet_id);

-- A partner's own reference for something it sent, and the id it stands for. Kept by the partner and not by the key, so
-- that what is sent again with a renewed key is known. A table of its own: handouts are partitioned by the day inside
-- their id, and the same reference may come again with another day.
create table partner_reference (
    city_id int not null,
    partner_id uuid not null,
    kind text not null constraint partner_reference_kind_known check (kind in
        ('handout', 'correction', 'claim', 'receipt')),
    -- The id itself where the partner made one.
    source_id text not null constraint partner_reference_source_id_visible check
        (source_id ~ '^[!-~\u4e00-\u9fff]{1,64}$'),
    reference_id uuid not null,
    -- Of handouts: their campaign and the day they were handed out, as first sent.
    campaign_id uuid,
    day date,
    made_at timestamptz not null,
    made_by uuid not null,
    constraint partner_reference_key primary key (city_id, partner_id, kind, source_id),
    constraint partner_reference_id_unique unique (city_id, partner_id, kind, reference_id),
    constraint partner_reference_partner foreign key (city_id, partner_id) references partner (city_id, partner_id)
);
