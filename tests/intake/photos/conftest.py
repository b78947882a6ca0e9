"""Photos sent to an intake without servers, which keeps them in a folder of the test's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intake.photos.answers import PHOTOS_PATH
from starlette.testclient import TestClient

Upload = Callable[..., Any]


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[], dict[str, bytes]]:
    """What is in the store, by name."""
    return lambda: {path.name: path.read_bytes() for path in (tmp_path / "photos").rglob("*") if path.is_file()}


@pytest.fixture
def upload(client: TestClient) -> Upload:
    """Send a photo."""

    def send(photo: bytes, kind: str = "image/jpeg", key: str | None = None, **place: float) -> Any:
        headers = {"Content-Type": kind, **({"Idempotency-Key": key} if key else {})}
        return client.post(PHOTOS_PATH, content=photo, headers=headers, params=place or None)

    return send
