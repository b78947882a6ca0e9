-- Who is on duty at a desk, and who stands in for whom: from when to when. A desk is a unit, a garrison (its code stands
-- twice) or headquarters. `version` counts the changes of its roster; its row is the lock under which that is changed.
create table duty_desk (
    garrison text not null,
    unit text not null,
    version integer not null default 0,
    primary key (garrison, unit)
);

create table duty_entry (
    entry_id uuid primary key,
    garrison text not null,
    unit text not null,
    kind text not null check (kind in ('shift', 'deputy')),
    officer text not null check (length(officer) <= 255),
    principal text check (length(principal) <= 255),
    email text check (length(email) <= 254),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    check (ends_at >= starts_at),
    check ((kind = 'deputy') = (principal is not null)),
    foreign key (garrison, unit) references duty_desk
);
create index duty_entry_of_desk on duty_entry (garrison, unit, ends_at);

-- Who changed what of a roster. Append-only.
create table duty_log (
    entry bigint generated always as identity primary key,
    garrison text not null,
    unit text not null,
    at timestamptz not null,
    officer text not null,
    role text not null,
    what text not null check (what in ('added', 'ended', 'removed')),
    detail jsonb not null
);
create index duty_log_of_desk on duty_log (garrison, unit, entry);
create trigger append_only before update or delete or truncate on duty_log
    for each statement execute function history_is_append_only();

-- An alarm: many reports at one place within minutes. `surge_id` is the report in its middle, `told` how far up it went,
-- `escalate_at` when it goes further unless somebody acknowledges it.
create table surge (
    surge_id uuid primary key,
    garrison text not null,
    unit text not null,
    unit_name text not null,
    longitude double precision not null,
    latitude double precision not null,
    reports integer not null check (reports >= 1),
    first_at timestamptz not null,
    last_at timestamptz not null,
    raised_at timestamptz not null,
    told text not null check (told in ('unit', 'garrison', 'headquarters')),
    escalate_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    acknowledged_role text
);
create index surge_by_time on surge (last_at);
create index surge_to_escalate on surge (escalate_at) where escalate_at is not null;
create index surge_open_of_unit on surge (unit, garrison, raised_at);

-- The reports of the last day, as they were submitted: what surges are looked for in, once each (`judged`). Those of a
-- surge stay.
create table recent_report (
    report_id uuid primary key,
    submitted_at timestamptz not null,
    longitude double precision not null,
    latitude double precision not null,
    garrison text not null,
    unit text not null,
    unit_name text not null,
    judged boolean not null default false,
    surge_id uuid references surge
);
create index recent_report_unjudged on recent_report (submitted_at, report_id) where not judged;
create index recent_report_near on recent_report (latitude, submitted_at);
create index recent_report_of_surge on recent_report (surge_id) where surge_id is not null;
create index recent_report_old on recent_report (submitted_at) where surge_id is null;

-- With the case, so that none is missed by whoever looks later; what is old by then is no alarm's affair: a store that is
-- rebuilt from the log raises none for what was years ago.
create function note_recent_reports() returns trigger language plpgsql as $$
begin
    insert into recent_report (report_id, submitted_at, longitude, latitude, garrison, unit, unit_name)
    select report_id, submitted_at, longitude, latitude, garrison, unit, unit_name
    from opened where submitted_at > now() - interval '1 day'
    on conflict do nothing;
    return null;
end
$$;
create trigger note_recent_reports after insert on cases
    referencing new table as opened for each statement execute function note_recent_reports();

-- Who keeps a desk's roster: the coordinator of a unit, garrison and headquarters their own.
create function officer_keeps_roster(garrison text, unit text) returns boolean language sql stable parallel safe as $$
    select officer_sees(garrison, unit) and case nullif(current_setting('kmzb.role', true), '')
        when 'coordinator' then true
        when 'garrison' then unit = garrison
        when 'headquarters' then garrison = 'KGP' and unit = 'KGP'
        else false
    end
$$;

do $$
declare
    of_duty text;
begin
    foreach of_duty in array array['duty_desk', 'duty_entry', 'duty_log', 'surge', 'recent_report'] loop
        execute format('alter table %I enable row level security', of_duty);
        execute format('create policy service on %I to kmzb_casework using (true) with check (true)', of_duty);
        execute format(
            'create policy officers on %I for select to kmzb_casework_api using (officer_sees(garrison, unit))', of_duty
        );
    end loop;
    foreach of_duty in array array['duty_desk', 'duty_entry', 'duty_log'] loop
        execute format(
            'create policy keepers on %I to kmzb_casework_api'
            ' using (officer_keeps_roster(garrison, unit)) with check (officer_keeps_roster(garrison, unit))', of_duty
        );
    end loop;
end
$$;
create policy acknowledging on surge for update to kmzb_casework_api
    using (officer_sees(garrison, unit)) with check (officer_sees(garrison, unit));
grant select on duty_desk, duty_entry, duty_log, surge, recent_report to kmzb_casework_api;
grant insert on duty_desk, duty_entry, duty_log to kmzb_casework_api;
grant update (version) on duty_desk to kmzb_casework_api;
grant update (ends_at) on duty_entry to kmzb_casework_api;
grant delete on duty_entry to kmzb_casework_api;
grant update (escalate_at, acknowledged_at, acknowledged_by, acknowledged_role) on surge to kmzb_casework_api;
