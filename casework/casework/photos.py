"""Photos that are no report's any more leave their store: those of erased words soon, those of no report in time.

Which photos reports have, the log says. Casework's tables do not do for that: while they are built anew from the log,
they name none, and every photo would be gone.
"""

import threading
from datetime import timedelta
from functools import partial

import structlog
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.messages import Newer, Received, raw_message, read_message
from chassis.kafka.reader import read_from_start
from chassis.postgres import Database
from chassis.run import Worker, every
from chassis.settings import Settings
from contracts.events.reports import PHOTO_WAITS, ReportContent
from contracts.topics import CASEWORK, CONTENT
from objects.outages import Unavailable
from objects.storage import Objects
from prometheus_client import Counter

from casework.store.words import delete_erased_photos, read_erased_photos

log = structlog.get_logger()
ERASED = Counter("kmzb_casework_photos_erased_total", "Photos that left their store", ["because"])
ERASURES, UNNAMED = (ERASED.labels(because) for because in ("erased", "no report"))
_LATE = timedelta(hours=2)  # a report under way, and clocks that differ
_ERASE_SECONDS, _SWEEP_SECONDS = 1.0, 3600.0


def photo_workers(settings: Settings, database: Database, photos: Objects, health: Health) -> dict[str, Worker]:
    """What erases photos beside everything else."""
    return {
        "erased photos": every(_ERASE_SECONDS, "erased photos", health, partial(forget_erased, database, photos)),
        "unnamed photos": partial(sweep, settings, photos),
    }


def forget_erased(database: Database, photos: Objects) -> None:
    """Delete the photos of erased words that no other report has. Until that is done, they are still to be erased."""
    with database.transaction() as connection:
        names = read_erased_photos(connection)
    if not names:
        return
    try:
        photos.delete(names)
    except Unavailable as away:
        log.warning("erased photos are still there", photos=len(names), error=str(away))
        return
    with database.transaction() as connection:
        delete_erased_photos(connection, names)
    ERASURES.inc(len(names))


def sweep(settings: Settings, photos: Objects, stop: threading.Event) -> None:
    """Every hour, delete what waited too long for a report to name it."""
    while not stop.is_set():
        forget_unnamed(settings, photos, stop)
        stop.wait(_SWEEP_SECONDS)


def forget_unnamed(settings: Settings, photos: Objects, stop: threading.Event) -> None:
    """Delete the photos no report on the log names, of those that none can name any more.

    What is read of the log is younger than that: a report that named one of these is on it.
    """
    before = now() - PHOTO_WAITS - _LATE
    named = named_photos(settings, stop)
    if named is None:
        return
    try:
        for some in photos.names(before):
            unnamed = [name for name in some if name not in named]
            photos.delete(unnamed)
            UNNAMED.inc(len(unnamed))
    except Unavailable as away:
        log.warning("photos can't be looked through", error=str(away))


def named_photos(settings: Settings, stop: threading.Event) -> set[str] | None:
    """The photos of all reports, by the log up to now; None where a newer writer may name some, or it was stopped."""
    by_key: dict[str, tuple[str, ...]] = {}
    for message in read_from_start(settings, CASEWORK, CONTENT, stop):
        if message is None:
            return {name for names in by_key.values() for name in names}
        match read_message(raw_message(settings, message)):
            case Newer(key=key):
                log.warning("photos are not looked through: a newer writer's words can't be read", key=key)
                return None
            case Received(key=key, event=ReportContent(photos=photos)) if photos:
                by_key[key] = photos
            case Received(key=key):
                by_key.pop(key, None)
    return None
