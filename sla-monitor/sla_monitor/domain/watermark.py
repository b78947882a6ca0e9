"""Which partitions the watermark is the least over."""

from contracts.topics import CASE_CHANGED, REPORT_SUBMITTED

WATCHED = (REPORT_SUBMITTED, CASE_CHANGED)
"""What starts and stops clocks is on these topics; routing only says who answers."""


def watched_partitions() -> list[tuple[str, int]]:
    """Every partition of the topics watched: topic and number."""
    return [(topic.name, number) for topic in WATCHED for number in range(topic.partitions)]
