"""Logs as JSON lines, and the metrics every service has. Metrics of one service stand in the file that uses them."""

import logging
import sys

import structlog
from prometheus_client import Counter, Gauge, Histogram

# From a second to the five days a verification may take.
_AGES = (0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600, 6 * 3600, 86400, 2 * 86400, 5 * 86400)

EVENT_AGE = Histogram(
    "kmzb_event_age_seconds",
    "From the citizen's press of the button to the handling of an event that says when that was",
    ["service", "topic"],
    buckets=_AGES,
)
LAG_MESSAGES = Gauge("kmzb_consumer_lag_messages", "Messages on the topic not handled yet", ["service", "topic"])
LAG_SECONDS = Gauge("kmzb_consumer_lag_seconds", "Age of the oldest message not handled yet", ["service", "topic"])
OUTBOX_OLDEST = Gauge("kmzb_outbox_oldest_seconds", "Age of the oldest event not on the log yet", ["service"])
DUPLICATES = Counter("kmzb_duplicates_total", "Events handled before and recognised", ["service"])
DEAD_LETTERS = Counter("kmzb_dead_letters_total", "Messages set aside as unusable", ["service", "reason"])
DEAD_LETTER_DEPTH = Gauge("kmzb_dead_letter_depth", "Messages on the service's dead-letter topic", ["service"])
HELD = Gauge("kmzb_held_messages", "Messages of newer writers that wait for this service's upgrade", ["service"])
WORKER_RESTARTS = Counter(
    "kmzb_worker_restarts_total", "Times a worker began again because a server it needs was away", ["worker"]
)


def configure_logs(service: str, level: str) -> None:
    """One JSON object a line on stderr. What a message says of a person is never logged; ids are."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            # Not as a context variable: threads don't inherit those, and workers are threads.
            lambda _, __, event: {"service": service, **event},
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
