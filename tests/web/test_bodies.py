"""What a body's headers say of it, read by their grammar, and at once whatever they hold."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web.bodies import is_json

PARTS = st.sampled_from(
    [b";", b" ", b"\t", b"; ", b"a=b", b'a="b"', b'"', b"\\", b"charset=utf-8", b"@", b",", b"/", b"="]
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"application/json", True),
        (b" Application/JSON ; ; charset=utf-8 ;", True),
        (b'application/json;charset="UTF-8"; a="b;\\"c"', True),
        (b"application/json; charset=latin-1", False),
        (b"application/json; @", False),
        (b"text/plain", False),
        (b"", False),
    ],
)
def test_a_media_type_by_its_grammar(value: bytes, said: bool) -> None:
    assert is_json({b"content-type": value}) is said


@given(st.lists(PARTS, max_size=6).map(b"".join), st.sampled_from([b"", b"@", b'"', b";"]))
def test_no_media_type_takes_longer_than_its_length_explains(part: bytes, end: bytes) -> None:
    began = process_time()
    is_json({b"content-type": b"application/json" + (part * 5_000)[:20_000] + end})
    assert process_time() - began < 0.1
