"""Who is told how, as data, and the settings beside it: what reads as meant, and what is refused before the start."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from contracts.notices import Audience, Channel
from notifier.settings import Settings
from support.notifying import DIRECTORY

from notifier import directory


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Warsaw"))


@pytest.mark.parametrize(
    ("since", "until", "decided", "leaves"),
    [
        ("22:00:00", "06:00:00", "2026-11-23T21:54:00", "2026-11-23T21:59:00"),
        ("22:00:00", "06:00:00", "2026-11-23T21:55:00", "2026-11-24T06:00:00"),
        ("22:00:00", "06:00:00", "2026-11-24T03:00:00", "2026-11-24T06:00:00"),
        ("22:00:00", "06:00:00", "2026-11-24T05:58:00", "2026-11-24T06:03:00"),
        ("12:00:00", "13:00:00", "2026-11-24T12:10:00", "2026-11-24T13:00:00"),
        ("12:00:00", "13:00:00", "2026-11-24T12:56:00", "2026-11-24T13:01:00"),
        ("22:00:00", "06:00:00", "2026-10-24T23:00:00", "2026-10-25T06:00:00"),  # the clocks go back that night
    ],
)
def test_what_can_wait_waits_for_the_end_of_quiet_hours(since: str, until: str, decided: str, leaves: str) -> None:
    quiet = f"quiet = {{from = {since}, until = {until}}}"
    text = DIRECTORY.replace("digest = {seconds = 0}", f"digest = {{minutes = 5}}\n{quiet}")
    entry = directory.parse(text).entry(Audience.UNIT, "KMP-1661")
    assert entry.due_at(at(decided), digest=True) == at(leaves)
    assert entry.due_at(at(decided), digest=False) == at(decided)


def test_single_entries_replace_single_lines() -> None:
    found = directory.parse(
        DIRECTORY
        + '[units.KMP-1661]\nlog = true\n[agencies.railways]\nemail = ""\nwebhook = "https://kolej.example/in"\n'
    )
    assert found.entry(Audience.UNIT, "KMP-1661").email == "kmp-1661@policja.example"
    assert found.channels(Audience.UNIT, "KMP-1661") == (Channel.EMAIL, Channel.LOG)
    assert found.channels(Audience.UNIT, "KPP-1601") == (Channel.EMAIL,)
    assert found.channels(Audience.AGENCY, "railways") == (Channel.TOPIC, Channel.WEBHOOK)
    assert found.channels(Audience.AGENCY, "not-known-here") == (Channel.EMAIL,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("not toml", "not a TOML file"),
        ("[unit]\n", r"\[unit\].*no channel|missing"),
        (DIRECTORY + "[stations]\n", r"\[stations\] is no part"),
        (DIRECTORY + "[agencies.post]\n", "no code"),
        (DIRECTORY + '[units."a b"]\n', "no code"),
        (DIRECTORY + "[units]\nKMP-1661 = 3\n", "no table"),
        (DIRECTORY + "[units.X]\nfax = 1\n", "fax"),
        (DIRECTORY + '[units.X]\nemail = "a@b.example\\nBcc: c@d.example"\n', "one plain address"),
        (DIRECTORY + '[units.X]\nemail = "{unit}@b.example"\n', "only {code}"),
        (DIRECTORY + '[units.X]\nwebhook = "http://far.example/"\n', "https"),
        (DIRECTORY + '[units.X]\nwebhook = "file:///etc/passwd"\n', "https"),
        (DIRECTORY + '[units.X]\nemail = ""\n', "no channel"),
        (DIRECTORY + "[units.X]\ndigest = {minutes = -1}\n", "digest"),
    ],
)
def test_a_directory_that_is_wrong_is_refused_naming_what_is(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        directory.parse(text)


def test_the_directory_of_the_package_reaches_everyone() -> None:
    found = directory.read()
    for audience in (Audience.UNIT, Audience.GARRISON, Audience.HEADQUARTERS, Audience.AGENCY):
        assert found.entry(audience, "KMP-1661").email.endswith(".example")


@pytest.mark.parametrize(
    ("given_as", "problem"),
    [
        ({"contact_private_key": "AAAA"}, "32 bytes"),
        ({"link_secret": "xyz"}, "hexadecimal"),
        ({"link_secret": "abcd"}, "16 bytes"),
        ({"smtp_url": "mail"}, "smtp"),
        ({"directory": Path("/nowhere/directory.toml")}, "cannot be read"),
        ({"lease": timedelta(seconds=1)}, "lease"),
        ({"webhook_secret": None, "directory": DIRECTORY + '[units.X]\nwebhook = "https://x.example"\n'}, "webhook"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    make_settings: Callable[..., Settings], given_as: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        make_settings(**given_as)
