"""The Range header as RFC 9110 (14.1.2, 14.2) has it: what is no range of bytes is as if it were not there."""

import re

_BYTES = re.compile(r"[ \t]*bytes[ \t]*=(.*)", re.IGNORECASE)
_SPEC = re.compile(r"(\d+)-(\d*)|-(\d+)", re.ASCII)
# More of them, or longer figures, no reader of maps and pictures sends.
_MOST, _LONGEST = 16, 512


class Unsatisfiable(ValueError):
    """None of the ranges lies in the file."""


def satisfiable_ranges(header: str, size: int) -> list[tuple[int, int]]:
    """The ranges asked for of `size` bytes, first and last byte, as they were asked; none: answer with the whole.

    Raises Unsatisfiable where the header is well-formed and no range of it lies in the file.
    """
    asked = _BYTES.fullmatch(header) if len(header) <= _LONGEST else None
    parts = [part.strip(" \t") for part in asked[1].split(",")] if asked else []
    specs = [_SPEC.fullmatch(part) for part in parts if part]
    if not specs or len(specs) > _MOST or not all(specs):
        return []
    found = []
    for spec in specs:
        assert spec is not None
        first = int(spec[1]) if spec[1] else max(size - int(spec[3]), 0)
        last = int(spec[2]) if spec[2] else size - 1
        if spec[1] and spec[2] and last < first:
            return []  # not of the grammar (14.1.1)
        if first < size and spec[3] != "0" * len(spec[3] or "-"):
            found.append((first, min(last, size - 1)))
    if not found:
        raise Unsatisfiable(f"no range of {size} bytes")
    return found
