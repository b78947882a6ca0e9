"""The services as real processes, for journeys: on the run's own servers, in a namespace of the journey."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from boundaries.seed import seed_cluster
from deploy.stack.infrastructure import Stack
from deploy.stack.services import SERVICES
from deploy.stack.system import Places, Seed, System


@contextmanager
def running_system(
    stack: Stack,
    root: Path,
    namespace: str,
    *,
    settings: Mapping[str, str] | None = None,
    only: tuple[str, ...] = SERVICES,
    seed: Seed | None = seed_cluster,
    places: Places | None = None,
    watched: bool = False,
) -> Iterator[System]:
    """The services, ready, under supervision; stopped at the end. `root` takes their logs and secrets.

    `system.addresses` says where they are; `system.process("casework").kill()` ends one as a crash would.
    """
    servers = Stack(root, namespace=namespace, replication=1, durable=False, environ=stack.addresses)
    system = System(servers, settings=settings, first_port=None, only=only, seed=seed, places=places, watched=watched)
    try:
        system.up()
        yield system
    finally:
        system.down()
