"""Officers: work the cases through casework's API, each story to its end."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from chassis.clock import now
from contracts.policy.categories import category

from deploy import issuer
from deploy.demo.observer import Tally
from deploy.demo.plan import Story

IDLE = {Story.SLEPT_THROUGH, Story.UNROUTABLE}
CHECKS_TO_DENY = 2
TRIES = 40


def next_change(story: Story, case: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """What the officers of a story do to a case as it stands: the change and its body, or None at the end.

    It depends on nothing but the case, so it goes on rightly after an answer that was lost.
    """
    denies = story is Story.UNCONFIRMED
    checks = len(case["checks"])
    match case["status"]:
        case _ if story in IDLE:
            return None
        case "new":
            return ("reject" if story is Story.REJECTED else "take-up"), {}
        case "verification" if story is not Story.NEVER_VERIFIED:
            if checks < (CHECKS_TO_DENY if denies else 1):
                finding = "not_found" if denies else "found"
                return "checks", {"checked_at": now().isoformat(), "finding": finding}
            return ("unconfirm" if denies else "confirm"), {}
        case "confirmed" if story is Story.ELIMINATED:
            return "eliminate", {}
        case "confirmed" if story in (Story.REFERRED, Story.REFERRED_UNHEARD) and not case["referrals"]:
            usual = category(case["category"])
            return "refer", {"agency": (usual.agency if usual else None) or "city-guard"}
        case _:
            return None


class Officers:
    """Coordinators of every unit: each sees a case with a token of the unit that answers for it, and works it."""

    def __init__(self, casework_url: str, issuer_folder: Path, stop: threading.Event) -> None:
        self._client = httpx.Client(base_url=casework_url, timeout=15, trust_env=False)
        self._pool = ThreadPoolExecutor(4)
        self._folder, self._stop = issuer_folder, stop
        self._work: dict[UUID, Future[None]] = {}
        self.failed: list[str] = []

    @property
    def done(self) -> int:
        return sum(future.done() for future in self._work.values())

    def work(self, stories: Mapping[UUID, Story], tally: Tally) -> None:
        """Take on what was opened meanwhile."""
        for report_id, unit in list(tally.opened.items()):
            story = stories.get(report_id)
            if story is not None and report_id not in self._work:
                garrison = tally.routed.get(report_id, "KGP")
                self._work[report_id] = self._pool.submit(self._follow, report_id, story, unit, garrison)

    def close(self) -> None:
        """Begin nothing more, and wait for what is under way."""
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def _follow(self, report_id: UUID, story: Story, unit: str, garrison: str) -> None:
        token = issuer.token(
            self._folder, role="coordinator", unit=unit, garrison=garrison, subject=f"coordinator-{unit}"
        )
        for _ in range(TRIES):
            if self._stop.is_set():
                return
            try:
                if not self._step(report_id, story, {"Authorization": f"Bearer {token}"}):
                    return
            except httpx.TransportError:  # casework is away: a moment later it goes on from where the case stands
                self._stop.wait(0.5)
        self.failed.append(f"{report_id}: {story} did not come to its end")

    def _step(self, report_id: UUID, story: Story, headers: dict[str, str]) -> bool:
        """One change; False when there is nothing more to do."""
        answer = self._client.get(f"/v1/cases/{report_id}", headers=headers)
        if answer.status_code == 200:
            change = next_change(story, answer.json())
            if change is None:
                return False
            what, body = change
            matching = {**headers, "If-Match": answer.headers["ETag"]}
            answer = self._client.post(f"/v1/cases/{report_id}/{what}", json=body, headers=matching)
        if answer.status_code in (412, 503):  # somebody was quicker, or it is not ready yet: look again
            return not self._stop.wait(0.2)
        if not answer.is_success:
            self.failed.append(f"{report_id}: {answer.status_code} {answer.text[:200]}")
        return answer.is_success
