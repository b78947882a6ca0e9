"""A line more in the regions' file: what is refused, how the file reads then, and writing it whole or not at all."""

import os
import re
import shutil
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from boundaries.areas.units import garrisons
from contracts.policy.regions import INSTANCE, NATIONAL, Change, Plan
from deploy.stack.process import StackError
from deploy.suggestions import no_such

from operations.printing import in_short

# Before each change and each line of comment above one.
_PARTS = re.compile(r"(?m)^(?=(?:[ \t]*#.*\n)*[ \t]*\[\[change\]\])")


def wanted_change(plan: Plan, garrison: str, instance: str, since: str, *, new: bool) -> Change:
    """The change that is meant. Raises StackError naming the field that can't be.

    An instance that no line names has to be said to be `new`: a misspelt one would let a garrison's reports wait.
    """
    if garrison not in garrisons():
        raise StackError(f"GARRISON: {no_such('garrison ', garrison, garrisons())}")
    known = [*plan.instances, NATIONAL]
    if not re.fullmatch(INSTANCE, instance):
        raise StackError(f"INSTANCE: {instance!r} is no name: lower-case letters, digits and -, a letter first")
    if instance not in known and not new:
        raise StackError(f"INSTANCE: {no_such('instance ', instance, known)}. --new says that it is to be one")
    try:
        instant = datetime.fromisoformat(since)
    except ValueError as wrong:
        raise StackError(f"--from: {since!r} is no time: say one like 2026-12-01T00:00+01:00") from wrong
    if instant.tzinfo is None:
        raise StackError(f"--from: {since} may be {since}Z, UTC, or {since}+01:00: say which")
    return Change(garrison=garrison, instance=instance, since=instant)


def require_change(plan: Plan, change: Change, at: datetime, ahead: timedelta) -> None:
    """Raises StackError where an instant is too near for all to have read of it, or where nothing would change."""
    until = (change.since - at).total_seconds()
    if change.since < at + ahead:
        earliest = (at + ahead + timedelta(minutes=1)).astimezone(UTC).replace(second=0, microsecond=0)
        lies = "has passed" if until < 0 else f"is in {in_short(until)}"
        raise StackError(
            f"--from: {change.since.isoformat()} {lies}. Every instance has to have restarted with the new line before"
            f" it, which is given {in_short(ahead.total_seconds())} (--ahead): the earliest is {earliest.isoformat()}"
        )
    stands = any((each.garrison, each.since) == (change.garrison, change.since) for each in plan.change)
    if not stands and plan.answering(change.garrison, change.since) == change.instance:
        raise StackError(f"INSTANCE: {change.garrison} is {change.instance}'s then already: there is nothing to move")


def plan_of(text: str) -> Plan:
    """The plan a file's text says. Raises tomllib.TOMLDecodeError, msgspec.ValidationError."""
    return msgspec.convert(tomllib.loads(text), Plan)


def changed_text(text: str, change: Change) -> str:
    """The file with a line more; one of the same garrison and instant is replaced, comments stay.

    Raises StackError where what comes of it can't be read, or does not say so.
    """
    parts = [part for part in _PARTS.split(text) if not _is_of(part, change)]
    line = (
        f'[[change]]\ngarrison = "{change.garrison}"\ninstance = "{change.instance}"\n'
        f"from = {change.since.isoformat()}\n"
    )
    changed = "\n\n".join(filter(None, ("".join(parts).rstrip(), line)))
    try:
        plan = plan_of(changed)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise StackError(f"KMZB_REGIONS_FILE takes no line more: {wrong}. Write it by hand, as [[change]]") from wrong
    if plan.answering(change.garrison, change.since) != change.instance:
        raise StackError("KMZB_REGIONS_FILE: a line of this garrison and instant is in the way: take it out by hand")
    return changed


def write_whole(path: Path, text: str) -> None:
    """Replace a file, its owner and mode kept: whoever reads it finds the old one or the new one. Raises OSError."""
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, draft)
        os.chown(draft, path.stat().st_uid, path.stat().st_gid)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _is_of(part: str, change: Change) -> bool:
    try:
        lines = plan_of(part).change
    except (tomllib.TOMLDecodeError, msgspec.ValidationError):
        return False
    return any((each.garrison, each.since) == (change.garrison, change.since) for each in lines)
