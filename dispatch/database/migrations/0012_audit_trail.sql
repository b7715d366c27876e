-- The audit trail: who did what to whom, from where, and what came of it. Written by "audit".
--
-- An entry is written in the transaction of the change it tells of and never touched again; no lock is shared, so that
-- a busy city does not queue behind its own trail. A moment later a sealer gives the new entries of the city their
-- places in a chain: each seal's hash covers the entry, its place and the hash before it.

create table audit_entry (
    city_id int not null,
    entry_id uuid not null,
    at timestamptz not null,
    -- change: committed together with this entry; request: answered, nothing changed; read, export: personal data or a
    -- file left; refusal: asked and not given; command: an operator's; upkeep: what the server did unasked.
    kind text not null constraint audit_entry_kind_known check (kind in
        ('change', 'request', 'read', 'export', 'refusal', 'command', 'upkeep')),
    -- The operation's name, the same as in the contract.
    operation text not null,
    -- done, or the slug of the problem.
    result text not null,
    caller_role text not null,
    caller_id uuid,
    partner_id uuid,
    outlet_id uuid,
    request_id text not null,
    -- Of riders the network only: a volunteer's whereabouts are nobody's business.
    address text not null,
    -- On whom or what, by ids and codes: {"rider_id": "…"}. Never a name, a PIN, a text somebody wrote.
    subject jsonb not null,
    constraint audit_entry_key primary key (city_id, entry_id)
);
create index audit_entry_by_caller on audit_entry (city_id, caller_id, entry_id);

-- Entries that have no seal yet: the sealer's list of work, so that it never has to search.
create table audit_unsealed (
    city_id int not null,
    entry_id uuid not null,
    constraint audit_unsealed_key primary key (city_id, entry_id)
);

create table audit_seal (
    city_id int not null,
    position bigint not null constraint audit_seal_position_positive check (position > 0),
    entry_id uuid not null,
    hash bytea not null,
    constraint audit_seal_key primary key (city_id, position),
    constraint audit_seal_entry_once unique (city_id, entry_id)
);

-- The end of each city's chain, and the lock under which it grows. The signature is made with a key that is not in the
-- database: whoever can write here but does not know it cannot make up a new end.
create table audit_head (
    city_id int not null,
    position bigint not null,
    hash bytea not null,
    signature bytea not null,
    sealed_at timestamptz not null,
    -- Entries are kept for a time. The chain begins after this position, with this hash before the first that is left.
    anchor_position bigint not null,
    anchor_hash bytea not null,
    constraint audit_head_key primary key (city_id),
    constraint audit_head_not_before_anchor check (position >= anchor_position)
);
