"""Reports sent to an intake that writes to a real log."""

from typing import Any

from starlette.testclient import TestClient


def post(client: TestClient, body: bytes, key: str | None = None) -> Any:
    headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
    return client.post("/v1/reports", content=body, headers=headers)
