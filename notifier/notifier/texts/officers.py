"""What officers and agencies read, in Polish: about one report, or a digest."""

from itertools import groupby

from web.texts.catalogue import _

from notifier.domain.deliveries import DeliveryItem
from notifier.domain.notices import EMERGENCY_KINDS, Details, NoticeKind
from notifier.texts.phrases import Links, MailText, category_name, due_phrase, signature, translations

# The subject of a mail about one report, and the heading in one about several.
_HEADINGS: dict[NoticeKind, str] = {
    NoticeKind.EMERGENCY: _("URGENT: a report reads like an emergency"),
    NoticeKind.EMERGENCY_UNDELIVERED: _("URGENT: a report reads like an emergency, and the unit cannot be reached"),
    NoticeKind.CASE_OPENED: _("New report"),
    NoticeKind.CASE_UNROUTED: _("No unit found: headquarters decides"),
    NoticeKind.CASE_TRANSFERRED: _("Report transferred to you"),
    NoticeKind.CASE_REOPENED: _("Verification reopened"),
    NoticeKind.CASE_RETURNED: _("Returned by the agency"),
    NoticeKind.LETTER_TO_PRINT: _("Letter to an agency, to be printed and sent"),
    NoticeKind.CASE_REFERRED: _("Referral of a confirmed threat"),
    NoticeKind.REFERRAL_WITHDRAWN: _("Referral withdrawn"),
    NoticeKind.DEADLINE_APPROACHING: _("Deadline approaching"),
    NoticeKind.DEADLINE_MISSED: _("DEADLINE MISSED"),
    NoticeKind.DEADLINE_ESCALATED: _("ESCALATION: deadline missed"),
    NoticeKind.MISS_UNDELIVERED: _("DEADLINE MISSED, and those told cannot be reached"),
    NoticeKind.MISS_WITHDRAWN: _("Correction: the deadline was met"),
    NoticeKind.ESCALATION_WITHDRAWN: _("Correction: decided late, but before the escalation"),
    NoticeKind.REVIEW_DUE: _("Reminder: confirmed threat to be reviewed"),
    NoticeKind.SURGE_RAISED: _("ALARM: many reports at one place"),
    NoticeKind.SURGE_ESCALATED: _("ALARM that nobody has acknowledged: many reports at one place"),
    NoticeKind.MAILBOX_FAILS: _("A mailbox takes no mail: this unit is told nothing by it"),
    NoticeKind.DRILL: _("DRILL: a test of whether our messages reach you"),
}


def compose_officer_text(items: tuple[DeliveryItem, ...], links: Links) -> MailText:
    """A message to officers: about one report, or a digest in the order of the kinds. Raises KeyError for a citizen's.

    `items` must not be empty.
    """
    polish = translations("pl")
    if len(items) == 1:
        item = items[0]
        subject = ": ".join([polish.gettext(_HEADINGS[item.kind]), *_named(item)])
    else:
        subject = polish.ngettext("%(count)d report needs you", "%(count)d reports need you", len(items))
        subject %= {"count": len(items)}
    order = list(NoticeKind)
    by_kind = groupby(sorted(items, key=lambda item: order.index(item.kind)), lambda item: item.kind)
    sections = [
        "\n\n".join([polish.gettext(_HEADINGS[kind]).upper(), *(_paragraph(item, links) for item in of_kind)])
        for kind, of_kind in by_kind
    ]
    return MailText(f"[KMZB] {subject}", "\n\n\n".join([*sections, signature("pl")]))


def compose_agency_text(item: DeliveryItem, links: Links) -> MailText:
    """A referral in words, and how to answer it; of an agency with a topic what counts is the message there."""
    polish, details = translations("pl"), item.details
    answer = polish.gettext(
        "Say on this page that you have it, that you work on it, that it is removed, or who answers for it instead. "
        "Opening it changes nothing:"
    )
    asked = item.kind is NoticeKind.CASE_REFERRED and links.answer
    paragraphs = [
        f"{polish.gettext(_HEADINGS[item.kind])}: {details.case_number or item.report_id}",
        category_name(details, "pl"),
        polish.gettext("Place: %(latitude).6f N, %(longitude).6f E")
        % {"latitude": details.latitude or 0.0, "longitude": details.longitude or 0.0},
        polish.gettext("Referred by: %(unit)s") % {"unit": details.unit_name},
        polish.gettext("Nothing is left for you to do.") if item.kind is NoticeKind.REFERRAL_WITHDRAWN else "",
        due_phrase(details, "pl"),
        f"{answer}\n{links.answer}" if asked else "",
        links.map,
    ]
    return MailText(f"[KMZB] {paragraphs[0]}", "\n\n".join([*filter(None, paragraphs), signature("pl")]))


def _surge_phrase(details: Details) -> str:
    """How many reports there were and where; "" for all but alarms."""
    if details.reports is None:
        return ""
    polish = translations("pl")
    counted = polish.ngettext("%(count)d report within minutes", "%(count)d reports within minutes", details.reports)
    place = polish.gettext("Place: %(latitude).6f N, %(longitude).6f E")
    where = place % {"latitude": details.latitude or 0.0, "longitude": details.longitude or 0.0}
    acknowledge = polish.gettext("Acknowledge it at the desk, or it goes further up.")
    return "\n  ".join([counted % {"count": details.reports}, where, acknowledge])


def _is_letter(item: DeliveryItem) -> bool:
    return item.kind is NoticeKind.LETTER_TO_PRINT


def _named(item: DeliveryItem) -> list[str]:
    return [] if item.kind is NoticeKind.DRILL else [_name(item)]


def _name(item: DeliveryItem) -> str:
    return ", ".join(filter(None, [item.details.case_number or str(item.report_id), category_name(item.details, "pl")]))


def _paragraph(item: DeliveryItem, links: Links) -> str:
    if item.kind is NoticeKind.DRILL:
        return translations("pl").gettext("Nothing has happened, and nothing is to be done.")
    urgent = translations("pl").gettext(
        "Sent although the form showed 112. What was written is in the case: read it now."
    )
    lines = [
        _name(item),
        _surge_phrase(item.details),
        item.details.unit_name,
        urgent if item.kind in EMERGENCY_KINDS else "",
        due_phrase(item.details, "pl"),
        links.letter(item.details.referral_id) if _is_letter(item) and item.details.referral_id else "",
        f"{links.case}{item.report_id}",
    ]
    return "\n  ".join(filter(None, lines))
