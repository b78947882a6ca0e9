"""What people read who subscribe to changes on the map: the question whether they want it, and the changes of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from contracts.policy.categories import category
from contracts.statuses import LABELS, Language, Status
from web.texts.phrases import instant_phrase

from notifier.texts.phrases import MailText, signature, translations

_LINES = 30


@dataclass(frozen=True, slots=True)
class MapChange:
    """A report that changed, as everyone sees it."""

    report_id: str
    category: str
    status: Status
    unit_name: str
    longitude: float
    latitude: float
    changed_at: datetime


def compose_question(language: Language, link: str, until: datetime) -> MailText:
    """The question whether they want it; `link` leads to the button."""
    messages = translations(language)
    request = messages.gettext(
        "This address was given to be told once a day what changes on the National Security Threat Map. If you want "
        "that, open this page and press the button, until %(due)s:"
    )
    otherwise = messages.gettext(
        "If you do nothing, we write nothing more and erase the address. If it was not you, do nothing."
    )
    body = "\n\n".join([request % {"due": instant_phrase(until, language)}, link, otherwise, signature(language)])
    return MailText(messages.gettext("Changes on the map: may we write to you?"), body)


def compose_changes(changes: Sequence[MapChange], language: Language, map_url: str, link: str) -> MailText:
    """The newest changes; `link` leads to where they end it."""
    messages, count = translations(language), len(changes)
    subject = messages.ngettext("%(count)d change on the map", "%(count)d changes on the map", count)
    paragraphs = [_paragraph(change, language, map_url) for change in changes[:_LINES]]
    if count > _LINES:
        paragraphs.append(messages.gettext("More are on the map: %(map)s") % {"map": map_url})
    paragraphs.append(messages.gettext("To get no more of these mails: %(link)s") % {"link": link})
    return MailText(subject % {"count": count}, "\n\n".join([*paragraphs, signature(language)]))


def _paragraph(change: MapChange, language: Language, map_url: str) -> str:
    known = category(change.category)
    at = {
        "longitude": change.longitude, "latitude": change.latitude, "zoom": 16, "report": change.report_id
    }  # fmt: skip
    name = known.name(language) if known else change.category
    return f"{name}: {LABELS[change.status][language]}. {change.unit_name}\n{map_url}/?{urlencode(at)}"
