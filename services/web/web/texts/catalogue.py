"""The messages of a package in a language: `<package>/locale/<language>/<package>.po`, read once.

What the shared pages say is found for every package, so it is translated once, in `web`'s own catalogue.
"""

from functools import cache
from importlib import resources
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from contracts.statuses import Language

SHARED = "web"
"""The package whose messages every other one has too."""


def _(message: str) -> str:
    """Marks a message for the catalogue where its language is not known yet; it is looked up later."""
    return message


@cache
def translations(package: str, language: Language) -> NullTranslations:
    """The messages of a package, then the shared ones. What no catalogue has is English, as it stands in the code.

    `package` is importable; one without a catalogue of its own has the shared messages.
    """
    catalogue = read_catalogue(package, language)
    found = _compiled(catalogue) if catalogue else NullTranslations()
    if package != SHARED:
        found.add_fallback(translations(SHARED, language))
    return found


@cache
def read_catalogue(package: str, language: Language) -> Catalog | None:
    """The messages of a package alone, as its file has them; None for English and where there is no file."""
    file = resources.files(package).joinpath("locale", language, f"{package}.po")
    return read_po(BytesIO(file.read_bytes()), locale=language) if file.is_file() else None


def _compiled(catalogue: Catalog) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
