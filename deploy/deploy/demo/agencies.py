"""Agencies that read their topic and answer on it, each as who it is to the brokers, where the story says so."""

from collections.abc import Callable, Mapping
from secrets import token_hex
from uuid import UUID

from chassis.clock import now
from chassis.kafka.client import Publisher
from chassis.settings import Settings
from contracts.envelope import encode, follows
from contracts.events.clocks import NAMESPACE
from contracts.events.referrals import ReferralAcknowledged
from contracts.topics import answer_topic
from pydantic import SecretStr

from deploy.access.brokers import admin_client, put_passwords
from deploy.access.rules import agency_principal
from deploy.agencies import first_agencies
from deploy.demo.observer import Tally
from deploy.demo.plan import Story


def agency_clients(operators: Settings) -> dict[str, Settings]:
    """What each agency's clients are told, by code: on a Kafka that asks, its own name and a new password."""
    codes = first_agencies()
    if not operators.kafka_user:
        return dict.fromkeys(codes, operators)
    passwords = {agency_principal(operators.namespace, code): token_hex(32) for code in codes}
    put_passwords(admin_client(operators), passwords)
    return {
        code: operators.model_copy(update={"kafka_user": user, "kafka_password": SecretStr(password)})
        for code, (user, password) in zip(codes, passwords.items(), strict=True)
    }


class Agencies:
    """Acknowledges what was handed over, each agency on its own topic."""

    def __init__(self, clients: Mapping[str, Settings]) -> None:
        self._clients = clients
        self._publishers: dict[str, Publisher] = {}
        self._answered: set[UUID] = set()

    def answer(self, story_of: Callable[[UUID], Story | None], tally: Tally) -> None:
        """Acknowledge what has reached its agency's topic meanwhile."""
        for referral_id, (report_id, agency) in list(tally.referrals.items()):
            arrived = referral_id in tally.referral_messages
            if arrived and referral_id not in self._answered and story_of(report_id) is Story.REFERRED:
                at = now()
                event = ReferralAcknowledged(report_id=report_id, referral_id=referral_id, answered_at=at)
                event_id = follows(NAMESPACE, f"acknowledged/{referral_id}")
                message = encode(event, source=agency, at=at, event_id=event_id, topic=answer_topic(agency))
                self._publisher(agency).publish([message])
                self._answered.add(referral_id)

    def _publisher(self, agency: str) -> Publisher:
        if agency not in self._publishers:
            self._publishers[agency] = Publisher(self._clients[agency], agency)
        return self._publishers[agency]
