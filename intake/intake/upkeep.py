"""What intake does besides answering: it looks whether the log is there, and begins a heartbeat every minute."""

from uuid import uuid4

from chassis.clock import now
from chassis.health import Health
from chassis.run import Worker, every
from contracts.policy.heartbeats import EVERY, first_heartbeat
from contracts.topics import INTAKE

from intake.log_writer import LogWriter, NotAcknowledged


def upkeep(log: LogWriter, health: Health) -> dict[str, Worker]:
    """The workers beside the HTTP server."""
    return {
        "log": every(1.0, "log", health, log.watch),
        "heartbeat": every(EVERY.total_seconds(), "heartbeat", health, lambda: begin_heartbeat(log)),
    }


def begin_heartbeat(log: LogWriter) -> bool:
    """Write a heartbeat as a report is written; whether the log has it. One that it lacks is missed by its readers."""
    try:
        log.write_from_thread([first_heartbeat(INTAKE, uuid4(), now())])
    except NotAcknowledged:
        return False
    return True
