"""A region's own casework, SLA monitor and notifier, as real processes on databases of their own."""

from base64 import b64encode
from collections.abc import Mapping
from secrets import token_bytes

from deploy.access.rules import IN_REGIONS
from deploy.stack.infrastructure import POSTGRES
from deploy.stack.process import Process, wait_ready
from deploy.stack.system import System
from support.stack.ports import free_url

from deploy.stack import databases, services


class RegionalInstance:
    """The three of one region, beside a system's own: what they are told, and whether they run."""

    def __init__(self, system: System, name: str) -> None:
        admin, namespace = system.addresses[POSTGRES], system.stack.namespace
        databases.create(admin, namespace, instance=name)
        urls = {variable(service): free_url() for service in IN_REGIONS for variable in _URLS}
        key = b64encode(token_bytes(32)).decode()  # it opens nothing: citizens are the nation's to write to
        theirs = {"KMZB_INSTANCE": name, "KMZB_NOTIFIER_CONTACT_PRIVATE_KEY": key}
        self.addresses: Mapping[str, str] = {
            **system.addresses,
            **databases.dsns(admin, namespace, name),
            **urls,
            **theirs,
        }
        self._processes = [
            Process(system.root, services.part(service, self.addresses, name=f"{service}-{name}"))
            for service in IN_REGIONS
        ]

    def start(self) -> None:
        """Start them, and wait until they are ready."""
        for process in self._processes:
            process.start()
        for process in self._processes:
            wait_ready(process, 120)

    def stop(self) -> None:
        """End them politely."""
        for process in self._processes:
            process.stop()


_URLS = (services.url_variable, services.metrics_variable)
