"""Intake as a textbook would write it: FastAPI, a pydantic model, a limit in Redis, acks=all awaited.

    uvicorn bench.peers.textbook:create_app --factory

One event with everything in it is produced by confluent-kafka; a thread polls and hands each delivery report to the
event loop, which answers its request. The limit is the fixed window every guide shows: INCR and EXPIRE in a pipeline.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from confluent_kafka import KafkaError, Message, Producer
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from redis.asyncio import Redis

PER_HOUR = 5


class Contact(BaseModel):
    """How to reach the one who reports."""

    email: str = Field(pattern=r"^[^@]+@[^@]+\.[^@]+$", max_length=254)


class Report(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")

    category: str = Field(min_length=1, max_length=64)
    longitude: float = Field(ge=14.0, le=24.5)
    latitude: float = Field(ge=48.9, le=55.1)
    occurred_at: datetime | None = None
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(default=[], max_length=7)
    time_of_day: Literal["morning", "afternoon", "evening", "night"] | None = None
    description: str | None = Field(default=None, max_length=500)
    contact: Contact | None = None
    language: Literal["pl", "en"] = "pl"


class Submitted(Report):
    """What is written."""

    report_id: UUID
    submitted_at: datetime


class Receipt(BaseModel):
    """What is answered."""

    report_id: UUID
    submitted_at: datetime


async def within_limit(request: Request) -> None:
    """No more than so many reports an hour from one address. Raises HTTPException 429."""
    address = request.headers.get("x-forwarded-for", "")
    key = f"bench:{address}:{datetime.now(UTC):%Y%m%d%H}"
    async with request.app.state.redis.pipeline() as pipeline:
        count, _ = await pipeline.incr(key).expire(key, 3600).execute()
    if count > PER_HOUR:
        raise HTTPException(429, "too many reports")


def create_app() -> FastAPI:
    """The application, told by the environment where Kafka and Redis are."""
    topic = os.environ["BENCH_TOPIC"]
    app = FastAPI(lifespan=_lifespan)

    @app.post("/v1/reports", status_code=201, dependencies=[Depends(within_limit)])
    async def send_report(report: Report) -> Receipt:
        event = Submitted(**report.model_dump(), report_id=uuid4(), submitted_at=datetime.now(UTC))
        loop = asyncio.get_running_loop()
        delivered: asyncio.Future[None] = loop.create_future()

        def on_delivery(error: KafkaError | None, _: Message) -> None:
            if error is None:
                loop.call_soon_threadsafe(delivered.set_result, None)
            else:
                loop.call_soon_threadsafe(delivered.set_exception, HTTPException(503, str(error)))

        app.state.producer.produce(
            topic, key=str(event.report_id), value=event.model_dump_json(), on_delivery=on_delivery
        )
        await delivered
        return Receipt(report_id=event.report_id, submitted_at=event.submitted_at)

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.redis = Redis.from_url(os.environ["BENCH_REDIS_URL"], max_connections=512)
    app.state.producer = producer = Producer({"bootstrap.servers": os.environ["BENCH_BOOTSTRAP"], "acks": "all"})
    stop = threading.Event()

    def poll() -> None:
        while not stop.is_set():
            producer.poll(0.1)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join()
    producer.flush()
    await app.state.redis.aclose()
