"""Does to the system what the schedule says, and writes down when it began, ended, and was well again."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from time import monotonic

from chassis.clock import now
from deploy.stack.infrastructure import REDIS
from deploy.stack.process import Life, Process, wait_until
from deploy.stack.system import System
from redis import Redis

from deploy.stack import services
from faults.injection.processes import family, send
from faults.injection.schedule import Fault
from faults.ledger import Injected, Ledger
from faults.load.fronts import Fronts
from faults.stopping import Stop

READY_SECONDS = 60.0
# Between two faults of one target: what never comes back in between shows nothing more.
REST_SECONDS = 10.0
LOOK_SECONDS = 0.3  # a look at a broker is a client of its own, which costs something
Say = Callable[[str], None]


class Injector:
    """The faults of one run. After `heal` nothing is frozen and no second instance runs."""

    def __init__(self, system: System, fronts: Fronts, ledger: Ledger, stop: Stop, say: Say) -> None:
        self._system, self._fronts, self._ledger, self._stop, self._say = system, fronts, ledger, stop, say
        self._busy: set[str] = set()
        self._frozen: dict[str, list[int]] = {}
        self._twins: list[Process] = []
        self._running: set[asyncio.Task[None]] = set()
        self.done = 0
        self._kinds: dict[str, Callable[[Fault, Process], Awaitable[str]]] = {
            "kill": self._kill,
            "freeze": self._freeze,
            "restart": self._restart,
            "immediate": self._immediate,
            "flush": self._flush,
            "twin": self._twin,
        }

    async def follow(self, schedule: Iterable[Fault]) -> None:
        """Inject each fault in its time; one that finds its target hurt already is left out."""
        began = monotonic()
        for fault in schedule:
            if await self._stop.wait(began + fault.at - monotonic()):
                break
            if fault.target not in self._busy:
                task = asyncio.create_task(self._inject(fault))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        await asyncio.gather(*self._running)

    def heal(self) -> None:
        """Let go on what is frozen and end second instances: also after an interrupted run."""
        for pids in self._frozen.values():
            send(pids, signal.SIGCONT)
        self._frozen.clear()
        for twin in self._twins:
            twin.stop()
        self._twins.clear()

    async def _inject(self, fault: Fault) -> None:
        self._busy.add(fault.target)
        self._say(f"fault {fault.number}: {fault.name}" + (f" for {fault.seconds:.1f} s" if fault.seconds else ""))
        process = self._system.process(fault.target)
        began = now()
        try:
            detail = await self._kinds[fault.kind](fault, process)
            ended = now()
            ready = await asyncio.to_thread(wait_until, lambda: _ready(process), READY_SECONDS, LOOK_SECONDS)
            self._write(fault, began, ended, detail, (now() - ended).total_seconds() if ready else None)
            await self._stop.wait(REST_SECONDS)
        finally:
            self._busy.discard(fault.target)

    def _write(self, fault: Fault, began: datetime, ended: datetime, detail: str, ready: float | None) -> None:
        self.done += 1
        self._ledger.write(
            Injected(
                number=fault.number,
                kind=fault.kind,
                target=fault.target,
                began=began,
                ended=ended,
                ready_seconds=ready,
                detail=detail,
            )
        )

    async def _kill(self, _: Fault, process: Process) -> str:
        return await self._end(process, signal.SIGKILL)

    async def _freeze(self, fault: Fault, process: Process) -> str:
        pid = process.pid
        if pid is None:
            return "it did not run"
        self._frozen[fault.target] = pids = family(pid)
        send(pids, signal.SIGSTOP)
        await self._stop.wait(fault.seconds)
        send(self._frozen.pop(fault.target, []), signal.SIGCONT)
        return f"{len(pids)} processes for {fault.seconds:.1f} s"

    async def _restart(self, fault: Fault, process: Process) -> str:
        if fault.target == "redis":
            await asyncio.to_thread(self._save)
        return await self._end(process, process.part.stop_signal)

    async def _immediate(self, _: Fault, process: Process) -> str:
        return await self._end(process, signal.SIGQUIT)

    async def _flush(self, *_: object) -> str:
        with Redis.from_url(self._system.addresses[REDIS], socket_timeout=10) as client:
            await asyncio.to_thread(client.flushall)
        return ""

    async def _twin(self, fault: Fault, _: Process) -> str:
        """A second instance on a port of its own, which those who ask over HTTP find beside the first."""
        port = self._system.stack.ports.get(f"{fault.target}-twin")
        url = f"http://127.0.0.1:{port}"
        metrics = self._system.stack.ports.get(f"{fault.target}-twin-metrics")
        variables = {
            **self._system.addresses,
            services.url_variable(fault.target): url,
            services.metrics_variable(fault.target): f"http://127.0.0.1:{metrics}",
        }
        twin = Process(self._system.root, services.part(fault.target, variables, name=f"{fault.target}-twin"))
        self._twins.append(twin)
        until = monotonic() + fault.seconds
        twin.start()
        if await asyncio.to_thread(wait_until, twin.part.ready, READY_SECONDS, LOOK_SECONDS):
            self._fronts.add(fault.target, url)
            await self._stop.wait(until - monotonic())
            self._fronts.remove(fault.target, url)
        await asyncio.to_thread(twin.kill if fault.brutal else twin.stop)
        self._twins.remove(twin)
        return "ended by " + ("SIGKILL" if fault.brutal else "SIGTERM")

    async def _end(self, process: Process, number: signal.Signals) -> str:
        """Send a signal that ends it, and wait until it is gone; the supervisor starts it again."""
        life = Life.of(process)
        if life is None:
            return "it did not run"
        life.end(number)
        gone = await asyncio.to_thread(wait_until, lambda: life.over, process.part.patience, 0.05)
        if not gone:
            life.end(signal.SIGKILL)
        return number.name if gone else f"{number.name}, then SIGKILL after {process.part.patience:.0f} s"

    def _save(self) -> None:
        """Let Redis write its data down once, so that the next start finds it."""
        with Redis.from_url(self._system.addresses[REDIS], socket_timeout=10) as client:
            client.save()


def _ready(process: Process) -> bool:
    return process.pid is not None and process.part.ready()
