-- What the log says of a report, in whichever order it says it. Its row is also the lock under which everything the
-- consumers hear of a report is put in one order: two of them can't both miss what the other has not committed.
create table report (
    report_id uuid primary key,
    category text,
    longitude double precision,
    latitude double precision,
    submitted_at timestamptz,
    occurred_at timestamptz,
    weekdays smallint[],
    time_of_day text,
    emergency_like boolean,
    continues uuid,
    routed boolean,
    garrison text,
    unit text,
    unit_name text,
    station text,
    beat text,
    district text,
    boundary_version text
);

-- Those of which only follow-ups are known: most never were.
create index report_unknown on report (report_id) where submitted_at is null and routed is null;

-- The case numbers that are taken, whether their case is there yet or not.
create table claimed_number (
    number text primary key
);

create table cases (
    report_id uuid primary key,
    -- Compared byte by byte, so that the numbers that begin with something are one range of its index.
    number text collate "C" not null unique,
    version integer not null check (version >= 1),
    status text not null check (
        status in ('new', 'verification', 'confirmed', 'unconfirmed', 'referred', 'eliminated', 'rejected')
    ),
    round integer not null check (round >= 1),
    category text not null,
    longitude double precision not null,
    latitude double precision not null,
    garrison text not null,
    unit text not null,
    unit_name text not null,
    station text,
    beat text,
    district text,
    supporters integer not null check (supporters >= 0),
    submitted_at timestamptz not null,
    changed_at timestamptz not null,
    occurred_at timestamptz,
    weekdays smallint[] not null,
    time_of_day text,
    contested boolean not null default false,
    emergency_like boolean not null default false,
    continues uuid,
    place_pending integer,
    checks integer not null default 0,
    referrals integer not null default 0,
    referral_id uuid,
    agency text,
    acknowledged boolean not null default false,
    executor text,
    task_due_at timestamptz,
    merged_into uuid references cases,
    running_since timestamptz,
    next_due_at timestamptz
);
-- The lists officers open, each read in its order from one of these: a unit's, a garrison's, the country's, newest first;
-- one status of them; the queue; and what a search finds by number (by report it is the primary key).
create index cases_of_unit on cases (unit, garrison, submitted_at desc, report_id desc);
create index cases_of_garrison on cases (garrison, submitted_at desc, report_id desc);
create index cases_of_all on cases (submitted_at desc, report_id desc);
create index cases_of_unit_by_status on cases (unit, garrison, status, submitted_at desc, report_id desc)
    where merged_into is null;
create index cases_of_garrison_by_status on cases (status, garrison, submitted_at desc, report_id desc)
    where merged_into is null;
create index cases_of_all_by_status on cases (status, submitted_at desc, report_id desc) where merged_into is null;
-- The queue: what is contested, or new and reads like an emergency, first, for that is looked at at once, then what is due next, then what has no
-- deadline. A CASE, because row-level security lets no function that might tell what it compares near an index.
create index cases_due_of_unit on cases (unit, garrison, status, (
        case when contested or (emergency_like and status = 'new') then '2000-01-01 00:00:00+00'::timestamptz
            when next_due_at is null then '2099-12-31 00:00:00+00'::timestamptz else next_due_at end
    ), report_id)
    where merged_into is null and (status in ('new', 'verification', 'confirmed', 'referred') or contested);
create index cases_due_of_garrison on cases (garrison, status, (
        case when contested or (emergency_like and status = 'new') then '2000-01-01 00:00:00+00'::timestamptz
            when next_due_at is null then '2099-12-31 00:00:00+00'::timestamptz else next_due_at end
    ), report_id)
    where merged_into is null and (status in ('new', 'verification', 'confirmed', 'referred') or contested);
create index cases_due_of_all on cases (status, (
        case when contested or (emergency_like and status = 'new') then '2000-01-01 00:00:00+00'::timestamptz
            when next_due_at is null then '2099-12-31 00:00:00+00'::timestamptz else next_due_at end
    ), report_id)
    where merged_into is null and (status in ('new', 'verification', 'confirmed', 'referred') or contested);
create index cases_by_category on cases (category, submitted_at desc, report_id desc) where merged_into is null;
-- What is open near a place: the degrees of latitude are narrow, so few others are read.
create index cases_open_near on cases (category, latitude, longitude)
    where merged_into is null and status in ('new', 'verification', 'confirmed', 'referred');
create index cases_of_unit_by_number on cases (unit, garrison, number);
create index cases_of_garrison_by_number on cases (garrison, number);
-- A unit's code tells its garrison. Without knowing it, the planner takes a unit for a seventeenth of itself and sorts all
-- of its cases for a page of them.
create statistics units_and_garrisons (dependencies) on unit, garrison from cases;

-- Append-only. `version` stands on the changes that were published; what was only noted has none. Officers' free text
-- is kept here and nowhere else. `cause` is the id of the event that was heard, so a repeat adds nothing.
create table history (
    entry bigint generated always as identity primary key,
    report_id uuid not null,
    version integer,
    what text not null,
    at timestamptz not null,
    role text not null,
    officer text,
    note text check (length(note) <= 4000),
    detail jsonb not null default '{}',
    cause uuid
);
create unique index history_of_case on history (report_id, version);
create index history_in_order on history (report_id, entry);
create unique index history_once on history (report_id, cause, what) where cause is not null;

create function history_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'history is append-only';
end
$$;
create trigger append_only before update or delete or truncate on history
    for each statement execute function history_is_append_only();

-- The verification card.
create table site_check (
    report_id uuid not null,
    number integer not null check (number >= 1),
    round integer not null,
    checked_at timestamptz not null,
    officer text not null,
    finding text not null check (finding in ('found', 'not_found')),
    note text check (length(note) <= 4000),
    primary key (report_id, number)
);

-- What citizens said after sending: `sender` tells repeats apart, empty where there is one. `applied` once the case
-- knows it.
create table follow_up (
    report_id uuid not null,
    kind text not null check (
        kind in ('ReportSupported', 'ReportContested', 'ReportWithdrawn', 'QuestionAnswered', 'ErasureRequested')
    ),
    sender text not null,
    said_at timestamptz not null,
    cause uuid not null,
    applied boolean not null default false,
    primary key (report_id, kind, sender)
);
create index follow_up_waiting on follow_up (report_id) where not applied;

-- The citizen's words. An erased row stays, empty, so that an older message read again brings nothing back.
create table words (
    report_id uuid primary key,
    description text check (length(description) <= 500),
    photos text[] not null default '{}' check (cardinality(photos) <= 10),
    erased boolean not null default false,
    check (not erased or (description is null and photos = '{}'))
);

-- What citizens wrote with a follow-up, by its id. Gone once the report's words are erased.
create table follow_up_words (
    report_id uuid not null,
    follow_up uuid not null,
    text text not null check (length(text) <= 2000),
    primary key (report_id, follow_up)
);

-- The clocks as the monitor tells them; each column is written by one step, so the order of the steps does not matter.
create table clock (
    report_id uuid not null,
    clock text not null,
    cycle integer not null,
    started_at timestamptz not null,
    due_at timestamptz not null,
    warned boolean not null default false,
    missed boolean not null default false,
    escalated_to text,
    stopped_at timestamptz,
    outcome text,
    withdrawn_from text,
    primary key (report_id, clock, cycle)
);

create table referral (
    referral_id uuid primary key,
    report_id uuid not null,
    number integer not null,
    agency text not null,
    made_at timestamptz not null,
    acknowledged_at timestamptz,
    ended_at timestamptz,
    outcome text,
    responsible_agency text,
    unique (report_id, number)
);

-- Who is asking: set for each transaction. What was never set is null, and what was set before in the session is ''.
-- What Python says of roles, tests/casework/store holds equal.
create function officer_sees(garrison text, unit text) returns boolean language sql stable parallel safe as $$
    select case nullif(current_setting('kmzb.role', true), '')
        when 'headquarters' then true
        when 'garrison' then coalesce(garrison = nullif(current_setting('kmzb.garrison', true), ''), false)
        when 'coordinator' then coalesce(
            garrison = nullif(current_setting('kmzb.garrison', true), '')
            and unit = nullif(current_setting('kmzb.unit', true), ''), false
        )
        when 'beat_officer' then coalesce(
            garrison = nullif(current_setting('kmzb.garrison', true), '')
            and unit = nullif(current_setting('kmzb.unit', true), ''), false
        )
        else false
    end
$$;

-- The citizen's words are for those who work the case, not for those who oversee it.
create function officer_reads_words(garrison text, unit text) returns boolean language sql stable parallel safe as $$
    select officer_sees(garrison, unit) and case nullif(current_setting('kmzb.role', true), '')
        when 'coordinator' then true
        when 'beat_officer' then true
        when 'headquarters' then unit = 'KGP'
        else false
    end
$$;

do $$
declare
    of_case text;
begin
    foreach of_case in array array['cases', 'history', 'site_check', 'follow_up', 'words', 'follow_up_words', 'clock', 'referral'] loop
        execute format('alter table %I enable row level security', of_case);
        execute format('create policy service on %I to kmzb_casework using (true) with check (true)', of_case);
    end loop;
    -- These hang on the case: the inner query is itself under the case's policy.
    foreach of_case in array array['history', 'site_check', 'clock', 'referral'] loop
        execute format(
            'create policy officers on %1$I to kmzb_casework_api'
            ' using (exists (select from cases where cases.report_id = %1$I.report_id))'
            ' with check (exists (select from cases where cases.report_id = %1$I.report_id))',
            of_case
        );
    end loop;
end
$$;
create policy officers on cases to kmzb_casework_api
    using (officer_sees(garrison, unit)) with check (officer_sees(garrison, unit));
create policy officers on words for select to kmzb_casework_api using (
    exists (
        select from cases
        where cases.report_id = words.report_id and officer_reads_words(cases.garrison, cases.unit)
    )
);
create policy officers on follow_up_words for select to kmzb_casework_api using (
    exists (
        select from cases
        where cases.report_id = follow_up_words.report_id and officer_reads_words(cases.garrison, cases.unit)
    )
);

-- Officers change a case's state but not whose it is: that is changed by hand_over alone.
grant usage on schema public to kmzb_casework_api;
grant select on cases, history, site_check, words, follow_up_words, clock, referral, schema_migration to kmzb_casework_api;
grant update (
    version, status, round, category, longitude, latitude, supporters, changed_at, contested, place_pending, checks,
    referrals, referral_id, agency, acknowledged, executor, task_due_at, merged_into, running_since
) on cases to kmzb_casework_api;
grant insert on history, site_check, referral to kmzb_casework_api;
grant update (acknowledged_at, ended_at, outcome) on referral to kmzb_casework_api;
grant insert on outbox to kmzb_casework_api;

-- The officers who bring a case to somebody else: by transfer or by merger.
create function officer_passes_on() returns boolean language sql stable parallel safe as $$
    select coalesce(current_setting('kmzb.role', true) in ('coordinator', 'headquarters'), false)
$$;

-- What follows runs as the owner of the tables, because a case may not leave a policy's sight by a plain update, nor
-- can the surviving case of a merger be seen that is another unit's. Each function asks the policy first, and writes
-- values that were decided in Python, on the version they were decided on. Each gives whether it did.

-- Passes on one case the officer sees, and nothing else of it.
create function hand_over(
    of_report uuid, from_version integer, at timestamptz,
    to_garrison text, to_unit text, to_unit_name text, to_station text, to_beat text, to_district text
) returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update public.cases set
        version = version + 1, changed_at = at, place_pending = null,
        garrison = to_garrison, unit = to_unit, unit_name = to_unit_name,
        station = to_station, beat = to_beat, district = to_district
    where report_id = of_report and version = from_version
      and public.officer_sees(garrison, unit) and public.officer_passes_on();
    return found;
end
$$;

-- Locks a case the officer sees and the one it is to end in (by number or report id, in whosever sight), always in the
-- same order, and gives the second.
create function lock_survivor(ending uuid, surviving text)
returns setof cases language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    chosen uuid;
begin
    if surviving ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        select report_id into chosen from public.cases where report_id = surviving::uuid;
    else
        select report_id into chosen from public.cases where number = upper(surviving);
    end if;
    perform from public.cases where report_id = ending
        and public.officer_sees(garrison, unit) and public.officer_passes_on();
    if not found then
        return;
    end if;
    perform from public.cases where report_id in (ending, chosen) order by report_id for update;
    return query select * from public.cases where report_id = chosen;
end
$$;

-- Adds a case the officer sees to another one: its supporters then, since when it is owed, its history's entry, and the
-- clock whose deadline is earlier by that, if any.
create function absorb(
    ending uuid, survivor uuid, to_supporters integer, since timestamptz, at timestamptz, entry jsonb, earlier jsonb
)
returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    added public.history := jsonb_populate_record(null::public.history, entry);
    due public.clock := jsonb_populate_record(null::public.clock, earlier);
begin
    perform from public.cases where report_id = ending and report_id <> survivor and merged_into is null
        and public.officer_sees(garrison, unit) and public.officer_passes_on();
    if not found then
        return false;
    end if;
    update public.cases set
        supporters = to_supporters, running_since = since, version = version + 1, changed_at = at,
        next_due_at = least(next_due_at, due.due_at)
    where report_id = survivor and version = added.version - 1;
    if not found then
        return false;
    end if;
    insert into public.history (report_id, version, what, at, role, officer, note, detail, cause)
    values (
        survivor, added.version, added.what, added.at, added.role, added.officer, added.note, added.detail, added.cause
    );
    if earlier is not null then
        insert into public.clock as known (report_id, clock, cycle, started_at, due_at)
        values (survivor, due.clock, due.cycle, due.started_at, due.due_at)
        on conflict (report_id, clock, cycle) do update set due_at = least(known.due_at, excluded.due_at);
    end if;
    return true;
end
$$;
revoke execute on function hand_over, lock_survivor, absorb from public;
grant execute on function hand_over, lock_survivor, absorb to kmzb_casework_api;
