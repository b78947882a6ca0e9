"""One attempt at a delivery by its channel, outside of any transaction."""

import structlog
from chassis.clock import now
from contracts.events.notices import Audience, Channel

from notifier.contacts.sealing import decrypt_address
from notifier.delivery.mail import compose_mail
from notifier.delivery.smtp import send_mail
from notifier.delivery.webhooks import encode_webhook, post_webhook, recipient_secret
from notifier.domain.deliveries import AttemptResult, Delivery, Outcome
from notifier.settings import Settings

log = structlog.get_logger()


def attempt(settings: Settings, delivery: Delivery) -> AttemptResult:
    """Send a claimed delivery once."""
    match delivery.channel:
        case Channel.EMAIL:
            return _by_email(settings, delivery)
        case Channel.WEBHOOK:
            return _by_webhook(settings, delivery)
        case Channel.LOG:
            return _by_log(delivery)
        case Channel.TOPIC:
            raise AssertionError("what goes on a topic goes with the transaction that decides it")


def _by_email(settings: Settings, delivery: Delivery) -> AttemptResult:
    address: str | None
    if delivery.audience is Audience.CITIZEN:
        if delivery.sealed is None:
            return AttemptResult(Outcome.CANCELLED, "erased")
        address = decrypt_address(delivery.sealed, settings.contact_key)
        if address is None:
            return AttemptResult(Outcome.REFUSED, "the contact cannot be opened or is no address")
    else:
        address = settings.recipients.entry(delivery.audience, delivery.recipient or "").email
        if not address:
            return AttemptResult(Outcome.REFUSED, "the directory has no address any more")
    return send_mail(settings.mail_server, compose_mail(settings, delivery, address, now()))


def _by_webhook(settings: Settings, delivery: Delivery) -> AttemptResult:
    code = delivery.recipient or ""
    url = settings.recipients.entry(delivery.audience, code).webhook
    if not url:
        return AttemptResult(Outcome.REFUSED, "the directory has no webhook any more")
    secret, at = recipient_secret(settings.webhook_key, code), now()
    return post_webhook(url, secret, delivery.id, encode_webhook(delivery, at), at, settings.send_timeout)


def _by_log(delivery: Delivery) -> AttemptResult:
    for item in delivery.items:
        log.info("notice", kind=item.kind, recipient=delivery.recipient, report_id=str(item.report_id))
    return AttemptResult(Outcome.SENT)
