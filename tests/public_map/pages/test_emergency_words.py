"""Browser and server find the same emergencies: the script in Node, the rule in Python, over thousands of texts.

Not only what people write: the lists' own words in any order and neighbourhood, and letters few people have.
"""

import json
import subprocess
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from contracts.policy import emergency
from contracts.policy.emergency import emergency_words, reads_like_emergency

SCRIPT = Path(__file__).parents[3] / "public-map/public_map/web/static/report/emergency-words.js"
WRITTEN = Path(__file__).parents[2] / "contracts" / "policy" / "emergency"
PROGRAM = """
const { module, lists, texts } = JSON.parse(await new Response(process.stdin).text());
const { readsLikeEmergency, words } = await import(module);
console.log(JSON.stringify(texts.map((text) => [words(text), readsLikeEmergency(text, lists)])));
"""
# What is folded, parted or counted in some way of its own: ligatures, figures of all kinds, marks, apostrophes, emoji.
ODD: tuple[str, ...] = (
    *"Ⅻ²½٣一ẞſłøæéёЁйґЇςΣªº",
    *"'’‘ʼ`_-–…·\t\n\u00a0\u2028\u00ad\u200b",
    *("ﬁre", "ﬃ", "İstanbul", "STRASSE", "Straße", "ŁÓDŹ", "ΟΔΟΣ", "e\u0301", "a\u0323\u0301", "a\u20dd", "İ\u0307"),
    *("👩\u200d👦", "🔥", "x\u200by", "П’яний", ""),
)


def written() -> list[str]:
    """What people report and call about."""
    lines = chain.from_iterable(file.read_text(encoding="utf-8").splitlines() for file in sorted(WRITTEN.glob("*.txt")))
    return [line[2:] for line in lines]


def rewritten(text: str) -> list[str]:
    """The same text as others would write it."""
    return [text.upper(), text.title(), text.replace(" ", "\n"), text.replace(" ", "-"), f"„{text}”!!", text[::-1]]


def made_up(random: Random, count: int) -> list[str]:
    """Words the lists hold, so near and so far from each other that the rule turns on it."""
    entries: list[str] = [
        entry
        for lists in emergency_words().language.values()
        for kind in lists.__struct_fields__
        for entry in getattr(lists, kind)
    ]
    terms = sorted({form for entry in entries for term in entry.split() for form in term.split("|")} - {"^"})
    fillers = ("tam", "the", "и", "und", "na", "x1", *ODD)

    def word() -> str:
        if random.random() < 0.5:
            return random.choice(fillers)
        term = random.choice(terms)
        return term.replace("*", random.choice(("", "a", "ie", "ą"))) if term.endswith("*") else term

    def text() -> str:
        if random.random() < 0.5:  # an entry's own terms, with as many words between them as decide
            parts = [term.split("|")[0].replace("*", "") for term in random.choice(entries).split() if term != "^"]
            random.shuffle(parts)
            between = " ".join(["tam"] * random.randrange(emergency_words().within + 3))
            return f" {between} ".join(parts)
        return random.choice((" ", " ", ", ", "…")).join(word() for _ in range(random.randrange(1, 14)))

    return [text() for _ in range(count)]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    people = written()
    return [*people, *(other for text in people for other in rewritten(text)), *ODD, *made_up(Random(112), 4000)]


@pytest.fixture(scope="module")
def in_browsers(texts: list[str]) -> list[tuple[list[str], bool]]:
    """The words and the verdict of the script, of each text."""
    lists = emergency_words()
    language = {
        code: {kind: getattr(of_language, kind) for kind in of_language.__struct_fields__}
        for code, of_language in lists.language.items()
    }
    given: dict[str, Any] = {
        "module": SCRIPT.as_uri(),
        "lists": {"version": lists.version, "within": lists.within, "language": language},
        "texts": texts,
    }
    command = ["node", "--input-type=module", "--eval", PROGRAM]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [(words, verdict) for words, verdict in json.loads(done.stdout)]


def test_the_texts_turn_the_rule_both_ways_often(texts: list[str]) -> None:
    seen = sum(map(reads_like_emergency, texts))
    assert 1000 < seen < len(texts) - 1000, f"{seen} of {len(texts)}"


def test_both_read_the_same_words(texts: list[str], in_browsers: list[tuple[list[str], bool]]) -> None:
    differ = [
        (text, emergency.words(text), words)
        for text, (words, _) in zip(texts, in_browsers, strict=True)
        if emergency.words(text) != words
    ]
    assert differ == []


def test_both_find_the_same_emergencies(texts: list[str], in_browsers: list[tuple[list[str], bool]]) -> None:
    differ = [
        text for text, (_, verdict) in zip(texts, in_browsers, strict=True) if reads_like_emergency(text) is not verdict
    ]
    assert differ == []
