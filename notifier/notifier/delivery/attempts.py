"""Attempts at deliveries by their channels, outside of any transaction: whatever happens in one is its result."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from chassis.clock import now
from contracts.addresses import EmailAddress, email_address
from contracts.agencies import Agencies
from contracts.events.notices import Audience, Channel

from notifier.answers.signatures import recipient_secret
from notifier.contacts.mailboxes import mailbox_key
from notifier.contacts.return_paths import return_path
from notifier.contacts.sealing import decrypt_address
from notifier.delivery.channels.limits import LimitedLoop
from notifier.delivery.channels.mail import compose_mail
from notifier.delivery.channels.smtp import MailSender
from notifier.delivery.channels.webhooks import encode_webhook, post_webhook
from notifier.domain.deliveries import AttemptResult, Delivery, Outcome
from notifier.domain.notices import EMERGENCY_KINDS, NoticeKind
from notifier.domain.recipients import Entry, recipient_entry
from notifier.settings import Settings

log = structlog.get_logger()


class NotHandedOver(Exception):
    """Nothing of the message may leave now; `result` says why."""

    def __init__(self, result: AttemptResult) -> None:
        super().__init__(result.reason)
        self.result = result


@dataclass(slots=True)
class HandOver:
    """The moment from which a message may have arrived. `write` keeps that it came, or raises NotHandedOver.

    `target` is a keyed hash of the address it goes to: of a citizen's mailbox only where that is asked something.
    """

    write: Callable[[bytes | None], None]
    target: bytes | None = None
    begun: bool = False

    def __call__(self) -> None:
        """Begin it; once begun, again changes nothing. Raises NotHandedOver."""
        if not self.begun:
            self.write(self.target)
        self.begun = True


def concluded(ended: AttemptResult | BaseException, hand_over: HandOver) -> AttemptResult:
    """What an attempt came to, by how it ended.

    What breaks one off before the message was handed over is tried again; after that it is uncertain.
    """
    if isinstance(ended, AttemptResult):
        return ended
    if isinstance(ended, NotHandedOver):
        return ended.result
    # Never the words of what was raised: they may repeat an address.
    log.warning("attempt broke off", error=_name_of(ended), where=_place_of(ended), handed_over=hand_over.begun)
    return AttemptResult(Outcome.UNCERTAIN if hand_over.begun else Outcome.DEFERRED, _name_of(ended))


class Attempts:
    """Makes one attempt after another, and keeps the connection to the mail server from one to the next."""

    def __init__(self, settings: Settings, agencies: Agencies) -> None:
        self._agencies = agencies
        self._settings, self._loop, self._mail = settings, LimitedLoop(), MailSender(settings.mail_server)
        self._contact_key, self._link_key = settings.contact_key, settings.link_key

    def make(self, read: Callable[[], Delivery], hand_over: HandOver) -> AttemptResult:
        """Send the delivery that `read` gives once, within `send_timeout`. Raises nothing that is its own fault."""
        ended = self._loop.outcome(self._settings.send_timeout, self._send(read, hand_over))
        if not isinstance(ended, AttemptResult):
            self.close()  # what broke off may have left anything behind; the next begins anew
        return concluded(ended, hand_over)

    def rest(self) -> None:
        """Leave the mail server, where there is nothing to send for a while."""
        self._loop.run(self._mail.leave)

    def close(self) -> None:
        """End all that is open."""
        self.rest()
        self._loop.close()

    async def _send(self, read: Callable[[], Delivery], hand_over: HandOver) -> AttemptResult:
        delivery = read()
        match delivery.channel:
            case Channel.EMAIL:
                return await self._by_email(delivery, hand_over)
            case Channel.WEBHOOK:
                return await self._by_webhook(delivery, hand_over)
            case Channel.LOG:
                return _by_log(delivery)
            case Channel.TOPIC:
                raise AssertionError("what goes on a topic goes with the transaction that decides it")

    async def _by_email(self, delivery: Delivery, hand_over: HandOver) -> AttemptResult:
        settings = self._settings
        address: EmailAddress | None
        if delivery.audience is Audience.CITIZEN:
            if delivery.overtaken:
                return AttemptResult(Outcome.CANCELLED, "superseded")
            if delivery.sealed is None:
                return AttemptResult(Outcome.CANCELLED, "erased")
            address = decrypt_address(delivery.sealed, self._contact_key)
            if address is None:
                return AttemptResult(Outcome.REFUSED, "the contact cannot be opened or is no address")
            if delivery.kind == NoticeKind.CONFIRM_ADDRESS:
                if (until := delivery.items[0].details.due_at) and until < now():
                    return AttemptResult(Outcome.CANCELLED, "too late to say yes")
                hand_over.target = mailbox_key(address, self._link_key)
        else:
            written = delivery.on_duty or self._entry(delivery).email
            if not written:
                return self._closed(delivery)
            try:
                address = email_address(written)
            except ValueError:  # a recipient's code is filled in, and any code may come
                return AttemptResult(Outcome.REFUSED, "the directory's address is none")
            hand_over.target = _target(settings, Channel.EMAIL, address.lower())
        mail = compose_mail(settings, self._agencies, delivery, address, now())
        back_to = (
            return_path(settings.bounces_to, self._link_key, delivery.id) if settings.bounces else settings.bounces_to
        )
        return await self._mail.send(back_to, address, mail, hand_over)

    async def _by_webhook(self, delivery: Delivery, hand_over: HandOver) -> AttemptResult:
        settings, code, url = self._settings, delivery.recipient or "", self._entry(delivery).webhook
        if not url:
            return self._closed(delivery)
        if not settings.webhook_key:  # agencies come while we run, so no start could have asked for it
            return AttemptResult(Outcome.DEFERRED, "there is no KMZB_NOTIFIER_WEBHOOK_SECRET to sign with")
        hand_over.target = _target(settings, Channel.WEBHOOK, url)
        secret, at = recipient_secret(settings.webhook_key, code), now()
        # The police's own stand in the directory, which is the operators'; an agency's is whatever was said of it.
        allowed = settings.webhook_networks if delivery.audience is Audience.AGENCY else None
        return await post_webhook(url, secret, delivery.id, encode_webhook(delivery, at), at, hand_over, allowed)

    def _entry(self, delivery: Delivery) -> Entry:
        return recipient_entry(self._settings.recipients, self._agencies, delivery.audience, delivery.recipient or "")

    def _closed(self, delivery: Delivery) -> AttemptResult:
        """The channel was closed since the notice was written: it goes by those that are open now."""
        outcome = Outcome.MOVED if self._entry(delivery).channels else Outcome.REFUSED
        return AttemptResult(outcome, f"the directory has no {delivery.channel} any more")


def _target(settings: Settings, channel: Channel, address: str) -> bytes:
    return hmac.digest(settings.link_key, f"target/{channel}/{address}".encode(), hashlib.sha256)


def _by_log(delivery: Delivery) -> AttemptResult:
    for item in delivery.items:
        say = log.warning if item.kind in EMERGENCY_KINDS else log.info
        say("notice", kind=item.kind, recipient=delivery.recipient, report_id=str(item.report_id))
    return AttemptResult(Outcome.SENT)


def _name_of(error: BaseException) -> str:
    code = getattr(error, "code", None)
    return f"{type(error).__name__} {code}" if isinstance(code, int) else type(error).__name__


def _place_of(error: BaseException) -> str:
    """The file and line that raised, without what stood there."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
