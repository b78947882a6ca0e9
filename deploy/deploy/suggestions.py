"""Words for a name that there is none of."""

from collections.abc import Iterable
from difflib import get_close_matches


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """Says that the name is unknown, which may be meant, and which there are."""
    names = list(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6) or get_close_matches(name.upper(), names, n=1, cutoff=0.6)
    meant = f"; did you mean {close[0]}?" if close else ""
    listed = f"; there are {', '.join(names)}" if len(names) <= 40 else ""
    return f"there is no {what}{name!r}{listed}{meant}"
