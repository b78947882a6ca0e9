"""A bare hop: what is read from one topic is written to another, byte by byte. Or with one PostGIS query in between.

    python -m bench.peers.hop BOOTSTRAP NAMESPACE FROM TO [DSN]

The least a consumer and a producer of confluent-kafka cost: batches of what is there, nothing looked at, no error, no
acknowledgement waited for before offsets are committed in the background. The producer is set as the services' are.
With a DSN each report's place is looked up in the table `district`, with a prepared ST_Covers, and the answer is sent
along as a header.
"""

import signal
import sys
import threading
from collections.abc import Callable

import msgspec
import psycopg
from chassis.kafka.client import producer
from chassis.settings import Settings
from confluent_kafka import Consumer, Message, Producer

_BATCH = 500
LOOKUP = "select code from district where st_covers(geom, st_setsrid(st_makepoint(%s, %s), 4326)) order by code limit 1"
Headers = list[tuple[str, str | bytes | None]]


class Place(msgspec.Struct):
    """All a lookup needs of a report."""

    longitude: float
    latitude: float


def hop(consumer: Consumer, to: Producer, topic: str, headers: Callable[[Message], Headers]) -> None:
    """Pass on what is there."""
    first = consumer.poll(0.1)
    if first is None:
        return
    for message in [first, *consumer.consume(_BATCH - 1, 0)]:
        if message.error() is None:
            to.produce(topic, key=message.key(), value=message.value(), headers=headers(message))
    to.poll(0)


def unchanged(message: Message) -> Headers:
    """The headers as they came."""
    return [*(message.headers() or [])]


def with_district(dsn: str) -> Callable[[Message], Headers]:
    """The headers and the code of the district the report's place lies in."""
    connection = psycopg.connect(dsn, autocommit=True)
    decoder = msgspec.json.Decoder(Place)

    def headers(message: Message) -> Headers:
        place = decoder.decode(message.value() or b"")
        found = connection.execute(LOOKUP, (place.longitude, place.latitude), prepare=True).fetchone()
        return [*unchanged(message), ("district", str(found[0]).encode() if found else b"")]

    return headers


def main() -> None:
    """Hop until stopped."""
    bootstrap, namespace, source, target, *dsn = sys.argv[1:]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    headers = with_district(dsn[0]) if dsn else unchanged
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": f"{namespace}hop", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([namespace + source], on_assign=lambda *_: print("ready", flush=True))
    to = producer(Settings(kafka_bootstrap=bootstrap, namespace=namespace), "hop")
    while not stop.is_set():
        hop(consumer, to, namespace + target, headers)
    to.flush()
    consumer.close()


if __name__ == "__main__":
    main()
