"""Words in Jinja2 templates: `_`, `ngettext`, `pgettext`, and filters for times and numbers."""

from contracts.statuses import Language
from jinja2 import Environment
from markupsafe import Markup

from web.texts import phrases
from web.texts.browser import browser_catalogue
from web.texts.catalogue import translations
from web.texts.languages import NAMES


def localise(environment: Environment, package: str, language: Language) -> None:
    """Make an environment speak one language for good, so that macros and includes speak it too.

    Functions: `_`, `gettext`, `ngettext`, `pgettext`, whose placeholders `%(name)s` are escaped. Filters: `day`,
    `weekday`, `time`, `instant`, `deadline`, `number`, `relative(now)`. Globals: `language`, `languages`, and `texts`,
    the JSON that `texts.js` reads from `<script type="application/json" id="texts">`.
    """
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_translations(translations(package, language), newstyle=True)  # type: ignore[attr-defined]
    # In a script element only "<" could end it, or begin a comment.
    scripts = Markup(browser_catalogue(package, language).decode().replace("<", r"\u003c"))
    environment.globals.update(language=language, languages=NAMES, texts=scripts)
    environment.filters.update(
        day=lambda day: phrases.day_phrase(day, language),
        weekday=lambda day: phrases.weekday_phrase(day, language),
        time=phrases.time_phrase,
        instant=lambda instant: phrases.instant_phrase(instant, language),
        deadline=lambda instant: phrases.deadline_phrase(instant, language),
        relative=lambda instant, now: phrases.relative_phrase(instant, now, language),
        number=lambda number: phrases.number_phrase(number, language),
    )
