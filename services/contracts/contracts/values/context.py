"""The context of a CloudEvent as Kafka's headers carry it in binary mode: each attribute once, and by its grammar.

What two readers could take for two things is no event: https://github.com/cloudevents/spec, `kafka-protocol-binding`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

TRACE, _CONTENT = "traceparent", "content-type"
_NAME = re.compile(r"ce_[a-z0-9]{1,40}")
_ID = re.compile(r"(?![0-]*$|[f-]*$)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
_EXPECTED = {
    "ce_specversion": (re.compile(r"1\.0"), "1.0"),
    "ce_id": (_ID, "a UUID such as 1b4e28ba-2fa1-41d2-883f-0016d3cca427"),
    "ce_source": (
        re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]{1,2000}"),
        "a URI reference such as /road-manager",
    ),
    _CONTENT: (re.compile(r'application/json\s*(?:;\s*charset="?utf-8"?\s*)?', re.IGNORECASE), "application/json"),
}
_ANY = _LINE, "a text of one line"
_REPEATED = frozenset({"ce_specversion", "ce_type", "ce_source", "ce_dataschema", _CONTENT})
"""Of few values, which are looked at once."""
_USUAL = _REPEATED | {"ce_id", "ce_subject", "ce_time", "ce_submittedat"}
"""Names that need no second look."""
_SHORT = 200


def read_context(headers: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """The attributes by their headers' names, and the trace where there is one.

    Raises ValueError that names the header: one that stands twice, even with the same value, since who repeats it says
    what it means no more than who contradicts it; an id, a source, a version or a type of content that is none; what
    is no text.
    """
    context: dict[str, str] = {}
    traces = []
    for name, raw in headers:
        known = name if name in _USUAL else name.lower()
        if known == TRACE:
            traces.append(raw)
        elif name in _USUAL or known == _CONTENT or known.startswith("ce_"):
            if known in context:
                raise ValueError(f"header twice: {known}")
            if name not in _USUAL and known != _CONTENT and not _NAME.fullmatch(name):
                raise ValueError(f"no attribute has the name of this header: {name[:100]!a}")
            context[known] = _known(known, raw) if known in _REPEATED and len(raw) < _SHORT else _text(known, raw)
    if len(traces) == 1:  # it is nobody's reason to lose a message
        context[TRACE] = traces[0].decode("ascii", "replace")
    return context


def _text(name: str, raw: bytes) -> str:
    pattern, expected = _EXPECTED.get(name, _ANY)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise ValueError(f"no UTF-8: {name}") from None
    if not pattern.fullmatch(text):
        raise ValueError(f"{name} can't be {text[:100]!a}; expected {expected}")
    return text


_known = lru_cache(maxsize=256)(_text)
