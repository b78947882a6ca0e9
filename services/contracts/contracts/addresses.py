"""The one type of e-mail address: what a citizen or a directory gives, as it then goes into an envelope.

Needs the extra `addresses`, which whoever only reads topics can do without.
"""

import re
from typing import NewType

EmailAddress = NewType("EmailAddress", str)
"""One mailbox in ASCII: the local part as it was given, `@`, the domain in lower case and ASCII (A-labels)."""

MAX_ADDRESS = 254
"""Characters of an address, RFC 5321 4.5.3.1.3 less the angle brackets."""
# Valid atoms all of them, but mail software reads more in them than a name: an encoded word (RFC 2047), which becomes
# another address once a header is parsed, and routes by way of another host (`%`, `!`), which it may become on the way.
_TWO_MEANINGS = re.compile(r"=\?|\?=|[%!]")


def email_address(text: str) -> EmailAddress:
    """The address a text is, in its one form; spaces round it are left out. Asks no network.

    Raises ValueError for all that is not exactly one mailbox of the public Internet: display names, comments, lists,
    quoted local parts, address literals, encoded words, routes, and local parts beyond ASCII, which few servers take.
    """
    from email_validator import EmailNotValidError, validate_email

    stripped = text.strip(" ")
    if len(stripped) > MAX_ADDRESS or _TWO_MEANINGS.search(stripped):
        raise ValueError("not one plain e-mail address")
    try:
        checked = validate_email(
            stripped,
            allow_smtputf8=False,
            allow_empty_local=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
            check_deliverability=False,
            globally_deliverable=True,
        )
    except EmailNotValidError:
        # The library's words quote what was sent, which may be a person's.
        raise ValueError("not one plain e-mail address") from None
    if checked.ascii_email is None:
        raise ValueError("not one plain e-mail address")
    return EmailAddress(checked.ascii_email)
