-- Messages of writers with a newer release of the contracts, untouched, until this reader is upgraded and replays them.
-- `written_ms` as in set_aside: a topic that was made anew counts from 0 again.
create table held (
    pos bigint generated always as identity primary key,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    written_ms bigint not null,
    key bytea not null,
    header_names text[] not null,
    header_values bytea[] not null,
    value bytea,
    release text not null,
    since timestamptz not null default now(),
    unique (topic, partition, "offset", written_ms)
);
create index held_by_key on held (topic, sha256(key)); -- a key may be longer than an index takes
