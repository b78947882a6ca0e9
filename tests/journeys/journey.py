"""The whole system as its users meet it: citizens over HTTP, officers with tokens, readers of topics, metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from threading import Event as Stop
from typing import Any
from uuid import UUID, uuid4

import httpx
from chassis.clock import now
from chassis.kafka.client import Publisher
from confluent_kafka import Message
from contracts.base import Event
from contracts.envelope import Envelope, Outgoing
from contracts.topics import Topic
from deploy.agencies import all_topics
from deploy.stack.process import Process
from deploy.stack.system import System
from journeys.follower import TopicFollower
from prometheus_client.parser import text_string_to_metric_families
from support.chassis.raw_producer import RawRecord, write_raw
from support.wait import eventually

from deploy import issuer

OPOLE = (17.9213, 50.6683)
_senders = count(1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a citizen holds after sending, and the whole answer."""

    report_id: UUID
    receipt: str
    answer: Mapping[str, Any]


class Journey:
    """One running system."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.addresses = system.addresses
        self.settings = system.stack.operators
        self.http = httpx.Client(timeout=15, trust_env=False)
        self._follower = TopicFollower(self.settings, all_topics())

    def __enter__(self) -> "Journey":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self._follower.close()

    def url(self, service: str, path: str) -> str:
        return f"{self.addresses[f'KMZB_{service.upper()}_URL']}{path}"

    def metrics_url(self, service: str) -> str:
        return f"{self.addresses[f'KMZB_{service.upper()}_METRICS_URL']}/metrics"

    def send(self, longitude: float, latitude: float, category: str = "parking", **more: Any) -> Receipt:
        """A report from a sender of its own, repeated under its key while intake can't say whether it exists."""
        body = {"category": category, "longitude": longitude, "latitude": latitude, **more}
        headers = {"Idempotency-Key": str(uuid4()), **self.new_sender()}
        for _ in range(40):
            try:
                answer = self.http.post(self.url("intake", "/v1/reports"), json=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code != 503:
                assert answer.status_code == 201, answer.text
                said = answer.json()
                return Receipt(UUID(said["report_id"]), said["receipt"], said)
            Stop().wait(0.25)
        raise AssertionError("intake did not take the report")

    @staticmethod
    def new_sender() -> dict[str, str]:
        """The header by which a request comes from an address that sent nothing yet."""
        sender = next(_senders)
        return {"X-Forwarded-For": f"198.18.{sender // 250}.{sender % 250 + 1}"}

    def receipt(self, receipt: Receipt) -> dict[str, Any]:
        """What the public map answers for a receipt; empty while it knows nothing of it."""
        answer = self.http.get(self.url("public_map", f"/v1/receipts/{receipt.receipt}"))
        return answer.json() if answer.is_success else {}

    def receipt_when(
        self, receipt: Receipt, condition: Callable[[dict[str, Any]], bool], deadline: float
    ) -> dict[str, Any]:
        """The receipt's answer once it meets a condition."""
        answers: list[dict[str, Any]] = []

        def met() -> bool:
            answers.append(self.receipt(receipt))
            return bool(answers[-1]) and condition(answers[-1])

        eventually(met, deadline, what=f"a receipt's answer, now {answers[-1:]}")
        return answers[-1]

    def officer(self, unit: str, garrison: str, role: str = "coordinator") -> dict[str, str]:
        """The headers of an officer's request."""
        folder = self.system.root / "issuer"
        token = issuer.token(folder, role=role, unit=unit, garrison=garrison, subject=f"{role}-{unit}")
        return {"Authorization": f"Bearer {token}"}

    def case(self, report_id: UUID, officer: Mapping[str, str]) -> httpx.Response:
        return self.http.get(self.url("casework", f"/v1/cases/{report_id}"), headers=dict(officer))

    def change(self, report_id: UUID, what: str, officer: Mapping[str, str], **body: Any) -> httpx.Response:
        """A change of a case from the version it has now."""
        seen = self.case(report_id, officer)
        assert seen.is_success, seen.text
        headers = {**officer, "If-Match": seen.headers["ETag"]}
        return self.http.post(self.url("casework", f"/v1/cases/{report_id}/{what}"), json=body, headers=headers)

    def settle(self, *topics: Topic) -> None:
        """Wait until everything that is on these topics at this moment has been read."""
        self._follower.settle(topics)

    def messages(self, topic: Topic) -> list[Message]:
        """What was read of a topic by now."""
        return self._follower.messages(topic)

    def envelopes(self, topic: Topic) -> list[Envelope]:
        """What was said on a topic by now, tombstones left out."""
        return self._follower.envelopes(topic)

    def events(self, topic: Topic) -> list[Event]:
        """The same without its context, each id once: the log may repeat, effects may not."""
        return [envelope.data for envelope in {envelope.id: envelope for envelope in self.envelopes(topic)}.values()]

    def publish(self, *messages: Outgoing) -> None:
        Publisher(self.settings, "journey").publish(messages)

    def publish_unusable(self, message: Outgoing) -> None:
        """What no reader can use: journeys that come later do not find it among the events, whatever their order."""
        assert message.value is not None
        self._follower.leave_out(message.value)
        self.publish(message)

    def write_raw(self, *records: RawRecord) -> None:
        """Whatever bytes, which no journey finds among the events."""
        for record in records:
            self._follower.leave_out(record.value or b"")
        write_raw(self.settings.kafka_bootstrap, records)

    def hold(self, *names: str, by: Callable[[Process], None] = Process.kill) -> None:
        """End services as a crash would, or in another way, and keep them down."""
        for process in [self.system.process(name) for name in names]:
            process.held.touch()
            by(process)

    def release(self, *names: str) -> None:
        """Let held services be started again, and wait until they are ready."""
        for name in names:
            self.system.process(name).held.unlink()
        for name in names:
            eventually(partial(self._up, name), 60, what=name)

    def _up(self, name: str) -> bool:
        process = self.system.process(name)
        return process.pid is not None and process.part.ready()

    def due_at(self, receipt: Receipt) -> datetime:
        """Until when the report is to be taken up, as its sender was told."""
        return datetime.fromisoformat(receipt.answer["take_up_by"])

    @staticmethod
    def now() -> datetime:
        return now()

    def metric(self, service: str, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels, over all others."""
        text = self.http.get(self.metrics_url(service)).text
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return sum(found.value for found in samples if found.name == name and labels.items() <= found.labels.items())
