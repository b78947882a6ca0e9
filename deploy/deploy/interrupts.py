"""Being asked to leave: the first signal interrupts, those that follow change nothing, however impatient."""

import os
from signal import SIGHUP, SIGINT, SIGTERM, signal

_STDERR = 2


def interrupt_once(word: str) -> None:
    """From now on the first SIGINT, SIGTERM or SIGHUP says a word and raises KeyboardInterrupt; no later one does.

    So what the first one sets going is not interrupted itself. For programs that have something to end.
    """
    interrupted = False

    def handle(*_: object) -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            # Not print: what was interrupted may be in the middle of one.
            os.write(_STDERR, f"\n{word}\n".encode())
            raise KeyboardInterrupt

    for number in (SIGINT, SIGTERM, SIGHUP):
        signal(number, handle)
