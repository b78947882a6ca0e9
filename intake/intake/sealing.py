"""Contacts are sealed the moment they come in: only the notifier can open them."""

import base64
import hmac
from uuid import UUID

import msgspec
from contracts.events.reports import ReportContact
from nacl.encoding import RawEncoder
from nacl.hash import blake2b
from nacl.public import Box, PrivateKey, PublicKey

from intake.domain.forms import ReportForm


class ContactSealer:
    """Seals to the notifier's key, given as the base64 of an X25519 public key.

    A libsodium sealed box whose one-time key is derived under `secret` instead of drawn, so that what is sealed again
    for the same report is the same in every byte.
    """

    def __init__(self, public_key: str, secret: bytes) -> None:
        self._recipient, self._secret = PublicKey(base64.b64decode(public_key)), secret

    def report_contact(self, form: ReportForm, report_id: UUID) -> ReportContact | None:
        """The sealed contact of a report for its own topic; None where there is none."""
        if form.contact is None:
            return None
        sealed = self._seal(report_id, msgspec.json.encode(form.contact))
        return ReportContact(report_id=report_id, sealed=base64.b64encode(sealed).decode(), language=form.language)

    def _seal(self, report_id: UUID, message: bytes) -> bytes:
        one_time = PrivateKey(hmac.digest(self._secret, b"seal\0" + report_id.bytes + message, "sha256"))
        ends = bytes(one_time.public_key) + bytes(self._recipient)
        # The nonce crypto_box_seal uses: https://doc.libsodium.org/public-key_cryptography/sealed_boxes
        nonce = blake2b(ends, digest_size=Box.NONCE_SIZE, encoder=RawEncoder)
        return bytes(one_time.public_key) + Box(one_time, self._recipient).encrypt(message, nonce).ciphertext
