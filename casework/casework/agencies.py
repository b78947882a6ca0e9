"""What other agencies answer to referrals. An answer counts only on the topic of the agency that was asked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.kafka.messages import Received
from chassis.postgres import Connection
from contracts.cases import CaseChange, Role
from contracts.envelope import Unusable
from contracts.referrals import ReferralAcknowledged, ReferralAnswer, ReferralClosed, ReferralDeclined
from contracts.topics import ANSWERS

from casework.changes import acknowledged, after, eliminated, returned
from casework.domain import Case
from casework.history import Made, Noted


def require_asked(connection: Connection, batch: Sequence[Received]) -> None:
    """Raises Unusable for an answer to a referral that was never made to that agency for that report."""
    answers = [(each.event, each.topic) for each in batch if isinstance(each.event, ReferralAnswer)]
    rows = connection.execute(
        "select referral_id, report_id, agency from referral where referral_id = any(%b)",
        ([answer.referral_id for answer, _ in answers],),
    ).fetchall()
    made = {(row["referral_id"], row["report_id"]): row["agency"] for row in rows}
    for answer, topic in answers:
        agency = made.get((answer.referral_id, answer.report_id))
        if agency is None or ANSWERS[agency] != topic:
            raise Unusable("referral", f"no referral {answer.referral_id} of this report was made to this agency")


def heard_before(connection: Connection, batch: Sequence[Received]) -> set[UUID]:
    """The answers that stand in the history already."""
    causes = [each.envelope.id for each in batch if each.envelope]
    rows = connection.execute("select cause from history where cause = any(%b)", (causes,)).fetchall()
    return {row["cause"] for row in rows}


def answered(
    cases: dict[UUID, Case], batch: Sequence[Received], known: set[UUID], at: datetime
) -> tuple[list[Made], list[Noted]]:
    """What follows from the answers; `cases` become what they are then. An answer that comes late is only noted."""
    made, notes = [], []
    for each in batch:
        if not isinstance(each.event, ReferralAnswer) or each.envelope is None or each.envelope.id in known:
            continue
        known.add(each.envelope.id)
        case, named = cases[each.event.report_id], getattr(each.event, "responsible_agency", None)
        if change := _change(case, each.event, at):
            made.append(Made(case, change, note=named, cause=each.envelope))
            cases[case.report_id] = after(case, change)
        else:
            detail = {"referral_id": str(each.event.referral_id)} | ({"responsible_agency": named} if named else {})
            what = type(each.event).__name__
            notes.append(Noted(case.report_id, what, Role.AGENCY, each.event.answered_at, each.envelope.id, detail))
    return made, notes


def keep_who_answers(connection: Connection, batch: Sequence[Received]) -> None:
    """Keep whom an agency that declined named instead."""
    for each in batch:
        if isinstance(each.event, ReferralDeclined):
            connection.execute(
                "update referral set responsible_agency = %s where referral_id = %s and responsible_agency is null",
                (each.event.responsible_agency, each.event.referral_id),
            )


def _change(case: Case, answer: ReferralAnswer, at: datetime) -> CaseChange | None:
    if case.referral_id != answer.referral_id:  # that referral has ended
        return None
    match answer:
        case ReferralAcknowledged():
            return None if case.acknowledged else acknowledged(case, at)
        case ReferralDeclined():
            return returned(case, Role.AGENCY, at)
        case ReferralClosed():
            return eliminated(case, Role.AGENCY, at)
        case _:
            return None
