"""No template says anything that is not looked up: a letter outside of `_()` and its kin is nobody's language."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from unicodedata import category

from jinja2 import Environment, nodes

from checks.sources import Sources
from checks.texts.messages import FOLDERS, text_files

GETTEXT = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
# HTML's translatable attributes (WHATWG, "The translate attribute") and ARIA's that hold words.
_WORDS_OF_ATTRIBUTES = frozenset(
    {"abbr", "alt", "label", "placeholder", "title"}
    | {f"aria-{name}" for name in ("label", "description", "placeholder", "roledescription", "valuetext")}
)
# What these hold is for machines, or the name of a key; so is what says of itself translate="no".
_FOR_MACHINES = frozenset({"script", "style", "code", "kbd", "samp"})
_ATTRIBUTES = re.compile(r'(\s*[a-z-]+="[^"]*")+\s*')  # what a macro puts into a tag
_ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def bare_words(sources: Sources) -> Iterator[str]:
    """A letter in a template's own text or in an attribute people read, or a phrase among an expression's literals."""
    for package in FOLDERS:
        for path in text_files(sources, package):
            if path.suffix != ".html":
                continue
            text = (sources.root / path).read_text(encoding="utf-8")
            page = _Words()
            page.feed(_own_text(text))
            page.close()
            found = {*page.found, *(phrase for phrase in _phrases(text) if phrase[0] not in page.quiet_lines)}
            yield from (f"{path}:{line}: {words!r} is not looked up; say _()" for line, words in sorted(found))


def _own_text(text: str) -> str:
    """What of a template is text, each line where it was; what `trans` encloses is looked up."""
    own, inside, opening = [], False, False
    for _, kind, value in _ENVIRONMENT.lex(text):
        if opening and kind == "name":
            inside = value == "trans" or (inside and value != "endtrans")
            opening = False
        elif kind == "block_begin":
            opening = True
        own.append(value if kind == "data" and not inside else "\n" * value.count("\n"))
    return "".join(own)


def _phrases(text: str) -> Iterator[tuple[int, str]]:
    tree = _ENVIRONMENT.parse(text)
    looked_up = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT
        for argument in call.args
    }
    for literal in tree.find_all(nodes.Const):
        if isinstance(literal.value, str) and id(literal) not in looked_up and is_phrase(literal.value):
            yield literal.lineno, literal.value


def is_phrase(literal: str) -> bool:
    """Words for people rather than a code: a capital and small letters first, other letters than English ones."""
    return (literal[:1].isupper() and literal[1:2].islower()) or not is_english(literal)


def is_english(literal: str) -> bool:
    """It has no letter that English lacks; marks such as the one of degrees are no letters."""
    return not any(category(letter) in ("Lu", "Ll") and not letter.isascii() for letter in literal)


class _Words(HTMLParser):
    """Collects words by line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.quiet_lines: set[int] = set()
        self._quiet: list[str] = []  # the element for machines we are in, once for each of its name inside it
        self._quiet_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._quiet:
            self._quiet += [tag] * (tag == self._quiet[0])
            return
        for name, value in attrs:
            readable = name in _WORDS_OF_ATTRIBUTES or (name == "content" and given.get("name") == "description")
            if readable and value:
                self._note(value)
        if tag in _FOR_MACHINES or given.get("translate") == "no":
            self._quiet, self._quiet_from = [tag], self.getpos()[0]

    def handle_endtag(self, tag: str) -> None:
        if self._quiet and tag == self._quiet[0]:
            self._quiet.pop()
            self.quiet_lines |= set() if self._quiet else set(range(self._quiet_from, self.getpos()[0] + 1))

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self._note(data)

    def _note(self, text: str) -> None:
        line, _ = self.getpos()
        for number, words in enumerate(text.split("\n")):
            if any(letter.isalpha() for letter in words) and not _ATTRIBUTES.fullmatch(words):
                self.found.append((line + number, words.strip()))
