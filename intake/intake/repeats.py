"""Repeats under an Idempotency-Key: whatever memory forgot, a report was submitted when the log says it was."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from intake.domain.identity import KeyUse
from intake.domain.limits import Admitted
from intake.log_writer import NotAcknowledged
from intake.store.first_submissions import FirstSubmissions
from intake.store.usage import Usage

T = TypeVar("T")


class Repeats:
    """Asks the log where memory does not know, each time for at most `timeout`. Raises NotAcknowledged beyond it."""

    def __init__(self, usage: Usage, submissions: FirstSubmissions, timeout: timedelta) -> None:
        self._usage, self._submissions, self._timeout = usage, submissions, timeout.total_seconds()

    async def look_up(self, report_id: UUID, key_use: KeyUse, admission: Admitted) -> Admitted:
        """What was admitted, with the time the log has for the report where it has it already."""
        if admission.acknowledged:
            return admission
        first = await self._ask(self._submissions.find(report_id, certain=admission.certain))
        if first is None:
            return admission
        await self._usage.upsert_acknowledged_key(key_use, first)
        return Admitted(first, acknowledged=True)

    async def note(self, report_id: UUID, key_use: KeyUse, admission: Admitted) -> datetime:
        """Keep with the key that the log acknowledged its report; when that was submitted.

        Where memory may have forgotten, another process may have been first: then its time counts for everybody.
        """
        self._submissions.insert_own(report_id)
        first = admission.submitted_at
        if not admission.certain:
            first = await self._ask(self._submissions.read(report_id))
        await self._usage.upsert_acknowledged_key(key_use, first)
        return first

    async def _ask(self, question: Awaitable[T]) -> T:
        try:
            return await asyncio.wait_for(question, self._timeout)
        except TimeoutError as waited:
            raise NotAcknowledged("what is on the log is not read yet") from waited
