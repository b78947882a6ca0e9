"""What a link proves, whatever it is for."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notifier.links import Purpose, read_token, signed_link, signed_token

SECRET = b"secret" * 4
purposes = st.sampled_from(Purpose)


@pytest.mark.parametrize(
    ("purpose", "sent"),
    [
        (Purpose.CONTACT, "/v1/contact-confirmations/AY9OKgAAcACAAAAAAAAAAfUrbBAgb16XsGbg_-ysLFs"),
        (Purpose.ANSWER, "/v1/referral-answers/AY9OKgAAcACAAAAAAAAAAc_XJgHORa8JxU17tDZTKPg"),
        (Purpose.LETTER, "/v1/referral-letters/AY9OKgAAcACAAAAAAAAAAZ2cL3QY3gg0wHSiPA3Iq0I"),
    ],
)
def test_links_that_were_sent_stay_what_they_are(purpose: Purpose, sent: str) -> None:
    """Each was made before all purposes had one function: people have them in their mailboxes."""
    about, secret = UUID("018f4e2a-0000-7000-8000-000000000001"), bytes.fromhex("ab" * 16)
    assert signed_link("https://mapa.example/", purpose, about, secret) == f"https://mapa.example{sent}"
    assert read_token(purpose, sent.rpartition("/")[2], secret) == about


@given(purposes, st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")) | st.text(max_size=80))
def test_a_token_nobody_wrote_proves_nothing(purpose: Purpose, text: str) -> None:
    assert read_token(purpose, text, SECRET) is None


@given(purposes, st.uuids(), st.integers(0, 41), st.sampled_from("AZaz09-_"))
def test_a_token_is_for_one_thing_under_one_secret(purpose: Purpose, about: UUID, position: int, letter: str) -> None:
    token = signed_token(purpose, about, SECRET)
    assert [other for other in Purpose if read_token(other, token, SECRET) == about] == [purpose]
    assert read_token(purpose, token, b"another" * 4) is None
    changed = token[:position] + letter + token[position + 1 :]
    assert read_token(purpose, changed, SECRET) == (about if changed == token else None)


@given(
    purposes,
    st.uuids(),
    st.integers(0, 43),
    st.text(st.characters(categories=["P", "S", "Z", "C"]), min_size=1, max_size=5),
)
def test_a_link_is_written_in_one_way(purpose: Purpose, about: UUID, position: int, more: str) -> None:
    token = signed_token(purpose, about, SECRET)
    written_otherwise = token[:position] + more.replace("-", "").replace("_", "") + token[position:]
    for text in (written_otherwise, f"{token}=", f"{token}==", f"{token}\n", token[:-1] + chr(ord(token[-1]) + 1)):
        assert text == token or read_token(purpose, text, SECRET) is None
