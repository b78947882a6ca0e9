"""A citizen's contact, sealed the moment it comes in: from here on only the notifier can open it."""

import base64
from uuid import UUID

import msgspec
from contracts.reports import ReportContact
from nacl.public import PublicKey, SealedBox

from intake.forms import ReportForm


class Sealer:
    def __init__(self, public_key: str) -> None:
        self._box = SealedBox(PublicKey(base64.b64decode(public_key)))

    def contact(self, form: ReportForm, report_id: UUID) -> ReportContact | None:
        """The sealed contact of a report, if it has one. Sealed twice, the same contact looks different."""
        if form.contact is None:
            return None
        sealed = self._box.encrypt(msgspec.json.encode(form.contact))
        return ReportContact(report_id=report_id, sealed=base64.b64encode(sealed).decode(), language=form.language)
