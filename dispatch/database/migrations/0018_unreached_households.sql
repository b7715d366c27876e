-- The number in a batch's reason, by itself: so it can be said in any language.
alter table batch add column unreached_households int
    constraint batch_unreached_not_negative check (unreached_households >= 0);
update batch set unreached_households = replace(substring(priority_reason from '^未触达约 ([0-9,]+) 户'), ',', '')::int
where city_id is not null and priority_reason like '未触达约 %';
