"""A migration is applied while services use its tables: whoever has one for long is waited for, nobody behind it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from contracts.topics import SLA_MONITOR
from deploy.stack.databases import apply_migration
from deploy.stack.process import StackError
from support.stack.databases import Clone
from support.wait import eventually

NAME, EXPAND, DIGEST = "sla_monitor/9999_expand.sql", "alter table clock add column later text", "digest"
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def test_a_table_that_is_in_use_is_waited_for_and_others_go_on(database: Callable[[str], Clone]) -> None:
    clone = database(SLA_MONITOR)
    with (
        psycopg.connect(clone.owner, autocommit=True) as owner,
        psycopg.connect(clone.owner, autocommit=True) as looking,
        psycopg.connect(clone.service) as user,
        psycopg.connect(clone.service, autocommit=True) as others,
        ThreadPoolExecutor(1) as setting_up,
    ):
        user.execute("select from clock")
        applying = setting_up.submit(apply_migration, owner, NAME, EXPAND, DIGEST)
        try:
            others.execute("set lock_timeout = '5s'")
            for _ in range(3):
                eventually(lambda: looking.execute(WAITING).fetchone() == (1,), 10)
                others.execute("select from clock")
            assert not applying.done()
        finally:
            user.rollback()
        applying.result(timeout=20)
        assert others.execute("select later from clock").fetchall() == []
        applied = "select sha256 from schema_migration where name = %s"
        assert others.execute(applied, (NAME,)).fetchone() == (DIGEST,)


def test_a_table_that_is_never_free_ends_it_with_nothing_changed(database: Callable[[str], Clone]) -> None:
    clone = database(SLA_MONITOR)
    with psycopg.connect(clone.owner, autocommit=True) as owner, psycopg.connect(clone.service) as user:
        user.execute("select from clock")
        with pytest.raises(StackError, match="in use all the time; look in pg_stat_activity"):
            apply_migration(owner, NAME, f"create table made (); {EXPAND}", DIGEST, seconds=0.5)
        assert owner.execute("select from pg_tables where tablename = 'made'").fetchall() == []
        assert owner.execute("select from schema_migration where name = %s", (NAME,)).fetchall() == []
