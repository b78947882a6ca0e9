"""Static files: one address for all of them together, which changes when any of them does, so that they are kept.

One hash for the whole folder, and not one for each file: modules import each other by relative paths.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from web.design.ranges import Unsatisfiable, satisfiable_ranges
from web.problems import Problem

_KEPT = "public, max-age=31536000, immutable"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".geojson": "application/geo+json",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".pmtiles": "application/vnd.pmtiles",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_COMPRESSED = frozenset({".css", ".geojson", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest"})


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file, or several that are served as one. `digest` is of what they held at the start."""

    paths: tuple[Path, ...]
    digest: str

    @property
    def suffix(self) -> str:
        return self.paths[0].suffix

    @property
    def media_type(self) -> str:
        name = self.paths[0].name
        return _TYPES.get(self.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"

    def read(self) -> bytes:
        """What it holds now."""
        return b"".join(path.read_bytes() for path in self.paths)

    def changed(self) -> tuple[int, ...]:
        """When each was last written to."""
        return tuple(path.stat().st_mtime_ns for path in self.paths)


class StaticFiles:
    """Folders by the prefix of their files' addresses, as an ASGI application. `digest` names all that they hold.

    `joined` files are made of others, one after the other, which then have no address of their own: on a slow
    connection five questions take longer than five times the bytes.
    """

    def __init__(self, folders: Mapping[str, Path], joined: Mapping[str, Sequence[str]] | None = None) -> None:
        self._files = {
            f"{prefix}{path.relative_to(folder).as_posix()}": StaticFile((path,), _digest(path))
            for prefix, folder in folders.items()
            if folder.is_dir()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for name, parts in (joined or {}).items():
            files = [self._files.pop(part) for part in parts]
            paths = tuple(path for file in files for path in file.paths)
            self._files[name] = StaticFile(paths, _digest(*paths))
        named = "\n".join(f"{name} {file.digest}" for name, file in sorted(self._files.items()))
        self.digest = hashlib.sha256(named.encode()).hexdigest()[:16]

    def address(self, name: str) -> str:
        """A file's path below where the application is mounted. Raises LookupError: a page names what is not there."""
        if name not in self._files:
            raise LookupError(f"there is no static file {name!r}")
        return f"/{self.digest}/{name}"

    def names(self) -> list[str]:
        """All files, in order."""
        return sorted(self._files)

    def text(self, name: str) -> str:
        """What a file says. Raises LookupError."""
        if name not in self._files:
            raise LookupError(f"there is no static file {name!r}")
        return self._files[name].read().decode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file, or with a problem."""
        try:
            answer = await self._answer(scope)
        except Problem as problem:
            answer = problem.response()
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        """The file; under the address of another release, as it is now and not to be kept."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        digest, _, name = path.removeprefix("/").partition("/")
        file = self._files.get(name)  # nothing but what was there at the start, whatever the path climbs to
        if file is None:
            raise Problem(404, "Not Found", "There is no such file.")
        if scope["method"] not in ("GET", "HEAD"):
            raise Problem(405, "Method Not Allowed", "There is GET, HEAD here.", {"Allow": "GET, HEAD"})
        kept = {"Cache-Control": _KEPT if digest == self.digest else "no-cache", "X-Content-Type-Options": "nosniff"}
        return await _whole_or_part(scope, file, kept)


async def _whole_or_part(scope: Scope, file: StaticFile, kept: Mapping[str, str]) -> Response:
    asked, headers = Headers(scope=scope), dict(kept)
    if file.suffix in _COMPRESSED:
        headers["Vary"] = "Accept-Encoding"
        if "range" not in asked and "gzip" in asked.get("accept-encoding", ""):
            content = await run_in_threadpool(_gzipped, file, file.changed())
            headers |= {"Content-Encoding": "gzip", "ETag": f'"{file.digest}-gzip"'}
            return Response(content, headers=headers, media_type=file.media_type)
    if len(file.paths) == 1:
        return file_response(scope, file.paths[0], file.media_type, f'"{file.digest}"', headers)
    headers["ETag"] = f'"{file.digest}"'  # whole, whatever part of it is asked for, as RFC 9110 (14.2) allows
    return Response(await run_in_threadpool(file.read), headers=headers, media_type=file.media_type)


def file_response(scope: Scope, path: Path, media_type: str, etag: str, headers: Mapping[str, str]) -> Response:
    """A file of any size with its ranges (RFC 9110, 14); `etag` in quotes. Raises Problem 416."""
    response = FileResponse(path, headers={**headers, "ETag": etag}, media_type=media_type)
    header = Headers(scope=scope).get("range")
    if header is None:
        return response
    try:
        ranges = satisfiable_ranges(header, path.stat().st_size) if scope["method"] == "GET" else []
    except Unsatisfiable:
        if (condition := Headers(scope=scope).get("if-range")) is None or condition == etag:
            size = {"Content-Range": f"bytes */{path.stat().st_size}"}
            raise Problem(416, "Range Not Satisfiable", "The file has fewer bytes.", size) from None
        ranges = []
    others = [(name, value) for name, value in scope["headers"] if name != b"range"]
    asked = ",".join(f"{first}-{last}" for first, last in ranges)
    scope["headers"] = [*others, (b"range", f"bytes={asked}".encode())] if ranges else others
    return response


@lru_cache(maxsize=256)
def _gzipped(file: StaticFile, _changed: tuple[int, ...]) -> bytes:
    return gzip.compress(file.read(), 9, mtime=0)


def _digest(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]
