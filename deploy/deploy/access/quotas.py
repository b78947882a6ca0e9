"""How much an agency may ask of the brokers: what is over it waits, and nobody else does."""

from collections.abc import Iterable

from chassis.kafka.client import connection
from chassis.settings import Settings
from contracts.topic import AGENCY_QUOTA
from kafka import KafkaAdminClient
from kafka.errors import for_code
from kafka.protocol.admin import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
)

_USER = "user"
# In one request and on one connection: this client does not survive that brokers ask it who it is (0091) in between.
_AT_ONCE = 200


class _Client(KafkaAdminClient):  # type: ignore[misc]  # without types
    """Another client than everybody else's, which knows nothing of quotas; this one knows the requests alone."""

    def alter(self, request: AlterClientQuotasRequest) -> AlterClientQuotasResponse:
        return self._manager.run(self._manager.send, request)

    def describe(self, request: DescribeClientQuotasRequest) -> DescribeClientQuotasResponse:
        return self._manager.run(self._manager.send, request)


def put_quotas(settings: Settings, principals: Iterable[str]) -> None:
    """Hold each of these to what the registry grants an agency. Raises KafkaError of the other client."""
    _alter(settings, principals, [(key, float(value), False) for key, value in AGENCY_QUOTA.items()])


def take_quotas(settings: Settings, principals: Iterable[str]) -> None:
    """Forget what was granted to these. Raises KafkaError of the other client."""
    _alter(settings, principals, [(key, 0.0, True) for key in AGENCY_QUOTA])


def quotas_there(settings: Settings) -> dict[str, dict[str, float]]:
    """What the brokers hold whom to. Raises KafkaError of the other client."""
    exactly, every_user = False, [(_USER, 2, None)]
    with _connected(settings) as client:
        answer = client.describe(DescribeClientQuotasRequest(components=every_user, strict=exactly))
    _check(answer.error_code, answer.error_message)
    return {
        entry.entity[0].entity_name: {value.key: value.value for value in entry.values}
        for entry in answer.entries or ()
    }


def _alter(settings: Settings, principals: Iterable[str], changes: list[tuple[str, float, bool]]) -> None:
    entries = [([(_USER, principal)], changes) for principal in principals]
    for start in range(0, len(entries), _AT_ONCE):
        batch = entries[start : start + _AT_ONCE]
        with _connected(settings) as client:
            answer = client.alter(AlterClientQuotasRequest(entries=batch, validate_only=False))
        for entry in answer.entries:
            _check(entry.error_code, entry.error_message)


def _check(code: int, said: str | None) -> None:
    if code:
        raise for_code(code)(said)


def _connected(settings: Settings) -> _Client:
    """Connected as the chassis connects (`chassis.kafka.client.connection`), in this client's words."""
    how = connection(settings)
    names = {
        "bootstrap.servers": "bootstrap_servers",
        "security.protocol": "security_protocol",
        "ssl.ca.location": "ssl_cafile",
        "ssl.certificate.location": "ssl_certfile",
        "ssl.key.location": "ssl_keyfile",
        "sasl.mechanism": "sasl_mechanism",
        "sasl.username": "sasl_plain_username",
        "sasl.password": "sasl_plain_password",
    }
    return _Client(**{names[name]: value for name, value in how.items()}, bootstrap_timeout_ms=10_000)
