-- Review flags: questions about a rider's week, never verdicts. Written by "flags".

create table review_flag (
    city_id int not null references city,
    flag_id uuid not null,
    campaign_id uuid not null,
    rider_id uuid not null,
    outlet_id uuid not null,
    week_starts_on date not null
        constraint review_flag_week_starts_on_monday check (extract(isodow from week_starts_on) = 1),
    -- Capped sum of the reasons' points. It orders the planner's queue and decides nothing.
    score double precision not null constraint review_flag_score_not_negative check (score >= 0),
    -- [{points, facts: {slug, …}}]: counts, minutes and kilometres, never a cell or a position.
    reasons jsonb not null,
    -- The week's copies confirmed with a cell, by zone, so that a reduced weight can still be applied when the raw records have expired.
    zone_copies jsonb not null,
    -- open → answered → decided; withdrawn: later records answered the question before anybody else did.
    status text not null default 'open'
        constraint review_flag_status_known check (status in ('open', 'answered', 'decided', 'withdrawn')),
    raised_at timestamptz not null,
    changed_at timestamptz not null,
    rider_answer text,
    rider_answered_at timestamptz,
    outlet_answer text,
    outlet_answered_at timestamptz,
    outlet_answered_by uuid,
    decision text constraint review_flag_decision_known check (decision in ('explained', 'reduced_weight', 'dismissed')),
    decided_at timestamptz,
    constraint review_flag_key primary key (city_id, flag_id),
    constraint review_flag_once_a_week unique (city_id, campaign_id, rider_id, week_starts_on),
    constraint review_flag_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint review_flag_rider foreign key (city_id, rider_id) references rider (city_id, rider_id),
    constraint review_flag_outlet foreign key (city_id, outlet_id) references outlet (city_id, outlet_id),
    constraint review_flag_rider_answer_has_time check (num_nonnulls(rider_answer, rider_answered_at) in (0, 2)),
    constraint review_flag_outlet_answer_has_author
        check (num_nonnulls(outlet_answer, outlet_answered_at, outlet_answered_by) in (0, 3)),
    constraint review_flag_decided_has_decision
        check ((status = 'decided') = (decision is not null) and (decision is null) = (decided_at is null))
);
create index review_flag_by_rider on review_flag (city_id, rider_id);

-- What one planner thinks of a flag. Append-only: the newest of each planner counts, and two must agree.
create table review_flag_opinion (
    city_id int not null,
    opinion_id uuid not null,
    flag_id uuid not null,
    account_id uuid not null,
    decision text not null
        constraint review_flag_opinion_decision_known check (decision in ('explained', 'reduced_weight', 'dismissed')),
    reason text not null constraint review_flag_opinion_has_reason check (reason <> ''),
    given_at timestamptz not null,
    constraint review_flag_opinion_key primary key (city_id, opinion_id),
    constraint review_flag_opinion_flag foreign key (city_id, flag_id) references review_flag (city_id, flag_id),
    constraint review_flag_opinion_account foreign key (city_id, account_id) references account (city_id, account_id)
);
create index review_flag_opinion_by_flag on review_flag_opinion (city_id, flag_id, given_at);

-- A week's refusals of one campaign are read together, whatever became of them since.
create index handout_refused_by_campaign on handout_refused (city_id, campaign_id, refused_at);
