-- What was set aside is forgotten once its dead letter is (90 days, the topic's retention), unless its key is blocked: then
-- nobody has replayed or given it up. Whoever adds a row clears some old ones away, so the table can't grow by itself.
-- Should such a message be read once more after that, it gets a letter again, as it must: the first is gone.
alter table set_aside add column key_sha256 bytea;
alter table set_aside add column since timestamptz not null default now();
create index set_aside_since on set_aside (since);

create function forget_set_aside() returns trigger language plpgsql as $$
begin
    delete from set_aside where ctid = any(array(
        select expired.ctid from set_aside as expired
        where expired.since < now() - interval '90 days' and not exists (
            select from blocked where blocked.topic = expired.topic and blocked.key_sha256 = expired.key_sha256
        )
        order by expired.since limit 1000 for update skip locked
    ));
    return null;
end
$$;
create trigger forget after insert on set_aside for each statement execute function forget_set_aside();
