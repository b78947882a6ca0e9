"""Words that read like an emergency, tried on what people write in reports and in emergencies.

The texts (`emergency/<language>.txt`, `!` an emergency, `-` none) were written before the lists, from what people
report and call about; the figures they give are printed by `pytest -s`.
"""

from pathlib import Path

import pytest
from contracts.policy.emergency import emergency_words, reads_like_emergency, words

TEXTS = Path(__file__).parent / "emergency"
LANGUAGES = ("pl", "en", "uk", "de", "cs")
# Of emergencies nearly all are to be seen; whoever is stopped wrongly loses a moment.
RECALL, PRECISION = 0.95, 0.97


def texts(language: str) -> list[tuple[bool, str]]:
    lines = (TEXTS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [(line[0] == "!", line[2:]) for line in lines]


def figures(tried: list[tuple[bool, str]]) -> tuple[float, float]:
    """Precision and recall."""
    seen = [emergency for emergency, text in tried if reads_like_emergency(text)]
    return sum(seen) / len(seen), sum(seen) / sum(emergency for emergency, _ in tried)


def test_emergencies_are_told_from_what_people_report() -> None:
    tried = {language: texts(language) for language in LANGUAGES}
    everything = [text for of_language in tried.values() for text in of_language]
    assert len(everything) >= 300
    for language, of_language in {**tried, "all": everything}.items():
        precision, recall = figures(of_language)
        print(f"{language}: {len(of_language)} texts, precision {precision:.3f}, recall {recall:.3f}")
        if language == "all":
            assert precision >= PRECISION
            assert recall >= RECALL


def test_there_are_lists_for_every_language() -> None:
    assert set(emergency_words().language) == set(LANGUAGES)


@pytest.mark.parametrize("text", ["POŻAR! Pali się dom", "pozar, pali sie dom", "Pożar…pali-się,dom", "pali\nsię\tdom"])
def test_writing_does_not_matter(text: str) -> None:
    assert reads_like_emergency(text)


def test_what_is_usual_is_none_unless_it_happens_now() -> None:
    assert not reads_like_emergency("Co sobotę biją się pod klubem")
    assert reads_like_emergency("Co sobotę biją się pod klubem, właśnie leje się krew")


def test_words_are_letters_and_figures_without_diacritics() -> None:
    assert words("Żółw’s Straße-2, П’яний їжак!") == ["zolws", "strasse", "2", "пянии", "іжак"]


@pytest.mark.parametrize("text", ["", "   ", "!!!", "a" * 2000, "🔥" * 500])
def test_nothing_is_no_emergency(text: str) -> None:
    assert not reads_like_emergency(text)
