"""Reads the directory of recipients from a file, and refuses one that could not work. Data, read once at start."""

import re
import tomllib
from datetime import timedelta
from functools import cache
from importlib import resources
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from contracts.addresses import email_address
from contracts.events.notices import Audience
from contracts.topic import AGENCY_CODE

from notifier.domain.recipients import Directory, Entry, fill_code

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_AGENCY_CODE = re.compile(AGENCY_CODE)
_ANY_CODE = "X-1"
# Longer than any deadline whose notices it could gather.
_LONGEST_DIGEST = timedelta(days=7)
# The table of each audience's own entries; headquarters is one.
_TABLES = {
    Audience.UNIT: "units",
    Audience.GARRISON: "garrisons",
    Audience.HEADQUARTERS: None,
    Audience.AGENCY: "agencies",
}


@cache
def read_directory(path: Path | None) -> Directory:
    """The directory from a file, or the development one.

    Raises OSError, and ValueError that names what is wrong.
    """
    source = path or resources.files("notifier").joinpath("directory.toml")
    return parse_directory(source.read_text(encoding="utf-8"))


def parse_directory(text: str) -> Directory:
    """A directory from TOML as directory.toml explains it. Raises ValueError that names what is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not a TOML file: {error}") from error
    known = {*_TABLES, *filter(None, _TABLES.values())}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"[{unknown[0]}] is no part of a directory; there are {', '.join(sorted(known))}")
    defaults, overrides = {}, {}
    for audience, table in _TABLES.items():
        if audience.value not in raw:
            raise ValueError(f"[{audience}] is missing")
        defaults[audience] = _entry(audience.value, raw[audience])
        for code, own in raw.get(table or "", {}).items():
            where = f"{table}.{code}"
            if not (_AGENCY_CODE if audience is Audience.AGENCY else _CODE).fullmatch(code):
                raise ValueError(f"[{where}]: {code!r} is no code of one")
            if not isinstance(own, dict):
                raise ValueError(f"[{table}]: {code} is no table")
            overrides[audience, code] = _entry(where, {**raw[audience], **own})
    directory = Directory(defaults, overrides)
    _require_channels(directory)
    return directory


def _entry(where: str, raw: Any) -> Entry:
    try:
        entry = msgspec.convert(raw, Entry)
    except msgspec.ValidationError as error:
        raise ValueError(f"[{where}]: {error}") from error
    if entry.email:
        filled = fill_code(_ANY_CODE, entry.email)
        try:
            email_address(re.sub(r"[{}]", " ", filled))  # braces that are left were meant for something
        except ValueError as error:
            raise ValueError(f"[{where}] email: {error} (only {{code}} is filled in)") from error
    if entry.webhook and not _is_private(fill_code(_ANY_CODE, entry.webhook)):
        raise ValueError(f"[{where}] webhook: not an https address (http is for loopback only)")
    try:
        length = entry.digest.length
    except (OverflowError, ValueError) as error:  # of what no time can be made: infinite, not a number
        raise ValueError(f"[{where}] digest: no length of time") from error
    if not timedelta(0) <= length <= _LONGEST_DIGEST:
        raise ValueError(f"[{where}] digest: from 0 to {_LONGEST_DIGEST.days} days")
    return entry


def _require_channels(directory: Directory) -> None:
    """Every one of the police is notified somehow: a deadline that nobody learns of is missed twice."""
    every = {**{(audience, "all"): entry for audience, entry in directory.defaults.items()}, **directory.overrides}
    for (audience, code), entry in every.items():
        if audience is not Audience.AGENCY and not entry.channels:
            raise ValueError(f"[{audience}] {code}: no channel is left")


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "http":
            return parts.scheme == "https" and bool(host)
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
