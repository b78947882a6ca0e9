"""Sizes: a file, a function, a service's app.py, a folder, and the chassis as a whole (docs/decisions/0006)."""

from collections import Counter
from collections.abc import Iterator

from checks.sources import CHASSIS, PACKAGES, Sources

FILE_LINES = 250
FUNCTION_LINES = 40
APP_LINES = 150
FOLDER_MODULES = 9
CHASSIS_LINES = 2260
_NOT_COUNTED = ("__init__.py", "__main__.py")


def files(sources: Sources) -> Iterator[str]:
    """No file is longer than a reader keeps in mind."""
    for module in sources.modules:
        if module.lines > FILE_LINES:
            yield f"{module.path}:1: {module.lines} lines, {FILE_LINES} allowed"


def functions(sources: Sources) -> Iterator[str]:
    """No function is longer than a screen."""
    for module in sources.modules:
        for function in module.functions():
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{module.at(function)}: {function.name} has {length} lines, {FUNCTION_LINES} allowed"


def apps(sources: Sources) -> Iterator[str]:
    """What a service reads, decides and writes is seen at one glance."""
    for module in sources.under(*(f"{package}/app.py" for package in PACKAGES.values())):
        if module.lines >= APP_LINES:
            yield f"{module.path}:1: {module.lines} lines, fewer than {APP_LINES} allowed in a service's app.py"


def folders(sources: Sources) -> Iterator[str]:
    """No folder holds more modules than a reader can take in."""
    counts = Counter(module.path.parent for module in sources.modules if module.path.name not in _NOT_COUNTED)
    for folder, count in sorted(counts.items()):
        if count > FOLDER_MODULES:
            yield f"{folder}: {count} modules, {FOLDER_MODULES} allowed in a folder"


def chassis(sources: Sources) -> Iterator[str]:
    """What grows the chassis has to displace something."""
    lines = sum(module.lines for module in sources.under(CHASSIS))
    if lines > CHASSIS_LINES:
        yield f"{CHASSIS}: {lines} lines, {CHASSIS_LINES} allowed"
