"""Takes what has come back out of its Maildir: bounces are written down, all else is left for a person to read."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from chassis.health import Health
from chassis.postgres import Database
from chassis.run import Worker, every
from contracts.agencies import Agencies

from notifier.delivery.bounces.reports import Bounce, read_bounce
from notifier.delivery.results import record_returned
from notifier.settings import Settings

_EVERY_SECONDS = 10.0
_READ_BYTES = 1_000_000
_AT_ONCE = 100


def returned_mail(settings: Settings, database: Database, agencies: Agencies, health: Health) -> dict[str, Worker]:
    """The worker that looks for what came back; none where it goes nowhere."""
    if settings.bounces is None:
        return {}

    def record(bounce: Bounce) -> None:
        with database.transaction() as connection:
            record_returned(connection, settings, agencies, bounce.delivery_id, bounce.status)

    look = partial(take_bounces, settings.bounces, settings.link_key, record)
    return {"bounces": every(_EVERY_SECONDS, "bounces", health, look)}


def take_bounces(folder: Path, key: bytes, record: Callable[[Bounce], object]) -> int:
    """Record each bounce of `new`, and delete it once it is; what is none goes to `cur`. Gives how many there were.

    A mail server puts whole files into `new` (https://cr.yp.to/proto/maildir.html), so each can be read at once. What
    recording raises is raised, and the file is there the next time; another instance may have taken one meanwhile.
    """
    taken = 0
    files = sorted((file for file in (folder / "new").iterdir() if file.is_file()), key=lambda file: file.name)
    for file in files[:_AT_ONCE]:
        with suppress(FileNotFoundError):
            bounce = _read(file, key)
            if bounce is None:
                file.rename(folder / "cur" / f"{file.name.partition(':')[0]}:2,")
                continue
            record(bounce)
            taken += 1
            file.unlink()
    return taken


def _read(file: Path, key: bytes) -> Bounce | None:
    with file.open("rb") as mail:
        return read_bounce(mail.read(_READ_BYTES), key)
