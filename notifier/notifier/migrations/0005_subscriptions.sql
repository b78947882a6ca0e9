-- Who is written to once a day what changed on the map, of a unit or in a box (WGS 84 degrees). The address is sealed, as
-- contacts are; `mailbox` is a keyed hash of it. A row without `confirmed_at` is a question, and goes if nobody says yes.
create table subscription (
    subscription_id uuid primary key,
    mailbox bytea not null,
    sealed text not null,
    language text not null,
    unit text,
    west double precision,
    south double precision,
    east double precision,
    north double precision,
    asked_at timestamptz not null default now(),
    confirmed_at timestamptz,
    -- changes from this hour on were not told yet
    told_until timestamptz,
    -- when there is something to be done: the question, the next digest
    next_at timestamptz not null default now(),
    check ((unit is null) <> (west is null)),
    unique nulls not distinct (mailbox, unit, west, south, east, north)
);
create index subscription_next on subscription (next_at);
create index subscription_asked on subscription (asked_at) where confirmed_at is null;
