"""Every message is translated in every language, none is left over, and each keeps its placeholders."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from web.texts.languages import LANGUAGES

from checks.sources import Sources
from checks.texts.messages import FOLDERS, Key, key, said

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
_PLACEHOLDER = re.compile(r"%\((\w+)\)|%%|(%)")
_COUNTS = frozenset({"num", "count"})
_POLISH = re.compile("[ąćęłńśźżĄĆĘŁŃŚŹŻ]")
# What changes with each writing says nothing.
_HEADERS = re.compile(
    rb'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team'
    rb"|Generated-By):.*\n",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Written:
    """A catalogue as it should stand in its file; no text where there is nothing to say. `empty`: to be translated."""

    path: PurePosixPath
    text: str
    empty: int


def complete(sources: Sources, languages: Collection[str] = TRANSLATED) -> Iterator[str]:
    """A message that is missing, unused, fuzzy, or has other placeholders; a file not as `make texts` writes it."""
    expected = {catalogue.path: catalogue.text for catalogue in written(sources)}
    for path in sources.files("*.po"):
        if not expected.get(path):
            yield f"{path}:1: no package says anything in this language"
    for path, text in expected.items():
        if not text or path.parent.name not in languages:
            continue
        if not (sources.root / path).is_file():
            yield f"{path}:1: missing; make texts"
            continue
        faults = list(_faults(_read(sources, path), read_po(BytesIO(text.encode()))))
        yield from (f"{path}:{line}: {fault}" for line, fault in faults)
        if not faults and (sources.root / path).read_text(encoding="utf-8") != text:
            yield f"{path}:1: not as the sources say it; make texts"


def written(sources: Sources) -> Iterator[Written]:
    """Each package's catalogue in each language, with the translations that any catalogue of the language has."""
    messages = said(sources)
    for language in TRANSLATED:
        paths = {package: _path(package, language) for package in FOLDERS}
        there = {package: _read(sources, path) for package, path in paths.items()}
        memory = {key(message): message for catalogue in there.values() for message in catalogue if message.id}
        for package, path in paths.items():
            own = {key(message): message for message in there[package] if message.id}
            catalogue = _renewed(messages[package], {**memory, **own}, language)
            empty = sum(not all(_forms(message)) for message in catalogue if message.id)
            yield Written(path, _text(catalogue, package, language) if messages[package] else "", empty)


def _renewed(messages: list[Message], known: Mapping[Key, Message], language: str) -> Catalog:
    catalogue = Catalog(locale=language, fuzzy=False)
    for message in messages:
        before = known.get(key(message))
        of_one_kind = before is not None and isinstance(before.string, str) == isinstance(message.id, str)
        catalogue.add(
            message.id,
            before.string if before and of_one_kind else None,
            context=message.context,
            locations=message.locations,
            user_comments=before.user_comments if before else (),
        )
    return catalogue


def _text(catalogue: Catalog, package: str, language: str) -> str:
    catalogue.header_comment = (
        f"# {package} in {language}. English stands in the sources; `make texts` renews this file."
    )
    file = BytesIO()
    write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)
    return _HEADERS.sub(b"", file.getvalue()).decode().rstrip("\n") + "\n"


def _faults(there: Catalog, wanted: Catalog) -> Iterator[tuple[int, str]]:
    keys = {key(message) for message in wanted if message.id}
    found = {key(message): message for message in there if message.id}
    yield from ((1, f"missing; make texts: {name!r}") for _, name in sorted(keys - found.keys(), key=str))
    for obsolete in there.obsolete.values():
        yield 1, f"unused; make texts: {key(obsolete)[1]!r}"
    for message_key, message in found.items():
        line = message.lineno or 1
        if message_key not in keys:
            yield line, f"unused; make texts: {message_key[1]!r}"
        else:
            yield from ((line, f"{fault}: {message_key[1]!r}") for fault in _faults_of(message, there.num_plurals))


def _faults_of(message: Message, forms_wanted: int) -> Iterator[str]:
    forms = _forms(message)
    if not all(forms) or (not isinstance(message.id, str) and len(forms) != forms_wanted):
        yield "not translated"
    if message.fuzzy:
        yield "fuzzy"
    if _POLISH.search(" ".join(_ids(message))):
        yield "not English"
    wanted = [name for text in _ids(message) for name in _placeholders(text)]
    for form in filter(None, forms):
        names = _placeholders(form)
        optional = _COUNTS if not isinstance(message.id, str) else frozenset()  # "one report" needs no figure
        if set(names) - set(wanted) or set(wanted) - set(names) - optional:
            yield f"other placeholders in {form!r}"


def _placeholders(text: str) -> list[str]:
    """The names in `%(name)s`, and "%" for a percent sign that is neither that nor doubled."""
    return [name or percent for name, percent in _PLACEHOLDER.findall(text) if name or percent]


def _ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _forms(message: Message) -> list[str]:
    string: Any = message.string
    return [string or ""] if string is None or isinstance(string, str) else [form or "" for form in string]


def _read(sources: Sources, path: PurePosixPath) -> Catalog:
    file = sources.root / path
    return read_po(BytesIO(file.read_bytes())) if file.is_file() else Catalog()


@cache
def _path(package: str, language: str) -> PurePosixPath:
    return PurePosixPath(FOLDERS[package], "locale", language, f"{package}.po")
