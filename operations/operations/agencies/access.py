"""`kmzb access …`: who may do what on a secured cluster, and what a service or an agency connects with."""

import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from chassis.kafka.client import connection, topic_name
from chassis.settings import Settings, load
from confluent_kafka.admin import AdminClient
from contracts.agencies import Agency, AgencyChannel
from contracts.topics import OPERATORS, PUBLIC_REPORT, SERVICES, answer_topic, referral_topic
from deploy.access import (
    Rule,
    agency_rules,
    principal_of,
    put_passwords,
    put_rules,
    service_rules,
    take_password,
    take_rules,
    users_with_password,
)
from deploy.agencies.registry import read_registry
from deploy.private_files import write_private
from deploy.stack.process import StackError

app = typer.Typer(
    no_args_is_help=True,
    help="Access to a secured Kafka, as its super user: KMZB_KAFKA_BOOTSTRAP, _USER, _PASSWORD, _CA.",
)
_JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule"


@app.command("list")
def list_rules(as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each rule.")] = False) -> None:
    """Say every rule that services and agencies need; nothing is changed."""
    settings = _operators()
    for rule in _rules(settings, _agencies(settings)):
        said = {
            "principal": f"User:{rule.principal}",
            "operation": rule.operation.name,
            "kind": rule.kind.name,
            "name": rule.name,
            "pattern": rule.pattern.name,
        }
        typer.echo(json.dumps(said) if as_json else "  ".join(said.values()))


@app.command()
def apply() -> None:
    """Have the brokers go by the rules of the registry; agencies that were removed lose theirs and their password."""
    settings = _operators()
    admin, agencies = AdminClient(connection(settings)), _agencies(settings)
    rules = list(_rules(settings, agencies))
    put_rules(admin, rules)
    served = {agency.code for agency in agencies if _has_topics(agency)}
    gone = [agency for agency in agencies if agency.code not in served]
    users = users_with_password(admin)
    for agency in gone:
        take_rules(admin, principal_of(agency.code))
        if principal_of(agency.code) in users:
            take_password(admin, principal_of(agency.code))
    typer.echo(f"{len(rules)} rules for {len(SERVICES)} services and {len(served)} agencies; {len(gone)} have none")


@app.command()
def issue(
    who: Annotated[str, typer.Argument(help="A service, or the code of an agency.")],
    folder: Annotated[Path, typer.Argument(help="A new folder for what is handed over.")],
) -> None:
    """Give a new password, and write what it is used with: configurations, topics. The one before ends at once."""
    settings = _operators()
    if folder.exists():
        raise StackError(f"{folder} is there already: name a new folder")
    if who not in SERVICES:
        agency = next((agency for agency in _agencies(settings) if agency.code == who and _has_topics(agency)), None)
        if agency is None:
            raise StackError(f"{who}: neither a service nor an agency with topics; kmzb agency list")
    principal, password = who if who in SERVICES else principal_of(who), secrets.token_urlsafe(32)
    put_passwords(AdminClient(connection(settings)), [(principal, password)])
    _hand_over(folder, settings, who, principal, password)
    typer.echo(f"{principal} connects with what stands in {folder}: hand it over sealed, and keep no copy")


def _operators() -> Settings:
    settings = load(Settings, OPERATORS)
    if not settings.kafka_user or settings.kafka_ca is None:
        raise StackError("this Kafka asks nobody who he is: name its super user in KMZB_KAFKA_USER, _PASSWORD and _CA")
    return settings


def _agencies(settings: Settings) -> list[Agency]:
    return read_registry(settings).all()


def _has_topics(agency: Agency) -> bool:
    return agency.active and agency.channel is AgencyChannel.TOPIC


def _rules(settings: Settings, agencies: list[Agency]) -> Iterator[Rule]:
    yield from service_rules(settings.namespace)
    for agency in agencies:
        if _has_topics(agency):
            yield from agency_rules(settings.namespace, agency.code)


def _hand_over(folder: Path, settings: Settings, who: str, principal: str, password: str) -> None:
    assert settings.kafka_ca is not None
    folder.mkdir(parents=True)
    shutil.copyfile(settings.kafka_ca, folder / "authority.pem")
    common = {"bootstrap.servers": settings.kafka_bootstrap, "security.protocol": "SASL_SSL"}
    librdkafka = {
        **common,
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": principal,
        "sasl.password": password,
        "ssl.ca.location": "authority.pem",
    }
    java = {
        **common,
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": f'{_JAAS} required username="{principal}" password="{password}";',
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "authority.pem",
    }
    for name, values in (("librdkafka.properties", librdkafka), ("java.properties", java)):
        write_private(folder / name, "".join(f"{key}={value}\n" for key, value in values.items()))
    if who in SERVICES:
        return
    topics = {
        "read": [topic_name(settings, topic.name) for topic in (referral_topic(who), PUBLIC_REPORT)],
        "write": [topic_name(settings, answer_topic(who).name)],
        "groups_begin_with": f"{settings.namespace}{who}.",
    }
    (folder / "topics.json").write_text(json.dumps(topics, indent=1) + "\n")
