"""Writes to those who subscribed: once the question whether they want it, then once a day what changed on the map."""

from datetime import datetime, timedelta
from time import monotonic
from uuid import uuid5

import httpx
import msgspec
import structlog
from chassis.clock import now
from chassis.postgres import Database
from contracts.addresses import EmailAddress

from notifier.contacts.sealing import decrypt_address
from notifier.delivery.attempts import HandOver, NotHandedOver, concluded
from notifier.delivery.channels.limits import LimitedLoop
from notifier.delivery.channels.mail import Envelope, one_click, written_mail
from notifier.delivery.channels.smtp import MailSender
from notifier.delivery.subscriptions.changes import changes_since
from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.domain.subscriptions.areas import Subscription
from notifier.links import Purpose, signed_link
from notifier.settings import Settings
from notifier.store.subscriptions.asking import delete_subscription
from notifier.store.subscriptions.sending import (
    claim_due_subscription,
    delete_unanswered_subscriptions,
    update_subscription_handed_over,
    update_subscription_put_off,
)
from notifier.texts.phrases import MailText
from notifier.texts.subscribers import compose_changes, compose_question

log = structlog.get_logger()

_LATER = timedelta(minutes=15)
# The map shows a change seconds after it was made; an hour that ended just now may not be whole there.
_WHOLE_AFTER = timedelta(minutes=10)
_MAP_SECONDS = 10.0
# A worker that says nothing for a minute is taken for stuck; the last mail may take half of that.
_AT_ONCE_SECONDS = 5.0


class Subscribers:
    """Takes up whoever is due, one after the other. For one thread."""

    def __init__(self, settings: Settings, database: Database, client: httpx.Client | None = None) -> None:
        self._settings, self._database = settings, database
        self._map = client or httpx.Client(base_url=settings.map_api, timeout=_MAP_SECONDS)
        self._loop, self._mail = LimitedLoop(), MailSender(settings.mail_server)

    def write_to_due(self) -> int:
        """Write to those who are due, for some seconds; forget who did not say yes. Returns how many were taken up."""
        count, ends_at = 0, monotonic() + _AT_ONCE_SECONDS
        with self._database.transaction() as connection:
            delete_unanswered_subscriptions(connection, self._settings.confirm_within)
        while monotonic() < ends_at:
            with self._database.transaction() as connection:
                due = claim_due_subscription(connection, self._settings.lease)
            if due is None:
                break
            self._write_to(due)
            count += 1
        self._loop.run(self._mail.leave)
        return count

    def close(self) -> None:
        """End all that is open."""
        self._loop.run(self._mail.leave)
        self._loop.close()
        self._map.close()

    def _write_to(self, due: Subscription) -> None:
        address = decrypt_address(due.sealed, self._settings.contact_key)
        if address is None:
            self._end(due)
            return
        until = (now() - _WHOLE_AFTER).replace(minute=0, second=0, microsecond=0)
        try:
            text = self._text(due, until)
        except (httpx.HTTPError, msgspec.MsgspecError) as wrong:
            log.warning("the map does not say what changed", error=type(wrong).__name__)
            self._put_off(due, _LATER)
            return
        if text is None:
            with self._database.transaction() as connection:
                update_subscription_handed_over(connection, due, until)
            return
        self._conclude(due, self._send(due, address, text, until))

    def _text(self, due: Subscription, until: datetime) -> MailText | None:
        """The question; or the changes, None where there are none. Raises httpx.HTTPError, msgspec.MsgspecError."""
        link = self._link(due)
        if due.confirmed_at is None or due.told_until is None:
            return compose_question(due.language, link, due.asked_at + self._settings.confirm_within)
        changes = changes_since(self._map, due.area, due.told_until, until) if due.told_until < until else []
        return compose_changes(changes, due.language, self._settings.public_map_url, link) if changes else None

    def _send(self, due: Subscription, address: EmailAddress, text: MailText, until: datetime) -> AttemptResult:
        # The same mail at every attempt, another one each day.
        of_day = uuid5(due.id, until.isoformat() if due.confirmed_at else due.asked_at.isoformat())
        envelope = Envelope(self._settings.mail_from, address, of_day, now(), due.language)
        mail = written_mail(envelope, text, one_click(f"{self._link(due)}/end"))
        told = until if due.confirmed_at else None
        hand_over = HandOver(lambda _: self._hand_over(due, told))
        sending = self._mail.send(self._settings.bounces_to, address, mail, hand_over)
        ended = self._loop.outcome(self._settings.send_timeout, sending)
        if not isinstance(ended, AttemptResult):
            self._loop.run(self._mail.leave)
        return concluded(ended, hand_over)

    def _hand_over(self, due: Subscription, until: datetime | None) -> None:
        with self._database.transaction() as connection:
            if not update_subscription_handed_over(connection, due, until):
                raise NotHandedOver(AttemptResult(Outcome.CANCELLED, "ended"))

    def _conclude(self, due: Subscription, result: AttemptResult) -> None:
        """A mail that may have arrived is never sent again; to a mailbox that refuses for good nothing is."""
        if result.outcome is Outcome.DEFERRED:
            self._put_off(due, result.wait or _LATER)
        elif result.outcome is Outcome.REFUSED:
            self._end(due)

    def _put_off(self, due: Subscription, wait: timedelta) -> None:
        with self._database.transaction() as connection:
            update_subscription_put_off(connection, due, wait)

    def _end(self, due: Subscription) -> None:
        with self._database.transaction() as connection:
            delete_subscription(connection, due.id)

    def _link(self, due: Subscription) -> str:
        return signed_link(self._settings.links_url, Purpose.SUBSCRIPTION, due.id, self._settings.link_key)
