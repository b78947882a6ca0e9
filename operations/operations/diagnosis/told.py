"""What services are told: each setting as the service itself would check it at its start."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from chassis.settings import PREFIXES, Settings, variables
from deploy.stack.services import SERVICES
from deploy.suggestions import no_such
from pydantic import ValidationError

from operations.diagnosis.findings import Finding, judged, unknown


def settings(addresses: Mapping[str, str]) -> Iterator[Finding]:
    """Every service's settings, as far as they are known here: secrets may be known to the service alone."""
    for service in SERVICES:
        settings_class: type[Settings] = import_module(f"{service.replace('-', '_')}.settings").Settings
        names = variables(settings_class)
        told: dict[str, Any] = {field: addresses[name] for field, name in names.items() if addresses.get(name)}
        what = f"settings of {service}"
        faults = [
            f"{name}: no service knows this setting: {no_such('', name, names.values())}"
            for name in sorted(addresses)
            if name.startswith(PREFIXES[service]) and name not in names.values()
        ]
        missing: list[str] = []
        try:
            settings_class(**told)
        except ValidationError as refused:
            for error in refused.errors():
                name = _variable(names, error["loc"])
                if error["type"] == "missing":
                    missing.append(name)
                else:
                    faults.append(f"{name}: {error['msg']}")
        if missing:
            yield unknown(what, f"not told here, so not checked: {', '.join(missing)}")
        if faults or not missing:
            yield from judged(what, faults, f"{len(told)} are told, each can be used")


def _variable(names: Mapping[str, str], location: tuple[int | str, ...]) -> str:
    place = str(location[0]) if location else "?"
    return names.get(place.lower(), place)
