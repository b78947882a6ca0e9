"""Officers: each opened case is one coordinator's, who works it through casework's API to the end of its story."""

import asyncio
import random
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from chassis.clock import now
from contracts.base import HEADQUARTERS
from contracts.events.cases import CaseOpened
from contracts.policy.terms import Policy
from contracts.statuses import Status
from contracts.topics import CASEWORK

from deploy import issuer
from faults.ledger import Changed, Ledger
from faults.load.fronts import Fronts
from faults.load.stories import Seen, Step, after, next_step
from faults.stopping import Stop

LONGEST_STORY = 12
PAUSE_SECONDS = 0.3
PATIENCE = timedelta(seconds=90)


class Officers:
    """Everybody who works cases in one run. Belongs to the event loop it is made on."""

    def __init__(
        self, fronts: Fronts, ledger: Ledger, issuer_folder: Path, policy: Policy, seed: int, stop: Stop
    ) -> None:
        self._fronts, self._ledger, self._policy, self._seed, self._stop = fronts, ledger, policy, seed, stop
        self._folder = issuer_folder
        self._tokens: dict[str, str] = {}
        self._working: dict[UUID, asyncio.Task[None]] = {}
        self.changes = self.unanswered = 0
        self.failed: list[BaseException] = []

    def open(self, opened: CaseOpened) -> None:
        """Give a case to its officer, once. Nobody looks at what is headquarters'."""
        if opened.report_id not in self._working and opened.owner.unit != HEADQUARTERS.unit:
            task = asyncio.get_running_loop().create_task(self._work(opened))
            task.add_done_callback(self._done)
            self._working[opened.report_id] = task

    @property
    def working(self) -> int:
        return sum(not task.done() for task in self._working.values())

    async def close(self) -> None:
        """Send everybody home."""
        for task in self._working.values():
            task.cancel()
        await asyncio.gather(*self._working.values(), return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed.append(error)

    async def _work(self, opened: CaseOpened) -> None:
        chance = random.Random(f"officer/{self._seed}/{opened.longitude}/{opened.latitude}")
        headers = {"Authorization": f"Bearer {self._token(opened.owner.unit, opened.owner.garrison)}"}
        case: Seen | None = Seen(opened.category, opened.status, opened.version, opened.submitted_at)
        for _ in range(LONGEST_STORY):
            step = next_step(case, self._policy, chance, now()) if case else None
            if case is None or step is None or await self._stop.wait((step.at - now()).total_seconds()):
                return
            case = await self._until_known(opened.report_id, case, step, headers)

    async def _until_known(self, report_id: UUID, case: Seen, step: Step, headers: dict[str, str]) -> Seen | None:
        """The case after a step, however it ended; None where it can't be learnt any more."""
        until = now() + PATIENCE
        changed = await self._change(report_id, case, step, headers)
        while changed is None and now() < until:
            changed = await self._look(report_id, case, headers)
            if changed is None and await self._stop.wait(PAUSE_SECONDS):
                break
        return changed

    async def _change(self, report_id: UUID, case: Seen, step: Step, headers: dict[str, str]) -> Seen | None:
        """The case after a change that was answered with success; None where one has to look how it stands."""
        asked_at, path = now(), f"/v1/cases/{report_id}/{step.change}"
        matching = {**headers, "If-Match": f'"{case.version}"'}
        answer = await self._fronts.post(CASEWORK, path, step.body, matching)
        version, changed_at, seen = None, None, None
        if answer.is_success:
            version, changed_at = answer.told["version"], datetime.fromisoformat(answer.told["changed_at"])
            seen = after(case, step.change, Status(answer.told["status"]), version, changed_at)
        self.changes += seen is not None
        self.unanswered += answer.status == 0
        self._ledger.write(
            Changed(
                at=now(),
                report_id=report_id,
                change=step.change,
                asked_version=case.version,
                asked_at=asked_at,
                due_at=step.due_at,
                status=answer.status,
                version=version,
                changed_at=changed_at,
                detail=answer.detail,
            )
        )
        return seen

    async def _look(self, report_id: UUID, case: Seen, headers: dict[str, str]) -> Seen | None:
        """The case as it stands now; None while nobody answers."""
        answer = await self._fronts.get(CASEWORK, f"/v1/cases/{report_id}", headers)
        if not answer.is_success:
            return None
        card = answer.told
        same = card["status"] == case.status
        return Seen(
            category=card["category"],
            status=Status(card["status"]),
            version=card["version"],
            since=case.since if same else datetime.fromisoformat(card["changed_at"]),
            round=card["round"],
            checked=bool(card["checks"]),
        )

    def _token(self, unit: str, garrison: str) -> str:
        if unit not in self._tokens:
            self._tokens[unit] = issuer.token(
                self._folder, role="coordinator", unit=unit, garrison=garrison, subject=f"coordinator-{unit}"
            )
        return self._tokens[unit]
