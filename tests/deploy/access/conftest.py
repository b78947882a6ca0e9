"""One secured broker for a file of tests.

It believes for five minutes what somebody said once, as everywhere, or for as long as REAUTH_SECONDS of the file says.
"""

from collections.abc import Iterator
from datetime import timedelta
from secrets import token_hex

import pytest
from chassis.clock import now
from confluent_kafka.admin import NewTopic
from contracts.topics import CASE_CHANGED, CASEWORK, OPERATORS, PUBLIC_REPORT, referral_topic
from deploy.access.brokers import put_passwords, put_rules
from deploy.access.certificates import key_store, new_authority
from deploy.access.rules import agency_rules, service_rules
from deploy.stack.process import Process, wait_until
from deploy.stack.servers import kafka
from support.deploy.secured_broker import ANSWER, GUARD, REFERRAL, Broker, answers
from support.stack.ports import free_url

TOPICS = (REFERRAL, ANSWER, referral_topic("other").name, CASE_CHANGED.name, PUBLIC_REPORT.name)


@pytest.fixture(scope="module")
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder, began = tmp_path_factory.mktemp("secured"), now() - timedelta(minutes=1)
    authority = new_authority(folder, began)
    store = key_store(folder / "broker.store", *authority.sign(folder, "broker", began))
    port, controller = (int(free_url().rpartition(":")[2]) for _ in range(2))
    made = Broker(
        f"127.0.0.1:{port}", controller, authority, authority.file, {OPERATORS: token_hex(16), GUARD: token_hex(16)}
    )
    secured = kafka.Secured(store, authority.file, made.passwords[OPERATORS])
    settings = kafka.prepare(folder / "kafka", port, controller, durable=False, secured=secured)
    if (seconds := getattr(request.module, "REAUTH_SECONDS", None)) is not None:
        with settings.open("a") as more:
            more.write(f"connections.max.reauth.ms={seconds * 1000:.0f}\n")
    process = Process(folder, kafka.part(settings, made.operators, durable=False))
    process.start()
    made.pid = process.pid or 0
    try:
        admin = made.admin()
        assert wait_until(lambda: answers(admin), 110), process.tail(40)
        for answer in admin.create_topics([NewTopic(name, 1, 1) for name in TOPICS]).values():
            answer.result()
        made.passwords[CASEWORK] = token_hex(16)
        put_passwords(admin, {user: made.passwords[user] for user in (GUARD, CASEWORK)})
        put_rules(admin, [*service_rules(""), *agency_rules("", "guard")])
        yield made
    finally:
        process.kill()
