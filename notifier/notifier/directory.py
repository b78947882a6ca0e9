"""The directory: by which channels each recipient is told, and how long what can wait may wait. Data, read at start."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib import resources
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from contracts.notices import Audience, Channel
from contracts.terms import WARSAW
from contracts.topics import AGENCIES, REFERRALS

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`|~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Wait(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minutes: float = 0
    seconds: float = 0

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes, seconds=self.seconds)


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """Hours of a day in Europe/Warsaw; they may pass over midnight."""

    since: time
    until: time

    def over(self, instant: datetime) -> datetime:
        """The instant itself, or the end of the quiet hours it falls into."""
        local = instant.astimezone(WARSAW)
        wall = local.time()
        over_midnight = self.since > self.until
        late, early = wall >= self.since, wall < self.until
        if not (late or early if over_midnight else late and early):
            return instant
        day = local.date() + timedelta(days=1) if over_midnight and late else local.date()
        return datetime.combine(day, self.until, tzinfo=WARSAW).astimezone(instant.tzinfo)


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one recipient is told."""

    digest: Wait = Wait(minutes=5)
    quiet: Quiet | None = None
    email: str = ""
    webhook: str = ""
    log: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        there = ((Channel.EMAIL, self.email), (Channel.WEBHOOK, self.webhook), (Channel.LOG, self.log))
        return tuple(channel for channel, how in there if how)

    def due_at(self, now: datetime, digest: bool) -> datetime:
        """When a notice decided `now` should leave."""
        if not digest:
            return now
        collected = now + self.digest.length
        return self.quiet.over(collected) if self.quiet else collected


@dataclass(frozen=True, slots=True)
class Directory:
    """Entries of all of a kind, and of single recipients."""

    kinds: dict[Audience, Entry]
    singles: dict[tuple[Audience, str], Entry]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self.kinds.values(), *self.singles.values())

    def entry(self, audience: Audience, code: str) -> Entry:
        """How a recipient is told, with its code put into the addresses."""
        entry = self.singles.get((audience, code)) or self.kinds[audience]
        named = {"email": entry.email, "webhook": entry.webhook}
        return msgspec.structs.replace(entry, **{key: _with(code, pattern) for key, pattern in named.items()})

    def channels(self, audience: Audience, code: str) -> tuple[Channel, ...]:
        """The channels of a recipient. Citizens are not in the directory."""
        topic = (Channel.TOPIC,) if audience is Audience.AGENCY and code in REFERRALS else ()
        return (*topic, *self.entry(audience, code).channels)


_KINDS = {
    Audience.UNIT: "units",
    Audience.GARRISON: "garrisons",
    Audience.HEADQUARTERS: None,
    Audience.AGENCY: "agencies",
}


@cache
def read(path: Path | None = None) -> Directory:
    """The directory from a file, or the development one. Raises OSError, and ValueError that names what is wrong."""
    source = path or resources.files("notifier").joinpath("directory.toml")
    return parse(source.read_text(encoding="utf-8"))


def parse(text: str) -> Directory:
    """A directory from its text. Raises ValueError that names what is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise ValueError(f"not a TOML file: {wrong}") from wrong
    known = {*_KINDS, *filter(None, _KINDS.values())}
    if strange := sorted(set(raw) - known):
        raise ValueError(f"[{strange[0]}] is no part of a directory; there are {', '.join(sorted(known))}")
    kinds, singles = {}, {}
    for audience, plural in _KINDS.items():
        if audience.value not in raw:
            raise ValueError(f"[{audience}] is missing")
        kinds[audience] = _entry(audience.value, raw[audience])
        for code, own in raw.get(plural or "", {}).items():
            where = f"{plural}.{code}"
            if not _CODE.fullmatch(code) or (audience is Audience.AGENCY and code not in AGENCIES):
                raise ValueError(f"[{where}]: {code!r} is no code of one")
            if not isinstance(own, dict):
                raise ValueError(f"[{plural}]: {code} is no table")
            singles[audience, code] = _entry(where, {**raw[audience], **own})
    _reachable(kinds, singles)
    return Directory(kinds, singles)


def _entry(where: str, raw: Any) -> Entry:
    try:
        entry = msgspec.convert(raw, Entry)
    except msgspec.ValidationError as wrong:
        raise ValueError(f"[{where}]: {wrong}") from wrong
    if entry.email and not _ADDRESS.fullmatch(_with("X-1", entry.email)):
        raise ValueError(f"[{where}] email: not one plain address (only {{code}} is filled in)")
    if entry.webhook and not _safe(_with("X-1", entry.webhook)):
        raise ValueError(f"[{where}] webhook: not an https address (http is for loopback only)")
    if entry.digest.length < timedelta(0):
        raise ValueError(f"[{where}] digest: before it begins")
    return entry


def _reachable(kinds: dict[Audience, Entry], singles: dict[tuple[Audience, str], Entry]) -> None:
    """Every one of the police is told somehow: a deadline that nobody hears of is missed twice."""
    everyone = {**{(audience, "all"): entry for audience, entry in kinds.items()}, **singles}
    for (audience, code), entry in everyone.items():
        if audience is not Audience.AGENCY and not entry.channels:
            raise ValueError(f"[{audience}] {code}: no channel is left")


def _with(code: str, pattern: str) -> str:
    return pattern.replace("{code}", code.lower())


def _safe(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "http":
        return parts.scheme == "https" and bool(host)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
