"""Letters: what could not be used, as it came, for the dead-letter topic; and how much of it stops a consumer."""

from hashlib import sha256

import structlog
from contracts.envelope import Headers, Outgoing, Unusable
from contracts.topics import DEAD_LETTERS, others_write

from chassis.kafka.messages import RawMessage
from chassis.settings import Settings

log = structlog.get_logger()
# Together less than a dead-letter topic takes: a batch that a writer compressed may hold far more than it weighs.
_VALUE_BYTES, _HEADERS_BYTES, _KEY_BYTES = 7 << 20, 512 << 10, 512 << 10


class TooManyUnusable(RuntimeError):
    """So many in a row that it is not the messages that are wrong."""


class Letters:
    """Makes letters of what can't be used. Many in a row stop the consumer: then it is not the messages that are wrong.

    The batch it stops in is not committed: the restarted process meets the same messages, and stops at the same place
    until it is mended. A letter may be written again by then; topic, partition and offset in it tell a repeat.
    """

    def __init__(self, settings: Settings, service: str) -> None:
        self._settings, self.service, self._in_a_row = settings, service, 0

    def good(self) -> None:
        """Note that something could be used."""
        self._in_a_row = 0

    def letter(self, raw: RawMessage, why: Unusable) -> Outgoing:
        """The message as it came, with the reason; what is too large for a letter is cut, and that is said.

        Raises TooManyUnusable beyond the limit, and nothing else, whatever the message holds.
        """
        log.warning("unusable", reason=why.reason, message=raw.where)
        self._in_a_row += not others_write(raw.topic)
        if self._in_a_row >= self._settings.unusable_limit:
            raise TooManyUnusable(f"{self._in_a_row} unusable messages in a row, last {raw.where}: {why.reason}")
        key, headers, value, cut = _fitted(raw)
        story = [
            ("kmzb_dlq_topic", raw.topic.name),
            ("kmzb_dlq_partition", str(raw.partition)),
            ("kmzb_dlq_offset", str(raw.offset)),
            ("kmzb_dlq_reason", why.reason),
            ("kmzb_dlq_detail", why.detail[:1000]),
            ("kmzb_dlq_instance", self._settings.instance),
            *([("kmzb_dlq_headers", raw.odd_headers[:10_000])] if raw.odd_headers else []),
            *([("kmzb_dlq_cut", cut)] if cut else []),
        ]
        headers = [*headers, *((name, text.encode("utf-8", "replace")) for name, text in story)]
        return Outgoing(DEAD_LETTERS[self.service].name, key.decode("utf-8", "surrogateescape"), headers, value)


def key_hash(key: bytes) -> bytes:
    """What a key of any length and content is found by."""
    return sha256(key).digest()


def _fitted(raw: RawMessage) -> tuple[bytes, Headers, bytes | None, str]:
    """Key, headers and value as far as a letter can hold them, and in words what is lacking."""
    key, headers, value, cut = raw.key, raw.headers, raw.value, []
    if len(key) > _KEY_BYTES:
        cut.append(f"key: the first {_KEY_BYTES} of {len(key)} bytes, SHA-256 {sha256(key).hexdigest()}")
        key = key[:_KEY_BYTES]
    if sum(len(name.encode()) + len(content) for name, content in headers) > _HEADERS_BYTES:
        cut.append(f"headers: all {len(headers)}")
        headers = []
    if value is not None and len(value) > _VALUE_BYTES:
        cut.append(f"value: the first {_VALUE_BYTES} of {len(value)} bytes, SHA-256 {sha256(value).hexdigest()}")
        value = value[:_VALUE_BYTES]
    return key, headers, value, "; ".join(cut)
