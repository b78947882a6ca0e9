"""A service that dies, as by kill -9, after the database has committed its first batch and before Kafka knows.

python killed_before_offsets.py casework
"""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from chassis.health import Health
from chassis.kafka.consumer import Loop, Process
from chassis.settings import Settings
from confluent_kafka import Message
from contracts.topics import Topic


def dying_loop(
    settings: Settings, service: str, topics: Sequence[Topic], process: Process, health: Health, **options: Any
) -> Loop:
    """The service's loop with one difference: when its first batch has taken effect, the process ends."""

    def process_and_die(batch: Sequence[Message]) -> None:
        process(batch)
        os.kill(os.getpid(), signal.SIGKILL)

    return Loop(settings, service, topics, process_and_die, health, **options)


def main() -> None:
    app = import_module(f"{sys.argv[1]}.app")
    app.Loop = dying_loop  # type: ignore[attr-defined]
    app.main()


if __name__ == "__main__":
    main()
