"""The year's time against the clock on the wall: when what is played happens, and how a stack's terms keep up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.events.clocks import Clock
from contracts.policy.terms import Length, Policy


@dataclass(frozen=True, slots=True)
class Pace:
    """`start` of the year is played at `began` (seconds of the monotonic clock), `compression` times as fast."""

    start: datetime
    began: float
    compression: float

    def moment(self, at: datetime) -> float:
        """The second of the monotonic clock in which an instant of the year is played."""
        return self.began + (at - self.start).total_seconds() / self.compression

    def instant(self, moment: float) -> datetime:
        """The instant of the year that is played in a second of the monotonic clock."""
        return self.start + timedelta(seconds=(moment - self.began) * self.compression)


def compressed_terms(policy: Policy, at: datetime, compression: float) -> str:
    """The terms in force at an instant and the alerts, as a terms file in which every length passes so much faster."""
    terms = policy.terms_at(at)

    def seconds(length: Length) -> str:
        return f"{{seconds = {length.plain.total_seconds() / compression:.3f}}}"

    lengths = {clock.replace("-", "_"): terms.length(clock, "") for clock in Clock}
    lines = [
        f"# Terms of {terms.version}, {compression:g} times as fast. For a simulation: never for a real system.",
        "",
        "[[terms]]",
        'version = "simulation"',
        "effective_from = 2016-09-14T00:00:00+02:00",
        *(f"{name} = {seconds(length)}" for name, length in lengths.items()),
    ]
    for name in ("take_up", "verification", "acknowledgement"):
        alerts = getattr(policy.alerts, name)
        lines += ["", f"[alerts.{name}]"]
        lines += [f"{step} = {seconds(getattr(alerts, step))}" for step in ("warning", "garrison", "headquarters")]
    return "\n".join(lines) + "\n"
