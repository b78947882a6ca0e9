"""What is written to Kafka: kinds 1 to 4, as bytes, since no client of ours would write it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import partial
from uuid import UUID, uuid4

from contracts.envelope import Outgoing
from contracts.events.districts import District, Level
from contracts.events.referrals import ReferralAcknowledged
from contracts.events.reports import ReportContact, ReportContent, ReportSubmitted
from contracts.topics import CONTACT, CONTENT, DISTRICT, PUBLIC_REPORT, REPORT_SUBMITTED, answer_topic
from journeys.strangers.difficult import VICTIM
from journeys.strangers.shape import Command, Example, Exit, Gives, Headers, Letter, Record, letters
from journeys.strangers.stage import Stage
from nacl.public import PublicKey, SealedBox
from support.chassis.bad_messages import bad_records
from support.events import SUBMITTED, outgoing
from support.wait import eventually

AGENCY = "city-guard"
ANSWERS = answer_topic(AGENCY)
READERS = ("routing", "casework", "sla-monitor", "notifier", "public-map")
"""Who reads submitted reports, but for intake, which only looks up its own."""


def raw(message: Outgoing) -> Headers:
    """The headers as bytes."""
    return [(name.encode(), value) for name, value in message.headers]


ANSWER = outgoing(
    ReferralAcknowledged(report_id=uuid4(), referral_id=uuid4(), answered_at=SUBMITTED), source=AGENCY, topic=ANSWERS
)
WORDS = outgoing(ReportContent(report_id=uuid4(), description="?"), source="intake")
SUBMISSION = outgoing(
    ReportSubmitted(
        report_id=uuid4(),
        category="parking",
        longitude=17.9,
        latitude=50.6,
        submitted_at=SUBMITTED,
        receipt_sha256="0" * 64,
    ),
    source="intake",
)
BEAT = outgoing(
    District(garrison="OPO", version="2026-01-01T00.00.00Z-0000", code="R9", level=Level.BEAT, name="Rejon"),
    source="boundary-import",
)


def _value(message: Outgoing, old: bytes, new: bytes) -> bytes:
    assert message.value is not None
    assert old in message.value
    return message.value.replace(old, new)


def _foreign_key(value: bytes | None, stage: Stage) -> str:
    """A message with key `test` on the public topic: the reconciler names it, and goes on."""

    def foreign() -> float:
        return stage.journey.metric("public_map", "kmzb_public_topic_foreign_total")

    before = foreign()
    Record(PUBLIC_REPORT, b"test", [], value)(stage)
    eventually(lambda: foreign() > before)
    return "counted"


def _lone_surrogate(stage: Stage) -> list[int]:
    """Half a character is set aside, and both commands that print messages print it."""
    record = Record(CONTENT, WORDS.raw_key, raw(WORDS), b'{"report_id":"\\ud800"}')
    Letter(["casework"], "json")(stage, record(stage))
    letter = next(letter for letter in letters(stage, "casework") if letter.value() == record.value)
    show = Command(f"dead-letters show casework {letter.partition()} {letter.offset()} --value")
    read = Command(f"topics read {CONTENT.name} --key {WORDS.key}")
    said = [show(stage), read(stage)]
    assert all("\\ud800" in text for _, text in said), said
    return [code for code, _ in said]


def _answer_after_a_wrong_one(stage: Stage) -> str:
    """An answer whose ce_time has no zone is a letter; the agency's next one counts."""
    receipt = stage.opened(take_up=True)
    stage.change(receipt, "confirm")
    stage.change(receipt, "refer", agency=AGENCY)
    [referral] = stage.detail(receipt)["referrals"]
    event = ReferralAcknowledged(
        report_id=receipt.report_id, referral_id=UUID(referral["referral_id"]), answered_at=stage.journey.now()
    )
    right = outgoing(event, source=AGENCY, topic=ANSWERS, at=stage.journey.now())
    headers = [(name, b"2026-11-26T12:00:00" if name == b"ce_time" else value) for name, value in raw(right)]
    Letter(["casework"], "envelope")(stage, Record(ANSWERS, right.raw_key, headers, right.value)(stage))
    stage.journey.publish(right)
    eventually(lambda: stage.detail(receipt)["referrals"][0]["acknowledged_at"])
    return "acknowledged"


def _sealed_address(stage: Stage) -> str:
    """An encoded word as the contact of a report, past intake: it is passed over, and who reports next is asked."""
    key = PublicKey(b64decode(stage.journey.addresses["KMZB_INTAKE_CONTACT_PUBLIC_KEY"]))
    for address in (f"=?utf-8?q?v=40{VICTIM}=2C?=@example.org", "=?utf-8?q??=@example.org"):
        sealed = b64encode(SealedBox(key).encrypt(json.dumps({"email": address}).encode())).decode()
        receipt = stage.opened()
        message = outgoing(ReportContact(report_id=receipt.report_id, sealed=sealed), source="intake")
        Record(CONTACT, message.raw_key, raw(message), message.value)(stage)
    stage.opened(contact={"email": "next@citizens.example"})
    eventually(lambda: stage.mails_to("next@citizens.example"))
    return "the next one's mail"


def _beat_of_two_lines(stage: Stage) -> list[int]:
    """Every command that reads districts passes it over and names it."""
    Record(DISTRICT, BEAT.raw_key, raw(BEAT), _value(BEAT, b"Rejon", b"Rej\\non"))(stage)
    said = [Command(words)(stage) for words in ("districts list", "districts locate 17.9213 50.6683")]
    assert all("passed over" in text for _, text in said), said
    return [code for code, _ in said]


def _whatever(stage: Stage) -> str:
    """Hundreds of messages of whatever bytes; on topics of ours alone, so many in a row would rightly stop readers."""
    for topic in (ANSWERS, CONTENT, CONTACT, DISTRICT, PUBLIC_REPORT):
        stage.journey.write_raw(*bad_records(stage.journey.settings.namespace + topic.name, 30))
        stage.opened()
    return "served"


MESSAGES: Sequence[Example] = (
    Example(
        1, "NUL in an agency's key", Record(ANSWERS, b"\x00", raw(ANSWER), ANSWER.value), Letter(["casework"], "key")
    ),
    Example(
        1,
        "a header's name that is no UTF-8",
        Record(ANSWERS, ANSWER.raw_key, [(b"\xff\xfe", b"x"), *raw(ANSWER)], ANSWER.value),
        Letter(["casework"], "referral"),
    ),
    Example(1, "key `test` on the public topic", partial(_foreign_key, b"{}"), Gives("counted")),
    Example(1, "and its tombstone", partial(_foreign_key, None), Gives("counted")),
    Example(
        1, "a key that is no UTF-8", Record(CONTENT, b"\xff\xfe", raw(WORDS), WORDS.value), Letter(["casework"], "key")
    ),
    Example(
        1,
        "another such key is not behind the first",
        Record(CONTENT, b"\xff\xfd", raw(WORDS), WORDS.value),
        Letter(["casework"], "key"),
    ),
    Example(1, "half a character, and the commands that show it", _lone_surrogate, Gives([0, 0])),
    Example(
        1,
        "set-aside of what does not wait",
        Command(f"dead-letters set-aside {CONTENT.name} 0 999999 --service casework"),
        Exit(1, ["999999"]),
    ),
    Example(
        2,
        "a report submitted in 9999",
        Record(REPORT_SUBMITTED, SUBMISSION.raw_key, raw(SUBMISSION), _value(SUBMISSION, b"2026-11-02", b"9999-11-02")),
        Letter(READERS, "schema"),
    ),
    Example(
        2,
        "a report submitted in decades",
        Record(REPORT_SUBMITTED, SUBMISSION.raw_key, raw(SUBMISSION), _value(SUBMISSION, b"2026-11-02", b"2099-11-02")),
        Letter(READERS, "time"),
    ),
    Example(2, "a ce_time without zone, then a right answer", _answer_after_a_wrong_one, Gives("acknowledged")),
    Example(3, "a beat named with a line break, on the log", _beat_of_two_lines, Gives([0, 0])),
    Example(4, "an address that is another's, past intake", _sealed_address, Gives("the next one's mail")),
    Example(1, "whatever bytes", _whatever, Gives("served"), slow=True),
)
