-- What was said after sending, for the holder of the receipt alone.

-- What officers wrote to the one who reported with a version of the case: `what` is that change. The change and its words
-- come in any order. An erased row stays, without words, so that an older message read again brings nothing back.
create table letter (
    report_id uuid not null,
    version integer not null,
    what text,
    question integer,
    written_at timestamptz,
    words text check (length(words) <= 2000),
    erased boolean not null default false,
    primary key (report_id, version),
    check (not erased or words is null)
);

-- What the one who reported said, without words: first, and last. `question` is the one that is answered, else 0.
create table said (
    report_id uuid not null,
    what text not null,
    question integer not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (report_id, what, question)
);

-- The days officers were there, of a version that decided.
alter table case_version add column checked_on date[];
