"""`kmzb dev`: which services a saved file restarts, what is shown meanwhile, and one service that really restarts."""

import json
from pathlib import Path
from threading import Event, Thread

import pytest
from contracts.topics import SERVICES
from deploy.stack.infrastructure import Stack
from deploy.stack.process import Part, Process
from deploy.stack.system import System
from operations.restarts import (
    WATCHING,
    complaint,
    needs_setup,
    restart,
    restart_on_change,
    services_to_restart,
    watched_folders,
)
from support.stack.processes import running_system
from support.wait import eventually

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("file", "services"),
    [
        ("casework/casework/domain.py", {"casework"}),
        ("sla-monitor/sla_monitor/migrations/0002_more.sql", {"sla-monitor"}),
        ("public-map/public_map/web/map.html", {"public-map"}),
        ("services/contracts/contracts/topics.py", set(SERVICES)),
        ("services/chassis/chassis/kafka/consumer.py", set(SERVICES)),
        ("services/web/web/server.py", set(SERVICES)),
        ("services/web/web/design/static/base.css", {"casework", "notifier", "public-map"}),
        ("services/web/web/design/templates/layout.html", {"casework", "notifier", "public-map"}),
        ("services/objects/objects/folder.py", set(SERVICES)),
        ("boundaries/boundaries/seed.py", set()),
        ("tests/casework/test_rules.py", set()),
        ("casework/pyproject.toml", set()),
    ],
)
def test_a_saved_file_restarts_the_services_that_run_it(file: str, services: set[str]) -> None:
    assert services_to_restart([REPOSITORY / file], watched_folders()) == services


def test_several_files_restart_each_service_once() -> None:
    files = [
        REPOSITORY / "intake/intake/app.py",
        REPOSITORY / "intake/intake/api.py",
        REPOSITORY / "routing/routing/app.py",
    ]
    assert services_to_restart(files, watched_folders()) == {"intake", "routing"}


def test_topics_and_tables_are_set_up_before_a_restart() -> None:
    assert needs_setup([Path("casework/casework/migrations/0009_more.sql")])
    assert needs_setup([Path("services/contracts/contracts/topics.py")])
    assert not needs_setup([Path("casework/casework/app.py")])


def test_complaints_are_shown_and_what_goes_well_is_not() -> None:
    record = {"service": "casework", "event": "unusable", "level": "warning", "reason": "schema", "timestamp": "now"}
    assert complaint(json.dumps(record)) == "warning: unusable reason=schema"
    assert complaint(json.dumps({**record, "level": "info"})) is None
    failed = {**record, "level": "error", "exception": "Traceback …\nKeyError: 1"}
    assert complaint(json.dumps(failed)) == "error: unusable reason=schema\nTraceback …\nKeyError: 1"
    for text in ("SyntaxError: invalid syntax", "[1, 2]", '{"no": "log record"}'):
        assert complaint(text) == text
    assert complaint("") is None


def test_what_cannot_start_waits_for_the_next_save(tmp_path: Path) -> None:
    def program(*argv: str, ready: bool) -> Process:
        return Process(tmp_path, Part("program", argv, ready=lambda: ready, environ={"PATH": "/usr/bin:/bin"}))

    failed = set[str]()
    [line] = restart([program("false", ready=False)], failed)
    assert line == "program ended; it waits until you save again"
    assert failed == {"program"}
    mended = program("sleep", "60", ready=True)
    assert mended.held.exists()
    assert list(restart([mended], failed)) == ["program is ready"]
    assert not failed
    assert not mended.held.exists()
    mended.held.touch()
    mended.stop()
    assert list(restart([mended], failed)) == []  # somebody else holds it
    assert mended.pid is None


@pytest.mark.long
def test_a_service_restarts_when_its_file_is_saved_and_others_do_not(
    stack: Stack, tmp_path: Path, namespace: str
) -> None:
    (tmp_path / "package").mkdir()
    saved, lines, stopped = tmp_path / "package" / "app.py", list[str](), Event()

    def follow(system: System) -> None:
        for line in restart_on_change(system, {saved.parent: frozenset(["intake"])}, stopped):
            lines.append(line)  # at once: the test waits for it

    with running_system(stack, tmp_path / "system", namespace, only=("intake",), seed=None) as system:
        intake, mailbox = system.process("intake"), system.process("mailbox")
        before = intake.pid, mailbox.pid
        follower = Thread(target=follow, args=[system])
        follower.start()
        try:
            eventually(lambda: lines == [WATCHING])
            saved.touch()
            eventually(lambda: "intake is ready" in lines, 30)
            assert intake.pid not in (None, before[0])
        finally:
            stopped.set()
            follower.join(20)
        assert mailbox.pid == before[1]
    assert lines == [WATCHING, "app.py changed: intake", "intake is ready"]
