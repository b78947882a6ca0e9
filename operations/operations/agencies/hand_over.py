"""What an agency, or a service, is handed: a folder to connect with, and a first message to read."""

import json
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import typer
from chassis.clock import now
from chassis.kafka.client import Publisher, topic_name
from chassis.settings import Settings
from contracts.agencies import Agency
from contracts.envelope import CONNECTION_TEST, Outgoing
from contracts.topics import OPERATORS, PUBLIC_REPORT, answer_topic, referral_topic
from deploy.access.brokers import admin_client, put_passwords
from deploy.access.rules import agency_principal, has_topics, service_principal
from deploy.private_files import write_private
from deploy.stack.process import StackError

from operations.printing import print_json

_JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule"
_LIBRDKAFKA = "librdkafka.properties"
_GUIDE = Path(__file__).with_name("guide.md")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Who connects as whom, to what, with which folder; never the password, which stands in the folder alone."""

    code: str
    user: str
    brokers: str
    folder: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    groups_begin_with: str = ""
    test_message: str = ""


def hand_over(settings: Settings, agencies: Mapping[Path, Agency]) -> list[HandedOver]:
    """Give agencies new passwords, write their folders, put a test message on each topic. Raises KafkaException."""
    if not agencies:
        return []
    handed = [_of_agency(settings, agency, folder) for folder, agency in agencies.items()]
    _give_passwords(settings, handed)
    for each, agency in zip(handed, agencies.values(), strict=True):
        _write_guide(each, agency.name)
    Publisher(settings, OPERATORS).publish([_test_message(each.code, each.test_message) for each in handed])
    return handed


def folders_of(
    settings: Settings, agencies: Iterable[Agency], folder: Path | None, *, many: bool
) -> dict[Path, Agency]:
    """Which folders new agencies are handed: none on an open Kafka, and of many none unless one is named.

    Raises StackError for one that is there, or can't be used; one that an interrupted command left is gone on with.
    """
    with_topics = [agency for agency in agencies if has_topics(agency)]
    if not settings.kafka_user:
        if folder is not None:
            raise StackError("--folder: this Kafka asks nobody who he is, so there is nothing to be handed over")
        return {}
    if many and folder is None:
        return {}
    folders = {
        folder / agency.code if many and folder else folder or Path(agency.code): agency for agency in with_topics
    }
    for each, agency in folders.items():
        if _password_in(settings, each, agency_principal(settings.namespace, agency.code)) is None:
            require_new(each)
    return folders


def require_new(folder: Path) -> None:
    """Raises StackError for a folder that is there: what somebody was handed is not written over."""
    if folder.exists():
        raise StackError(f"{folder} is there already: name a new folder")


def _password_in(settings: Settings, folder: Path, user: str) -> str | None:
    """What an earlier hand-over to this user, of these brokers, wrote as its password; None in any other folder."""
    try:
        said = dict(line.split("=", 1) for line in (folder / _LIBRDKAFKA).read_text().splitlines())
    except (OSError, ValueError):
        said = {}
    theirs = (said.get("bootstrap.servers"), said.get("sasl.username")) == (settings.kafka_bootstrap, user)
    return said.get("sasl.password") if theirs else None


def hand_over_to_service(settings: Settings, service: str, folder: Path) -> HandedOver:
    """Give a service a new password, and write what it connects with. Raises KafkaException."""
    user = service_principal(settings.namespace, service)
    handed = HandedOver(service, user, settings.kafka_bootstrap, str(folder))
    _give_passwords(settings, [handed])
    return handed


def printed(handed: HandedOver, *, json: bool) -> None:
    """Say what is to be handed to whom."""
    if json:
        print_json(asdict(handed))
        return
    typer.echo(f"{handed.user} connects to {handed.brokers} with what stands in {handed.folder}:")
    typer.echo(f"  {', '.join(sorted(file.name for file in Path(handed.folder).iterdir()))}")
    for what, names in (("reads", handed.reads), ("writes", handed.writes)):
        typer.echo("".join(f"  {what:6} {name}\n" for name in names), nl=False)
    if handed.test_message:
        typer.echo(f"  groups begin with {handed.groups_begin_with}; message {handed.test_message} waits to be read")
    typer.echo("Hand it over sealed, and keep no copy: nobody can read the password again, only make a new one.")


def _of_agency(settings: Settings, agency: Agency, folder: Path) -> HandedOver:
    return HandedOver(
        agency.code,
        agency_principal(settings.namespace, agency.code),
        settings.kafka_bootstrap,
        str(folder),
        reads=tuple(topic_name(settings, topic.name) for topic in (referral_topic(agency.code), PUBLIC_REPORT)),
        writes=(topic_name(settings, answer_topic(agency.code).name),),
        groups_begin_with=f"{settings.namespace}{agency.code}.",
        test_message=str(uuid4()),
    )


def _write_guide(handed: HandedOver, name: str) -> None:
    folder = Path(handed.folder)
    topics = {"read": handed.reads, "write": handed.writes, "groups_begin_with": handed.groups_begin_with}
    (folder / "topics.json").write_text(json.dumps(topics, indent=1) + "\n")
    words = {"name": name, "referrals": handed.reads[0], "public": handed.reads[1], "answers": handed.writes[0]}
    (folder / "GUIDE.md").write_text(_GUIDE.read_text().format(**asdict(handed), **words))


def _give_passwords(settings: Settings, handed: Sequence[HandedOver]) -> None:
    """Folders first: a password that could not be written down would shut out whoever had the one before.

    What stands in a folder already was given by a command that was interrupted: it is given again.
    """
    there = {each.user: _password_in(settings, Path(each.folder), each.user) for each in handed}
    passwords = {user: password or secrets.token_urlsafe(32) for user, password in there.items()}
    made: list[Path] = []  # those alone go again: one that was there is somebody's
    try:
        for each in handed:
            folder = Path(each.folder)
            if there[each.user] is None:
                folder.mkdir(parents=True)
                made.append(folder)
            _write_folder(settings, each, passwords[each.user])
        put_passwords(admin_client(settings), passwords)
    except BaseException:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_folder(settings: Settings, handed: HandedOver, password: str) -> None:
    assert settings.kafka_ca is not None
    folder = Path(handed.folder)
    common = {
        "bootstrap.servers": handed.brokers,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
    }
    librdkafka = common | {"sasl.username": handed.user, "sasl.password": password, "ssl.ca.location": "authority.pem"}
    java = common | {
        "sasl.jaas.config": f'{_JAAS} required username="{handed.user}" password="{password}";',
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "authority.pem",
    }
    for name, values in ((_LIBRDKAFKA, librdkafka), ("java.properties", java)):  # by the first it is known again
        write_private(folder / name, _properties(values))
    shutil.copyfile(settings.kafka_ca, folder / "authority.pem")


def _properties(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _test_message(code: str, message_id: str) -> Outgoing:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": message_id,
        "ce_type": CONNECTION_TEST,
        "ce_source": f"/kmzb/{OPERATORS}",
        "ce_subject": code,
        "ce_time": now().isoformat(),
        "content-type": "application/json",
    }
    says = {"says": f"{code} reads its topic of referrals. This is no referral: nothing is to be done."}
    encoded = [(name, said.encode()) for name, said in headers.items()]
    return Outgoing(referral_topic(code).name, code, encoded, json.dumps(says).encode())
