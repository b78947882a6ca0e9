"""The brokers: whether they are there, whether topics are as the registry has them, copied and read."""

from collections.abc import Iterator

from chassis import clock
from chassis.kafka.client import topic_name
from chassis.kafka.lag import Ends
from chassis.settings import Settings
from confluent_kafka import OFFSET_END
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    ResourceType,
    TopicMetadata,
)
from contracts.policy.regions import NATIONAL
from contracts.topics import DEAD_LETTERS, OPERATORS, REPLICATION, Topic

from operations.consumption.groups import (
    MEMBERED,
    admin_client,
    positions,
    running_members,
    service_of,
    system_topics,
    topics_read,
)
from operations.consumption.lags import by_topic, lags
from operations.consumption.members import members
from operations.diagnosis.findings import Finding, judged, note, well, wrong
from operations.printing import in_short
from operations.regions.standing import Runs, standings

LATE_SECONDS = 60.0
_SECONDS = 10.0


def cluster(settings: Settings) -> Iterator[Finding]:
    """Brokers, topics, their settings and their copies."""
    admin = admin_client(settings)
    known = admin.list_topics(timeout=_SECONDS)
    yield well("brokers", f"{len(known.brokers)} answer")
    registered = system_topics(settings)
    there = [(topic, known.topics.get(topic_name(settings, topic.name))) for topic in registered]
    made = [(topic, found) for topic, found in there if found is not None]
    faults = [f"{topic.name} is missing: run `kmzb setup`" for topic, found in there if found is None]
    faults += [
        f"{topic.name} has {len(found.partitions)} partitions and not {topic.partitions}: the order of a report's"
        " events breaks. Make a new version of the topic"
        for topic, found in made
        if len(found.partitions) != topic.partitions
    ]
    yield from judged("topics", faults, f"all {len(registered)} of the registry are there")
    yield from _configuration(admin, settings, [topic for topic, _ in made])
    yield from _copies([found for _, found in made])


def _configuration(admin: AdminClient, settings: Settings, made: list[Topic]) -> Iterator[Finding]:
    names = {topic_name(settings, topic.name): topic for topic in made}
    wanted = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    faults = []
    for resource, answer in (admin.describe_configs(wanted, request_timeout=_SECONDS) if wanted else {}).items():
        has = answer.result()
        for name, value in names[resource.name].config.items():
            if name in has and has[name].value != value:
                faults.append(f"{resource.name}: {name} is {has[name].value} and not {value}: run `kmzb setup`")
    yield from judged("topics' settings", faults, "as the registry has them")


def _copies(made: list[TopicMetadata]) -> Iterator[Finding]:
    partitions = [(str(found.topic), each) for found in made for each in found.partitions.values()]
    faults = [
        f"{name}/{each.id} has no leader: nobody can write or read there"
        for name, each in partitions
        if each.leader < 0
    ]
    lacking = sorted({name for name, each in partitions if each.leader >= 0 and len(each.isrs) < len(each.replicas)})
    faults += [f"{name} has copies that are not in sync: is a broker down, its disk full?" for name in lacking]
    yield from judged("copies in sync", faults, f"of all {len(partitions)} partitions")
    fewest = min((len(each.replicas) for _, each in partitions), default=0)
    if fewest < REPLICATION:
        yield note("copies", f"{fewest} of each topic, {REPLICATION} in production: what this cluster loses is lost")


def consumers(settings: Settings) -> Iterator[Finding]:
    """Whether each service is in its group, and how far it and those of regions are behind."""
    for service in members(settings):
        found = positions(settings, service, topics_read(settings, service))
        late = lags(settings, found, clock.now())
        faults = []
        if service in MEMBERED and not running_members(settings, service):  # of regions' own `regions` says it
            faults.append("no instance is in its group: it does not run, or can't reach the brokers")
        faults += [
            f"{in_short(each.seconds)} behind on {each.topic.name}, {each.messages} messages (kmzb lag)"
            for each in by_topic(late)
            if each.seconds > LATE_SECONDS
        ]
        if lost := sum(position.lost for position in found):
            faults.append(f"{lost} messages were deleted before it read them (kmzb offsets show {service})")
        yield from judged(f"{service} reads", faults, f"{sum(each.position.waiting for each in late)} messages wait")


def regions(settings: Settings) -> Iterator[Finding]:
    """Whether every instance that answers for garrisons runs, and by the same file (decision 0100).

    What is theirs nobody else takes; and by two files two of them answer for one report, or none does.
    """
    plan, at = settings.region.plan, clock.now()
    if not plan.change:
        return
    found = standings(settings, plan)
    coming = min((change.since for change in plan.change if change.since > at), default=None)
    by_when = f", before {coming.isoformat()}" if coming else ", now: two may answer for one report, or none"
    for name in (NATIONAL, *plan.instances):
        theirs = sorted({change.garrison for change in plan.change if plan.answering(change.garrison, at) == name})
        what = f"reports of {', '.join(theirs)} wait" if theirs else "its older cases rest"
        faults = [
            f"no {service_of(each.member)} with KMZB_INSTANCE={name} is in its group: {what}. Start it"
            for each in found
            if (each.instance, each.runs) == (name, Runs.NOT) and name != NATIONAL  # of whose `consumers` says it
        ]
        faults += [
            f"{each.member} {each.runs}{by_when}"
            for each in found
            if (each.instance, each.runs) == (name, Runs.OTHERWISE)
        ]
        yield from judged(f"instance {name}", faults, f"runs, for {', '.join(theirs) or 'older cases alone'}")


def dead_letters(settings: Settings) -> Iterator[Finding]:
    """How many messages were set aside and wait for somebody."""
    ends = Ends(settings, OPERATORS)
    for service, topic in DEAD_LETTERS.items():
        places = [(topic_name(settings, topic.name), number) for number in range(topic.partitions)]
        first, last = ends.offsets(places), ends.offsets(places, OFFSET_END)
        if count := sum(last[place] - first[place] for place in places):
            yield wrong(f"dead letters of {service}", f"{count} wait: kmzb dead-letters list --service {service}")
        else:
            yield well(f"dead letters of {service}", "none")
