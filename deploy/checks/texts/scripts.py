"""No script says anything that is not looked up: literals are English in `_()` and its kin, or for machines."""

import re
from collections.abc import Iterator

from babel.messages.jslexer import Token, tokenize, unquote_string

from checks.sources import Sources
from checks.texts.messages import FOLDERS, text_files
from checks.texts.templates import GETTEXT, is_english

_SHOWN_PROPERTIES = frozenset({"textContent", "innerText", "title", "placeholder", "alt", "ariaLabel", "label"})
_SHOWING_CALLS = frozenset({"append", "prepend", "replaceChildren", "createTextNode", "alert", "confirm", "prompt"})
_FOR_DEVELOPERS = re.compile(r"(Error|console)$")
_SENTENCE = re.compile(r"[A-Z][a-z]+( [a-z]+)+")
_EXPRESSION = re.compile(r"\$\{[^}]*\}")
_WORD = re.compile(r"[^\W\d_]")


def bare_words(sources: Sources) -> Iterator[str]:
    """A literal with letters that is shown, that is a sentence, or that isn't English, outside of a look-up."""
    for package in FOLDERS:
        for path in text_files(sources, package):
            if path.suffix == ".js":
                text = (sources.root / path).read_text(encoding="utf-8")
                yield from (f"{path}:{line}: {words!r} is not looked up; say _()" for line, words in _bare(text))


def _bare(text: str) -> Iterator[tuple[int, str]]:
    tokens = [token for token in tokenize(text, jsx=False, dotted=False) if not token.type.endswith("comment")]
    callees: list[str] = []  # of the parentheses we are in
    for number, token in enumerate(tokens):
        if token.value == "(" and token.type == "operator":
            callees.append(_callee(tokens[:number]))
        elif token.value == ")" and token.type == "operator" and callees:
            callees.pop()
        elif token.type in ("string", "template_string"):
            literal = _EXPRESSION.sub("", unquote_string(token.value))
            if _said(literal, tokens[max(0, number - 3) : number], callees[-1] if callees else ""):
                yield token.lineno, literal


def _said(literal: str, before: list[Token], callee: str) -> bool:
    if "|" in literal:  # a pattern, whose words are what people write and not what they read
        return False
    if not is_english(literal):
        return True
    if callee in GETTEXT or _FOR_DEVELOPERS.search(callee) or not _WORD.search(literal):
        return False
    values = [token.value for token in before]
    assigned = len(values) == 3 and values[0] == "." and values[1] in _SHOWN_PROPERTIES and values[2] in ("=", "+=")
    labelled = callee == "setAttribute" and values[-1:] == [","] and before[-2].value.strip("\"'") in (
        "aria-label", "title", "placeholder", "alt",
    )  # fmt: skip
    shown = callee in _SHOWING_CALLS and values[-1:] in (["("], [","])
    return assigned or labelled or shown or bool(_SENTENCE.match(literal))


def _callee(before: list[Token]) -> str:
    """The name in front of a parenthesis; `console` for its methods."""
    if not before or before[-1].type != "name":
        return ""
    of_console = len(before) >= 3 and before[-2].value == "." and before[-3].value == "console"
    return "console" if of_console else before[-1].value
