"""Catalogues that lack something and words that no catalogue has are found; what is looked up or for machines isn't."""

import re
from collections.abc import Callable, Mapping

import pytest
from checks.sources import Sources
from checks.texts import catalogues, scripts, templates

Planting = Callable[[Mapping[str, str]], Sources]
PAGE = "intake/intake/web/templates/page.html"
SCRIPT = "intake/intake/web/static/page.js"
PO = "intake/intake/locale/de/intake.po"
SAID = '<p>{{ _("Send") }} {{ ngettext("%(num)s report", "%(num)s reports", count) }}</p>'
MANY = '\nmsgid_plural "%(num)s reports"\nmsgstr[0] "%(num)s Meldung"\nmsgstr[1] "%(num)s Meldungen"\n'


def renewed(sources: Sources) -> Sources:
    """The tree with the catalogues that `make texts` writes."""
    for catalogue in catalogues.written(sources):
        if catalogue.text:
            (sources.root / catalogue.path).parent.mkdir(parents=True, exist_ok=True)
            (sources.root / catalogue.path).write_text(catalogue.text, encoding="utf-8")
    return sources


def with_german(sources: Sources, change: Callable[[str], str]) -> list[str]:
    """What is wrong with a German catalogue: one in which all is right, changed."""
    path = renewed(sources).root / PO
    text = path.read_text(encoding="utf-8").replace('msgid "Send"\nmsgstr ""', 'msgid "Send"\nmsgstr "Senden"')
    text = re.sub('msgid "%.num.s report"\n(.|\n)*?\n\n', f'msgid "%(num)s report"{MANY}\n', text)
    path.write_text(change(text), encoding="utf-8")
    return list(catalogues.complete(sources, ("de",)))


def test_what_is_translated_with_all_its_placeholders_is_fine(planted: Planting) -> None:
    assert with_german(planted({PAGE: SAID}), lambda text: text) == []
    one = with_german(planted({}), lambda text: text.replace('[0] "%(num)s Meldung"', '[0] "eine Meldung"'))
    assert one == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('"Senden"', '""', "not translated"),
        ('msgid "Send"', '#, fuzzy\nmsgid "Send"', "fuzzy"),
        ('msgid "Send"', 'msgid "Sent"', "missing; make texts: 'Send'"),
        ('msgid "Send"', 'msgid "Sent"', "unused; make texts: 'Sent'"),
        ('"Senden"', '"Senden %(name)s"', "other placeholders"),
        ('"Senden"', '"100 % senden"', "other placeholders"),
        ('[1] "%(num)s Meldungen"', '[1] "%(number)s Meldungen"', "other placeholders"),
        ('[1] "%(num)s Meldungen"', '[1] ""', "not translated"),
        ("page.html", "elsewhere.html", "not as the sources say it"),
        ('msgid "Send"', '#~ msgid "Old"\n#~ msgstr "Alt"\n\nmsgid "Send"', "unused; make texts: 'Old'"),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_found(before: str, after: str, fault: str, planted: Planting) -> None:
    found = with_german(planted({PAGE: SAID}), lambda text: text.replace(before, after))
    assert any(offence.startswith(PO) and fault in offence for offence in found), found


def test_a_catalogue_that_is_missing_or_nobodys_is_found(planted: Planting) -> None:
    sources = planted({PAGE: SAID, "intake/intake/locale/fr/intake.po": 'msgid ""\nmsgstr ""\n'})
    found = list(catalogues.complete(sources, ("de",)))
    assert f"{PO}:1: missing; make texts" in found
    assert "intake/intake/locale/fr/intake.po:1: no package says anything in this language" in found


def test_a_message_that_is_polish_is_none(planted: Planting) -> None:
    sources = renewed(planted({PAGE: '{{ _("Wyślij zgłoszenie") }}'}))
    assert any("not English" in offence for offence in catalogues.complete(sources, ("de",)))


def test_python_templates_and_scripts_are_read_and_shared_words_stand_in_one_catalogue(planted: Planting) -> None:
    sources = planted(
        {
            PAGE: '{{ _("In a page") }}{{ pgettext("verb", "Open") }} {% trans %}Enclosed{% endtrans %}',
            SCRIPT: 'ngettext("a report", "%(num)s reports", count) + _("In a script");',
            "intake/intake/texts.py": 'LABEL = _("In Python"), _("Shared")',
            "services/web/web/design/templates/layout.html": '{{ _("Shared") }}',
            "intake/intake/web/static/vendor.txt": '_("No")',
        }
    )
    written = {str(catalogue.path): catalogue for catalogue in catalogues.written(sources) if catalogue.text}
    assert written.keys() == {
        f"{folder}/locale/{language}/{name}.po"
        for folder, name in (("intake/intake", "intake"), ("services/web/web", "web"))
        for language in catalogues.TRANSLATED
    }
    polish = written["intake/intake/locale/pl/intake.po"]
    for words in ("In a page", "Enclosed", "a report", "In a script", "In Python"):
        assert f'msgid "{words}"' in polish.text
    assert 'msgctxt "verb"\nmsgid "Open"' in polish.text
    assert "#: web/static/page.js\nmsgid" in polish.text
    assert "Shared" not in polish.text
    assert (polish.empty, polish.text.count("msgstr[2]")) == (6, 1)


@pytest.mark.parametrize(
    "text",
    [
        "<p>Send</p>",
        "<p>{{ count }} reports</p>",
        '<img alt="A map">',
        '<button aria-label="{{ name }}: open">',
        '<meta name="description" content="All reports">',
        '{{ c.button("Send now") }}',
        "{{ c.button('wyślij') }}",
        "<p>{% if late %}late{% endif %}</p>",
        "{% trans %}Fine{% endtrans %} not fine",
    ],
)
def test_words_of_a_template_that_no_catalogue_has_are_found(text: str, planted: Planting) -> None:
    assert [offence.partition(": ")[0] for offence in templates.bare_words(planted({PAGE: f"\n{text}"}))] == [
        f"{PAGE}:2"
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<p class="note">{{ _("Send") }} – 112</p>',
        '<meta name="viewport" content="width=device-width">',
        '{% trans count=n %}One{% pluralize %}{{ count }} many{% endtrans %}',
        '<kbd>j</kbd> <code>GET /v1</code> <p translate="no">Kowalska <b>&amp; <p>more</p></b></p>',
        '<div translate="no">\n{{ c.button("Send now") }}\n</div>',
        '<script type="application/json">{"a": "Words"}</script>',
        '{{ icon("status-new") }} {# a comment #} {{ ngettext("A report", "Reports", n) }}',
        'aria-describedby="{{ name }}-hint"',
    ],
)  # fmt: skip
def test_what_is_looked_up_or_for_machines_is_left_alone(text: str, planted: Planting) -> None:
    assert list(templates.bare_words(planted({PAGE: text}))) == []


@pytest.mark.parametrize(
    "text",
    [
        'const word = "Wyślij";',
        "const word = `Zgłoszeń: ${count}`;",
        'const word = _("Zgłoszenie");',
        'element.textContent = "Send";',
        'element.setAttribute("aria-label", "Close");',
        "list.append(`reports: ${count}`);",
        'const hint = cond ? "Try it again" : "";',
    ],
)
def test_words_of_a_script_that_no_catalogue_has_are_found(text: str, planted: Planting) -> None:
    assert len(list(scripts.bare_words(planted({SCRIPT: text})))) == 1


@pytest.mark.parametrize(
    "text",
    [
        'element.textContent = _("Send it now");',
        'element.setAttribute("aria-pressed", "true");',
        'throw new Error("There is no such layer");',
        'console.warn("Nothing to draw");',
        "const path = `/v1/reports/${id}/support`; // Zgłoszenie",
        'const font = ["Noto Sans Regular"]; const mark = "°";',
        'element.textContent = `${degrees}° · ${count}`;',
        'node.append(" ", "·");',
        'const names = "józef|łukasz"; const degrees = `${digits}(?:°|º)`;',
    ],
)  # fmt: skip
def test_what_a_script_looks_up_or_says_to_machines_is_left_alone(text: str, planted: Planting) -> None:
    assert list(scripts.bare_words(planted({SCRIPT: text}))) == []
