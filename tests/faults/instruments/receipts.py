"""Asks the receipt pages at the end, as the citizens would, and writes down what they are told."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from contracts.topics import PUBLIC_MAP

from faults.ledger import Ledger, ReceiptRead
from faults.load.fronts import Fronts

_AT_ONCE = 8
_TRIES = 3


async def read_receipts(fronts: Fronts, ledger: Ledger, receipts: Mapping[UUID, str]) -> None:
    """One line for each receipt."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def read_one(report_id: UUID, receipt: str) -> None:
        async with turns:
            ledger.write(await _receipt(fronts, report_id, receipt))

    await asyncio.gather(*(read_one(*pair) for pair in receipts.items()))


async def _receipt(fronts: Fronts, report_id: UUID, receipt: str) -> ReceiptRead:
    status = 0
    for _ in range(_TRIES):
        answer = await fronts.get(PUBLIC_MAP, f"/v1/receipts/{receipt}")
        status, told = answer.status, answer.told
        if answer.is_success:
            return ReceiptRead(
                report_id=report_id,
                status=status,
                submitted_at=datetime.fromisoformat(told["submitted_at"]),
                take_up_by=datetime.fromisoformat(told["take_up_by"]),
                unit=told["unit"],
            )
    return ReceiptRead(report_id=report_id, status=status)
