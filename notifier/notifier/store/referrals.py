"""Referrals as agencies were told of them, and what the agencies answered here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from chassis.postgres import Connection, columns
from contracts.events.referrals import ReferralMade

from notifier.domain.details import ReferralState

_MADE = msgspec.json.Decoder(ReferralMade)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReferral:
    """A referral an agency was asked about. `answered`: what it answered here, by the name of the event."""

    made: ReferralMade
    acknowledged_at: datetime | None
    ended_at: datetime | None
    answered: dict[str, datetime]


def upsert_referral_states(connection: Connection, told: Sequence[ReferralState]) -> None:
    """Write what events tell of referrals, in whatever order and however often they come."""
    merged = dict[UUID, ReferralState]()
    for state in told:
        known = merged.get(state.referral_id, state)
        ends = [at for at in (known.ended_at, state.ended_at) if at]
        taken = [at for at in (known.acknowledged_at, state.acknowledged_at) if at]
        merged[state.referral_id] = ReferralState(
            state.referral_id,
            state.report_id,
            state.agency,
            made=known.made or state.made,
            acknowledged_at=min(taken, default=None),
            ended_at=min(ends, default=None),
        )
    if not merged:
        return
    connection.execute(
        "insert into referral (referral_id, report_id, agency, made, acknowledged_at, ended_at)"
        " select * from unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[])"
        " on conflict (referral_id) do update set made = coalesce(referral.made, excluded.made),"
        " acknowledged_at = least(referral.acknowledged_at, excluded.acknowledged_at),"
        " ended_at = least(referral.ended_at, excluded.ended_at)",
        columns(
            (state.referral_id, state.report_id, state.agency)
            + (msgspec.json.encode(state.made).decode() if state.made else None, state.acknowledged_at, state.ended_at)
            for _, state in sorted(merged.items())
        ),
    )


def find_referral(connection: Connection, referral_id: UUID) -> AskedReferral | None:
    """A referral whose agency was told of it, locked until the transaction ends; None for any other."""
    row = connection.execute(
        "select made, acknowledged_at, ended_at from referral where referral_id = %s and made is not null for update",
        (referral_id,),
    ).fetchone()
    if row is None:
        return None
    answers = connection.execute(
        "select kind, min(answered_at) as at from referral_answer where referral_id = %s group by kind", (referral_id,)
    )
    return AskedReferral(
        made=_MADE.decode(row["made"]),
        acknowledged_at=row["acknowledged_at"],
        ended_at=row["ended_at"],
        answered={answer["kind"]: answer["at"] for answer in answers},
    )


def insert_answer(connection: Connection, answer_id: UUID, referral_id: UUID, kind: str) -> bool:
    """Note an answer; whether it is new."""
    inserted = connection.execute(
        "insert into referral_answer (answer_id, referral_id, kind) values (%s, %s, %s)"
        " on conflict do nothing returning answer_id",
        (answer_id, referral_id, kind),
    ).fetchone()
    return inserted is not None
