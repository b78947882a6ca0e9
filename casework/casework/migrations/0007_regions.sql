-- Instances that answer for garrisons of their own (decision 0100).

-- The instance that goes on with the report's case; its words and clocks are not kept here any more.
alter table report add column handed_to text;
-- When words were read: those of reports that are another instance's are forgotten after a while.
alter table words add column since timestamptz not null default now();
alter table follow_up_words add column since timestamptz not null default now();

-- What follows runs as the owner of the tables, as `hand_over` does: for whoever may pass a case on, and for the service.
create function passes_on(of_report uuid) returns boolean language sql stable as $$
    select exists (
        select from public.cases where report_id = of_report and (
            session_user = 'kmzb_casework' or (public.officer_sees(garrison, unit) and public.officer_passes_on())
        )
    )
$$;

-- Whether other cases ended in this one, in whosever sight.
create function others_ended_in(of_report uuid)
returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select public.passes_on(of_report) and exists (select from public.cases where merged_into = of_report)
$$;

-- What citizens said that the case knows, to be told to who goes on with it.
create function follow_ups_to_hand_over(of_report uuid)
returns table (kind text, sender text, said_at timestamptz, cause uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select said.kind, said.sender, said.said_at, said.cause from public.follow_up as said
    where said.report_id = of_report and said.applied and public.passes_on(of_report)
    order by said.said_at, said.cause
$$;

-- The citizen's words, to be said again to who goes on with the case; nobody is shown them by that.
create function words_to_hand_over(of_report uuid)
returns table (follow_up uuid, text text, photos text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select null::uuid, words.description, words.photos from public.words
    where words.report_id = of_report and not words.erased and public.passes_on(of_report)
    union all
    select said.follow_up, said.text, '{}'::text[] from public.follow_up_words as said
    where said.report_id = of_report and public.passes_on(of_report)
$$;

-- Takes a case that another instance goes on with out of this one, from the version its transfer was decided on. Its
-- history stays; an erasure does, too.
create function give_up(of_report uuid, from_version integer, to_instance text)
returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if not public.passes_on(of_report) then
        return false;
    end if;
    delete from public.cases where report_id = of_report and version = from_version;
    if not found then
        return false;
    end if;
    delete from public.clock where report_id = of_report;
    delete from public.words where report_id = of_report and not erased;
    delete from public.follow_up_words where report_id = of_report;
    insert into public.report as known (report_id, handed_to) values (of_report, to_instance)
    on conflict (report_id) do update set handed_to = excluded.handed_to;
    return true;
end
$$;
-- 0.1.0 goes on: it does not know these functions, which are made here.
revoke execute on function others_ended_in, follow_ups_to_hand_over, words_to_hand_over, give_up from public;
grant execute on function others_ended_in, follow_ups_to_hand_over, words_to_hand_over, give_up to kmzb_casework, kmzb_casework_api;
