"""A system of its own, secured as `make up` brings it up: its Kafka asks everybody who he is."""

from collections.abc import Iterator

import pytest
from boundaries.seed import seed_cluster
from deploy.stack.infrastructure import POSTGRES, REDIS, Stack
from deploy.stack.system import System
from journeys.journey import Journey
from support.operations.command import Kmzb


@pytest.fixture(scope="module")
def secured(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The running system, and its users, operators among them."""
    root = tmp_path_factory.mktemp("secured")
    others = {name: stack.addresses[name] for name in (POSTGRES, REDIS)}
    own = Stack(root, namespace="secured.", durable=False, secured=True, environ=others)
    told = {"KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32", "KMZB_NOTIFIER_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    system = System(own, settings=told, first_port=None, seed=seed_cluster)
    try:
        system.up()
        with Journey(system) as journey:
            yield journey
    finally:
        system.down()


@pytest.fixture
def kmzb(secured: Journey) -> Kmzb:
    """`kmzb` on it, as `.stack/env` tells it who it is."""
    return Kmzb(secured.addresses)
