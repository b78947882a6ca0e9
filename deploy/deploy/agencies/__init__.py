"""Agencies threats can be handed to: the table of the first ones, and all topics there are with it."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from chassis.clock import now
from contracts.agencies import Agency, AgencyChannel, read_agencies
from contracts.topics import TOPICS, Topic, partner_topics

AGENCIES_FILE = Path(str(resources.files("deploy.agencies").joinpath("agencies.toml")))
"""The agencies a system begins with, unless KMZB_AGENCIES_FILE names others; the rest is `kmzb agency`."""


def first_agencies(agencies_file: Path = AGENCIES_FILE) -> dict[str, Agency]:
    """The agencies a system begins with, by code. Raises OSError, ValueError for a wrong table."""
    return read_agencies(agencies_file, now())


def all_topics(agencies_file: Path = AGENCIES_FILE) -> tuple[Topic, ...]:
    """The registry's topics and a pair for each agency a system begins with. Raises OSError, ValueError."""
    return (*TOPICS, *topics_of(first_agencies(agencies_file).values()))


def topics_of(agencies: Iterable[Agency]) -> tuple[Topic, ...]:
    """The pair of topics of each agency that is handed threats by topic."""
    return partner_topics(agency.code for agency in agencies if agency.channel is AgencyChannel.TOPIC)
