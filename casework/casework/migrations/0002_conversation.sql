-- What was asked and said after sending. `questions` counts what the reporter was asked, `answered` what they answered;
-- `upheld_round` is the round whose contested decision was upheld last.
alter table cases
    add column questions integer not null default 0,
    add column answered integer not null default 0,
    add column withdrawn boolean not null default false,
    add column erased boolean not null default false,
    add column upheld_round integer not null default 0;
grant update (questions, upheld_round) on cases to kmzb_casework_api;

-- Which cases ended in one, and which reports go on from a closed one: shown with it.
create index cases_merged on cases (merged_into) where merged_into is not null;
create index cases_continuing on cases (continues) where continues is not null;
