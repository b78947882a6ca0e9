"""Times and numbers as people read them, in Europe/Warsaw. `design/static/texts.js` says the same in browsers."""

from datetime import date, datetime

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from contracts.policy.terms import WARSAW
from contracts.statuses import Language

from web.texts.catalogue import SHARED, _, translations
from web.texts.languages import LOCALES

# "do soboty 28 listopada": most languages bend the day of the week, and no library knows how.
_UNTIL = (
    _("by Monday %(day)s, %(time)s"),
    _("by Tuesday %(day)s, %(time)s"),
    _("by Wednesday %(day)s, %(time)s"),
    _("by Thursday %(day)s, %(time)s"),
    _("by Friday %(day)s, %(time)s"),
    _("by Saturday %(day)s, %(time)s"),
    _("by Sunday %(day)s, %(time)s"),
)
_DAY_AND_MONTH: dict[Language, str] = {"de": "d. MMMM", "cs": "d. MMMM"}


def emergency_phrase(language: Language) -> str:
    """What stands at the top of every way in, and in every message to a citizen: 112."""
    return translations(SHARED, language).gettext("This is not an emergency channel. In an emergency call 112.")


def day_phrase(day: date, language: Language) -> str:
    """`28 listopada 2026`. An instant counts as the day it has in Warsaw."""
    return format_date(_local(day), "long", LOCALES[language])


def weekday_phrase(day: date, language: Language) -> str:
    """`sobota, 28 listopada 2026`."""
    return format_date(_local(day), "full", LOCALES[language])


def time_phrase(instant: datetime) -> str:
    """`14:05`, the same in all our languages."""
    return f"{instant.astimezone(WARSAW):%H:%M}"


def instant_phrase(instant: datetime | None, language: Language) -> str:
    """`28 listopada 2026, 14:05`; "" for none."""
    return f"{day_phrase(instant, language)}, {time_phrase(instant)}" if instant else ""


def deadline_phrase(instant: datetime, language: Language) -> str:
    """`do soboty 28 listopada, 14:05`: until when, for what is due within weeks."""
    local = _local(instant)
    day = format_date(local, _DAY_AND_MONTH.get(language, "d MMMM"), LOCALES[language])
    message = translations(SHARED, language).gettext(_UNTIL[local.weekday()])
    return message % {"day": day, "time": time_phrase(instant)}


def relative_phrase(instant: datetime, now: datetime, language: Language) -> str:
    """`za 3 godziny`, `2 dni temu`: how far off an instant is, in its largest unit."""
    return format_timedelta(instant - now, add_direction=True, threshold=1, locale=LOCALES[language])


def number_phrase(number: float, language: Language) -> str:
    """`1 250` with the language's own marks."""
    return format_decimal(number, locale=LOCALES[language])


def _local(day: date) -> date:
    return day.astimezone(WARSAW) if isinstance(day, datetime) else day
