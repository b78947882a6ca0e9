"""`make demo`: bring everything up, send reports, let some officers work and others sleep, and say what came of it."""

import sys

from deploy.interrupts import interrupt_once


def main() -> None:
    """Run it. The first Ctrl-C ends all it started, whenever it comes, and no second one ends that."""
    interrupt_once("Interrupted: ending its programs, some seconds …")
    try:
        from deploy.demo.app import app  # takes a second, in which somebody may think better of it

        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
