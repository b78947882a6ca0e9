"""Which sealed contacts can be written to."""

from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey
from notifier.contacts.sealing import decrypt_address
from support.histories import Life
from support.notifier.notifying import contact


@given(st.text(max_size=200))
def test_a_sealed_contact_that_is_none_is_not_decrypted(text: str) -> None:
    key = PrivateKey(bytes(range(32)))
    assert decrypt_address(text, key) is None
    assert decrypt_address(contact(Life(1), "a.b+c@żółw.example").sealed, key) == "a.b+c@xn--w-uga1v8h.example"
