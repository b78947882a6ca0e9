"""Run every check over this repository; ends with 1 where one is broken."""

import sys
from pathlib import Path

from checks.catalogue import CHECKS, offences
from checks.sources import Sources

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Print what offends, and by which check."""
    found = [f"{offence}  [{check}]" for check, offence in offences(Sources(ROOT))]
    print(*found, f"{len(CHECKS)} checks, {len(found)} offences", sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
