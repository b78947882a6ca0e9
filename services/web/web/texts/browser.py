"""The catalogue of a page's language for its scripts: only what JavaScript files say, with the rule for plurals."""

from collections.abc import Iterator

import msgspec
from babel import Locale
from babel.messages.catalog import Catalog
from contracts.statuses import Language

from web.texts.catalogue import SHARED, read_catalogue, translations
from web.texts.languages import LOCALES

Forms = str | list[str]
_CONTEXT_END = "\x04"  # as in compiled catalogues of gettext
_COUNTS = range(1000)


def browser_catalogue(package: str, language: Language) -> bytes:
    """JSON: `language`, `messages` (by English text, as gettext keys them; a list where there are plurals), `plurals`.

    `plurals` says which form of the list belongs to what `Intl.PluralRules` calls a number (one, few, many …).
    """
    catalogues = [read_catalogue(name, language) for name in (SHARED, package)]
    messages = dict(pair for catalogue in catalogues if catalogue for pair in _said_in_scripts(catalogue))
    plurals = plural_forms(package, language)
    return msgspec.json.encode({"language": language, "plurals": plurals, "messages": messages}, order="sorted")


def plural_forms(package: str, language: Language) -> dict[str, int]:
    """Which of a catalogue's plural forms (gettext's `Plural-Forms`) each of CLDR's categories is."""
    known = translations(package, language)
    number_category = Locale.parse(LOCALES[language]).plural_form
    # English stands in the code, where there are two.
    form = (lambda count: int(count != 1)) if language == "en" else known.plural
    return {number_category(count): form(count) for count in reversed(_COUNTS)}


def _said_in_scripts(catalogue: Catalog) -> Iterator[tuple[str, Forms]]:
    for message in catalogue:
        if not any(file.endswith(".js") for file, _ in message.locations):
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        forms: Forms = message.string if isinstance(message.string, str) else list(message.string or ())
        if forms and all(forms):
            yield (f"{message.context}{_CONTEXT_END}{name}" if message.context else name), forms
