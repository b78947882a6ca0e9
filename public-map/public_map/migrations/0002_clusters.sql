-- How many public reports lie in each cell of the map, by category and status: 16 by 16 cells a tile, for the zooms 5 to
-- 10. `sum_x` and `sum_y` add up their places, so that the mean of a cell is known.
create table cluster (
    zoom smallint not null,
    tile_x integer not null,
    tile_y integer not null,
    -- 16 * row + column within the tile
    cell smallint not null,
    category text not null,
    status text not null,
    reports integer not null,
    sum_x bigint not null,
    sum_y bigint not null,
    primary key (zoom, tile_x, tile_y, cell, category, status)
);
create index cluster_empty on cluster (zoom) where reports = 0;

-- The last transaction that changed anything in a tile of zoom 10: whoever keeps drawn tiles looks here.
create table tile_change (
    tile_x integer not null,
    tile_y integer not null,
    changed_by xid8 not null,
    primary key (tile_x, tile_y)
);
create index tile_change_changed_by on tile_change (changed_by);

create type counted_report as (number integer, category text, status text, x bigint, y bigint);

-- Writers take turns, from before their first row is locked to their commit: the cells of the country are everyone's,
-- and a transaction of several statements could not lock them in one order.
create function lock_clusters() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('clusters'));
    return null;
end $$;

-- What statements add to public_report and take from it is added to the cells and taken from them in the same
-- transaction, a set at a time, whoever wrote the statement.
create function count_clusters() returns trigger language plpgsql as $$
declare
    changed counted_report[];
    gone counted_report[];
begin
    if tg_op <> 'DELETE' then
        select array_agg(row(1, category, status, x, y)::counted_report) into changed from new_rows;
    end if;
    if tg_op <> 'INSERT' then
        select array_agg(row(-1, category, status, x, y)::counted_report) into gone from old_rows;
    end if;
    changed := changed || gone;
    if changed is null then
        return null;
    end if;
    insert into tile_change as known (tile_x, tile_y, changed_by)
    select distinct x >> 22, y >> 22, pg_current_xact_id() from unnest(changed) order by 1, 2
    on conflict (tile_x, tile_y) do update set changed_by = excluded.changed_by;
    insert into cluster as known (zoom, tile_x, tile_y, cell, category, status, reports, sum_x, sum_y)
    select zoom, x >> (32 - zoom), y >> (32 - zoom), ((y >> (28 - zoom)) & 15) * 16 + ((x >> (28 - zoom)) & 15),
        category, status, sum(number), sum(number * x), sum(number * y)
    from unnest(changed), generate_series(5, 10) as zoom
    group by 1, 2, 3, 4, 5, 6
    having sum(number) <> 0 or sum(number * x) <> 0 or sum(number * y) <> 0
    order by 1, 2, 3, 4, 5, 6
    on conflict (zoom, tile_x, tile_y, cell, category, status) do update set
        reports = known.reports + excluded.reports,
        sum_x = known.sum_x + excluded.sum_x,
        sum_y = known.sum_y + excluded.sum_y;
    delete from cluster where reports = 0;
    return null;
end $$;

create trigger lock_counts before insert or update or delete on public_report
    for each statement execute function lock_clusters();
create trigger count_inserted after insert on public_report
    referencing new table as new_rows for each statement execute function count_clusters();
create trigger count_updated after update on public_report
    referencing old table as old_rows new table as new_rows for each statement execute function count_clusters();
create trigger count_deleted after delete on public_report
    referencing old table as old_rows for each statement execute function count_clusters();
