"""Keep a commit that is released, so that the next one is judged against it.

python -m checks.releases keep [COMMIT]      HEAD if none is named; raise RELEASE after it
"""

import sys
from pathlib import Path

from checks.releases.archive import keep

ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Keep it, and say where."""
    match sys.argv[1:]:
        case ["keep", *commit] if len(commit) <= 1:
            try:
                archive = keep(ROOT, *(commit or ["HEAD"]))
            except ValueError as wrong:
                sys.exit(str(wrong))
            size = archive.file.stat().st_size / 1e6
            print(f"{archive.file.relative_to(ROOT)}, {size:.2f} MB; now raise RELEASE in services/contracts")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
