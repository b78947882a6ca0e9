-- PostGIS is there already: the stack makes the extension, because that takes a superuser.

-- What is known of a report, mostly for the holder of its receipt: one group of columns for each account of it. No
-- place: the public one is in public_report, the true one nowhere here. The events come in any order, so nothing but
-- the key can be required.
create table report (
    report_id uuid primary key,
    -- as it was sent
    submitted_at timestamptz,
    submitted_category text,
    receipt_sha256 text unique,
    -- who answers, as routing says
    routed_place_version integer,
    routed_garrison text,
    routed_unit text,
    routed_unit_name text,
    -- the case, as its newest version says
    version integer,
    status text,
    case_number text,
    category text,
    case_submitted_at timestamptz,
    garrison text,
    unit text,
    unit_name text,
    supporters integer,
    -- the case that goes on for this one
    merged_into uuid,
    merged_into_number text,
    -- how exactly everyone may see the place, in metres: the coarsest of all categories it had
    precision_m integer not null default 0
);

-- The status after each version of a case, and the answer of a version that decided.
create table case_version (
    report_id uuid not null,
    version integer not null,
    status text not null,
    at timestamptz not null,
    checks integer,
    found integer,
    last_check_on date,
    primary key (report_id, version)
);

create table clock (
    report_id uuid not null,
    clock text not null,
    cycle integer not null,
    started_at timestamptz not null,
    due_at timestamptz not null,
    warned boolean not null,
    missed boolean not null,
    escalated_to text,
    stopped_at timestamptz,
    outcome text,
    withdrawn_from text,
    primary key (report_id, clock, cycle)
);

-- What everyone may see, and nothing else: places already shifted, times already to the hour. A row here is a report on
-- the public topic; visible_until is when it leaves the map by itself.
create table public_report (
    report_id uuid primary key,
    version integer not null,
    category text not null,
    status text not null,
    longitude double precision not null,
    latitude double precision not null,
    place geometry(point, 4326) not null
        generated always as (st_setsrid(st_makepoint(longitude, latitude), 4326)) stored,
    submitted_at timestamptz not null,
    changed_at timestamptz not null,
    garrison text not null,
    unit text not null,
    unit_name text not null,
    supporters integer not null,
    visible_until timestamptz,
    -- the place on the Web Mercator square the map is drawn on, 2^32 units wide and high, from its north-west corner
    x bigint not null generated always as (
        least(4294967295, floor((longitude + 180) / 360 * 4294967296)::bigint)) stored,
    y bigint not null generated always as (floor((1 - ln(tan(radians(greatest(-85.05, least(85.05, latitude))))
        + 1 / cos(radians(greatest(-85.05, least(85.05, latitude))))) / pi()) * 2147483648)::bigint) stored
);
create index public_report_place on public_report using gist (place);
create index public_report_changed_at on public_report (changed_at);
create index public_report_category on public_report (category, report_id);
create index public_report_visible_until on public_report (visible_until) where visible_until is not null;
