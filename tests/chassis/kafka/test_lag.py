"""How far behind a consumer is: nothing that waited may be missing, nothing that was quiet may look late."""

from collections.abc import Callable
from time import monotonic

from chassis.clock import now
from chassis.kafka.client import Publisher, topic_name
from chassis.kafka.lag import Lag
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.topics import CASEWORK, DEAD_LETTERS, DISTRICT
from prometheus_client import REGISTRY
from support.topics import everything_on
from support.wait import eventually


def measured(name: str) -> float:
    value = REGISTRY.get_sample_value(name, {"service": CASEWORK, "topic": DISTRICT.name})
    assert value is not None
    return value


def test_seconds_count_from_when_nothing_waited_or_from_the_last_message_handled(
    settings: Settings, topics: Callable[..., None]
) -> None:
    topics(DISTRICT, DEAD_LETTERS[CASEWORK])
    place = (topic_name(settings, DISTRICT.name), 0)
    lag = Lag(settings, CASEWORK, {place[0]: DISTRICT})
    eventually(lambda: lag.behind({place: 0}) == {place: 0})  # a new topic has no leader at first
    quiet_since = monotonic()
    eventually(lambda: monotonic() > quiet_since + 0.3)  # a quiet time must not count
    quiet_until = monotonic()
    assert lag.behind({place: 0}) == {place: 0}
    Publisher(settings, "test").publish([Outgoing(DISTRICT.name, str(number), [], None) for number in range(3)])
    assert lag.behind({place: 0}) == {place: 3}
    assert measured("kmzb_consumer_lag_messages") == 3
    assert 0 < measured("kmzb_consumer_lag_seconds") <= monotonic() - quiet_until
    eventually(lambda: lag.behind({place: 0}) and measured("kmzb_consumer_lag_seconds") > 0.3)
    handled = everything_on(settings, DISTRICT)[1]
    lag.handled(place, handled)
    before = now().timestamp()
    lag.behind({place: 2})
    written = handled.timestamp()[1] / 1000
    assert before - written <= measured("kmzb_consumer_lag_seconds") <= now().timestamp() - written
    assert measured("kmzb_consumer_lag_messages") == 1
    lag.behind({place: 3})
    assert measured("kmzb_consumer_lag_seconds") == measured("kmzb_consumer_lag_messages") == 0


def test_what_a_consumer_does_not_hold_any_more_is_not_its_lag(settings: Settings, topics: Callable[..., None]) -> None:
    topics(DISTRICT, DEAD_LETTERS[CASEWORK])
    place = (topic_name(settings, DISTRICT.name), 0)
    lag = Lag(settings, CASEWORK, {place[0]: DISTRICT})
    Publisher(settings, "test").publish([Outgoing(DISTRICT.name, "key", [], None)])
    eventually(lambda: lag.behind({place: 0}) == {place: 1})
    assert lag.behind({}) == {}
    assert measured("kmzb_consumer_lag_messages") == 0
