"""The system of a fault run: private servers and services under a folder of its own, prepared to be looked at."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from boundaries.seed import seed_cluster
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from deploy.agencies import all_topics
from deploy.stack.databases import DATABASES, dsn
from deploy.stack.infrastructure import KAFKA, POSTGRES, Stack
from deploy.stack.process import wait_ready
from deploy.stack.system import System

from faults.injection.processes import end_all
from faults.instruments.trace import Trace, keep_commit_times

HERE = Path(__file__).resolve().parent
TERMS = HERE / "terms.toml"
# The citizens play many addresses from this one machine.
SETTINGS = {
    "KMZB_TERMS_FILE": str(TERMS),
    "KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32",
    "KMZB_NOTIFIER_DIRECTORY": str(HERE / "directory.toml"),
}
Say = Callable[[str], None]


@contextmanager
def private_system(root: Path, say: Say) -> Iterator[tuple[System, Trace]]:
    """A fresh system, ready, and its trace; everything is stopped at the end, the data stays for whoever looks.

    What an interrupted run left under the folder is ended first. Raises StackError when it does not come up.
    """
    end_all(root)
    shutil.rmtree(root, ignore_errors=True)
    stack = Stack(root, environ={})
    system = System(stack, settings=SETTINGS, first_port=None, seed=seed_cluster)
    try:
        stack.start(say)
        _restart_postgres(stack)
        system.set_up(say)
        _stamp_on_append(stack)
        admin = stack.addresses[POSTGRES]
        trace = Trace({each.service: dsn(admin, None, each.name(stack.namespace)) for each in DATABASES})
        if changed := trace.install():
            say(f"the monitor's tables are not as expected, so misses will not be explained: {changed}")
        system.up(say)
        yield system, trace
    finally:
        system.down()
        end_all(root)


def _restart_postgres(stack: Stack) -> None:
    keep_commit_times(stack.addresses[POSTGRES])
    (postgres,) = (process for process in stack.processes() if process.part.name == "postgres")
    postgres.stop()
    postgres.start()
    wait_ready(postgres, 60)


def _stamp_on_append(stack: Stack) -> None:
    """Let the broker say when a message stood on the log: the producer's own time is from before it was sent."""
    entry = ConfigEntry("message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET)
    admin = AdminClient({"bootstrap.servers": stack.addresses[KAFKA], "log_level": 3})
    names = [stack.namespace + topic.name for topic in all_topics()]
    changes = [ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry]) for name in names]
    for changed in admin.incremental_alter_configs(changes).values():
        changed.result(timeout=30)
