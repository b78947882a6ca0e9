"""What a command makes of the agencies there are: the ones to be written, or a refusal that names what is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from contracts.addresses import email_address
from contracts.agencies import Agencies, Agency, AgencyChannel, AgencyState, as_agencies
from contracts.policy.categories import category
from contracts.topics import OURS

SHOWN = 20


class Refused(Exception):
    """Nothing was changed; `faults` say why."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class Change:
    """One agency: as it was, and as it is to be."""

    before: Agency | None
    after: Agency


def added(
    known: Agencies, rows: Iterable[Mapping[str, Any]], areas: frozenset[str], at: datetime, *, again: bool = False
) -> list[Change]:
    """New agencies. Raises Refused for any fault of any row: a code that was given before is never given again.

    `again`: those that are there just so are passed over.
    """
    agencies = _read(rows, at)
    faults = [fault for agency in agencies.values() for fault in _faults(agency, areas)]
    new = []
    for code, agency in agencies.items():
        if (there := known.find(code)) is None:
            new.append(Change(None, agency))
        elif not (again and msgspec.structs.replace(there, changed_at=at) == agency):
            known_as = f"is {there.name} already" if there.active else f"was {there.name}; a code is given once"
            faults.append(f"{code}: {known_as}: kmzb agency change {code}{'' if there.active else ' --restore'}")
    if faults:
        raise Refused(faults)
    return new


def changed(
    known: Agencies, code: str, said: Mapping[str, Any], areas: frozenset[str], at: datetime, *, restore: bool
) -> Change:
    """An agency with other words in some fields. Raises Refused."""
    before = _existing(known, code)
    if not before.active and not restore:
        raise Refused([f"{code}: {before.name} was removed; bring it back with --restore"])
    if not said and (before.active or not restore):
        raise Refused([f"{code}: nothing to change was said"])
    row = {name: value for name, value in msgspec.to_builtins(before).items() if name not in ("state", "changed_at")}
    after = _read([{**row, **said}], at)[code]
    if faults := _faults(after, areas):
        raise Refused(faults)
    return Change(before, after)


def removed(known: Agencies, codes: Iterable[str], at: datetime) -> list[Change]:
    """Agencies that nothing is handed to any more. Raises Refused where one is none, or not any more."""
    found = [_existing(known, code) for code in codes]
    if gone := [f"{agency.code}: was removed already" for agency in found if not agency.active]:
        raise Refused(gone)
    replace = msgspec.structs.replace
    return [Change(agency, replace(agency, state=AgencyState.REMOVED, changed_at=at)) for agency in found]


def _existing(known: Agencies, code: str) -> Agency:
    if (agency := known.find(code)) is None:
        raise Refused([f"{code}: there is no such agency; kmzb agency list"])
    return agency


def _read(rows: Iterable[Mapping[str, Any]], at: datetime) -> dict[str, Agency]:
    try:
        return as_agencies(rows, at)
    except ValueError as wrong:
        raise Refused([str(wrong)]) from wrong


def _faults(agency: Agency, areas: frozenset[str]) -> list[str]:
    """What the shape of the fields does not say: kinds of threat and areas there are."""
    if agency.code in OURS:
        return [f"{agency.code}: is the name of a part of the system"]
    kinds = [f"{agency.code}: categories: there is no {kind}" for kind in agency.categories if category(kind) is None]
    kinds += [f"{agency.code}: contact: {fault}" for fault in _contact_faults(agency)]
    return kinds + [f"{agency.code}: areas: TERYT has no {area}" for area in agency.areas if area not in areas]


def _contact_faults(agency: Agency) -> Iterator[str]:
    """Where nothing could be sent. Whether a name leads to a public address is asked whenever something is sent."""
    contact = agency.contact or ""
    if agency.channel is AgencyChannel.EMAIL:
        try:
            email_address(contact)
        except ValueError:
            yield "by e-mail it is reached at an address, --contact name@example"
    if agency.channel is AgencyChannel.WEBHOOK and not _is_private(contact):
        yield "by webhook it is reached at an https address without a password, --contact https://…"


def _is_private(contact: str) -> bool:
    """Whether nobody on the way can read what is sent there: https, or http that does not leave the machine."""
    try:
        parts = urlsplit(contact)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or port == 0 or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1"))
