"""The catalogue of messages: English as it stands in the code, Polish from its .po file."""

from functools import cache
from importlib import resources
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from contracts.statuses import Language


def _(message: str) -> str:
    """Marks a message for the catalogue; it is looked up where the language is known."""
    return message


@cache
def translations(language: Language) -> NullTranslations:
    """The messages of a language, read from its .po file; English is what stands in the code."""
    if language == "en":
        return NullTranslations()
    file = resources.files("notifier").joinpath("locale", language, "notifier.po")
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(file.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)
