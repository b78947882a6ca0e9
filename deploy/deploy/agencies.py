"""The table of agencies a system is put up with, and all topics there are with it."""

from importlib import resources
from pathlib import Path

from contracts.agencies import read_agencies
from contracts.topics import TOPICS, Topic, partner_topics

AGENCIES_FILE = Path(str(resources.files("deploy").joinpath("agencies.toml")))
"""The one table; services that need it are told where it is by KMZB_AGENCIES_FILE."""


def all_topics(agencies_file: Path = AGENCIES_FILE) -> tuple[Topic, ...]:
    """The registry's topics and a pair for each agency of the table. Raises OSError, ValueError for a wrong one."""
    return (*TOPICS, *partner_topics(read_agencies(agencies_file)))
