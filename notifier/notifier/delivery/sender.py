"""The senders' loop: claim some deliveries and commit, attempt each holding nothing, record what became of them all.

A connection held while a mail server thinks is a connection nobody else has.
"""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from time import monotonic

from chassis.health import Health
from chassis.postgres import Connection, Database
from contracts.agencies import Agencies
from contracts.events.notices import Channel

from notifier.delivery.attempts import Attempts, HandOver, NotHandedOver
from notifier.delivery.calls import Call
from notifier.delivery.results import record_attempts
from notifier.domain.deliveries import AttemptResult, Delivery, Outcome
from notifier.domain.notices import DEADLINE_KINDS, NoticeKind
from notifier.settings import Settings
from notifier.store.deliveries import claim_deliveries, update_deliveries_released, update_delivery_handed_over
from notifier.store.questions import claim_question
from notifier.store.told import Told, find_told

BATCH = 25
# What is claimed waits for one sender alone, so it is given back where the others may be quicker.
_BATCH_SECONDS = timedelta(seconds=1)
_BEAT_SECONDS = 1.0
_REST_AFTER_SECONDS = 5.0
# A slow webhook must not keep mail waiting, nor one slow mailbox all others.
_SENDERS = {Channel.EMAIL: 4, Channel.WEBHOOK: 4, Channel.LOG: 1}


class Sender:
    """A worker for one channel, at work once it is called; where more is due than it takes it calls another.

    `agencies` are called by their names; `jitter` gives numbers from 0 to 1; `beat` is called before and after each
    attempt. One that is `urgent_only` leaves the rest to others, so that what can wait never has all senders.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        channel: Channel,
        agencies: Agencies,
        jitter: Callable[[], float],
        beat: Callable[[], None],
        *,
        urgent_only: bool = False,
        woken: Call | None = None,
    ) -> None:
        self.woken = woken or Call(urgent_only=urgent_only)
        self._settings, self._database, self._channel = settings, database, channel
        self._jitter, self._beat, self._urgent_only = jitter, beat, urgent_only
        self._agencies, self._attempts = agencies, Attempts(settings, agencies)
        self._accepted: list[Delivery] = []
        self._more = True  # than was taken may be due

    def __call__(self, stop: threading.Event) -> None:
        """Send until stopped."""
        try:
            while not stop.is_set():
                self.send(BATCH, stop.is_set)
                if not self._more:
                    self._rest(stop)
                self._beat()
        finally:
            self.close()

    def send(self, limit: int, stopping: Callable[[], bool] = lambda: False) -> int:
        """Attempt up to so many deliveries, the most urgent first, of those the oldest; returns how many it attempted.

        What it doesn't get to within the time of a batch it gives back as it was.
        """
        lease = self._settings.lease
        with self._database.transaction() as connection:
            claimed = claim_deliveries(connection, self._channel, lease, limit, urgent_only=self._urgent_only)
        self._more = len(claimed) == (1 if self._channel is Channel.WEBHOOK else limit)
        if not claimed:
            return 0
        if self._more:
            self.woken.make()
        # The last attempt that begins within it ends long before the lease does.
        ends_at = monotonic() + min(_BATCH_SECONDS, (lease - self._settings.send_timeout) / 2).total_seconds()
        ended: list[tuple[Delivery, AttemptResult]] = []
        for item in claimed:
            if ended and (monotonic() >= ends_at or stopping()):
                break
            self._beat()
            hand_over = HandOver(partial(self._hand_over, item.delivery))
            ended.append((item.delivery, self._attempts.make(item.read, hand_over)))
            if not hand_over.begun:
                continue
            if ended[-1][1].outcome is not Outcome.SENT:
                break  # no later hand-over says what became of it, so it is recorded now
            self._accepted.append(item.delivery)
        self._accepted, released = [], [item.delivery for item in claimed[len(ended) :]]
        with self._database.transaction() as connection:
            record_attempts(connection, self._settings, ended, self._jitter, self._agencies)
            update_deliveries_released(connection, released)
        self._more |= bool(released)
        return len(ended)

    def close(self) -> None:
        """Leave the mail server."""
        self._attempts.close()

    def _rest(self, stop: threading.Event) -> None:
        since = monotonic()
        while not stop.is_set() and not self.woken.wait(_BEAT_SECONDS):
            self._beat()
            if monotonic() - since >= _REST_AFTER_SECONDS:
                self._attempts.rest()

    def _hand_over(self, delivery: Delivery, target: bytes | None) -> None:
        """Keep that it is handed over, and that those before it in the batch were accepted. Raises NotHandedOver."""
        told_once = delivery.kind in DEADLINE_KINDS  # of all else one recipient alone is told
        with self._database.transaction() as connection:
            kept = update_delivery_handed_over(connection, delivery, target if told_once else None, self._accepted)
            if not kept:
                raise NotHandedOver(
                    AttemptResult(Outcome.DEFERRED, "the lease ended, or nobody is to be told any more")
                )
            if target is not None and told_once:
                _require_untold(connection, delivery, target)
            if target is not None and delivery.kind == NoticeKind.CONFIRM_ADDRESS:
                _require_unasked(connection, delivery, target)
        self._accepted = []


def make_senders(
    settings: Settings, database: Database, agencies: Agencies, health: Health
) -> dict[Channel, dict[str, Sender]]:
    """The senders of each channel, by the names of their workers."""

    def made(name: str, channel: Channel, call: Call) -> Sender:
        beat, urgent_only = partial(health.beat, name), call.urgent_only
        return Sender(settings, database, channel, agencies, random.random, beat, urgent_only=urgent_only, woken=call)

    of_all: dict[Channel, dict[str, Sender]] = {}
    for channel, count in _SENDERS.items():
        call, urgent = Call(), Call(urgent_only=True)
        # What can wait never has all of them.
        calls = [urgent if number > 0 and number == count - 1 else call for number in range(count)]
        names = {f"{channel}-{number}": each for number, each in enumerate(calls)}
        of_all[channel] = {name: made(name, channel, each) for name, each in names.items()}
    return of_all


def _require_untold(connection: Connection, delivery: Delivery, target: bytes) -> None:
    match find_told(connection, delivery, target):
        case Told.TOLD:
            raise NotHandedOver(AttemptResult(Outcome.CANCELLED, "this address was told"))
        case Told.BEING_TOLD:
            raise NotHandedOver(AttemptResult(Outcome.DEFERRED, "this address is just being told"))


def _require_unasked(connection: Connection, delivery: Delivery, mailbox: bytes) -> None:
    if wait := claim_question(connection, delivery, mailbox):
        raise NotHandedOver(AttemptResult(Outcome.DEFERRED, "the mailbox was asked often", wait))
