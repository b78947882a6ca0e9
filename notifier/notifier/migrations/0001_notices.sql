-- What is known of each report, and the contact of its citizen: sealed as it came, decrypted only to write to it.
-- No words, no address. contact_sealed is null where there is no contact or it was erased; contact_erased_at stays, so
-- that an old message does not bring an erased contact back. citizen_notice is the newest one a citizen could be given.
create table report (
    report_id uuid primary key,
    submitted boolean not null default false,
    category text,
    case_number text,
    unit text,
    unit_name text,
    version integer not null default 0,
    closed boolean not null default false,
    verify_by timestamptz,
    citizen_notice text,
    merged_into uuid,
    followed_from integer not null default 0,
    followed_notice text,
    contact_sealed text,
    contact_language text not null default 'pl',
    contact_cause uuid,
    contact_given_at timestamptz,
    contact_confirmed_at timestamptz,
    contact_erased_at timestamptz
);
create index report_merged_into on report (merged_into) where merged_into is not null;
create index report_contact on report (contact_given_at) where contact_sealed is not null;

-- A message to one recipient, once or as often as needed: pending -> sending -> sent | failed | uncertain | cancelled, or
-- pending again. `sending` is committed before the message leaves; a row still sending after its lease was left by a
-- process that died. The id is that of the first notice in it, and goes into the Message-ID.
create table delivery (
    delivery_id uuid primary key,
    channel text not null check (channel in ('email', 'webhook', 'log', 'topic')),
    audience text not null check (audience in ('unit', 'garrison', 'headquarters', 'agency', 'citizen')),
    recipient text,
    report_id uuid,
    kind text not null,
    state text not null default 'pending'
        check (state in ('pending', 'sending', 'sent', 'uncertain', 'failed', 'cancelled')),
    -- 0 a missed deadline, 1 what cannot wait, 2 what can.
    urgency smallint not null default 2 check (urgency between 0 and 2),
    attempt integer not null default 0,
    due_at timestamptz not null default now(),
    lease_until timestamptz,
    -- The attempt that is being made has begun to hand the message over, so it may arrive.
    handed_over boolean not null default false,
    -- The other side took it; what follows from that is written with the rest of the batch.
    accepted boolean not null default false,
    maybe_arrived boolean not null default false,
    -- A keyed hash of the address it was handed over to: no other delivery tells that one of the same step.
    target bytea,
    ended_at timestamptz,
    reason text,
    created_at timestamptz not null default now()
);
create index delivery_due on delivery (channel, urgency, due_at) where state = 'pending';
create index delivery_sending on delivery (lease_until) where state = 'sending';

-- What somebody is notified of, once per cause, recipient and channel. Until it is part of a delivery it may be
-- cancelled: `cancelled` says why.
create table notice (
    notice_id uuid primary key,
    cause uuid not null,
    report_id uuid not null,
    kind text not null,
    audience text not null,
    recipient text,
    channel text not null,
    digest boolean not null,
    version integer not null,
    escalation uuid,
    details text not null,
    due_at timestamptz not null,
    created_at timestamptz not null default now(),
    delivery_id uuid references delivery,
    cancelled text
);
create index notice_waiting on notice (due_at) where delivery_id is null and cancelled is null;
create index notice_digest on notice (channel, audience, recipient, due_at, notice_id)
    where delivery_id is null and cancelled is null and digest;
create index notice_report on notice (report_id);
create index notice_cause on notice (cause);
create index notice_delivery on notice (delivery_id);

-- The recipients one of whose waiting notices is due. Only their notices are looked at then: a pass of the grouping costs
-- what it releases, however much waits.
create view due_digest as
select distinct channel, audience, recipient
from notice
where delivery_id is null and cancelled is null and digest and due_at <= now();

-- Citizens' notices that a newer one overtook, so that they are not sent any more.
create view overtaken as
select notice_id
from notice
where audience = 'citizen' and exists (select from notice as newer
    where newer.report_id = notice.report_id and newer.audience = 'citizen' and newer.version > notice.version);

-- Steps of clocks that nobody is to be notified of any more, also those whose event is still to be read.
create table withdrawn_step (
    step uuid primary key
);

-- "Was this unit notified, when, how?"
create view ledger as
select
    notice.report_id,
    report.case_number,
    notice.kind,
    notice.audience,
    notice.recipient,
    notice.channel,
    notice.created_at as decided_at,
    case when notice.cancelled is not null then 'cancelled' else coalesce(delivery.state, 'waiting') end as state,
    delivery.ended_at,
    coalesce(delivery.attempt, 0) as attempts,
    coalesce(notice.cancelled, delivery.reason) as reason,
    notice.notice_id,
    notice.delivery_id
from notice
left join delivery using (delivery_id)
left join report on report.report_id = notice.report_id;

-- When a mailbox, known by a keyed hash alone, was asked whether we may write to it.
create table question (
    delivery_id uuid primary key,
    report_id uuid not null,
    mailbox bytea not null,
    asked_at timestamptz not null default now()
);
create index question_mailbox on question (mailbox, asked_at);
create index question_asked on question (asked_at);
