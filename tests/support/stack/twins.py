"""Second instances of services, as every installation has them: on ports of their own, beside those of the system."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from deploy.stack.process import Process, wait_ready
from deploy.stack.system import System
from support.stack.ports import free_url

from deploy.stack import services


@contextmanager
def second_instances(system: System, names: Iterable[str]) -> Iterator[dict[str, str]]:
    """Where the second instance of each service answers, ready, by the service's name; ended politely at the end."""
    urls, twins = dict[str, str](), list[Process]()
    try:
        for name in names:
            urls[name] = free_url()
            own = {services.url_variable(name): urls[name], services.metrics_variable(name): free_url()}
            part = services.part(name, {**system.addresses, **own}, name=f"{name}-twin")
            twins.append(Process(system.root, part))
            twins[-1].start()
        for twin in twins:
            wait_ready(twin, 60)
        yield urls
    finally:
        for twin in twins:
            twin.stop()
