"""What people write, brought into one form once at the door, or refused; and what of it events admit.

One form: NFC, line ends as `\\n`, nothing at either end that is not seen, and none of the characters that show nothing.
To count beyond the shortest texts needs the extra `texts`.
"""

import re
from unicodedata import category, normalize

# Control characters but for tab and line end: PostgreSQL refuses NUL in text, terminals obey the rest. What embeds or
# overrides the direction of text shows other words than are written. Noncharacters and halves of pairs say nothing.
_REFUSED = (
    r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
    r"\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff"
)
# Shows nothing, and comes along unseen from other programs and telephones: left out. The joiners U+200C and U+200D
# stay, as many scripts and most pictures of several people need them.
_UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    r"\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb"
)
# The same beyond the first 65,536 characters, where no escape is read alike by every reader of a pattern: a published
# pattern leaves them out, and `check_values` looks for them. Controls of hieroglyphs, shorthand and music, a note head
# that is none, and whatever Unicode keeps for characters that are ignored.
_REFUSED_FURTHER = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
_UNSEEN_FURTHER = "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"

TEXT_PATTERN = rf"^[^{_REFUSED}{_UNSEEN}\r\u2028\u2029]*$"
"""What a text in an event looks like, as a regular expression of Python and of JSON Schema."""
LINE_PATTERN = rf"^[^{_REFUSED}{_UNSEEN}\r\u2028\u2029\t\n]*$"
"""The same for text of one line."""
GIVEN_PATTERN = rf"^[^{_REFUSED}]*$"
"""What a text looks like that can be brought into its one form."""
CODE_POINTS = 4
"""Code points a text may have for each character that people count: enough for those made of several."""

_refused = re.compile(rf"[{_REFUSED}\ud800-\udfff{_REFUSED_FURTHER}]")
_unseen = re.compile(f"[{_UNSEEN}{_UNSEEN_FURTHER}]")
_further = re.compile(f"[{_REFUSED_FURTHER}{_UNSEEN_FURTHER}]")
_word = re.compile(r"\w")
_line_ends = re.compile("\r\n|[\r\u2028\u2029]")


def is_visible(text: str) -> bool:
    """Whether there is a letter, a number, a sign or a symbol in it, by Unicode's categories."""
    return _word.search(text) is not None or any(category(character)[0] in "LNPS" for character in text)


def hides_further(text: str) -> bool:
    """Whether there is a character in it that no text has, of those a published pattern can't name."""
    return not text.isascii() and _further.search(text) is not None


def one_form(text: str) -> str:
    """A text in its one form; "" where nothing can be seen. Raises ValueError for characters no text has."""
    text = _unseen.sub("", _line_ends.sub("\n", text))
    if _refused.search(text):
        raise ValueError("control characters, or characters that turn the direction of text")
    text = normalize("NFC", text).strip()
    return text if is_visible(text) else ""


def one_form_within(text: str, maximum: int) -> str:
    """The same of at most so many characters as people count them. Raises ValueError for more."""
    text = one_form(text)
    if len(text) > maximum and length(text) > maximum:
        raise ValueError(f"more than {maximum} characters")
    return text


def one_line_within(text: str, maximum: int) -> str:
    """The same in one line, of which something is seen: a name, say. Raises ValueError."""
    text = one_form_within(text, maximum)
    if not text or "\n" in text or "\t" in text:
        raise ValueError("nothing to be seen" if not text else "more than one line")
    return text


def length(text: str) -> int:
    """How many characters people see: grapheme clusters (Unicode, UAX 29), at least a quarter of the code points."""
    import regex

    return max(len(regex.findall(r"\X", text)), -(-len(text) // CODE_POINTS))
