"""A fault run from beginning to end: bring up, load and hurt, let settle, look at everything, stop everything."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import msgspec
from chassis.clock import now
from chassis.settings import Settings
from contracts.events.cases import CaseOpened
from contracts.policy.terms import policy
from deploy.demo.plan import plan
from deploy.stack.system import System

from deploy.stack import services
from faults.injection import schedule
from faults.injection.injector import Injector
from faults.instruments.mailbox import mails
from faults.instruments.receipts import read_receipts
from faults.instruments.restarts import failures, restarts
from faults.instruments.topics import Topics
from faults.instruments.trace import Trace
from faults.ledger import Began, Ended, Ledger, Message
from faults.load.citizens import Citizens
from faults.load.fronts import Fronts
from faults.load.officers import Officers
from faults.private import TERMS, private_system
from faults.stopping import Stop

# Longer than the longest term with its escalations: whoever is silent for so long has nothing more to say.
STILL_SECONDS = 26.0
RECEIPTS_SECONDS = 300.0
LINES_EVERY = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is told. `every`: seconds between faults, on average; `settle`: how long the rest may take at most."""

    seconds: float = 120.0
    rate: float = 20.0
    seed: int = 1
    faults: Sequence[str] = schedule.NAMES
    every: float = 4.0
    settle: float = 240.0


def run(told: Plan, root: Path, say: Say) -> Path:
    """Do it, and give the ledger. Raises StackError when the system does not come up."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / "ledger.jsonl"
    with Ledger(path) as ledger, private_system(root / "stack", say) as (system, trace):
        asyncio.run(_watched(told, system, trace, ledger, say))
    return path


async def _watched(told: Plan, system: System, trace: Trace, ledger: Ledger, say: Say) -> None:
    parts = Parts(told, system, ledger, say)
    parts.topics.start()
    progress = asyncio.create_task(parts.progress())
    try:
        await parts.load()
        settled = await parts.settle()
        say("looking at mail, receipts, databases and logs")
        await parts.collect(trace)
        ledger.write(Ended(at=now(), settled=settled, waiting=trace.waiting(), trace=trace.installed))
    finally:
        progress.cancel()
        await parts.close()
    if broken := parts.topics.failed + parts.officers.failed:
        raise broken[0]


class Parts:
    """What one run consists of. Made on its event loop."""

    def __init__(self, told: Plan, system: System, ledger: Ledger, say: Say) -> None:
        self._told, self._system, self._ledger, self._say = told, system, ledger, say
        self._loop = asyncio.get_running_loop()
        addresses = system.addresses
        urls = {name: addresses[services.url_variable(name)] for name in services.SERVICES}
        settings = Settings(kafka_bootstrap=addresses["KMZB_KAFKA_BOOTSTRAP"], namespace=addresses["KMZB_NAMESPACE"])
        self.stop = Stop()
        self.fronts = Fronts(urls, told.seed)
        self.citizens = Citizens(self.fronts, ledger, told.seed, self.stop)
        self.officers = Officers(self.fronts, ledger, system.root / "issuer", policy(TERMS), told.seed, self.stop)
        self.injector = Injector(system, self.fronts, ledger, self.stop, say)
        self.topics = Topics(settings, ledger, self._heard)

    async def load(self) -> None:
        """Send, work and hurt, until all of it is over."""
        told = self._told
        planned = plan(int(told.rate * told.seconds), told.seed)
        faults = list(schedule.draw(told.faults, seed=told.seed, seconds=told.seconds, every=told.every))
        self._say(f"{len(planned)} reports at {told.rate:g}/s and {len(faults)} faults in {told.seconds:g} s")
        self._ledger.write(
            Began(at=now(), seed=told.seed, rate=told.rate, seconds=told.seconds, terms=TERMS.read_text("utf-8"))
        )
        async with asyncio.TaskGroup() as both:
            both.create_task(self.citizens.send_all(planned, told.rate, told.seconds))
            both.create_task(self.injector.follow(faults))
        self.injector.heal()

    async def settle(self) -> bool:
        """Wait until nothing moves any more; False when that took too long."""
        self._say(f"no more reports and faults; waiting until nothing has moved for {STILL_SECONDS:g} s")
        until = monotonic() + self._told.settle
        while self.topics.silent_seconds < STILL_SECONDS or self.officers.working:
            if monotonic() > until:
                return False
            await self.stop.wait(0.5)
        return True

    async def collect(self, trace: Trace) -> None:
        """Write down what is only looked at once, at the end."""
        with suppress(TimeoutError):  # the judge misses what was not read
            async with asyncio.timeout(RECEIPTS_SECONDS):
                await read_receipts(self.fronts, self._ledger, self.citizens.receipts)
        self.topics.stop()  # before the mail is looked at: what is said to be sent by now has arrived
        self._ledger.write(*mails(self._system.root / "mail"))
        self._ledger.write(*trace.committed(), *trace.fired())
        self._ledger.write(*restarts(self._system.root / "logs"), *failures(self._system.root / "logs"))

    async def progress(self) -> None:
        """A line every few seconds."""
        began = monotonic()
        while not await self.stop.wait(LINES_EVERY):
            counts = self.topics.counts
            self._say(
                f"{monotonic() - began:4.0f} s: {self.citizens.sent} sent, {self.citizens.accepted} accepted"
                f" ({self.citizens.waiting} wait), {counts['ReportRouted'] + counts['ReportUnroutable']} routed,"
                f" {counts['CaseOpened']} opened, {self.officers.changes} changes ({self.officers.unanswered}"
                f" unanswered), {counts['DeadlineMissed']} missed, {counts['DeadlineEscalated']} escalated,"
                f" {counts['NoticeSent']} notices, {self.injector.done} faults"
            )

    async def close(self) -> None:
        """Let go of everything, also after an interrupted run."""
        self.stop.set()
        self.injector.heal()
        await self.officers.close()
        self.topics.stop()
        await self.fronts.close()

    def _heard(self, message: Message) -> None:
        """From the thread that reads the topics: a case was opened, so an officer has something to do."""
        if message.event == CaseOpened.__name__ and not isinstance(message.body, msgspec.UnsetType):
            opened = msgspec.json.decode(message.body, type=CaseOpened)
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self.officers.open, opened)
