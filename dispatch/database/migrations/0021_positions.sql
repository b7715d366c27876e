-- Precise positions: off unless a planner turned them on for a campaign with a reason, and the rider agreed to that by
-- itself. Written by "positions"; the positions themselves by "handouts", with the hand-out they belong to.

-- Each time positions were on in a campaign: why, for how long each is kept, who turned it on and off.
create table position_permit (
    city_id int not null,
    permit_id uuid not null,
    campaign_id uuid not null,
    reason text not null constraint position_permit_has_reason check (char_length(reason) >= 10),
    keep_days int not null constraint position_permit_keeps_a_month_at_most check (keep_days between 1 and 30),
    given_at timestamptz not null,
    given_by uuid not null,
    -- Null: on.
    ended_at timestamptz,
    ended_by uuid,
    constraint position_permit_key primary key (city_id, permit_id),
    constraint position_permit_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint position_permit_end_has_author check ((ended_at is null) = (ended_by is null))
);
create unique index position_permit_one_open on position_permit (city_id, campaign_id) where ended_at is null;
create index position_permit_by_campaign on position_permit (city_id, campaign_id, given_at);

-- The words riders are asked with. A version that was shown to anybody here stays as it was shown.
create table position_notice (
    city_id int not null references city,
    version int not null constraint position_notice_version_positive check (version > 0),
    text_zh text not null constraint position_notice_has_text check (text_zh <> ''),
    text_en text not null,
    shown_since timestamptz not null,
    constraint position_notice_key primary key (city_id, version)
);

-- Every yes and every no, for good: to one permit, that is to its reason and its days, in one version of the words.
create table position_answer (
    city_id int not null,
    answer_id uuid not null,
    rider_id uuid not null,
    permit_id uuid not null,
    version int not null,
    given boolean not null,
    answered_at timestamptz not null,
    constraint position_answer_key primary key (city_id, answer_id),
    constraint position_answer_rider foreign key (city_id, rider_id) references rider (city_id, rider_id),
    constraint position_answer_permit foreign key (city_id, permit_id) references position_permit (city_id, permit_id),
    constraint position_answer_notice foreign key (city_id, version) references position_notice (city_id, version)
);
create index position_answer_by_rider on position_answer (city_id, rider_id, permit_id);

-- Who agrees now. Whoever records a position holds this row and the permit's until the commit, and whoever withdraws or
-- turns positions off takes the row away before the positions: so none can slip in between.
create table position_agreement (
    city_id int not null,
    permit_id uuid not null,
    rider_id uuid not null,
    version int not null,
    since timestamptz not null,
    constraint position_agreement_key primary key (city_id, permit_id, rider_id),
    constraint position_agreement_permit foreign key (city_id, permit_id) references position_permit (city_id, permit_id)
);
create index position_agreement_by_rider on position_agreement (city_id, rider_id);

-- Where a hand-out was, in the city's datum. Apart from the hand-out, so that nothing else ever reads it along and it goes
-- without a trace. No time but the day. Its numbers have no check: a violated one would write the row into the server's log.
create table handout_position (
    city_id int not null,
    handout_id uuid not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    -- For withdrawing and the rider's own record; no answer to anybody else says it.
    rider_id uuid not null,
    day date not null,
    longitude double precision not null,
    latitude double precision not null,
    accuracy_metres double precision not null,
    erase_at timestamptz not null,
    constraint handout_position_key primary key (city_id, handout_id)
);
create index handout_position_by_zone on handout_position (city_id, campaign_id, zone_id);
create index handout_position_by_rider on handout_position (city_id, rider_id);
create index handout_position_by_end on handout_position (city_id, erase_at);
