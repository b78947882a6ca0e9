"""Being asked to leave: the first signal interrupts, those that follow change nothing, however impatient."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGHUP, SIGINT, SIGTERM, signal

_STDERR = 2


class _State:
    """What the handler and the blocks it must not interrupt tell each other; both are of the main thread."""

    undisturbed = 0
    owed = False


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
            _State.owed = bool(_State.undisturbed)
            if not _State.owed:
                raise KeyboardInterrupt

    for number in (SIGINT, SIGTERM, SIGHUP):
        signal(number, handle)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A block that is interrupted at its end, not within: one that starts threads, which nobody would wait for if it
    broke off between the start of one and the note that there is one. In other threads it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _State.undisturbed += 1
    try:
        yield
    finally:
        _State.undisturbed -= 1
    if _State.owed and not _State.undisturbed:
        _State.owed = False
        raise KeyboardInterrupt
