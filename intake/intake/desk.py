"""The desk every request comes to: who sends, whether it may go on, and putting it on the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from contracts.envelope import Outgoing
from starlette.types import Scope

from intake import problems
from intake.addresses import sender
from intake.admission import Admission
from intake.domain import Admitted, Allowance, Claim, Exhausted, Identities, OtherBody, day, hour, place
from intake.forms import ReportForm
from intake.journal import Journal, Unconfirmed
from intake.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    settings: Settings
    identities: Identities
    admission: Admission
    journal: Journal

    def sender(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope.get("client") else None
        return sender(peer, scope["headers"], self.settings.trusted_proxies)

    def report_allowances(self, by: str, form: ReportForm, at: datetime) -> list[Allowance]:
        """What one sender may send: so many an hour, a day, and of one category in one place a day."""
        where = (form.category, place(form.longitude, form.latitude))
        count, told = self.identities.counter, self.settings
        return [
            Allowance(
                count(by, at, "place", *where),
                told.reports_per_place,
                day(at),
                "from your address this was reported here today",
            ),
            Allowance(
                count(by, at, "hour"), told.reports_per_hour, hour(at), "too many reports from your address this hour"
            ),
            Allowance(count(by, at, "day"), told.reports_per_day, day(at), "too many reports from your address today"),
        ]

    def follow_up_allowances(self, by: str, at: datetime) -> list[Allowance]:
        told = "too many messages about reports from your address this hour"
        return [
            Allowance(self.identities.counter(by, at, "follow-up"), self.settings.follow_ups_per_hour, hour(at), told)
        ]

    async def admit(self, at: datetime, claim: Claim | None, allowances: Sequence[Allowance]) -> Admitted:
        """Raises Problem: 429 over a limit, 422 for a key that belongs to another report."""
        match await self.admission.admit(at, claim, allowances):
            case Admitted() as admitted:
                return admitted
            case OtherBody():
                raise problems.other_body()
            case Exhausted() as verdict:
                raise problems.exhausted(verdict)
            case never:
                assert_never(never)

    async def write(self, *stages: Sequence[Outgoing], repeatable: bool) -> None:
        """Each stage is on the log before the next. Raises Problem 503 when that is not known."""
        try:
            await self.journal.write(*stages)
        except Unconfirmed:
            raise problems.unconfirmed(repeatable=repeatable) from None
