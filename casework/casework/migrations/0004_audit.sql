-- The audit of who read citizens' words. In a schema of its own, in which nobody but the owner may write: rows are made
-- by the two functions below alone. Each row's hash covers the row as it stands there, byte by byte, and the hash before.
create schema audit;

-- One chain for each unit and day, so that only colleagues wait for each other. `anchored`: how many of its entries the
-- anchors know.
create table audit.chain (
    chain text collate "C" primary key,
    entries bigint not null,
    hash bytea not null,
    anchored bigint not null default 0
);
create index chain_to_anchor on audit.chain (chain) where anchored < entries;

-- The columns that are generated are for finding; what is true stands in `record`.
create table audit.entry (
    chain text collate "C" not null,
    number bigint not null,
    record text not null,
    hash bytea not null,
    officer text generated always as (record::jsonb ->> 'officer') stored,
    report_id uuid generated always as ((record::jsonb ->> 'report_id')::uuid) stored,
    primary key (chain, number)
);
create index entry_of_officer on audit.entry (officer, chain, number);
create index entry_of_report on audit.entry (report_id, chain, number) where report_id is not null;

-- A chain of the chains: how far each one had come. What is cut off the end of a chain, or a whole chain that is gone,
-- is missing here; what is cut off here is missing in the log of the service, which tells each anchor.
create table audit.anchor (
    number bigint primary key,
    record text not null,
    hash bytea not null
);

create function audit.is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only';
end
$$;
create trigger append_only before update or delete or truncate on audit.entry
    for each statement execute function audit.is_append_only();
create trigger append_only before update or delete or truncate on audit.anchor
    for each statement execute function audit.is_append_only();
create trigger append_only before delete or truncate on audit.chain
    for each statement execute function audit.is_append_only();

create function audit.instant(at timestamptz) returns text language sql stable as $$
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Adds entries to the chain of the unit of whoever is asking, each with who that is and when: an entry names nobody else.
create function audit.append(given jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    who jsonb := jsonb_build_object(
        'officer', nullif(current_setting('kmzb.subject', true), ''),
        'role', nullif(current_setting('kmzb.role', true), ''),
        'garrison', nullif(current_setting('kmzb.garrison', true), ''),
        'unit', nullif(current_setting('kmzb.unit', true), '')
    );
    name text := concat_ws('/', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD'),
        coalesce(who ->> 'garrison', '-'), coalesce(who ->> 'unit', '-'));
    reached bigint;
    last bytea;
    text_of text;
    one jsonb;
begin
    if who ->> 'officer' is null or who ->> 'role' is null then
        raise exception 'nobody has said who reads';
    end if;
    insert into audit.chain (chain, entries, hash) values (name, 0, '') on conflict do nothing;
    select entries, hash into strict reached, last from audit.chain where chain = name for update;
    for one in select value from jsonb_array_elements(given) loop
        reached := reached + 1;
        text_of := (one || who || jsonb_build_object(
            'chain', name, 'number', reached, 'at', audit.instant(clock_timestamp())
        ))::text;
        last := sha256(last || convert_to(text_of, 'UTF8'));
        insert into audit.entry (chain, number, record, hash) values (name, reached, text_of, last);
    end loop;
    update audit.chain set entries = reached, hash = last where chain = name;
end
$$;

-- Notes how far the chains have come that went on since the last anchor; gives the newest one, if there is any.
create function audit.append_anchor() returns table (number bigint, hash bytea)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    heads jsonb;
    reached bigint;
    last bytea;
    text_of text;
begin
    perform pg_advisory_xact_lock(hashtext('audit.anchor'));
    with moved as (
        update audit.chain set anchored = entries where anchored < entries
        returning chain.chain, chain.entries, chain.hash
    )
    select jsonb_object_agg(moved.chain, jsonb_build_array(moved.entries, encode(moved.hash, 'hex')))
    into heads from moved;
    select anchor.number, anchor.hash into reached, last from audit.anchor order by anchor.number desc limit 1;
    if heads is not null then
        reached := coalesce(reached, 0) + 1;
        text_of := jsonb_build_object(
            'number', reached, 'at', audit.instant(clock_timestamp()), 'heads', heads
        )::text;
        last := sha256(coalesce(last, '') || convert_to(text_of, 'UTF8'));
        insert into audit.anchor (number, record, hash) values (reached, text_of, last);
    end if;
    return query select reached, last where reached is not null;
end
$$;

revoke execute on all functions in schema audit from public;
grant usage on schema audit to kmzb_casework, kmzb_casework_api;
grant execute on function audit.append to kmzb_casework_api;
grant execute on function audit.append_anchor to kmzb_casework;
grant select on audit.chain, audit.entry, audit.anchor to kmzb_casework;
