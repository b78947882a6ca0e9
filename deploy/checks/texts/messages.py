"""The messages that a package's Python, templates and scripts say: English texts in calls of gettext's functions."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from jinja2.ext import babel_extract

from checks.sources import PACKAGES, Sources

SHARED = "web"
FOLDERS = {SHARED: "services/web/web"} | {folder.rpartition("/")[2]: folder for folder in PACKAGES.values()}
"""Where each package with texts is, by its name."""
_METHODS: dict[str, tuple[Any, dict[str, str]]] = {
    ".py": ("python", {}),
    ".html": (babel_extract, {"silent": "false", "trimmed": "false", "newstyle_gettext": "true"}),
    ".txt": (babel_extract, {"silent": "false", "trimmed": "false", "newstyle_gettext": "true"}),
    ".js": ("javascript", {"template_string": "false"}),
}
_SAYS = re.compile(rb"\b(_|n?p?gettext)\(|\{%[-+]?\s*trans\b")  # most files don't, and reading them all takes seconds
Key = tuple[str | None, str]


def said(sources: Sources) -> dict[str, list[Message]]:
    """What each package says itself, with the files that say it, by their paths from the package.

    What the shared pages say stands in their catalogue, and in no other one.
    """
    messages = {package: _said_by(sources, package) for package in FOLDERS}
    shared = {key(message) for message in messages[SHARED]}
    return {
        package: [message for message in own if package == SHARED or key(message) not in shared]
        for package, own in messages.items()
    }


def _said_by(sources: Sources, package: str) -> list[Message]:
    catalogue = Catalog()
    for path in text_files(sources, package):
        for line, message, context in _of_file(sources, path):
            catalogue.add(message, context=context, locations=[(str(path.relative_to(FOLDERS[package])), line)])
    return [message for message in catalogue if message.id]


def text_files(sources: Sources, package: str) -> Iterator[PurePosixPath]:
    """The files in which a package may say something: Python, templates, scripts of ours."""
    for path in sources.files("*.py", "*.html", "*.txt", "*.js"):
        templates = path.suffix in (".html", ".txt")
        if path.is_relative_to(FOLDERS[package]) and (not templates or "templates" in path.parts):
            yield path


def key(message: Message) -> Key:
    """What gettext tells messages apart by: the context, and the singular."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def _of_file(sources: Sources, path: PurePosixPath) -> Iterator[tuple[int, Any, str | None]]:
    method, options = _METHODS[path.suffix]
    content = (sources.root / path).read_bytes()
    if _SAYS.search(content):
        for line, message, _, context in extract(method, BytesIO(content), DEFAULT_KEYWORDS, options=options):
            yield line, message, context
