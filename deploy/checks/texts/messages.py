"""The messages that a package's Python, templates and scripts say: English texts in calls of gettext's functions."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from babel.messages.catalog import Catalog
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
Key = tuple[str | None, str]


def said(sources: Sources, package: str) -> Catalog:
    """All that a package says itself, with the files that say it, by their paths from the package.

    What the shared pages say is left out: it stands in their catalogue.
    """
    shared = {} if package == SHARED else {key(message) for message in said(sources, SHARED) if message.id}
    catalogue = Catalog()
    for path in text_files(sources, package):
        for line, message, context in _of_file(sources, path):
            catalogue.add(message, context=context, locations=[(str(path.relative_to(FOLDERS[package])), line)])
    for message in list(catalogue):
        if message.id and key(message) in shared:
            catalogue.delete(message.id, message.context)
    return catalogue


def text_files(sources: Sources, package: str) -> Iterator[PurePosixPath]:
    """The files in which a package may say something: Python, templates, scripts of ours."""
    for path in sources.files("*.py", "*.html", "*.txt", "*.js"):
        templates = path.suffix in (".html", ".txt")
        if path.is_relative_to(FOLDERS[package]) and (not templates or "templates" in path.parts):
            yield path


def key(message: Any) -> Key:
    """What gettext tells messages apart by: the context, and the singular."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def _of_file(sources: Sources, path: PurePosixPath) -> Iterator[tuple[int, Any, str | None]]:
    method, options = _METHODS[path.suffix]
    with (sources.root / path).open("rb") as file:
        for line, message, _, context in extract(method, file, DEFAULT_KEYWORDS, options=options):
            yield line, message, context
