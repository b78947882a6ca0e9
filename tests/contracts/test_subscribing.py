"""What docs/subscribing.md tells strangers is so: its reader, as printed there, on a real broker, and its words."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from chassis.kafka.client import Publisher
from chassis.settings import Settings
from confluent_kafka import Producer
from contracts.envelope import decode, encode, tombstone
from contracts.events.public import PublicReport
from contracts.examples import examples
from contracts.topic import COMPRESSION
from contracts.topics import PUBLIC_REPORT, TOPICS, partner_topics
from support.events import report_id

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "subscribing.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def shown_by_printed_reader(settings: Settings) -> dict[str, PublicReport]:
    """What the program on the page reads from the public topic, run as it stands there."""
    code, _ = CODE
    program = f"{code}\nimport sys\nprint(json.dumps(read_public_reports(*sys.argv[1:])))"
    name = settings.namespace + PUBLIC_REPORT.name
    done = subprocess.run(
        [sys.executable, "-c", program, settings.kafka_bootstrap, name], capture_output=True, text=True, timeout=40
    )
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(done.stdout, type=dict[str, PublicReport])


def reports() -> list[PublicReport]:
    found = [example.message for example in examples() if example.event == "PublicReport" and example.message.value]
    events = [decode(message.headers, message.value or b"").data for message in found]
    return [event for event in events if isinstance(event, PublicReport)]


def test_a_plain_reader_reads_what_our_writers_write(settings: Settings, topics: Callable[..., None]) -> None:
    topics(PUBLIC_REPORT)
    first, second = reports()[:2]
    older = msgspec.structs.replace(first, version=1, supporters=0)
    newer = msgspec.structs.replace(first, version=first.version + 1)
    written = [second, older, newer, first]
    publisher = Publisher(settings, "public-map")
    publisher.publish(
        [encode(r, source="public-map", at=r.changed_at, event_id=report_id(n)) for n, r in enumerate(written)]
        + [tombstone(PUBLIC_REPORT, second.key)]
    )
    assert shown_by_printed_reader(settings) == {newer.key: newer}


def test_a_plain_reader_reads_what_is_written_in_any_codec(settings: Settings, topics: Callable[..., None]) -> None:
    topics(PUBLIC_REPORT)
    name = settings.namespace + PUBLIC_REPORT.name
    written = {}
    for number, codec in enumerate(("none", "gzip", "lz4", "snappy", "zstd")):
        producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "compression.codec": codec})
        report = msgspec.structs.replace(reports()[0], report_id=report_id(number))
        message = encode(report, source="public-map", at=report.changed_at, event_id=report_id(number))
        # Large enough that a client finds it worth compressing.
        value = (message.value or b"") + b" " * 4096
        producer.produce(name, value, message.key.encode(), headers=list(message.headers))
        assert producer.flush(20) == 0
        written[report.key] = report
    assert shown_by_printed_reader(settings) == written


def test_every_topic_is_kept_in_the_codec_the_page_names() -> None:
    assert f"**{COMPRESSION}**" in PAGE
    assert {topic.config["compression.type"] for topic in (*TOPICS, *partner_topics(["any"]))} == {COMPRESSION}


def test_the_page_names_every_header_and_every_topic_that_is_not_ours_alone() -> None:
    named = {name for example in examples() for name, _ in example.message.headers}
    assert all(f"`{name}`" in PAGE for name in named), named
    open_topics = [t for t in (*TOPICS, *partner_topics(["agency"])) if ".internal." not in t.name]
    for topic in open_topics:
        assert f"`{topic.name.replace('.partner.agency.', '.partner.<agency>.')}`" in PAGE
        assert all(f"`{event.__name__}`" in PAGE or topic is PUBLIC_REPORT for event in topic.events)
