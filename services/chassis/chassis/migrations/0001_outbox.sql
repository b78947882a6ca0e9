-- What the service says and the log does not have yet. Rows go in the transaction of the change they tell of, and are
-- deleted, never marked, once the log acknowledged them: a cursor over pos would lose rows that commit late.
create table outbox (
    pos bigint generated always as identity primary key,
    topic text not null,
    key bytea not null,
    header_names text[] not null,
    header_values bytea[] not null,
    value bytea,
    created_at timestamptz not null default now()
);

-- Keys whose event could not be used: what follows on the same topic is set aside too, so that order is kept.
create table blocked (
    topic text not null,
    key_sha256 bytea not null, -- a key may be anything and of any length
    key text not null, -- as people are shown it
    reason text not null,
    since timestamptz not null default now(),
    primary key (topic, key_sha256)
);
