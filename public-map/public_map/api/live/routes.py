"""The route of live changes: a stream for each reader, which holds nothing but where its reader is."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from web.problems import Problem

from public_map.api.queries import box_of
from public_map.domain.queries import BoundingBox
from public_map.domain.reading.recent import Position, position_text, read_position
from public_map.live import READERS, LiveReports

# The server cuts an answer off after 60 s, however it is read; a reader comes again by itself, and misses nothing.
LASTS_SECONDS = 45.0
HEARTBEAT_SECONDS = 10.0
_AGAIN_MILLISECONDS = 500
_AT_ONCE = 200


def live_routes(live: LiveReports, most_readers: int) -> APIRouter:
    """The route, for so many readers at a time."""
    routes = APIRouter(tags=["map"])

    @routes.get(
        "/v1/live",
        summary="What changes on the map, as it happens: events `report`, `removed`, `reload`",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}, 503: {"description": "too many follow; ask again"}},
    )
    async def changes(
        bbox: Annotated[str | None, Query(description="west,south,east,north: only what lies in it")] = None,
        last_event_id: Annotated[str | None, Header(description="the id of the last event that was read")] = None,
    ) -> StreamingResponse:
        """`report` brings a report as on the topic, `removed` the `report_id` of one that is not (or no longer) in the
        box, `reload` says that too much happened since `Last-Event-ID`: load the map anew. A stream ends after some 45
        seconds; an EventSource goes on by itself.
        """
        box = box_of(bbox) if bbox is not None else None
        if not live.ready or live.ended or live.readers >= most_readers:
            detail = "Live changes can't be followed at the moment. Ask for the reports from time to time instead."
            raise Problem(503, "Not at the moment", detail, {"Retry-After": "10"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events(live, box, last_event_id), media_type="text/event-stream", headers=headers)

    return routes


async def events(live: LiveReports, box: BoundingBox | None, last_event_id: str | None) -> AsyncIterator[bytes]:
    """The text of a stream, until its time is over, its reader is too slow, or the process ends."""
    live.readers += 1
    READERS.inc()
    try:
        yield f"retry: {_AGAIN_MILLISECONDS}\n\n".encode()
        position = read_position(last_event_id, live.partitions) if last_event_id else None
        entered = live.enter(position) if position or not last_event_id else None
        if entered is None:
            entered = live.enter(None)
            assert entered
            yield frame("reload", b"{}", entered[1])
        else:
            yield frame(None, b"", entered[1])
        async for text in _changes(live, box, *entered):
            yield text
    finally:
        live.readers -= 1
        READERS.dec()


async def _changes(live: LiveReports, box: BoundingBox | None, number: int, position: Position) -> AsyncIterator[bytes]:
    ends_at = monotonic() + LASTS_SECONDS
    while not live.ended and (left := ends_at - monotonic()) > 0:
        if not await live.wait(number, min(HEARTBEAT_SECONDS, left)):
            yield frame(None, b"", position)
            continue
        found = live.after(number, position, _AT_ONCE)
        if found is None:  # whoever reads so slowly comes again, and is told to load the map anew
            return
        text = []
        for change, behind in found:
            number, position = number + 1, behind
            if event := change.event(box):
                text.append(frame(*event, position))
        if text:
            yield b"".join(text)


def frame(event: str | None, data: bytes, position: Position) -> bytes:
    """One event; without a name only where its reader is, which also keeps the connection open."""
    at = f"id: {position_text(position)}\n"
    return f"{at}\n".encode() if event is None else f"{at}event: {event}\ndata: ".encode() + data + b"\n\n"
