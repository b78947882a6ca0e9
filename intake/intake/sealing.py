"""Contacts are sealed the moment they come in: only the notifier can open them."""

import base64
from uuid import UUID

import msgspec
from contracts.addresses import email_address
from contracts.events.reports import ReportContact
from nacl.public import PublicKey, SealedBox

from intake.domain.forms import ReportForm


class ContactSealer:
    """Seals to the notifier's key, given as the base64 of an X25519 public key."""

    def __init__(self, public_key: str) -> None:
        self._box = SealedBox(PublicKey(base64.b64decode(public_key)))

    def report_contact(self, form: ReportForm, report_id: UUID) -> ReportContact | None:
        """The sealed contact of a report for its own topic; None where there is none."""
        if form.contact is None:
            return None
        sealed = self._box.encrypt(msgspec.json.encode({"email": email_address(form.contact.email)}))
        return ReportContact(report_id=report_id, sealed=base64.b64encode(sealed).decode(), language=form.language)
