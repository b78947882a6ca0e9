"""Messages nobody can use: one for each thing that may be wrong, and as many drawn ones as one likes."""

import random

from contracts.events.reports import ReportContent
from support.chassis.raw_producer import RawRecord
from support.events import outgoing, report_id

GOOD = outgoing(ReportContent(report_id=report_id(1), description="seen"))
KEY = GOOD.raw_key
DEEP = b"[" * 10_000 + b"]" * 10_000
VALUES = [
    b"",
    b"\x00",
    DEEP,
    b'{"report_id":' + DEEP + b"}",
    b'{"report_id":"\\ud800"}',
    b"NaN",
    b"1" * 5_000,
    b'{"report_id":1e999}',
    b"\xff\xfe",
    b"\x1f\x8b\x08\x00",
    b"\xef\xbb\xbf{}",
    b"x" * 900_000,
]
KEYS = [b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", KEY + b"\x00", b"k" * 100_000, KEY.upper(), b"test", "ż".encode()]


def bad_records(topic: str, number: int) -> list[RawRecord]:
    """Records nobody can use, one for each thing that may be wrong, then as many drawn ones."""
    context = [(name.encode(), raw) for name, raw in GOOD.headers]
    fixed = [
        *[RawRecord(topic, KEY, context, value) for value in VALUES],
        *[RawRecord(topic, key, context, GOOD.value) for key in KEYS],
        RawRecord(topic, b"\xff\xfd", [(b"\xff\xfe", b"x"), *context], GOOD.value),
        RawRecord(topic, b"\x00", [(b"", None), (b"ce_id", None)], None),
        *[RawRecord(topic, key, [], None) for key in KEYS],
        RawRecord(topic, KEY, [(name, None) for name, _ in context], GOOD.value),
    ]
    chance = random.Random(7)
    for _ in range(number):
        key, value, name, header = (chance.randbytes(chance.randrange(40)) for _ in range(4))
        headers = [*chance.sample(context, chance.randrange(len(context))), (name.replace(b"\0", b""), header)]
        fixed.append(RawRecord(topic, key, headers, value))
    return fixed
