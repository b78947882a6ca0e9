"""`kmzb agency …` on a real topic: what is added, changed, removed, listed; and what is refused, changing nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from chassis.clock import now
from chassis.settings import Settings
from confluent_kafka.admin import AdminClient
from contracts.topics import AGENCY
from deploy.agencies.registry import read_registry
from operations.agencies.carrying_out import AT_ONCE
from operations.agencies.hand_over import hand_over
from operations.cli import app
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError
from support.agencies import AGENCIES
from typer.testing import CliRunner, Result


@pytest.fixture
def system(settings: Settings, topics: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Settings:
    topics(AGENCY)
    monkeypatch.setenv("KMZB_KAFKA_BOOTSTRAP", settings.kafka_bootstrap)
    monkeypatch.setenv("KMZB_NAMESPACE", settings.namespace)
    return settings


def agency(*words: str) -> Result:
    return CliRunner().invoke(app, ["agency", *words])


def made(system: Settings) -> set[str]:
    """The topics there are, without their namespace."""
    there = AdminClient({"bootstrap.servers": system.kafka_bootstrap}).list_topics(timeout=15).topics
    return {name.removeprefix(system.namespace) for name in there if name.startswith(system.namespace)}


def test_an_agency_is_added_changed_removed_and_brought_back(system: Settings) -> None:
    pair = {"kmzb.partner.guard.referral.v1", "kmzb.partner.guard.answer.v1"}
    words = ("guard", "--name", "Straż Miejska", "--category", "parking", "--area", "1661", "--replication", "1")
    tried = agency("add", *words, "--dry-run")
    assert (tried.exit_code, list(read_registry(system)), made(system) & pair) == (0, [], set())
    done = agency("add", *words)
    assert done.exit_code == 0, done.output
    assert made(system) >= pair

    assert agency("change", "guard", "--area", "16", "--acknowledge-days", "3", "--replication", "1").exit_code == 0
    shown = json.loads(agency("show", "guard", "--json").stdout)
    assert (shown["areas"], shown["categories"], shown["acknowledge_days"]) == (["16"], ["parking"], 3)

    assert agency("remove", "guard").exit_code == 0
    assert (agency("list", "--json").stdout, len(agency("list", "--all", "--json").stdout.splitlines())) == ("", 1)
    assert agency("change", "guard", "--restore", "--replication", "1").exit_code == 0
    assert json.loads(agency("list", "--category", "parking", "--area", "166101", "--json").stdout)["code"] == "guard"
    assert agency("list", "--category", "parking", "--area", "246901", "--json").stdout == ""


@pytest.mark.parametrize(("name", "separator"), [("all.csv", ","), ("all.csv", ";"), ("all.toml", "")])
def test_many_come_from_a_file_all_or_none(system: Settings, tmp_path: Path, name: str, separator: str) -> None:
    file = tmp_path / name
    rows = [("guard-a", "Straż A", "parking drinking", "1661"), ("guard-b", "Straż B", "", "246901")]
    if separator:
        lines = [("code", "name", "categories", "areas"), *rows]
        text = "\ufeff" + "".join(separator.join(cells) + "\r\n" for cells in lines)
    else:
        text = "".join(
            f'[[agency]]\ncode = "{code}"\nname = "{called}"\ncategories = {kinds.split()}\nareas = {where.split()}\n'
            for code, called, kinds, where in rows
        )
    wrong = text.replace("246901", "999999").replace("parking", "witchcraft")
    file.write_text(wrong, encoding="utf-8")
    refused = agency("add", "--file", str(file), "--replication", "1")
    assert refused.exit_code == 1
    assert "guard-a: categories: there is no witchcraft" in refused.stderr
    assert "guard-b: areas: TERYT has no 999999" in refused.stderr
    assert not list(read_registry(system))

    file.write_text(text, encoding="utf-8")
    done = agency("add", "--file", str(file), "--replication", "1")
    assert done.exit_code == 0, done.output
    known = read_registry(system)
    assert [(a.code, a.name, a.categories, a.areas) for a in known.all()] == [
        (code, called, tuple(kinds.split()), tuple(where.split())) for code, called, kinds, where in rows
    ]


def test_a_file_that_was_begun_goes_on_with_what_is_missing(system: Settings, tmp_path: Path) -> None:
    file, row = tmp_path / "all.csv", "guard-{0},Straż {0},letter\n"
    head = "code,name,channel\n" + row.format("a")
    file.write_text(head)
    assert agency("add", "--file", str(file)).exit_code == 0
    [there] = read_registry(system).all()

    file.write_text(head + row.format("b"))
    done = agency("add", "--file", str(file))
    assert (done.exit_code, done.stderr) == (0, "1 of 2 are there as the file says, and stay as they are\n")
    assert [known for known in read_registry(system).all() if known.code != "guard-b"] == [there]

    file.write_text(head.replace("Straż", "Policja") + row.format("c"))
    refused = agency("add", "--file", str(file))
    assert (refused.exit_code, "guard-a: is Straż a already" in refused.stderr) == (1, True)
    assert agency("remove", "guard-b").exit_code == 0
    file.write_text(head + row.format("b"))
    assert "guard-b: was Straż b; a code is given once" in agency("add", "--file", str(file)).stderr
    assert len(read_registry(system).all()) == 2


def test_thousands_are_added_some_at_a_time_and_it_says_how_far_it_is(system: Settings, tmp_path: Path) -> None:
    file, many = tmp_path / "all.csv", 2 * AT_ONCE + 1
    file.write_text("code,name,channel\n" + "".join(f"guard-{n},Straż,letter\n" for n in range(many)))
    done = agency("add", "--file", str(file))
    assert done.exit_code == 0, done.output
    assert [line.partition(" after ")[0] for line in done.stderr.splitlines()[1:]] == [
        f"{far} of {many}" for far in (AT_ONCE, 2 * AT_ONCE, many)
    ]
    assert len(read_registry(system)) == many


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add",), "name one agency"),
        (("add", "x", "--file", "y"), "name one agency"),
        (("add", "--file", "y", "--name", "x"), "not by --name"),
        (("add", "Guard", "--name", "x"), "code"),
        (("add", "guard"), "name"),
        (("add", "notifier", "--name", "x"), "notifier: is the name of a part of the system"),
        (("add", "there", "--name", "x"), "there: is Straż already: kmzb agency change there"),
        (("add", "gone", "--name", "x"), "gone: was Straż; a code is given once: kmzb agency change gone --restore"),
        (("change", "there"), "nothing to change was said"),
        (("change", "gone", "--name", "x"), "bring it back with --restore"),
        (("change", "nobody", "--name", "x"), "there is no such agency"),
        (("change", "there", "--acknowledge-days", "0"), "acknowledge_days"),
        (("remove", "there", "nobody"), "nobody: there is no such agency"),
        (("remove", "there", "gone"), "gone: was removed already"),
        (("show", "nobody"), "there is no such agency"),
        (("add", "by-mail", "--name", "x", "--channel", "email"), "contact: by e-mail it is reached at an address"),
        (
            ("add", "hook", "--name", "x", "--channel", "webhook", "--contact", "http://a.example"),
            "at an https address",
        ),
        (
            ("add", "hook", "--name", "x", "--channel", "webhook", "--contact", "https://u:p@a.example"),
            "without a password",
        ),
        (("change", "there", "--channel", "email"), "contact: by e-mail it is reached at an address"),
        (("key", "there"), "there: is no agency that is reached by webhook"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    system: Settings, tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    file = tmp_path / "two.toml"
    row = '[[agency]]\ncode = "{}"\nname = "Straż"\nchannel = "letter"\n'
    file.write_text(row.format("there") + row.format("gone"))
    assert agency("add", "--file", str(file)).exit_code == 0
    assert agency("remove", "gone").exit_code == 0
    before = read_registry(system).all()
    refused = agency(*words)
    assert refused.exit_code == 1
    assert why in refused.stderr + str(refused.exception)
    assert read_registry(system).all() == before


def test_the_key_of_an_agency_by_webhook_is_its_own_and_the_same_each_time(
    system: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("zdm", "zdw"):
        to = ("--channel", "webhook", "--contact", f"https://{code}.example/kmzb")
        assert agency("add", code, "--name", code, *to).exit_code == 0
    assert "KMZB_NOTIFIER_WEBHOOK_SECRET" in str(agency("key", "zdm").exception)
    monkeypatch.setenv("KMZB_NOTIFIER_WEBHOOK_SECRET", "cd" * 16)
    keys = [agency("key", code).stdout.strip() for code in ("zdm", "zdm", "zdw")]
    assert keys[0] == keys[1] != keys[2]
    body = '{"type": "ReferralMade"}'
    signed = {"webhook-id": "1", "webhook-timestamp": str(int(now().timestamp()))}
    signed["webhook-signature"] = Webhook(keys[0]).sign("1", now(), body)
    assert Webhook(keys[0]).verify(body, signed) == {"type": "ReferralMade"}
    with pytest.raises(WebhookVerificationError):
        Webhook(keys[2]).verify(body, signed)
    assert json.loads(agency("key", "zdm", "--json").stdout)["key"] == keys[0]


def test_a_folder_that_somebody_has_outlives_a_hand_over_that_fails_at_it(tmp_path: Path) -> None:
    authority, new, theirs = tmp_path / "authority.pem", tmp_path / "new", tmp_path / "theirs"
    authority.write_text("an authority")
    theirs.mkdir()
    (theirs / "client.properties").write_text("of before")
    settings = Settings(
        kafka_bootstrap="127.0.0.1:1", kafka_user="operators", kafka_password=SecretStr("p"), kafka_ca=authority
    )
    with pytest.raises(FileExistsError):
        hand_over(settings, dict(zip((new, theirs), AGENCIES.all(), strict=False)))
    assert not new.exists()
    assert (theirs / "client.properties").read_text() == "of before"
