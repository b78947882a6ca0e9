-- How many public reports each unit has, kept like the cells.
create table unit_count (
    garrison text not null,
    unit text not null,
    category text not null,
    status text not null,
    reports integer not null,
    primary key (garrison, unit, category, status)
);
create index unit_count_unit on unit_count (unit);
create index unit_count_empty on unit_count (reports) where reports = 0;
create index public_report_unit on public_report (unit, changed_at);
create index public_report_garrison on public_report (garrison, changed_at);

create function count_units() returns trigger language plpgsql as $$
begin
    if tg_op <> 'DELETE' then
        insert into unit_count as known select garrison, unit, category, status, count(*) from new_rows
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
        on conflict (garrison, unit, category, status) do update set reports = known.reports + excluded.reports;
    end if;
    if tg_op <> 'INSERT' then
        insert into unit_count as known select garrison, unit, category, status, -count(*) from old_rows
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
        on conflict (garrison, unit, category, status) do update set reports = known.reports + excluded.reports;
    end if;
    delete from unit_count where reports = 0;
    return null;
end $$;
create trigger count_units_inserted after insert on public_report
    referencing new table as new_rows for each statement execute function count_units();
create trigger count_units_updated after update on public_report
    referencing old table as old_rows new table as new_rows for each statement execute function count_units();
create trigger count_units_deleted after delete on public_report
    referencing old table as old_rows for each statement execute function count_units();

-- How long reports of the categories that are always public took, in what everyone could see: hours of the clock from
-- the submission to the take-up, and from there to the decision. The place is a tile of zoom 10, some 24 km wide.
create table handling (
    report_id uuid primary key,
    garrison text not null,
    unit text not null,
    tile_x integer,
    tile_y integer,
    -- in which it was submitted
    month date not null,
    take_up_hours integer,
    take_up_in_time boolean,
    decision_hours integer,
    decision_in_time boolean
);

create table handling_count (
    garrison text not null,
    unit text not null,
    tile_x integer,
    tile_y integer,
    month date not null,
    measure text not null,
    hours integer not null,
    in_time boolean,
    reports integer not null,
    unique nulls not distinct (garrison, unit, tile_x, tile_y, month, measure, hours, in_time)
);
create index handling_count_unit on handling_count (unit, month) include (measure, hours, in_time, reports);
create index handling_count_tile on handling_count (tile_x, tile_y, month);
create index handling_count_empty on handling_count (reports) where reports = 0;

create type handled_report as (
    number integer, garrison text, unit text, tile_x integer, tile_y integer, month date,
    measure text, hours integer, in_time boolean
);

create function count_handlings() returns trigger language plpgsql as $$
declare
    changed handled_report[];
    gone handled_report[];
begin
    if tg_op <> 'DELETE' then
        select array_agg(row(1, garrison, unit, tile_x, tile_y, month, measure, hours, in_time)::handled_report)
        into changed from new_rows, lateral (values ('take_up', take_up_hours, take_up_in_time),
            ('decision', decision_hours, decision_in_time)) as timed (measure, hours, in_time) where hours is not null;
    end if;
    if tg_op <> 'INSERT' then
        select array_agg(row(-1, garrison, unit, tile_x, tile_y, month, measure, hours, in_time)::handled_report)
        into gone from old_rows, lateral (values ('take_up', take_up_hours, take_up_in_time),
            ('decision', decision_hours, decision_in_time)) as timed (measure, hours, in_time) where hours is not null;
    end if;
    insert into handling_count as known
    select garrison, unit, tile_x, tile_y, month, measure, hours, in_time, sum(number) from unnest(changed || gone)
    group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(number) <> 0 order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (garrison, unit, tile_x, tile_y, month, measure, hours, in_time)
        do update set reports = known.reports + excluded.reports;
    delete from handling_count where reports = 0;
    return null;
end $$;
create trigger lock_counts before insert or update or delete on handling
    for each statement execute function lock_clusters();
create trigger count_inserted after insert on handling
    referencing new table as new_rows for each statement execute function count_handlings();
create trigger count_updated after update on handling
    referencing old table as old_rows new table as new_rows for each statement execute function count_handlings();
create trigger count_deleted after delete on handling
    referencing old table as old_rows for each statement execute function count_handlings();
