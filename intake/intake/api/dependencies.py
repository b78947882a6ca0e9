"""What requests are answered with."""

from dataclasses import dataclass

from intake.domain.identity import Identities
from intake.domain.photos import PhotoTokens
from intake.log_writer import LogWriter
from intake.settings import Settings
from intake.store.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Settings, what is derived from the secrets, how much senders sent, and the log."""

    settings: Settings
    identities: Identities
    photo_tokens: PhotoTokens
    usage: Usage
    log: LogWriter
