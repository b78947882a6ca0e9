"""Has a photo made anew by a process of its own that can do nothing else, and is believed no more than the photo."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass

import structlog
from starlette.concurrency import run_in_threadpool

from intake.photos.bounds import CPU_SECONDS, MAX_CLEAN, UNCONFINED

log = structlog.get_logger()
AT_ONCE = 2
"""Processes that decode side by side: each may take 512 MiB and a processor."""
_ARGV = (sys.executable, "-I", "-m", "intake.photos.worker")
_WALL_SECONDS = 2.0 * CPU_SECONDS
_LONGEST_LINE = 500


class Undecodable(Exception):
    """The photo is broken off or broken, or took too much to be decoded."""


class TooManyPixels(Exception):
    """The photo is larger than any we decode."""


class NotConfined(Exception):
    """Here no process can be confined, so no photo is decoded."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without anything else, as a JPEG. `taken_at`: longitude and latitude, where the photo said so."""

    jpeg: bytes
    width: int
    height: int
    taken_at: tuple[float, float] | None


class Sandbox:
    """So many photos at once; others wait. Belongs to one event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)

    async def picture(self, photo: bytes) -> Picture:
        """What a photo shows. Raises Undecodable, TooManyPixels, NotConfined."""
        async with self._free:
            return await run_in_threadpool(_picture, photo)


def _picture(photo: bytes) -> Picture:
    # Files in memory, not pipes: a process that writes and writes reaches its limit, not ours.
    given, made = os.memfd_create("photo"), os.memfd_create("picture")
    try:
        with os.fdopen(os.dup(given), "wb") as file:
            file.write(photo)
        os.lseek(given, 0, os.SEEK_SET)
        code = _run(given, made)
        if code == UNCONFINED:
            log.error("photos can't be decoded: no process can be confined here")
            raise NotConfined
        if code != 0:
            raise Undecodable(f"the worker ended with {code}")
        return _read(os.pread(made, MAX_CLEAN, 0))
    finally:
        os.close(given)
        os.close(made)


def _run(given: int, made: int) -> int:
    """The exit code of a worker; what it could say about a stranger's photo is nothing for our logs."""
    with subprocess.Popen(_ARGV, stdin=given, stdout=made, stderr=subprocess.DEVNULL, env={}, cwd="/") as worker:
        try:
            return worker.wait(_WALL_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
            return worker.wait()


def _read(written: bytes) -> Picture:
    line, _, jpeg = written.partition(b"\n")
    try:
        said = json.loads(line[:_LONGEST_LINE])
        if said.get("refused") == "pixels":
            raise TooManyPixels
        place = said["taken_at"]
        taken_at = None if place is None else (float(place[0]), float(place[1]))
        picture = Picture(jpeg, int(said["width"]), int(said["height"]), taken_at)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as odd:
        raise Undecodable("the worker said something odd") from odd
    if not jpeg.startswith(b"\xff\xd8\xff"):
        raise Undecodable("the worker made no JPEG")
    return picture
