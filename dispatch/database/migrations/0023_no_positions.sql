-- Precise positions leave the product: no coordinate of a rider is kept any more, and none is taken. What was kept is
-- deleted with its tables, the riders' answers to it with them.

drop table handout_position;
drop table position_agreement;
drop table position_answer;
drop table position_notice;
drop table position_permit;
