-- To which address a desk's urgent messages go and when: the newest roster casework has said. What lies between the times
-- goes by the directory. `times`: [{starts_at, ends_at, email}].
create table roster (
    garrison text not null,
    unit text not null,
    version integer not null,
    times jsonb not null,
    primary key (garrison, unit)
);
create index roster_of_unit on roster (unit);

-- Who is told now. A unit is known here by its code alone, as in the directory: where two garrisons have one of the same
-- code, the directory decides.
create view on_duty as
select roster.unit as recipient, min(time.email) as email
from roster cross join lateral jsonb_to_recordset(times) as time (starts_at timestamptz, ends_at timestamptz, email text)
where time.starts_at <= now() and time.ends_at > now()
    and not exists (select from roster as other where other.unit = roster.unit and other.garrison <> roster.garrison)
group by roster.unit;
