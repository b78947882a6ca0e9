-- What is known of a report beside its clocks: who answers for it, and how far its case has been read.
create table report (
    report_id uuid primary key,
    -- The last version of the case that took effect; 0 while there is no case.
    version integer not null default 0,
    -- The version of the place that was routed last; -1 while none was. The case wins over routing.
    place_version integer not null default -1,
    -- null: nobody is known, so headquarters answers.
    owner jsonb,
    garrison text not null generated always as (coalesce(owner ->> 'garrison', 'KGP')) stored
) with (fillfactor = 90);

-- One run of a clock, the nth of its kind. A start or a stop that was not read yet is null.
create table clock (
    report_id uuid not null references report,
    clock text not null,
    cycle integer not null,
    started_at timestamptz,
    due_at timestamptz,
    -- The version of the terms it started under, and keeps.
    terms text,
    stopped_at timestamptz,
    -- Whether it stopped because its case ended in another one.
    merged boolean not null default false,
    outcome text check (outcome in ('met', 'missed', 'merged')),
    -- The steps that are published, each once, and the time each was published with.
    fired_steps text[] not null default '{}',
    fired_at timestamptz[] not null default '{}',
    -- When the next step fires if nothing stops the clock before; null when none is left, or while the case has a gap.
    next_at timestamptz,
    primary key (report_id, clock, cycle),
    check (cardinality(fired_steps) = cardinality(fired_at)),
    check ((started_at is null) = (due_at is null) and (started_at is null) = (terms is null)),
    check (next_at is null or (started_at is not null and stopped_at is null))
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02);

create index clock_next on clock (next_at) where next_at is not null;
create index clock_open on clock (report_id) where started_at is not null and stopped_at is null;

-- Changes of a case read before an earlier one; they take effect once the gap is closed.
create table parked (
    report_id uuid not null references report,
    version integer not null,
    type text not null,
    body text not null,
    since timestamptz not null default now(),
    primary key (report_id, version)
);

-- What each service whose events stop clocks has said of its outbox: everything it committed until then, by its own
-- database's clock, is on the log. `silence` is how long the monitor has listened since that last advanced; the time in
-- which nobody could speak or listen, because the brokers were away, does not count. `listened_at` is the last time.
create table progress (
    service text primary key,
    published_until timestamptz,
    silence interval not null default '0',
    listened_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Everything that was on a partition at its watermark (this database's clock) has taken effect here. What had been said
-- in `progress` when its end was looked at stands beside it.
create table partition_watermark (
    topic text not null,
    partition integer not null,
    watermark timestamptz not null,
    published_until timestamptz,
    primary key (topic, partition)
) with (fillfactor = 50);
