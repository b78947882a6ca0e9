-- Which messages were set aside: one that comes again, because its offset was not committed, gets no second letter.
-- A few rows for each thing that ever went wrong, so nothing clears them away.
create table set_aside (
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    written_ms bigint not null,
    primary key (topic, partition, "offset", written_ms)
);
