"""Phrases that several texts share, and what every text is: a subject and a body."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from contracts.events.clocks import Clock
from contracts.policy.categories import category
from contracts.statuses import Language
from web.texts import catalogue
from web.texts.catalogue import _
from web.texts.phrases import instant_phrase

from notifier.domain.notices import Details

translations = partial(catalogue.translations, "notifier")
"""The messages of a language."""


@dataclass(frozen=True, slots=True)
class MailText:
    """The words of a mail, in plain text."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Links:
    """Where people are sent. `case` is continued by a report id; `contact` is where a citizen says yes or no, `answer`
    where an agency answers a referral, `letter` where the letter of a referral to an agency is printed.
    """

    case: str
    map: str
    contact: str = ""
    answer: str = ""
    letter: Callable[[UUID], str] = lambda referral_id: ""


_DEADLINES: dict[Clock, str] = {
    Clock.TAKE_UP: _("take up by %(due)s"),
    Clock.VERIFICATION: _("verify by %(due)s"),
    Clock.ACKNOWLEDGEMENT: _("acknowledge by %(due)s"),
    Clock.REVIEW: _("review due on %(due)s"),
}


def signature(language: Language) -> str:
    """What every message ends with."""
    return "-- \n" + translations(language).gettext(
        "National Security Threat Map. Do not answer this message.\nIn an emergency call 112."
    )


def due_phrase(details: Details, language: Language) -> str:
    """Until when somebody has to do something; "" where no clock runs."""
    if details.clock is None or details.due_at is None:
        return ""
    return translations(language).gettext(_DEADLINES[details.clock]) % {"due": instant_phrase(details.due_at, language)}


def category_name(details: Details, language: Language) -> str:
    """The category's name; its code where no catalogue has it; "" where none is known."""
    known = category(details.category or "")
    return known.name(language) if known else details.category or ""
