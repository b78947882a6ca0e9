"""The demonstration from beginning to end; its exit code says whether everything arrived everywhere it should."""

import shutil
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Annotated
from uuid import UUID

import httpx
import psycopg
import typer
from boundaries.published import TopicError
from boundaries.seed import seed_cluster
from chassis.telemetry import configure_logs
from confluent_kafka import KafkaException

from deploy.demo.agencies import Agencies, agency_clients
from deploy.demo.citizens import Accepted, Sending, send_all
from deploy.demo.observer import Observer, Tally
from deploy.demo.officers import Officers
from deploy.demo.plan import Planned, Story, plan
from deploy.demo.verdict import (
    alerted,
    answered_receipts,
    checks,
    clocks_now,
    figures,
    garrisons,
    mailed_numbers,
    overdue_alerts,
)
from deploy.demo.view import Moment, View
from deploy.gazetteer import import_places
from deploy.stack.infrastructure import Stack
from deploy.stack.process import StackError, wait_until
from deploy.stack.system import WATCH, System

HERE = Path(__file__).resolve().parent
ROOT = Path(".stack/demo")
# The senders play many addresses from this one, and new cases are told in digests of seconds, not minutes.
SETTINGS = {
    "KMZB_TERMS_FILE": str(HERE / "terms.toml"),
    "KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32",
    "KMZB_PUBLIC_MAP_TRUSTED_PROXIES": "127.0.0.1/32",
    "KMZB_NOTIFIER_DIRECTORY": str(HERE / "directory.toml"),
}
STUCK_SECONDS = 60
ALERTED_SECONDS = 90  # a clock has to be overdue for half a minute, and rules are looked at every five seconds

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    reports: Annotated[int, typer.Option(min=20, help="How many reports are sent.")] = 320,
    per_second: Annotated[float, typer.Option(min=0.1, help="At which rate.")] = 20,
    seed: Annotated[int, typer.Option(help="The same number gives the same plan.")] = 1,
    root: Annotated[Path, typer.Option(help="Where its servers keep their data; made anew.")] = ROOT,
) -> None:
    """Bring up the whole system on a stack of its own and send it reports from all over Poland.

    Terms are seconds instead of days. Some officers work their cases, others sleep, so that clocks are met, missed and
    escalated while you watch. It is left running; `make down` ends it. Exit code 0 only if every accepted report
    arrived everywhere it should.
    """
    configure_logs("demo", "ERROR")  # that a server is away for a moment is seen in the figures
    view, system = View(), None
    try:
        system = fresh_system(root, view)
        held = run(system, plan(reports, seed), per_second, view)
    except KeyboardInterrupt:
        end(system or earlier_system(root), root, view)
        raise typer.Exit(130) from None
    except (StackError, TopicError, KafkaException, psycopg.Error, httpx.HTTPError) as failed:
        view.say(f"The demonstration broke off: {failed}")
        view.say(
            f"What came up is left running to be looked at, `.venv/bin/kmzb status --stack {root}`; end: make down"
        )
        raise typer.Exit(1) from failed
    raise typer.Exit(0 if held else 1)


def run(system: System, planned: list[Planned], per_second: float, view: View) -> bool:
    """Bring the system up, send, follow, conclude; says whether all is as it should be."""
    with view:
        view.say(f"{len(planned)} reports will be sent; bringing the system up under {system.root}")
        system.up(view.say)
        sending, tally, failures = follow(system, planned, per_second, view)
    held = conclude(system, sending, tally, view)
    for failure in failures[:10]:
        view.say(f"failed: {failure}")
    return held and not failures


def end(system: System | None, root: Path, view: View) -> None:
    """Stop all programs of a demonstration that was interrupted: none is left behind unsaid."""
    if system is not None:
        system.down()
    view.say(f"All are stopped; their data and logs are under {root} until the next `make demo`")


def earlier_system(root: Path) -> System | None:
    """The system that an earlier demonstration left."""
    return System.load(root) if (root / "plan.json").exists() else None


def fresh_system(root: Path, view: View) -> System:
    """A new system, not yet up: an earlier demonstration's is ended and forgotten."""
    if earlier := earlier_system(root):
        earlier.down()
    shutil.rmtree(root, ignore_errors=True)
    stack = stack_under(root)
    if stack.namespace:
        view.say(f"on the servers that are given, topics, groups and databases are of {stack.namespace}")
    return System(stack, settings=SETTINGS, seed=seed_cluster, places=import_places, watched=True)


def stack_under(root: Path) -> Stack:
    """Private servers, where everything is this run's own; on given ones, which `make up` uses too, names that are."""
    stack = Stack(root, secured=True)
    return Stack(root, namespace=f"demo-{token_hex(2)}.", secured=True) if stack.given else stack


def follow(system: System, planned: list[Planned], per_second: float, view: View) -> tuple[Sending, Tally, list[str]]:
    """Send, work and watch until every story has come to its end, or nothing moves any more."""
    addresses = system.addresses
    operators = system.stack.operators
    clients = agency_clients(operators)
    stop, stories = threading.Event(), dict[UUID, Story]()
    observer = Observer(operators, clients)
    officers = Officers(addresses["KMZB_CASEWORK_URL"], system.root / "issuer", stop)
    agencies = Agencies(clients)
    sent: list[Sending] = []
    sender = threading.Thread(
        target=lambda: sent.append(_send(addresses, planned, per_second, stories, stop)), daemon=True
    )
    observer.start()
    sender.start()
    try:
        moved_at, last = monotonic(), 0
        while monotonic() - moved_at < STUCK_SECONDS and not observer.failed:
            with observer.lock:
                tally = observer.tally
                officers.work(stories, tally)
                agencies.answer(stories.get, tally)
                awaited = "the sending" if not sent else outstanding(sent[0], stories, tally)
                view.show(Moment(len(planned), len(stories), officers.done, awaited), tally)
                if len(tally.facts) != last:
                    moved_at, last = monotonic(), len(tally.facts)
            if sent and not awaited and officers.done == len(stories):
                break
            stop.wait(0.25)
    finally:
        stop.set()
        sender.join()
        officers.close()
        observer.stop()
    return sent[0], observer.tally, officers.failed + observer.failed


def _send(
    addresses: dict[str, str],
    planned: list[Planned],
    per_second: float,
    stories: dict[UUID, Story],
    stop: threading.Event,
) -> Sending:
    def keep_story(accepted: Accepted) -> None:
        stories[accepted.report_id] = accepted.planned.story

    return send_all(addresses["KMZB_INTAKE_URL"], planned, per_second, keep_story, stop)


def outstanding(sending: Sending, stories: dict[UUID, Story], tally: Tally) -> str:
    """What still has to happen, in words; empty at the end."""
    accepted = sending.accepted.keys()
    if accepted - tally.opened.keys():
        return f"{len(accepted - tally.opened.keys())} cases to be opened"
    silent = {
        Story.SLEPT_THROUGH: "take-up",
        Story.UNROUTABLE: "take-up",
        Story.NEVER_VERIFIED: "verification",
        Story.REFERRED_UNHEARD: "acknowledgement",
    }
    due = {(report, silent[story], 1) for report, story in stories.items() if story in silent}
    if waiting := due - tally.escalated["headquarters"]:
        return f"{len(waiting)} missed clocks to reach headquarters"
    kept = {(report, "take-up", 1) for report, story in stories.items() if silent.get(story) != "take-up"}
    if waiting := kept - tally.stopped.keys():
        return f"{len(waiting)} take-up clocks to stop"
    if missing := tally.referrals.keys() - tally.referral_messages:
        return f"{len(missing)} referrals to reach their agency"
    return ""


def conclude(system: System, sending: Sending, tally: Tally, view: View) -> bool:
    """The table of what happened, and whether all of it is as it should be."""
    addresses = system.addresses
    public_map, monitor = addresses["KMZB_PUBLIC_MAP_URL"], addresses["KMZB_SLA_MONITOR_METRICS_URL"]
    clocks, prometheus = clocks_now(monitor), addresses[WATCH]
    if waiting := len(garrisons(clocks.overdue - overdue_alerts(prometheus))):
        view.say(f"waiting until the overdue clocks of {waiting} garrisons are alerts")
        wait_until(lambda: clocks.overdue <= overdue_alerts(prometheus), ALERTED_SECONDS, pause=1)
    found = checks(
        sending,
        tally,
        clocks.running,
        mailed_numbers(system.root / "mail"),
        answered_receipts(public_map, [accepted.receipt for accepted in sending.accepted.values()]),
    )
    found.append(alerted(clocks.overdue, overdue_alerts(prometheus)))
    view.table("What happened", figures(sending, tally))
    view.table(
        "What must hold", [(f"{'yes' if check.holds else 'NO '}  {check.what}", check.figures) for check in found]
    )
    view.table(
        "Where to look (left running; `make down` ends it)",
        [
            ("the public map", public_map),
            *desk_and_receipt(addresses, sending, tally),
            ("intake's API", f"{addresses['KMZB_INTAKE_URL']}/docs"),
            ("casework's API", f"{addresses['KMZB_CASEWORK_URL']}/docs"),
            ("clocks, as metrics", f"{monitor}/metrics"),
            ("alerts that fire", f"{prometheus}/alerts"),
            ("the mail that was sent", f".venv/bin/kmzb mail --stack {system.root}"),
        ],
    )
    return all(check.holds for check in found)


def desk_and_receipt(addresses: Mapping[str, str], sending: Sending, tally: Tally) -> list[tuple[str, str]]:
    """Where officers sign in, as whom there is most to see, and the page of somebody's report."""
    [(unit, cases)] = Counter(tally.opened.values()).most_common(1) or [("", 0)]
    desk = f"{addresses['KMZB_CASEWORK_URL']}/desk: sign in as coordinator of {unit}, which has {cases} cases"
    receipt = next((accepted.receipt for accepted in sending.accepted.values()), None)
    page = [("a citizen's receipt", f"{addresses['KMZB_PUBLIC_MAP_URL']}/r/{receipt}")] if receipt else []
    return [("the officers' desk", desk), *page]
