"""What a citizen's link proves."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from notifier.contacts.links import confirmation_token, report_of_token


@given(st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")) | st.text(max_size=80))
def test_a_token_nobody_wrote_proves_nothing(text: str) -> None:
    assert report_of_token(text, b"secret" * 4) is None


@given(st.uuids(), st.integers(0, 41), st.sampled_from("AZaz09-_"))
def test_a_token_is_for_one_report_under_one_secret(report_id: UUID, position: int, letter: str) -> None:
    token = confirmation_token(report_id, b"secret" * 4)
    assert report_of_token(token, b"secret" * 4) == report_id
    assert report_of_token(token, b"another" * 4) is None
    changed = token[:position] + letter + token[position + 1 :]
    assert report_of_token(changed, b"secret" * 4) == (report_id if changed == token else None)


@given(st.uuids(), st.integers(0, 43), st.text(st.characters(categories=["P", "S", "Z", "C"]), min_size=1, max_size=5))
def test_a_link_is_written_in_one_way(report_id: UUID, position: int, more: str) -> None:
    token = confirmation_token(report_id, b"secret" * 4)
    written_otherwise = token[:position] + more.replace("-", "").replace("_", "") + token[position:]
    for text in (written_otherwise, f"{token}=", f"{token}==", f"{token}\n", token[:-1] + chr(ord(token[-1]) + 1)):
        assert text == token or report_of_token(text, b"secret" * 4) is None
