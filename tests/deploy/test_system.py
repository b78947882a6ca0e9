"""The supervisor and the two development helpers, as real processes without the services."""

import os
import smtplib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest
from confluent_kafka.admin import AdminClient
from deploy.agencies import all_topics
from deploy.stack.infrastructure import KAFKA, Stack
from deploy.stack.process import StackError
from deploy.stack.system import System
from support.stack.processes import running_system
from support.wait import eventually

from deploy import issuer, mailbox
from deploy.stack import topics


@pytest.fixture(scope="module")
def system(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(stack, tmp_path_factory.mktemp("system"), "deploy.", only=(), seed=None) as up:
        yield up


def test_what_is_killed_comes_back(system: System) -> None:
    process = system.process("issuer")
    before = process.pid
    process.kill()
    eventually(lambda: process.pid not in (None, before) and process.part.ready(), 10)


def test_what_is_held_stays_stopped_until_it_is_let_go(system: System) -> None:
    held, other = system.process("issuer"), system.process("mailbox")
    held.held.touch()
    held.stop()
    other_before = other.pid
    other.kill()
    # The other's return shows that the supervisor has looked at both since.
    eventually(lambda: other.pid not in (None, other_before) and other.part.ready(), 10)
    assert held.pid is None
    held.held.unlink()
    eventually(lambda: held.pid is not None and held.part.ready(), 10)


def test_a_second_up_leaves_what_runs_alone(system: System) -> None:
    before = {process.part.name: process.pid for process in system.programs()}
    system.up()
    assert {process.part.name: process.pid for process in system.programs()} == before


def test_a_system_is_found_again_by_its_folder(system: System) -> None:
    found = System.load(system.root)
    assert found.addresses == system.addresses
    assert [each.pid for each in found.programs()] == [each.pid for each in system.programs()]


def test_the_variables_stand_in_a_private_file(system: System) -> None:
    file = system.root / "env"
    assert file.stat().st_mode & 0o077 == 0
    names = {line.partition("=")[0] for line in file.read_text().splitlines()}
    assert {"KMZB_INTAKE_URL", "KMZB_CASEWORK_POSTGRES_DSN", "KMZB_NOTIFIER_SMTP_URL"} <= names


def test_a_token_is_good_for_whoever_asks_for_the_keys(system: System) -> None:
    folder = system.root / "issuer"
    signed = issuer.token(folder, role="coordinator", unit="KMP-1661", garrison="OPO")
    eventually(system.process("issuer").part.ready, 10)
    key = jwt.PyJWKClient(system.addresses["KMZB_CASEWORK_JWKS_URL"]).get_signing_key_from_jwt(signed)
    claims = jwt.decode(signed, key.key, algorithms=["ES256"], audience=issuer.AUDIENCE, issuer=issuer.ISSUER)
    assert (claims["role"], claims["unit"], claims["garrison"]) == ("coordinator", "KMP-1661", "OPO")


def test_what_is_mailed_can_be_read(system: System) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "kmzb@example.test", "unit@example.test", "Zgłoszenie"
    message.set_content("Proszę o podjęcie.")
    port = int(system.addresses["KMZB_NOTIFIER_SMTP_URL"].rpartition(":")[2])
    eventually(system.process("mailbox").part.ready, 10)
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.send_message(message)
    [arrived] = eventually(lambda: list(mailbox.messages(system.root / "mail")))
    assert arrived["Subject"] == "Zgłoszenie"
    assert "podjęcie" in mailbox.text(arrived)


def test_set_up_twice_makes_nothing_new(system: System) -> None:
    assert topics.create(system.stack.operators, all_topics(), replication=1) == 0


def test_a_program_nobody_knows_is_refused(system: System) -> None:
    with pytest.raises(StackError, match="no 'intak'; there are issuer, mailbox"):
        system.process("intak")


def beside(system: System, root: Path, told: dict[str, str]) -> AbstractContextManager[System]:
    """An intake of its own, on the topics and databases of the system that is up."""
    return running_system(system.stack, root, system.stack.namespace, settings=told, only=("intake",), seed=None)


class Answering(BaseHTTPRequestHandler):
    """Answers every question with 200, as a service that is ready would."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing."""


def test_another_process_that_answers_on_the_port_is_no_service(system: System, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as other:
        threading.Thread(target=other.serve_forever).start()
        taken = {"KMZB_INTAKE_URL": f"http://127.0.0.1:{other.server_port}"}
        try:
            with (
                pytest.raises(StackError) as refused,
                beside(system, tmp_path, taken),
            ):
                pass
        finally:
            other.shutdown()
    why = f"intake can't serve: on its port {other.server_port} listens process {os.getpid()} ("
    assert why in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "http://127.0.0.1:port", "8101"])
def test_an_address_without_a_port_is_refused_before_anything_is_made(stack: Stack, tmp_path: Path, url: str) -> None:
    told = {"KMZB_INTAKE_URL": url}
    with (
        pytest.raises(StackError, match=f"KMZB_INTAKE_URL={url}: name host and port"),
        running_system(stack, tmp_path, "refused.", settings=told, only=("intake",), seed=None),
    ):
        pass
    topics_there = AdminClient({"bootstrap.servers": stack.addresses[KAFKA]}).list_topics(timeout=15).topics
    assert not [name for name in topics_there if name.startswith("refused.")]


def test_a_service_that_cannot_start_is_named_with_its_last_words(system: System, tmp_path: Path) -> None:
    refused = {"KMZB_INTAKE_NO_SUCH_SETTING": "1"}
    with (
        pytest.raises(StackError, match=r"(?s)intake ends again and again.*KMZB_INTAKE_NO_SUCH_SETTING"),
        beside(system, tmp_path, refused),
    ):
        pass
