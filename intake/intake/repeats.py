"""Repeats under an Idempotency-Key: whatever memory forgot, a report was submitted when the log says it was."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
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

    async def once(
        self, report_id: UUID, key_use: KeyUse | None, admission: Admitted, write: Callable[[], Awaitable[None]]
    ) -> Admitted:
        """Write a report unless the log has it; when it was submitted, as the log says, and whether it was there."""
        if key_use is None:
            await write()
            return admission
        if admission.acknowledged:
            return admission
        first = await self._ask(self._submissions.find_or_claim(report_id, certain=admission.certain))
        if first is not None:
            await self._usage.upsert_acknowledged_key(key_use, first)
            return Admitted(first, acknowledged=True)
        try:
            await write()
            self._submissions.insert_own(report_id)
        finally:
            self._submissions.delete_claim(report_id)
        return await self._note(report_id, key_use, admission)

    async def _note(self, report_id: UUID, key_use: KeyUse, admission: Admitted) -> Admitted:
        """Keep with the key that the log acknowledged its report; when that was submitted.

        Where memory may have forgotten, another process may have been first: then its time counts for everybody.
        """
        first = admission.submitted_at
        if not admission.certain:
            first = await self._ask(self._submissions.read(report_id))
        await self._usage.upsert_acknowledged_key(key_use, first)
        return Admitted(first)

    async def _ask(self, question: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._timeout):  # in this task: what was found is never lost on the way here
                return await question
        except TimeoutError as waited:
            raise NotAcknowledged("what is on the log is not read yet") from waited
