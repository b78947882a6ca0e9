"""Plays a year's part against a running system, from the first report to the end of the time, or until interrupted."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from signal import SIG_IGN, SIGINT, SIGTERM, default_int_handler, signal
from time import monotonic

from operations.simulate.citizens import Citizens
from operations.simulate.model.arrivals import Arrival
from operations.simulate.officers import Officers
from operations.simulate.pace import Pace
from operations.simulate.tally import Tally

BETWEEN_LINES_SECONDS = 2.0
GIVES_UP_SECONDS, GIVES_UP_REFUSED = 30.0, 20
"""For how long, and how many in a row, nothing is accepted before all is broken off."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a year that is played: from when to when, and how many of its seconds pass in one."""

    start: datetime
    end: datetime
    compression: float


@dataclass(frozen=True, slots=True)
class System:
    """Where it is played. Without `issuer`, the folder of the development issuer, officers do nothing."""

    intake_url: str
    casework_url: str
    issuer: Path | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: `undone` changes had not had their time; `interrupted` by somebody, or `given_up`."""

    tally: Tally
    undone: int
    interrupted: bool
    given_up: bool


class Progress:
    """Says how far it is, on a line every two seconds, and notices when nothing is accepted any more."""

    def __init__(self, pace: Pace, tally: Tally, say: Callable[[str], None], stop: threading.Event) -> None:
        self._pace, self._tally, self._say, self._stop = pace, tally, say, stop
        self._last_line = self._accepted_at = monotonic()
        self._accepted = self._refused = 0
        self.given_up = False

    def tick(self, behind: float) -> None:
        """To be called about once a second, with how many seconds behind the plan the sending is."""
        at = monotonic()
        accepted, refused = self._tally.accepted, self._tally.answered - self._tally.accepted
        if accepted > self._accepted:
            self._accepted, self._refused, self._accepted_at = accepted, refused, at
        elif at - self._accepted_at > GIVES_UP_SECONDS and refused - self._refused >= GIVES_UP_REFUSED:
            self.given_up = True
            self._stop.set()
        if at - self._last_line >= BETWEEN_LINES_SECONDS:
            self._last_line, played = at, self._pace.instant(at - max(0.0, behind))
            days = (played - self._pace.start).total_seconds() / 86_400
            self._say(self._tally.line(played, days, behind))


def play(
    system: System, arrivals: Iterable[Arrival], part: Part, *, seed: int, at_once: int, say: Callable[[str], None]
) -> Outcome:
    """Send what arrives, have officers work it, and say how far it is. Ends by itself, or with Ctrl-C."""
    stop, tally, interrupted = threading.Event(), Tally(), False
    pace = Pace(part.start, monotonic(), part.compression)
    progress = Progress(pace, tally, say, stop)
    citizens = Citizens(system.intake_url, at_once=at_once, seed=seed, tally=tally, stop=stop)
    officers = _officers(system, pace, seed, at_once, tally, stop)
    signal(SIGTERM, default_int_handler)  # asked to leave in another way, it ends in the same one
    undone = 0
    try:
        if officers:
            officers.start()
        opened = officers.open if officers else lambda arrival, report_id: None
        citizens.send_all(arrivals, pace, opened, progress.tick)
        citizens.wait_until(pace.moment(part.end), progress.tick)
        citizens.close()  # while what is not known yet may still be asked again
    except KeyboardInterrupt:
        interrupted = True
        say("Interrupted: waiting for the answers to what is under way …")
    finally:
        handlers = [(number, signal(number, SIG_IGN)) for number in (SIGINT, SIGTERM)]  # no second one: it is ending
        stop.set()
        citizens.close()
        undone = officers.close() if officers else 0
        for number, handler in handlers:
            signal(number, handler)
    for fault in tally.faults:
        raise fault
    return Outcome(tally, undone, interrupted, progress.given_up)


def _officers(
    system: System, pace: Pace, seed: int, at_once: int, tally: Tally, stop: threading.Event
) -> Officers | None:
    if system.issuer is None:
        return None
    return Officers(system.casework_url, system.issuer, pace=pace, at_once=at_once, seed=seed, tally=tally, stop=stop)
