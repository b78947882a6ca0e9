"""Citizens: send reports at a rate, repeat carefully while nobody answers for them, and sometimes ask once more."""

import asyncio
import ipaddress
import random
import uuid
from collections.abc import Sequence
from datetime import datetime
from time import monotonic

from chassis.clock import now
from contracts.topics import INTAKE
from deploy.demo.plan import Planned

from faults.ledger import Answered, GaveUp, Ledger, Sent
from faults.load.fronts import Fronts
from faults.stopping import Stop

WORDS = "Powtarza się od kilku tygodni, najczęściej wieczorem. To zgłoszenie pochodzi z próby awarii."
# Addresses set aside for benchmarks, so that no address of a person is ever played.
ADDRESSES = ipaddress.ip_network("198.18.0.0/15")
PATIENCE_SECONDS = 90.0
LONGEST_PAUSE = 4.0
# Who closes the page before the answer is drawn, or presses twice, asks again under the same key.
ASKS_AGAIN = 0.15
ASKS_AGAIN_WITHIN = (0.1, 40.0)


class Citizens:
    """Everybody who sends a report in one run. `receipts` are those of the reports intake answered for."""

    def __init__(self, fronts: Fronts, ledger: Ledger, seed: int, stop: Stop) -> None:
        self._fronts, self._ledger, self._seed, self._stop = fronts, ledger, seed, stop
        self.sent = self.accepted = self.gave_up = self.refused = 0
        self.waiting = 0
        self.receipts: dict[uuid.UUID, str] = {}

    async def send_all(self, planned: Sequence[Planned], rate: float, seconds: float) -> None:
        """Send the plan at a rate for so long; returns once everybody has been answered or has given up.

        On a machine that can't keep the rate fewer are sent: the time is kept.
        """
        began = monotonic()
        async with asyncio.TaskGroup() as people:
            for number, report in enumerate(planned):
                if await self._stop.wait(began + number / rate - monotonic()) or monotonic() - began > seconds:
                    break
                self.sent += 1
                people.create_task(self._citizen(number, report))

    async def _citizen(self, number: int, report: Planned) -> None:
        chance = random.Random(f"citizen/{self._seed}/{number}")
        key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        self._ledger.write(Sent(at=now(), number=number, longitude=report.longitude, latitude=report.latitude))
        self.waiting += 1
        answered = await self._until_answered(number, report, key, chance, repeat=False)
        self.waiting -= 1
        asks_again = answered and chance.random() < ASKS_AGAIN
        if asks_again and not await self._stop.wait(chance.uniform(*ASKS_AGAIN_WITHIN)):
            await self._until_answered(number, report, key, chance, repeat=True)

    async def _until_answered(
        self, number: int, report: Planned, key: str, chance: random.Random, *, repeat: bool
    ) -> bool:
        """Whether the report was accepted; repeated under its key as long as that is not known."""
        headers = {"Idempotency-Key": key, "X-Forwarded-For": str(ADDRESSES[number + 1])}
        began, attempt = monotonic(), 0
        while monotonic() - began < PATIENCE_SECONDS and not self._stop.is_set:
            attempt += 1
            status = await self._attempt(number, attempt, report, headers, repeat=repeat)
            if status not in (0, 502, 503, 504):
                self.accepted += status == 201 and not repeat
                self.refused += status != 201
                return status == 201
            await self._stop.wait(min(LONGEST_PAUSE, 0.5 * 2 ** (attempt - 1)) * chance.uniform(0.8, 1.2))
        if not repeat:
            self.gave_up += 1
            self._ledger.write(GaveUp(at=now(), number=number))
        return False

    async def _attempt(
        self, number: int, attempt: int, report: Planned, headers: dict[str, str], *, repeat: bool
    ) -> int:
        began = monotonic()
        answer = await self._fronts.post(INTAKE, "/v1/reports", _body(number, report), headers)
        told = answer.told
        report_id = uuid.UUID(told["report_id"]) if told else None
        if report_id is not None:
            self.receipts[report_id] = told["receipt"]
        self._ledger.write(
            Answered(
                at=now(),
                number=number,
                attempt=attempt,
                status=answer.status,
                seconds=round(monotonic() - began, 4),
                repeat=repeat,
                report_id=report_id,
                receipt=told.get("receipt"),
                submitted_at=_instant(told.get("submitted_at")),
                take_up_by=_instant(told.get("take_up_by")),
                detail=answer.detail,
            )
        )
        return answer.status


def _body(number: int, report: Planned) -> dict[str, object]:
    body: dict[str, object] = {
        "category": report.category,
        "longitude": report.longitude,
        "latitude": report.latitude,
    }
    if report.with_words or report.category == "dangerous-venue":
        body["description"] = WORDS
    if report.with_contact:
        body["contact"] = {"email": f"reporter{number}@citizens.example"}
    return body


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
