"""The directory: by which channels each recipient is notified, and how long what can wait may wait."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import msgspec
from contracts.agencies import Agencies, Agency, AgencyChannel
from contracts.events.notices import Audience, Channel
from contracts.policy.terms import WARSAW

POLICE = frozenset({Audience.UNIT, Audience.GARRISON, Audience.HEADQUARTERS})
"""Who has somebody on duty."""


class Delay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long notices are collected before they leave together."""

    minutes: float = 0
    seconds: float = 0

    @property
    def length(self) -> timedelta:
        """Both together."""
        return timedelta(minutes=self.minutes, seconds=self.seconds)


class QuietHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """Hours of a day in Europe/Warsaw; they may pass over midnight."""

    since: time
    until: time

    def next_allowed(self, instant: datetime) -> datetime:
        """The instant itself, or the end of the quiet hours it falls into, in the instant's own zone."""
        local = instant.astimezone(WARSAW)
        wall = local.time()
        over_midnight = self.since > self.until
        late, early = wall >= self.since, wall < self.until
        if not (late or early if over_midnight else late and early):
            return instant
        day = local.date() + timedelta(days=1) if over_midnight and late else local.date()
        return datetime.combine(day, self.until, tzinfo=WARSAW).astimezone(instant.tzinfo)


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one recipient is notified; an empty address is a channel not used. `quiet` holds back only what can wait."""

    digest: Delay = Delay(minutes=5)
    quiet: QuietHours | None = None
    email: str = ""
    webhook: str = ""
    log: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels this entry opens, in the order of `Channel`."""
        settings = ((Channel.EMAIL, self.email), (Channel.WEBHOOK, self.webhook), (Channel.LOG, self.log))
        return tuple(channel for channel, setting in settings if setting)

    def due_at(self, now: datetime, digest: bool) -> datetime:
        """When a notice decided `now` should leave: at once, or with the digest and outside quiet hours."""
        if not digest:
            return now
        collected = now + self.digest.length
        return self.quiet.next_allowed(collected) if self.quiet else collected


@dataclass(frozen=True, slots=True)
class Directory:
    """An entry for all recipients of each audience, and own entries of some."""

    defaults: dict[Audience, Entry]
    overrides: dict[tuple[Audience, str], Entry]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, with `{code}` not filled in."""
        return (*self.defaults.values(), *self.overrides.values())

    def entry(self, audience: Audience, code: str) -> Entry:
        """How a recipient is notified, with its code put into the addresses. Raises KeyError for citizens."""
        entry = self.overrides.get((audience, code)) or self.defaults[audience]
        filled = {"email": fill_code(code, entry.email), "webhook": fill_code(code, entry.webhook)}
        return msgspec.structs.replace(entry, **filled)


def recipient_entry(directory: Directory, agencies: Agencies, audience: Audience, code: str) -> Entry:
    """How a recipient is notified, an agency as it says itself. Raises KeyError for citizens."""
    entry = directory.entry(audience, code)
    agency = agencies.find(code) if audience is Audience.AGENCY else None
    return agency_entry(agency, entry) if agency else entry


def agency_entry(agency: Agency, entry: Entry) -> Entry:
    """How an agency is reached: by its own channel at its own address, and nowhere else; `log` stays the operators'.

    One with a topic, or that says no address, is also reached as the directory has it; a letter is printed at the desk.
    """
    match agency.channel:
        case AgencyChannel.EMAIL if agency.contact:
            addresses = {"email": agency.contact, "webhook": ""}
        case AgencyChannel.WEBHOOK if agency.contact:
            addresses = {"email": "", "webhook": agency.contact}
        case AgencyChannel.LETTER:
            addresses = {"email": "", "webhook": ""}
        case _:
            return entry
    return msgspec.structs.replace(entry, **addresses)


def fill_code(code: str, pattern: str) -> str:
    """An address pattern with `{code}` replaced by a recipient's code in lower case."""
    return pattern.replace("{code}", code.lower())
