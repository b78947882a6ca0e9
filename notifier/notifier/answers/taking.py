"""What an agency answers, taken once: noted with the event that carries it to casework, in one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from chassis import outbox
from chassis.postgres import Connection
from contracts.envelope import encode, follows
from contracts.events.referrals import ANSWERS, ReferralAnswer, ReferralClosed, ReferralDeclined
from contracts.topics import AGENCY_ANSWER, NOTIFIER
from contracts.values.checking import check_values

from notifier.store.referrals import AskedReferral, insert_answer

KINDS: Mapping[str, type[ReferralAnswer]] = {kind.__name__: kind for kind in ANSWERS}
"""What can be answered, by name."""
ENDINGS = frozenset({ReferralDeclined.__name__, ReferralClosed.__name__})
"""Answers after which nothing is left to say."""


def read_answer(kind: str, said: Mapping[str, Any]) -> ReferralAnswer:
    """An answer from its fields. Raises KeyError for no kind of one, msgspec.ValidationError that names the field."""
    answer = msgspec.convert(said, KINDS[kind])
    check_values(answer)
    return answer


def take(connection: Connection, referral: AskedReferral, answer: ReferralAnswer, by: str, now: datetime) -> bool:
    """Pass an answer on to casework, as the agency's that was asked; False, and nothing, where it was taken before.

    `by` says which sending of this kind of answer it is: the same one comes once, however often it is sent.
    """
    kind = type(answer).__name__
    answer_id = follows(referral.made.referral_id, f"{by}/{kind}")
    if not insert_answer(connection, answer_id, referral.made.referral_id, kind):
        return False
    passed_on = msgspec.structs.replace(answer, agency=referral.made.agency)
    outbox.append(connection, [encode(passed_on, source=NOTIFIER, at=now, event_id=answer_id, topic=AGENCY_ANSWER)])
    return True


def over(referral: AskedReferral) -> bool:
    """Whether nothing is left to answer: it ended, or the agency ended it here."""
    return referral.ended_at is not None or bool(ENDINGS & referral.answered.keys())


def open_until(referral: AskedReferral, within: timedelta) -> datetime:
    """Until when its link is of use."""
    return referral.made.referred_at + within
