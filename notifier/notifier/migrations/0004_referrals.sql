-- Each referral as its agency was told of it (the JSON of ReferralMade), and how far it is: whoever asks the agency for an
-- answer has to know what it was asked. Which of its changes is read first does not matter.
create table referral (
    referral_id uuid primary key,
    report_id uuid not null,
    agency text not null,
    made text,
    acknowledged_at timestamptz,
    ended_at timestamptz
);

-- What an agency answered here: each answer once, by an id that is made of what it answers and how.
create table referral_answer (
    answer_id uuid primary key,
    referral_id uuid not null references referral,
    kind text not null,
    answered_at timestamptz not null default now()
);
create index referral_answer_referral on referral_answer (referral_id);
