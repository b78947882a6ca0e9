"""A service that dies, as by kill -9, after the database has committed its first batch and before Kafka knows.

python killed_before_offsets.py casework
"""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from chassis.kafka.consumer import Loop
from confluent_kafka import Consumer, Message


class DyingLoop(Loop):
    """The loop with one difference: where it would commit offsets, the process ends."""

    def _commit(self, consumer: Consumer, batch: Sequence[Message]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    app = import_module(f"{sys.argv[1]}.app")
    app.Loop = DyingLoop  # type: ignore[attr-defined]
    app.main()


if __name__ == "__main__":
    main()
