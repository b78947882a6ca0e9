"""Case numbers people can say: garrison, year, drawn digits and a check character, as in `OPO-26-804123-K`.

The digits are drawn, not counted: who has a few receipts can't tell how many cases there were between them.
"""

import re
from datetime import datetime

from contracts.policy.terms import WARSAW

_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WHOLE = re.compile(r"([A-Z]{3})-([0-9]{2})-([0-9]{6,})-([0-9A-Z])")


def year_of(submitted_at: datetime) -> int:
    """The year a report is numbered in: the one it is in Poland."""
    return submitted_at.astimezone(WARSAW).year


def case_number(garrison: str, year: int, drawn: int) -> str:
    """A case number of a garrison in a year; `drawn` has six digits, seven where most of six are taken."""
    body = f"{garrison}-{year % 100:02}-{drawn:06}"
    return f"{body}-{check_character(body)}"


def check_character(body: str) -> str:
    """ISO 7064 MOD 37,36 over the letters and digits: finds every single mistyped character and most swapped ones."""
    product = 36
    for character in body.replace("-", ""):
        total = (product + _VALUES.index(character)) % 36 or 36
        product = total * 2 % 37
    return _VALUES[(1 - product) % 36]


def is_mistyped(text: str) -> bool:
    """Whether a text is a whole case number whose check character does not fit."""
    whole = _WHOLE.fullmatch(text.strip().upper())
    return bool(whole) and check_character(text.strip().upper()[:-2]) != text.strip().upper()[-1]
