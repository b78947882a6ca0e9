"""Cases in a state of one's choice, for tests of casework's rules."""

from dataclasses import replace
from uuid import UUID

from casework.domain.case import Case
from casework.domain.case_number import case_number
from contracts.statuses import Status
from support.events import OPOLE, SUBMITTED, report_id


def case_in(status: Status = Status.NEW, number: int = 1, **more: object) -> Case:
    """The case of report `number` in a status, with what `more` says of it; a referred one has its open referral."""
    case = Case(
        report_id=report_id(number),
        number=case_number("OPO", 2026, number),
        version=1,
        status=status,
        round=1,
        category="parking",
        longitude=17.92,
        latitude=50.67,
        owner=OPOLE,
        supporters=0,
        submitted_at=SUBMITTED,
        changed_at=SUBMITTED,
    )
    if status is Status.REFERRED:
        case = replace(case, referral_id=UUID(int=7), referrals=1, agency="road-manager")
    return replace(case, **more)  # type: ignore[arg-type]  # tests name fields
