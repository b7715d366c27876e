-- What the city's districts are called: by the first six digits of the division codes of their zones. Written by
-- "zones".

create table district (
    city_id int not null references city,
    code text not null,
    name text not null,
    changed_at timestamptz not null,
    constraint district_key primary key (city_id, code),
    constraint district_has_code check (code <> ''),
    constraint district_has_name check (name <> '')
);

-- A zone whose code is a whole division code (twelve digits) lies in that division, although its file did not say so.
update zone set division_code = code where division_code = '' and code ~ '^[0-9]{12}$';
