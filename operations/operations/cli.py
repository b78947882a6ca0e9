"""`kmzb`, the operators' command. Each group of commands stands in a file of its own; this one puts them together."""

import sys

import typer
from chassis.telemetry import configure_logs
from contracts.topics import OPERATORS

from operations.agencies import access, keys
from operations.agencies import commands as agencies
from operations.backups import commands as backups
from operations.commands import audit, dead_letters, dev, districts, helpers, places, simulate, system, topics
from operations.consumption import commands as consumption
from operations.dataset import commands as dataset
from operations.diagnosis import commands as diagnosis
from operations.drills import commands as drills
from operations.history import commands as history
from operations.problems import EXPECTED, in_words
from operations.rebuilding import commands as rebuilding
from operations.reconciling import commands as reconciling
from operations.regions import commands as regions
from operations.retention import commands as retention
from operations.tracing import commands as tracing

app = typer.Typer(
    help="Runs and operates Poland's National Security Threat Map (KMZB). Begin with: kmzb up",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
system.register(app)
dev.register(app)
helpers.register(app)
simulate.register(app)
places.register(app)
keys.register(agencies.app)
app.add_typer(agencies.app, name="agency")
app.add_typer(access.app, name="access")
diagnosis.register(app)
drills.register(app)
tracing.register(app)
consumption.register(app)
reconciling.register(app)
rebuilding.register(app)
backups.register(app)
retention.register(app)
dataset.register(app)
app.add_typer(regions.app, name="garrison")
app.add_typer(history.app, name="import")
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(districts.app, name="districts")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """All of it: what can't be had is said in plain words, without a traceback."""
    try:
        app()
    except EXPECTED as problem:
        print(f"kmzb: {in_words(problem)}", file=sys.stderr)
        sys.exit(1)


def script() -> None:
    """The same as the console script has it: what clients complain of goes to stderr, so that JSON stays JSON."""
    configure_logs(OPERATORS, "ERROR")
    main()


if __name__ == "__main__":
    script()
