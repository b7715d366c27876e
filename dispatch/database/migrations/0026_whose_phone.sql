-- Who asks for a PIN, when it is asked for again, and what failures are counted for. Written by "zones" (city),
-- "campaigns" and "identity".

-- A rider may call and ask whether the page that wants a PIN is ours. Not set: the pages name the city alone.
alter table city add column centre_name text;
alter table city add column centre_phone text;
alter table city add constraint city_centre_name_not_empty check (centre_name <> '');
alter table city add constraint city_centre_phone_not_empty check (centre_phone <> '');

-- After so many idle hours riders type the PIN again while the campaign is open; 0: it does not ask. Until now the
-- server asked each morning, whatever the campaign; nobody had chosen that for a campaign, so those that exist do
-- not ask.
alter table campaign add column rider_idle_hours int not null default 0;
alter table campaign add constraint campaign_rider_idle_hours_in_a_month check (rider_idle_hours between 0 and 720);

-- slip: strangers' devices at one rider's slip; slip_address: one address at it; login_address: one address at a login;
-- desk: a device that an account has signed in with. What was counted until now goes on.
alter table sign_in_attempt drop constraint sign_in_attempt_kind_known;
alter table sign_in_attempt add constraint sign_in_attempt_kind_known check (kind in
    ('login', 'login_address', 'address', 'desk', 'outlet', 'outlet_address', 'slip', 'slip_address', 'pin_address',
     'phone', 'code'));
