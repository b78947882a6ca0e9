"""Line 6: from the POST until the opened case can be read, against bare hops and a commit.

Ours is all services as shipped, posted to at a rate whatever the answers do (open loop); a report's time runs from when
its POST was due until its case is committed, which is when casework's API shows it. That is looked for every 5 ms, of
some reports only, in casework's database: asking the API as often would slow down what is measured. Some of those
cases are asked of the API afterwards. The peer is what this takes at the least on the same servers: two bare hops
(report-submitted, report-routed), each a message produced with acks=all and read by a consumer at the same rate, and
one durable commit of one row. It leaves out HTTP, the citizen's words, which are on the log before the report, and
all work. Its p50 and p99 are those of a hop, twice, and of a commit, added up.
"""

import threading
from collections.abc import Iterator, Sequence
from time import monotonic, perf_counter, time

import httpx
import psycopg
from boundaries.seed import seed_cluster
from chassis.kafka.client import client_settings, producer, topic_name
from confluent_kafka import Consumer, TopicPartition
from contracts.topics import CASEWORK, INTAKE, Topic
from deploy.stack.services import SERVICES

from bench.core.cpu import MeasurementError
from bench.core.rounds import Goal, Row
from bench.costs.intake import BEHIND_A_PROXY
from bench.rates.looking import Looking, Waits
from bench.stand.peer_database import PeerDatabase, peer_database
from bench.stand.posting import post_at
from bench.stand.reports import posts
from bench.stand.running import Bench, Running, running
from bench.stand.settling import Settling, settling
from deploy import issuer

RATES = (20, 200, 1_000)
SECONDS = 15.0
HOPS = 2
SEEN_A_SECOND = 100
"""So many of the reports are looked for."""
WARMING = 10
"""So many messages first, that connect the clients."""
COMMITS = 200
ASKED = 5
MEDIAN, WORST = Goal("≤ 2x", 2.0), Goal("≤ 4x", 4.0)
HOP = Topic(name="bench.bare-hop", says="messages that hop once", writers=(), readers=())


def measure(bench: Bench) -> Iterator[Row]:
    """The table's rows, two a rate."""
    seconds = bench.seconds(SECONDS)
    with (
        running(bench, *SERVICES, settings=BEHIND_A_PROXY, seed=seed_cluster) as system,
        settling(system) as settled,
        peer_database(bench) as database,
    ):
        system.log.create(HOP)
        for per_second in RATES:
            rounds = []
            for number in range(bench.rounds + 1):
                mine = ours(system, settled, per_second, seconds, number)
                other = peer(system, database, per_second, seconds)
                if number:
                    rounds.append((mine, other))
                bench.say(f"at {per_second}/s, ms, round {number} of {bench.rounds}: {mine} against {other}")
            yield from _rows(per_second, seconds, rounds)


def _rows(per_second: int, seconds: float, rounds: Sequence[tuple[Waits, Waits]]) -> Iterator[Row]:
    for name, goal in (("p50", MEDIAN), ("p99", WORST)):
        yield Row(
            line=6,
            what=f"POST to opened case at {per_second:,} a second, {name}",
            against=f"{HOPS} bare hops and a commit",
            unit="ms",
            goal=goal,
            ours=tuple(getattr(mine, name) for mine, _ in rounds),
            peer=tuple(getattr(other, name) for _, other in rounds),
            note=f"{seconds:g} s a round",
        )


def ours(system: Running, settled: Settling, per_second: int, seconds: float, number: int) -> Waits:
    """What reports wait for their cases; then everything else they cause is waited for."""
    count = max(2, int(per_second * seconds))
    seed = 10_000 * RATES.index(per_second) + number
    with Looking(system.admin(CASEWORK), every=max(1, per_second // SEEN_A_SECOND)) as looking:
        post_at(system.url(INTAKE), posts(count, seed), per_second, looking.told)
    _require_shown(system, [*looking.waits][:ASKED])
    settled.wait()
    return Waits.of([*looking.waits.values()])


def _require_shown(system: Running, report_ids: Sequence[str]) -> None:
    """Raises MeasurementError unless casework's API shows these cases."""
    token = issuer.token(system.system.root / "issuer", role="headquarters")
    with httpx.Client(base_url=system.url(CASEWORK), timeout=30, trust_env=False) as client:
        for report_id in report_ids:
            answer = client.get(f"/v1/cases/{report_id}", headers={"Authorization": f"Bearer {token}"})
            if answer.status_code != 200:
                raise MeasurementError(f"casework answers {answer.status_code} for {report_id}, whose row is there")


def peer(system: Running, database: PeerDatabase, per_second: int, seconds: float) -> Waits:
    """What the hops and the commit take at the least."""
    hop = hops(system, per_second, max(2, int(per_second * seconds)))
    commit = commits(database)
    return Waits(HOPS * hop.p50 + commit.p50, HOPS * hop.p99 + commit.p99)


def hops(system: Running, per_second: int, count: int) -> Waits:
    """Of messages that are produced at a rate, how long until a consumer has each."""
    settings, name = system.log.settings, topic_name(system.log.settings, HOP.name)
    to_log = producer(settings, "bare-hop", **{"linger.ms": 0})
    body, sent = b"x" * 500, WARMING + count
    waits: list[float] = []
    with Consumer({**client_settings(settings, "bare-hop"), "group.id": f"{settings.namespace}bare-hop"}) as consumer:
        consumer.assign([TopicPartition(*place, end) for place, end in system.log.ends([HOP]).items()])

        def read() -> None:
            until = monotonic() + sent / per_second + 60
            while len(waits) < sent and monotonic() < until:
                message = consumer.poll(0.1)
                if message is not None and message.error() is None:
                    waits.append(time() - float(message.key() or b"0"))

        reader = threading.Thread(target=read)
        reader.start()
        began, nothing = monotonic(), threading.Event()
        for number in range(sent):
            nothing.wait(max(0.0, began + number / per_second - monotonic()))
            to_log.produce(name, key=str(time()).encode(), value=body)
            to_log.poll(0)
        to_log.flush()
        reader.join()
    if len(waits) < sent:
        raise MeasurementError(f"{len(waits)} of {sent} messages hopped")
    return Waits.of(waits[WARMING:])


def commits(database: PeerDatabase) -> Waits:
    """How long it takes to write one row for good."""
    waits = []
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("create table if not exists row (id bigint generated always as identity, body text)")
        for _ in range(COMMITS):
            began = perf_counter()
            connection.execute("insert into row (body) values ('as long as a short line is')", prepare=True)
            waits.append(perf_counter() - began)
    return Waits.of(waits)
