"""Who is notified how, as data, and the settings beside it: what reads as meant, and what is refused before start."""

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from contracts.events.notices import Audience, Channel
from notifier.directory import parse_directory, read_directory
from notifier.domain.recipients import QuietHours
from notifier.settings import Settings
from support.notifier.notifying import DIRECTORY


def test_single_entries_replace_single_lines() -> None:
    found = parse_directory(
        DIRECTORY.replace("digest = {seconds = 0}", "quiet = {from = 22:00:00, until = 06:00:00}")
        + '[units.KMP-1661]\nlog = true\ndigest = {seconds = 2}\n[agencies.railways]\nemail = ""\nwebhook = "https://kolej.example/in"\n',
    )
    assert found.entry(Audience.UNIT, "KMP-1661").email == "kmp-1661@policja.example"
    assert found.entry(Audience.UNIT, "KMP-1661").quiet == QuietHours(since=time(22), until=time(6))
    assert found.entry(Audience.UNIT, "KMP-1661").digest.length == timedelta(seconds=2)
    assert found.entry(Audience.UNIT, "KPP-1601").digest.length == timedelta(minutes=5)
    assert found.entry(Audience.UNIT, "KMP-1661").channels == (Channel.EMAIL, Channel.LOG)
    assert found.entry(Audience.UNIT, "KPP-1601").channels == (Channel.EMAIL,)
    assert found.entry(Audience.AGENCY, "railways").channels == (Channel.WEBHOOK,)
    assert found.entry(Audience.AGENCY, "another").channels == (Channel.EMAIL,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("not toml", "not a TOML file"),
        ("[unit]\n", r"\[unit\].*no channel|missing"),
        (DIRECTORY + "[stations]\n", r"\[stations\] is no part"),
        (DIRECTORY + "[agencies.Post]\n", "no code"),
        (DIRECTORY + '[units."a b"]\n', "no code"),
        (DIRECTORY + "[units]\nKMP-1661 = 3\n", "no table"),
        (DIRECTORY + "[units.X]\nfax = 1\n", "fax"),
        (DIRECTORY + '[units.X]\nemail = "a@b.example\\nBcc: c@d.example"\n', "one plain e-mail address"),
        (DIRECTORY + '[units.X]\nemail = "{unit}@b.example"\n', "only {code}"),
        (DIRECTORY + '[units.X]\nwebhook = "http://far.example/"\n', "https"),
        (DIRECTORY + '[units.X]\nwebhook = "file:///etc/passwd"\n', "https"),
        (DIRECTORY + '[units.X]\nemail = ""\n', "no channel"),
        (DIRECTORY + "[units.X]\ndigest = {minutes = -1}\n", r"\[units\.X\] digest"),
        (DIRECTORY + "[units.X]\ndigest = {minutes = 5e9}\n", r"\[units\.X\] digest"),
        (DIRECTORY + "[units.X]\ndigest = {minutes = inf}\n", r"\[units\.X\] digest"),
        (DIRECTORY + "[units.X]\ndigest = {seconds = nan}\n", r"\[units\.X\] digest"),
        (DIRECTORY + "[units.X]\ndigest = {minutes = 1e300}\n", r"\[units\.X\] digest"),
        (DIRECTORY + '[units.X]\nwebhook = "https://[::1/x"\n', r"\[units\.X\] webhook"),
    ],
)
def test_a_directory_that_is_wrong_is_refused_naming_what_is(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_directory(text)


def test_the_directory_of_the_package_reaches_everyone() -> None:
    found = read_directory(None)
    for audience in (Audience.UNIT, Audience.GARRISON, Audience.HEADQUARTERS, Audience.AGENCY):
        assert found.entry(audience, "KMP-1661").email.endswith(".example")


@pytest.mark.parametrize(
    ("given_as", "problem"),
    [
        ({"contact_private_key": "AAAA"}, "32 bytes"),
        ({"link_secret": "xyz"}, "hexadecimal"),
        ({"link_secret": "abcd"}, "16 bytes"),
        ({"smtp_url": "mail"}, "smtp"),
        ({"directory": Path("/nowhere/directory.toml")}, "cannot be used"),
        ({"directory": DIRECTORY + "[agencies.Post]\n"}, "'Post' is no code of one"),
        ({"lease": timedelta(seconds=1)}, "lease"),
        ({"webhook_secret": None, "directory": DIRECTORY + '[units.X]\nwebhook = "https://x.example"\n'}, "webhook"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    make_settings: Callable[..., Settings], given_as: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        make_settings(**given_as)
