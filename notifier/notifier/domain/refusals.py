"""Whether a refusal is for now or for good, by what the other side says of its cause."""

import re

from notifier.domain.deliveries import Outcome

# RFC 3463: what trying again does not change about a recipient (1, but for our own sender's 7 and 8; disabled: 2.1) or
# about this message (too long: 2.3, 3.4; its content: 6). A full mailbox (2.2), trouble of the system and the network
# (3, 4), and policy (7), which greylists and block lists answer with, pass or are mended.
_FINAL = re.compile(r"5\.(1\.(?![78]$)|2\.[13]$|3\.4$|6\.)")
_UNDEFINED = "5.0.0"
# Where a server gives no such code: no such mailbox, not here, no such name (RFC 5321, 4.2.2).
_NO_SUCH_MAILBOX = (550, 551, 553)


def smtp_outcome(command: str, code: int, enhanced: str | None) -> Outcome:
    """What a mail server's no to a command makes of an attempt; `command` is DATA for the mail itself too.

    Only what is said of the recipient or of this one mail is for good: the rest is the server's trouble, or ours.
    """
    if not 500 <= code < 600 or command not in ("RCPT", "DATA"):
        return Outcome.DEFERRED
    if enhanced and enhanced != _UNDEFINED:
        final = bool(_FINAL.match(enhanced))
    else:
        final = command == "RCPT" and code in _NO_SUCH_MAILBOX
    return Outcome.REFUSED if final else Outcome.DEFERRED


def webhook_outcome(code: int) -> Outcome:
    """What an answer makes of an attempt, as Standard Webhooks has it: 2xx is a yes, 410 is for good, all else passes.

    A redirection is no yes: what is signed for one recipient goes nowhere else.
    """
    if 200 <= code < 300:
        return Outcome.SENT
    return Outcome.REFUSED if code == 410 else Outcome.DEFERRED
