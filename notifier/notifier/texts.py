"""The words: what officers, agencies and citizens read. English here, Polish in `locale/pl/notifier.po`.

Officers and agencies read Polish. No text holds a citizen's words or address; every citizen's says 112.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from io import BytesIO
from itertools import groupby

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from contracts.categories import category
from contracts.clocks import Clock
from contracts.statuses import LABELS, Language, Status
from contracts.terms import WARSAW
from contracts.topics import AGENCIES

from notifier.deliveries import Line
from notifier.notices import Facts, Matter


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Links:
    """Where people are sent; `contact` is where a citizen says yes or no."""

    case: str
    map: str
    contact: str = ""


def _(message: str) -> str:
    """Marks a message for the catalogue; it is looked up where the language is known."""
    return message


# One line for each matter: the subject of a mail about one report, and the heading in one about several.
_OFFICERS: dict[Matter, str] = {
    Matter.CASE_OPENED: _("New report"),
    Matter.CASE_UNROUTED: _("No unit found: headquarters decides"),
    Matter.CASE_TRANSFERRED: _("Report transferred to you"),
    Matter.CASE_REOPENED: _("Verification reopened"),
    Matter.CASE_RETURNED: _("Returned by the agency"),
    Matter.CASE_REFERRED: _("Referral of a confirmed threat"),
    Matter.DEADLINE_APPROACHING: _("Deadline approaching"),
    Matter.DEADLINE_MISSED: _("DEADLINE MISSED"),
    Matter.DEADLINE_ESCALATED: _("ESCALATION: deadline missed"),
    Matter.MISS_WITHDRAWN: _("Correction: the deadline was met"),
    Matter.REVIEW_DUE: _("Reminder: confirmed threat to be reviewed"),
}
_DEADLINES: dict[Clock, str] = {
    Clock.TAKE_UP: _("take up by %(due)s"),
    Clock.VERIFICATION: _("verify by %(due)s"),
    Clock.ACKNOWLEDGEMENT: _("acknowledge by %(due)s"),
    Clock.REVIEW: _("review due on %(due)s"),
}
_STATUSES: dict[Matter, Status] = {
    Matter.TAKEN_UP: Status.VERIFICATION,
    Matter.CONFIRMED: Status.CONFIRMED,
    Matter.UNCONFIRMED: Status.UNCONFIRMED,
    Matter.REJECTED: Status.REJECTED,
    Matter.REFERRED: Status.REFERRED,
    Matter.ELIMINATED: Status.ELIMINATED,
}
_CITIZENS: dict[Matter, str] = {
    Matter.TAKEN_UP: _("The police took up your report and are checking it. A decision is due by %(due)s."),
    Matter.CONFIRMED: _("The police confirmed the threat you reported and are working to remove it."),
    Matter.UNCONFIRMED: _("The police checked your report and did not find the threat."),
    Matter.REJECTED: _("The police closed your report as a joke or a mistake."),
    Matter.REFERRED: _("The threat you reported is confirmed. It was passed on to: %(agency)s."),
    Matter.ELIMINATED: _("The threat you reported has been removed."),
    Matter.MERGED: _("Your report tells of the same threat as report %(into)s; both go on under that number."),
}
_LAST = frozenset({Matter.UNCONFIRMED, Matter.REJECTED, Matter.ELIMINATED, Matter.MERGED})


@cache
def catalogue(language: Language) -> NullTranslations:
    """The messages of a language, read from its .po file; English is what stands in the code."""
    if language == "en":
        return NullTranslations()
    file = resources.files("notifier").joinpath("locale", language, "notifier.po")
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(file.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def officers(lines: tuple[Line, ...], links: Links) -> Text:
    """A message to officers, in Polish: about one report, or a digest in the order of the matters."""
    say = catalogue("pl")
    if len(lines) == 1:
        line = lines[0]
        subject = f"{say.gettext(_OFFICERS[line.matter])}: {_name(line, 'pl')}"
    else:
        subject = say.ngettext("%(count)d report needs you", "%(count)d reports need you", len(lines))
        subject %= {"count": len(lines)}
    order = list(Matter)
    sections = [
        "\n\n".join([say.gettext(_OFFICERS[matter]).upper(), *(_entry(line, links) for line in of_it)])
        for matter, of_it in groupby(sorted(lines, key=lambda line: order.index(line.matter)), lambda line: line.matter)
    ]
    return Text(f"[KMZB] {subject}", "\n\n\n".join([*sections, _signature("pl")]))


def agency(line: Line, links: Links) -> Text:
    """A referral in words, in Polish; what counts is the message on the agency's topic."""
    say, facts = catalogue("pl"), line.facts
    about = [
        f"{say.gettext(_OFFICERS[line.matter])}: {facts.case_number or line.report_id}",
        _category(facts, "pl"),
        say.gettext("Place: %(latitude).6f N, %(longitude).6f E")
        % {"latitude": facts.latitude or 0.0, "longitude": facts.longitude or 0.0},
        say.gettext("Referred by: %(unit)s") % {"unit": facts.unit_name},
        _deadline(facts, "pl"),
        links.map,
    ]
    return Text(f"[KMZB] {about[0]}", "\n\n".join([*filter(None, about), _signature("pl")]))


def citizen(line: Line, language: Language, links: Links) -> Text:
    """A message to the one who reported, in their language."""
    say, facts = catalogue(language), line.facts
    if line.matter is Matter.CONFIRM_ADDRESS:
        return _confirmation(facts, language, links)
    words = say.gettext(_CITIZENS[line.matter]) % {
        "due": _instant(facts.due_at, language),
        "agency": AGENCIES.get(facts.agency or "", facts.agency),
        "into": facts.into_number,
    }
    status = _STATUSES.get(line.matter)
    label = LABELS[status][language] if status else say.gettext("Joined with another report")
    paragraphs = [
        say.gettext("Your report: %(category)s, %(unit)s")
        % {"category": _category(facts, language), "unit": facts.unit_name},
        words,
        _answer(facts, language),
        _farewell(line.matter, language, links),
        _signature(language),
    ]
    subject = say.gettext("Report %(number)s: %(status)s") % {"number": facts.case_number, "status": label}
    return Text(subject, "\n\n".join(filter(None, paragraphs)))


def _confirmation(facts: Facts, language: Language, links: Links) -> Text:
    say = catalogue(language)
    words = say.gettext(
        "This address was left with a report on the National Security Threat Map (category: %(category)s). To be told "
        "what becomes of the report, open this page and press the button, until %(due)s:"
    )
    otherwise = say.gettext(
        "If you do nothing, we write nothing more and erase the address. If it was not you, do nothing."
    )
    named = {"category": _category(facts, language), "due": _instant(facts.due_at, language)}
    body = "\n\n".join([words % named, links.contact, otherwise, _signature(language)])
    return Text(say.gettext("May we write to you about your report?"), body)


def _answer(facts: Facts, language: Language) -> str:
    """The public answer of a decision: how often somebody looked, how often it was there, when last."""
    if not facts.checks:
        return ""
    say = catalogue(language)
    counted = say.ngettext("Checked on site %(count)d time.", "Checked on site %(count)d times.", facts.checks)
    sentences = [counted % {"count": facts.checks}]
    if facts.last_check_on:
        sentences.append(say.gettext("Last on %(day)s.") % {"day": _day(facts.last_check_on, language)})
    return " ".join(sentences)


def _farewell(matter: Matter, language: Language, links: Links) -> str:
    say = catalogue(language)
    if matter not in _LAST:
        return say.gettext("To hear no more of this report: %(link)s") % {"link": links.contact}
    return say.gettext(
        "This was our last message, and your address is being erased. If you see it differently, say so on the page "
        "of your receipt. The map: %(map)s"
    ) % {"map": links.map}


def _signature(language: Language) -> str:
    return "-- \n" + catalogue(language).gettext(
        "National Security Threat Map. Do not answer this message.\nIn an emergency call 112."
    )


def _name(line: Line, language: Language) -> str:
    return ", ".join(filter(None, [line.facts.case_number or str(line.report_id), _category(line.facts, language)]))


def _entry(line: Line, links: Links) -> str:
    rows = [_name(line, "pl"), line.facts.unit_name, _deadline(line.facts, "pl"), f"{links.case}{line.report_id}"]
    return "\n  ".join(filter(None, rows))


def _deadline(facts: Facts, language: Language) -> str:
    if facts.clock is None or facts.due_at is None:
        return ""
    return catalogue(language).gettext(_DEADLINES[facts.clock]) % {"due": _instant(facts.due_at, language)}


def _category(facts: Facts, language: Language) -> str:
    known = category(facts.category or "")
    return known.name(language) if known else facts.category or ""


def _instant(instant: datetime | None, language: Language) -> str:
    return format_datetime(instant, "d MMMM yyyy, HH:mm", WARSAW, language) if instant else ""


def _day(day: date, language: Language) -> str:
    return format_date(day, "d MMMM yyyy", language)
