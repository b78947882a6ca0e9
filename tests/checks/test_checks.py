"""Each check of our own is seen to find what it is for, to leave alone what is fine, and to pass on this repository."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from checks import counters, docstrings, pages, sizes, sole_owners, stores, testing
from checks.catalogue import CHECKS, offences
from checks.sources import Check, Sources
from checks.texts import catalogues, scripts, templates

ROOT = Path(__file__).resolve().parents[2]
LONG = "\n".join(f"x{number} = {number}" for number in range(251))
LONG_FUNCTION = "def f() -> None:\n" + "    x = 1\n" * 40
LONG_APP = "\n".join("x = 1" for _ in range(150))
CASE = "casework/casework/"
ROW = (
    '[[mutation]]\nexample = "e"\npath = "a.py"\nold = "if x:"\nnew = "if True:"\ntest = "tests/test_a.py::test_x[1]"\n'
)
PAGE = "casework/casework/web/templates/desk.html"

OFFENDING: list[tuple[Check, str, str]] = [
    (sizes.files, f"{CASE}lists.py", LONG),
    (sizes.files, "tests/casework/test_lists.py", LONG),
    (sizes.functions, "deploy/deploy/stack/system.py", LONG_FUNCTION),
    (sizes.functions, f"{CASE}store/cases.py", "class Store:\n    " + LONG_FUNCTION.replace("\n", "\n    ")),
    (sizes.apps, "sla-monitor/sla_monitor/app.py", LONG_APP),
    (sizes.chassis, "services/chassis/chassis/run.py", LONG * 10),
    (stores.sql, f"{CASE}app.py", "def f(c):\n    c.execute(QUERY)"),
    (stores.sql, f"{CASE}consumer/openings.py", "with c.cursor() as cursor:\n    cursor.executemany(QUERY, [])"),
    (stores.sql, f"{CASE}api/reads.py", 'QUERY = "select * from cases"'),
    (stores.sql, f"{CASE}domain/case.py", 'QUERY = f"update {table} set status = %s"'),
    (stores.sql, f"{CASE}districts.py", 'QUERY = "with late as (select 1) insert into x select * from late"'),
    (stores.sql, "services/contracts/contracts/policy/terms.py", 'QUERY = "Delete From clock"'),
    (stores.sql, "services/chassis/chassis/kafka/lag.py", "connection.execute(QUERY)"),
    (stores.verbs, f"{CASE}store.py", "def keep(connection): ..."),
    (stores.verbs, f"{CASE}store/cases.py", "class Cases:\n    def waiting(self): ..."),
    (stores.verbs, f"{CASE}store/cases.py", 'def find_case(c):\n    c.execute("update cases set seen = true")'),
    (stores.verbs, f"{CASE}store/cases.py", 'def count_cases(c):\n    c.execute("with x as (delete from y) select 1")'),
    (stores.columns, f"{CASE}store/cases.py", 'QUERY = "select * from cases where report_id = %s"'),
    (stores.columns, f"{CASE}store/cases.py", 'QUERY = "select cases.*, 1 as one from cases"'),
    (stores.columns, f"{CASE}store/cases.py", 'QUERY = "delete from cases where done returning *"'),
    (stores.columns, f"{CASE}store/cases.py", 'QUERY = "insert into cases select * from jsonb_populate_recordset(%s)"'),
    (counters.after_commit, f"{CASE}store/cases.py", "def insert(connection):\n    CHANGES.labels('a').inc()"),
    (counters.after_commit, "services/chassis/chassis/outbox.py", "def append(connection):\n    AGES.observe(1)"),
    (docstrings.public_names, f"{CASE}domain/case.py", "def allowed(): ..."),
    (docstrings.public_names, "services/contracts/contracts/a.py", 'class Case:\n    """…"""\n    def key(self): ...'),
    (docstrings.public_names, "operations/operations/cli.py", "async def main(): ..."),
    (docstrings.public_names, "boundaries/boundaries/seed.py", "class Seed: ..."),
    (pages.inline_code, PAGE, "<p>\n<script>let x;</script>"),
    (pages.inline_code, PAGE, '<script type="module">import "./a.js"</script>'),
    (pages.inline_code, "services/web/web/design/templates/layout.html", "<style>p { color: red }</style>"),
    (pages.inline_code, PAGE, '<p\n  {% if x > 1 %}style="color: red"{% endif %}>'),
    (pages.inline_code, PAGE, '<a href="{{ url("x") }}" onclick="go()">'),
    (pages.inline_code, PAGE, '<a href="javascript:go()">'),
    (testing.private_names, "tests/casework/test_a.py", 'monkeypatch.setattr("chassis.postgres._SESSION", "")'),
    (testing.private_names, "tests/casework/test_a.py", 'monkeypatch.setattr(postgres, "_SESSION", "")'),
    (testing.private_names, "tests/casework/test_a.py", "from chassis.postgres import _SESSION"),
    (testing.private_names, "tests/support/wait.py", "loop._batch = 1"),
    (testing.sleeps, "tests/casework/test_a.py", "import time\ntime.sleep(1)"),
    (testing.mutations, "tests/mutations/doors.toml", ROW),
    (testing.sleeps, "tests/casework/test_a.py", "from time import sleep as rest\nrest(0.1)"),
    (testing.sleeps, "tests/intake/test_a.py", "async def f():\n    await asyncio.sleep(0.1)"),
    (sole_owners.clock, f"{CASE}domain/case.py", "at = datetime.now(UTC)"),
    (sole_owners.clock, "operations/operations/cli.py", "at = date.today()"),
    (sole_owners.topics, f"{CASE}app.py", 'TOPIC = "kmzb.internal.case-changed.v1"'),
    (sole_owners.environment, f"{CASE}app.py", 'os.environ["KMZB_X"]'),
    (sole_owners.environment, "services/contracts/contracts/policy/terms.py", 'os.getenv("KMZB_X")'),
    (templates.bare_words, f"{CASE}web/templates/case.html", "<h1>Case</h1>"),
    (scripts.bare_words, f"{CASE}web/static/case.js", 'heading.textContent = "Case";'),
    (catalogues.complete, f"{CASE}locale/fr/casework.po", 'msgid ""\nmsgstr ""'),
]  # fmt: skip

HARMLESS: list[tuple[Check, str, str]] = [
    (sizes.functions, f"{CASE}app.py", LONG_FUNCTION.removesuffix("    x = 1\n")),
    (sizes.apps, "deploy/deploy/demo/app.py", LONG_APP),
    (stores.sql, f"{CASE}store/cases.py", 'def f(c):\n    c.execute("select * from cases")'),
    (stores.sql, f"{CASE}store.py", 'c.execute("delete from cases")'),
    (stores.sql, "services/chassis/chassis/postgres.py", 'c.execute("select clock_timestamp()")'),
    (stores.sql, f"{CASE}texts.py", '"""Select the case you mean; update it from its page."""'),
    (stores.columns, f"{CASE}store/cases.py", 'QUERY = "insert into cases (a) select * from unnest(%b::text[])"'),
    (stores.columns, f"{CASE}store/cases.py", 'QUERY = "select *, a + b as c from (select a, b from cases) as near"'),
    (stores.columns, f"{CASE}store/cases.py", 'QUERY = "select new.*, 1 from unnest(%b::int[]) as new (a)"'),
    (stores.verbs, f"{CASE}store/cases.py", "def lock_case(connection): ...\ndef _as_case(row): ..."),
    (stores.verbs, f"{CASE}store/cases.py", 'def update_cases(c):\n    c.execute("update cases set x = 1")'),
    (stores.verbs, f"{CASE}app.py", "def handle(): ..."),
    (counters.after_commit, f"{CASE}app.py", "def handle(connection):\n    connection.after_commit(CHANGES.inc)"),
    (counters.after_commit, "notifier/notifier/app.py", "def run():\n    ATTEMPTS.inc()"),
    (docstrings.public_names, f"{CASE}app.py", 'def f():\n    """…"""\n    def inner(): ...\ndef _private(): ...'),
    (docstrings.public_names, f"{CASE}app.py", 'class C:\n    """…"""\n    def __call__(self): ...'),
    (docstrings.public_names, "public-map/public_map/api/reports.py", '@api.get("/", summary="…")\ndef get(): ...'),
    (pages.inline_code, PAGE, '<script type="module" src="{{ asset("desk.js") }}"></script>'),
    (pages.inline_code, PAGE, '<script type="application/json" id="page">{{ page|tojson }}</script>'),
    (pages.inline_code, PAGE, '<p data-on="x" title="style=1 onclick=2">a style = b</p>{% if a < b and style == 1 %}'),
    (pages.inline_code, "notifier/notifier/templates/mail.html", '<p style="color: red">'),
    (testing.private_names, "tests/casework/test_a.py", "class A:\n    def f(self):\n        self._x = 1"),
    (testing.private_names, "tests/casework/test_a.py", 'monkeypatch.setattr(cli, "open_topic", f)'),
    (testing.sleeps, "tests/casework/test_a.py", "stop.wait(0.1)"),
    (sole_owners.clock, "services/chassis/chassis/clock.py", "at = datetime.now(UTC)"),
    (sole_owners.topics, "services/contracts/contracts/topics.py", 'NAME = "kmzb.internal.clock.v1"'),
    (sole_owners.environment, "services/chassis/chassis/settings.py", 'os.environ["KMZB_X"]'),
]

Planting = Callable[[Mapping[str, str]], Sources]


def named(case: object) -> str | None:
    return next((name for name, check in CHECKS.items() if check is case), None)


@pytest.mark.parametrize(("check", "path", "text"), OFFENDING, ids=named)
def test_what_offends_is_found(check: Check, path: str, text: str, planted: Planting) -> None:
    found = list(check(planted({path: text})))
    assert found
    assert all(offence.startswith((path, "services/chassis/chassis:")) for offence in found)


@pytest.mark.parametrize(("check", "path", "text"), HARMLESS, ids=named)
def test_what_is_fine_is_left_alone(check: Check, path: str, text: str, planted: Planting) -> None:
    assert list(check(planted({path: text}))) == []


def test_a_tenth_module_in_a_folder_is_one_too_many(planted: Planting) -> None:
    nine = {f"{CASE}{name}.py": "" for name in ["__init__", "__main__", *"abcdefghi"]}
    assert list(sizes.folders(planted(nine))) == []
    assert list(sizes.folders(planted({f"{CASE}j.py": ""}))) == ["casework/casework: 10 modules, 9 allowed in a folder"]


def test_what_a_row_takes_away_stands_once_and_its_test_is_there(planted: Planting) -> None:
    table = {"tests/mutations/doors.toml": ROW}
    assert list(testing.mutations(planted(table | {"a.py": "if x:", "tests/test_a.py": "def test_x("}))) == []
    twice, gone = planted({"a.py": "if x:\nif x:"}), {"tests/test_a.py": "def test_y("}
    assert [offence.rpartition(": ")[0] for offence in testing.mutations(twice)] == [
        "tests/mutations/doors.toml: 'e': a.py was rewritten"
    ]
    assert [offence.rpartition(": ")[2] for offence in testing.mutations(planted(gone | {"a.py": "if x:"}))] == [
        "tests/test_a.py::test_x[1] is not there"
    ]


def test_every_check_is_seen_to_find_something() -> None:
    seen = {check for check, _, _ in OFFENDING} | {sizes.folders}
    elsewhere = {check for name, check in CHECKS.items() if name.startswith("releases.")}  # test_releases.py
    assert seen == set(CHECKS.values()) - elsewhere


@pytest.mark.slow  # `make check` asks the same
def test_the_repository_passes() -> None:
    assert list(offences(Sources(ROOT))) == []
