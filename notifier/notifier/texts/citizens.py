"""What the citizen who reported reads, in their language."""

from collections.abc import Callable

from contracts.statuses import LABELS, Language, Status
from web.texts.catalogue import _
from web.texts.phrases import day_phrase, instant_phrase

from notifier.domain.deliveries import DeliveryItem
from notifier.domain.notices import Details, NoticeKind
from notifier.texts.phrases import Links, MailText, category_name, signature, translations

_STATUSES: dict[NoticeKind, Status] = {
    NoticeKind.TAKEN_UP: Status.VERIFICATION,
    NoticeKind.CONFIRMED: Status.CONFIRMED,
    NoticeKind.UNCONFIRMED: Status.UNCONFIRMED,
    NoticeKind.REJECTED: Status.REJECTED,
    NoticeKind.REFERRED: Status.REFERRED,
    NoticeKind.ELIMINATED: Status.ELIMINATED,
}
_EXPLANATIONS: dict[NoticeKind, str] = {
    NoticeKind.TAKEN_UP: _("The police took up your report and are checking it. A decision is due by %(due)s."),
    NoticeKind.CONFIRMED: _("The police confirmed the threat you reported and are working to remove it."),
    NoticeKind.UNCONFIRMED: _("The police checked your report and did not find the threat."),
    NoticeKind.REJECTED: _("The police closed your report as a joke or a mistake."),
    NoticeKind.REFERRED: _("The threat you reported is confirmed. It was passed on to: %(agency)s."),
    NoticeKind.ELIMINATED: _("The threat you reported has been removed."),
    NoticeKind.QUESTION: _(
        "The police have a question about your report. It is on the page of your receipt, whose link you got when you "
        "sent the report; there you can answer, too."
    ),
    NoticeKind.MERGED: _("Your report tells of the same threat as report %(into)s; both go on under that number."),
}
_OTHER_LABELS: dict[NoticeKind, str] = {
    NoticeKind.MERGED: _("Joined with another report"),
    NoticeKind.QUESTION: _("a question for you"),
}
_LAST = frozenset({NoticeKind.UNCONFIRMED, NoticeKind.REJECTED, NoticeKind.ELIMINATED})


def compose_citizen_text(
    item: DeliveryItem, language: Language, links: Links, agency_name: Callable[[str], str]
) -> MailText:
    """The question whether we may write, or what became of the report. Raises KeyError for an officers' kind."""
    if item.kind is NoticeKind.CONFIRM_ADDRESS:
        return _question(item.details, language, links)
    messages, details = translations(language), item.details
    values = {
        "due": instant_phrase(details.due_at, language),
        "agency": agency_name(details.agency) if details.agency else None,
        "into": details.into_number,
    }
    explanations = [messages.gettext(_EXPLANATIONS[item.kind]) % values]
    if details.into_number and item.kind is not NoticeKind.MERGED:
        explanations.insert(0, messages.gettext(_EXPLANATIONS[NoticeKind.MERGED]) % values)
    status = _STATUSES.get(item.kind)
    label = LABELS[status][language] if status else messages.gettext(_OTHER_LABELS[item.kind])
    paragraphs = [
        messages.gettext("Your report: %(category)s, %(unit)s")
        % {"category": category_name(details, language), "unit": details.unit_name},
        *explanations,
        _public_answer(details, language),
        _farewell(item.kind, language, links),
        signature(language),
    ]
    subject = messages.gettext("Report %(number)s: %(status)s") % {"number": details.case_number, "status": label}
    return MailText(subject, "\n\n".join(filter(None, paragraphs)))


def _question(details: Details, language: Language, links: Links) -> MailText:
    messages = translations(language)
    request = messages.gettext(
        "This address was left with a report on the National Security Threat Map (category: %(category)s). To be told "
        "what becomes of the report, open this page and press the button, until %(due)s:"
    )
    otherwise = messages.gettext(
        "If you do nothing, we write nothing more and erase the address. If it was not you, do nothing."
    )
    values = {"category": category_name(details, language), "due": instant_phrase(details.due_at, language)}
    body = "\n\n".join([request % values, links.contact, otherwise, signature(language)])
    return MailText(messages.gettext("May we write to you about your report?"), body)


def _public_answer(details: Details, language: Language) -> str:
    """The public answer of a decision: how often somebody looked, and when last."""
    if not details.checks:
        return ""
    messages = translations(language)
    counted = messages.ngettext("Checked on site %(count)d time.", "Checked on site %(count)d times.", details.checks)
    sentences = [counted % {"count": details.checks}]
    if details.last_check_on:
        day = day_phrase(details.last_check_on, language)
        sentences.append(messages.gettext("Last on %(day)s.") % {"day": day})
    return " ".join(sentences)


def _farewell(kind: NoticeKind, language: Language, links: Links) -> str:
    messages = translations(language)
    if kind not in _LAST:
        return messages.gettext("To hear no more of this report: %(link)s") % {"link": links.contact}
    return messages.gettext(
        "This was our last message, and your address is being erased. If you see it differently, say so on the page "
        "of your receipt. The map: %(map)s"
    ) % {"map": links.map}
