"""Answers of any length, made while they are sent: a part at a time, in memory that does not grow with them."""

from collections.abc import Callable, Iterator

from anyio import CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

DOWNLOAD_SECONDS = 600.0


class Download(StreamingResponse):
    """A file whose parts a generator makes, in threads. The first is made at once: what fails then is a problem.

    What fails later breaks the connection off, so that half a file is never taken for a whole one. `ended` is called
    once, however it ended: then the generator has been closed, with whatever it held.
    """

    def __init__(
        self,
        parts: Iterator[str],
        *,
        name: str,
        media_type: str,
        ended: Callable[[], object],
        cache_control: str = "no-store",
    ) -> None:
        self._parts, self._ended = parts, ended
        try:
            first = next(parts, "")
        except BaseException:
            ended()
            raise
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": cache_control}
        super().__init__(self._all(first), headers=headers, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. The connection allows for more time than other answers have (`web.server`)."""
        scope.setdefault("state", {})["answer_seconds"] = DOWNLOAD_SECONDS
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):  # whoever was downloading may be gone
                await run_in_threadpool(self._close)

    def _all(self, first: str) -> Iterator[str]:
        yield first
        yield from self._parts

    def _close(self) -> None:
        try:
            close = getattr(self._parts, "close", None)
            if close:
                close()
        finally:
            self._ended()
