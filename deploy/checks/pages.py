"""Templates of pages hold no script and no style of their own: the pages' policy lets none of it run."""

import re
from collections.abc import Iterator

from checks.sources import Sources

TEMPLATES = ":(glob)**/web/**/templates/*.html"
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"<(?P<name>[a-zA-Z][\w-]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>")
_VALUE = re.compile(r"=\s*(\"[^\"]*\"|'[^']*')")
_FORBIDDEN = re.compile(r"(?<![\w-])(?P<name>style|srcdoc|on[a-z]+)\s*=", re.IGNORECASE)
_CODE = re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE)
_OUTSIDE = re.compile(r"\bsrc\s*=|\btype\s*=\s*[\"']application/(ld\+)?json[\"']")


def inline_code(sources: Sources) -> Iterator[str]:
    """A script without a file, which is not data either; a style element or attribute; an event's attribute."""
    for path in sources.files(TEMPLATES):
        source = (sources.root / path).read_text(encoding="utf-8")
        text = _JINJA.sub(lambda jinja: "\n" * jinja[0].count("\n"), source)
        for tag in _TAG.finditer(text):
            line = text.count("\n", 0, tag.start()) + 1
            for offence in _offences(tag["name"].lower(), tag["attributes"]):
                yield f"{path}:{line}: {offence}; the page's policy forbids it"


def _offences(name: str, attributes: str) -> Iterator[str]:
    if name == "style" or (name == "script" and not _OUTSIDE.search(attributes)):
        yield f"a {name} of its own"
    for attribute in _FORBIDDEN.finditer(_VALUE.sub("=", attributes)):
        yield f"an attribute {attribute['name']}"
    if _CODE.search(attributes):
        yield "an address that is code"
