"""What scripts say is what the server says: the module of texts in Node, with the catalogues that pages embed."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contracts.statuses import Language
from web.texts import phrases
from web.texts.browser import browser_catalogue
from web.texts.catalogue import translations
from web.texts.languages import LANGUAGES

MODULE = Path(phrases.__file__).parents[1] / "design" / "static" / "texts.js"
PLURAL = ("%(num)s report in this view", "%(num)s reports in this view")
COUNTS = [*range(130), 1000, 1001, 1002, 12345]
INSTANTS = [datetime(2026, 3, 28, 22, 30, tzinfo=UTC) + timedelta(hours=31 * step) for step in range(9)]
PROGRAM = """
const { module, catalogues, instants, counts, plural } = JSON.parse(process.argv[1]);
const said = {};
for (const [language, texts] of Object.entries(catalogues)) {
  globalThis.document = { documentElement: { lang: language }, getElementById: () => ({ textContent: texts }) };
  const { _, ngettext, formatDeadline, formatInstant, formatNumber } = await import(`${module}?${language}`);
  said[language] = {
    deadlines: instants.map(formatDeadline),
    instants: instants.map(formatInstant),
    plurals: counts.map((count) => ngettext(...plural, count)),
    numbers: counts.map((count) => formatNumber(count)),
    escapes: [_("%(share)s %% of %(unknown)s", { share: "<b>" }), _("No such message")],
  };
}
console.log(JSON.stringify(said));
"""


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What a script says in each language."""
    given = {
        "module": MODULE.as_uri(),
        "catalogues": {language: browser_catalogue("public_map", language).decode() for language in LANGUAGES},
        "instants": [instant.isoformat() for instant in INSTANTS],
        "counts": COUNTS,
        "plural": PLURAL,
    }
    command = ["node", "--input-type=module", "--eval", PROGRAM, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def plain(text: str) -> str:
    """Without what two versions of CLDR differ in: which space stands in front of a unit."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_are_said_alike(language: Language, said: dict[str, Any]) -> None:
    assert said[language]["deadlines"] == [phrases.deadline_phrase(instant, language) for instant in INSTANTS]
    instants = [plain(phrases.instant_phrase(instant, language)) for instant in INSTANTS]
    assert [plain(text) for text in said[language]["instants"]] == instants


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_has_its_form(language: Language, said: dict[str, Any]) -> None:
    numbers = said[language]["numbers"]
    server = [translations("public_map", language).ngettext(*PLURAL, count) for count in COUNTS]
    assert said[language]["plurals"] == [
        form % {"num": number} for form, number in zip(server, numbers, strict=True)
    ]  # fmt: skip
    assert plain(numbers[-1]).replace(",", " ").replace(".", " ") == "12 345"


def test_what_is_unknown_stands_as_it_is(said: dict[str, Any]) -> None:
    for language in LANGUAGES:
        assert said[language]["escapes"] == ["<b> % of %(unknown)s", "No such message"]
