"""What runs on the stack: the six services and the two helpers of a development stack, and what each is told."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from chassis.health import healthy
from contracts.topics import CASEWORK, INTAKE, NOTIFIER, PUBLIC_MAP, ROUTING, SLA_MONITOR

from deploy import issuer
from deploy.access.rules import service_principal
from deploy.stack.process import Part, StackError
from deploy.stack.state import Keys

# In the order of the default ports, from 8100.
SERVICES = (PUBLIC_MAP, INTAKE, ROUTING, CASEWORK, SLA_MONITOR, NOTIFIER)
HELPERS = ("issuer", "mailbox")
METRICS_ABOVE = 100
"""So far above a service's port its metrics begin, where ports are pinned."""
SHARED = (
    "KMZB_KAFKA_BOOTSTRAP",
    "KMZB_KAFKA_CA",
    "KMZB_REDIS_URL",
    "KMZB_NAMESPACE",
    "KMZB_TERMS_FILE",
    "KMZB_REGIONS_FILE",
    "KMZB_INSTANCE",
    "KMZB_LOG_LEVEL",
    "KMZB_UNUSABLE_LIMIT",
)

OBJECTS = "KMZB_OBJECTS_"
"""How the names begin that say where photos are kept, told to intake and casework alone."""


def prefix(service: str) -> str:
    """How the names of a service's own variables begin."""
    return f"KMZB_{service.replace('-', '_').upper()}_"


def url_variable(service: str) -> str:
    """The variable that says where a service listens."""
    return f"{prefix(service)}URL"


def metrics_variable(service: str) -> str:
    """The variable that says where a service's metrics are."""
    return f"{prefix(service)}METRICS_URL"


def metrics_port(service: str) -> str:
    """The name by which the port of a service's metrics is kept."""
    return f"{service}-metrics"


def password_variable(service: str) -> str:
    """What says the password of a service's user; not `KMZB_…`, as the service itself knows it by another name."""
    return f"KAFKA_{service.replace('-', '_').upper()}_PASSWORD"


def passwords(keys: Keys) -> dict[str, str]:
    """The passwords of the services' Kafka users, by service."""
    return {service: keys.hex(f"kafka-{service}") for service in SERVICES}


def secrets(keys: Keys) -> dict[str, str]:
    """The development secrets, by the variable of the one service that is told."""
    private, public = keys.box()
    return {
        "KMZB_INTAKE_SECRET": keys.hex("intake"),
        "KMZB_INTAKE_RECEIPT_SECRET": keys.hex("receipt"),
        "KMZB_INTAKE_CONTACT_PUBLIC_KEY": public,
        "KMZB_NOTIFIER_CONTACT_PRIVATE_KEY": private,
        "KMZB_NOTIFIER_LINK_SECRET": keys.hex("link"),
        "KMZB_NOTIFIER_WEBHOOK_SECRET": keys.hex("webhook"),
    }


def helpers(issuer_port: int, mailbox_port: int) -> dict[str, str]:
    """Where the development issuer and mailbox are, as the services that use them are told."""
    return {
        "KMZB_CASEWORK_JWKS_URL": f"http://127.0.0.1:{issuer_port}/jwks.json",
        "KMZB_CASEWORK_DISCOVERY_URL": f"http://127.0.0.1:{issuer_port}/.well-known/openid-configuration",
        "KMZB_CASEWORK_ISSUER": issuer.ISSUER,
        "KMZB_CASEWORK_AUDIENCE": issuer.AUDIENCE,
        "KMZB_NOTIFIER_SMTP_URL": f"smtp://127.0.0.1:{mailbox_port}",
    }


def environment(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What one service is told: the shared names, everybody's address, and its own; no other's secrets.

    To a Kafka that asks it is a user of its own, never the operators.
    """
    told = {
        name: value
        for name, value in variables.items()
        if name in SHARED
        or (name.startswith(OBJECTS) and service in (INTAKE, CASEWORK))
        or name.startswith(prefix(service))
        or name in map(url_variable, SERVICES)
    }
    if password := variables.get(password_variable(service)):
        user = service_principal(variables.get("KMZB_NAMESPACE", ""), service)
        told |= {"KMZB_KAFKA_USER": user, "KMZB_KAFKA_PASSWORD": password}
    return {**_bare(), **told}


def part(service: str, variables: Mapping[str, str], *, name: str | None = None) -> Part:
    """A service, to be run. `name` tells a second instance from the first."""
    url = variables[url_variable(service)]
    port = port_of(url_variable(service), url)
    return Part(
        name=name or service,
        argv=(sys.executable, "-m", service.replace("-", "_")),
        ready=lambda: healthy(f"{url}/readyz"),
        environ=environment(service, variables),
        port=port,
    )


def helper(name: str, folder: Path, port: int, url: str) -> Part:
    """The issuer or the mailbox, to be run; it is ready when it answers at the URL."""
    argv = (sys.executable, "-m", f"deploy.{name}", str(folder), str(port))
    return Part(name=name, argv=argv, ready=lambda: healthy(url), environ=_bare(), port=port)


def port_of(variable: str, url: str) -> int:
    """The port of a service's address. Raises StackError where it names none."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = None
    if not port:
        raise StackError(f"{variable}={url}: name host and port, http://127.0.0.1:8101")
    return port


def _bare() -> dict[str, str]:
    """As little of the caller's environment as possible; a program must not import from where it was started."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
