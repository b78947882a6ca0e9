"""Intake as the process it is in the field: started, used over real HTTP, stopped; and what it left in its logs."""

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from chassis.settings import Settings as ChassisSettings
from contracts.topics import CONTACT, CONTENT, FOLLOW_UP, HEARTBEATS, REPORT_SUBMITTED, ROUTING
from nacl.public import PrivateKey
from support.intake import pictures
from support.intake.memory_log import EMAIL, RECEIPT_SECRET, SECRET, WORDS, report
from support.stack.ports import free_url
from support.wait import eventually

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def url() -> str:
    return free_url()


@pytest.fixture
def metrics_url() -> str:
    return free_url()


@pytest.fixture
def process(
    url: str,
    metrics_url: str,
    settings: ChassisSettings,
    redis_url: str,
    topics: Callable[..., None],
    notifier_key: PrivateKey,
    tmp_path: Path,
) -> Iterator[subprocess.Popen[bytes]]:
    topics(REPORT_SUBMITTED, CONTENT, CONTACT, FOLLOW_UP, HEARTBEATS[ROUTING])
    told = {
        "KMZB_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "KMZB_NAMESPACE": settings.namespace,
        "KMZB_REDIS_URL": redis_url,
        "KMZB_LOG_LEVEL": "DEBUG",
        "KMZB_OBJECTS_URL": (tmp_path / "photos").as_uri(),
        "KMZB_INTAKE_URL": url,
        "KMZB_INTAKE_METRICS_URL": metrics_url,
        "KMZB_INTAKE_SECRET": SECRET,
        "KMZB_INTAKE_RECEIPT_SECRET": RECEIPT_SECRET,
        "KMZB_INTAKE_CONTACT_PUBLIC_KEY": base64.b64encode(bytes(notifier_key.public_key)).decode(),
    }
    with (tmp_path / "log").open("wb") as log:
        intake = subprocess.Popen(
            [sys.executable, "-m", "intake"], env={"PATH": os.environ["PATH"], **told}, stdout=log, stderr=log
        )
        try:
            yield intake
        finally:
            intake.kill()
            intake.wait()


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def test_a_report_over_http_and_a_clean_end(
    process: subprocess.Popen[bytes], url: str, metrics_url: str, tmp_path: Path
) -> None:
    eventually(lambda: ready(url), deadline=30)
    with httpx.Client(base_url=url, trust_env=False) as client:
        body = report(description=WORDS, contact={"email": EMAIL})
        answer = client.post("/v1/reports", content=body, headers={**JSON, "X-Forwarded-For": "198.51.100.77"})
        assert answer.status_code == 201
        for wrong in (b"{" + WORDS.encode(), report(category=WORDS), report(contact={"email": WORDS})):
            assert client.post("/v1/reports", content=wrong, headers=JSON).status_code in (400, 422)
        assert client.post("/v1/reports", content=b" " * 40_000, headers=JSON).status_code == 413
        assert client.post(answer.json()["links"]["support"]).status_code == 202
        metrics = client.get(f"{metrics_url}/metrics").text
    assert 'kmzb_intake_reports_total{outcome="accepted"} 1.0' in metrics
    assert "kmzb_intake_follow_ups_total" in metrics
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    left = (tmp_path / "log").read_text() + metrics
    assert [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()] == ["stopped"]
    for secret in (WORDS, EMAIL, "198.51.100.77", SECRET, RECEIPT_SECRET, answer.json()["receipt"]):
        assert secret not in left


def test_a_body_without_declared_length_is_cut_off_at_the_bound(process: subprocess.Popen[bytes], url: str) -> None:
    eventually(lambda: ready(url), deadline=30)
    assert process.poll() is None
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    pieces = (b" " * 1000 for _ in range(40))
    connection.request("POST", "/v1/reports", body=pieces, headers=JSON, encode_chunked=True)
    refused = connection.getresponse()
    assert refused.status == 413
    assert json.loads(refused.read())["errors"][0]["field"] == "body"
    # The connection goes on: what was too much of the last request is no part of the next.
    connection.request("POST", "/v1/reports", body=iter([report()]), headers=JSON, encode_chunked=True)
    assert connection.getresponse().status == 201
    connection.close()


@pytest.mark.long
def test_photos_of_any_size_cost_bounded_memory(process: subprocess.Popen[bytes], url: str) -> None:
    """50 MB each, told beforehand or not, beside photos as large as they may be and bombs: all at once."""
    eventually(lambda: ready(url), deadline=30)
    largest = pictures.telling() + bytes(8 * 1024**2 - 100_000)
    bodies = [largest, largest, pictures.bomb(), largest + bytes(42_000_000)] * 4
    before = resident_mib(process.pid)

    def send(number: int) -> int:
        body = bodies[number]
        content = body if number % 2 else (body[at : at + 65_536] for at in range(0, len(body), 65_536))
        from_another = httpx.HTTPTransport(local_address=f"127.0.1.{number + 1}")
        try:
            with httpx.Client(base_url=url, transport=from_another, timeout=60) as client:
                return client.post("/v1/photos", content=content, headers={"Content-Type": "image/jpeg"}).status_code
        except httpx.WriteError:  # cut off while it was still sending
            return 413

    with ThreadPoolExecutor(len(bodies)) as senders:
        statuses = list(senders.map(send, range(len(bodies))))
    most = resident_mib(process.pid, "VmHWM")
    print(f"{statuses}: {before} MiB before, {most} MiB at the most")
    assert set(statuses) <= {201, 413, 422, 503}
    assert {201, 413, 503} <= set(statuses)
    assert most - before < 100
    with httpx.Client(base_url=url, trust_env=False) as client:
        assert client.post("/v1/reports", content=report(), headers=JSON).status_code == 201


def resident_mib(pid: int, which: str = "VmRSS") -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(which))) // 1024
