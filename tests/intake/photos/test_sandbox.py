"""The process that decodes: what it can't do, and what the worst photo costs."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from intake.photos.bounds import MAX_CLEAN, MEMORY
from PIL import Image
from support.intake import pictures

MIB = 1024**2
ATTEMPTS = {
    "read a file": "open('/etc/hostname')",
    "make a file": "open('evil', 'x')",
    "open a connection": "socket.socket()",
    "start a process": "os.posix_spawn('/bin/true', ['true'], {})",
    "fork": "os.fork()",
    "end another process": "os.kill(os.getppid(), 0)",
    "look at another process": "os.stat('/proc/1/environ')",
    "list a folder": "os.listdir('/')",
    "change a folder": "os.mkdir('evil')",
}
CONFINED = """
import os, resource, socket, sys
from intake.photos.confinement import confine
confine(memory={memory}, cpu_seconds={cpu}, written=1000)
try:
    {attempt}
except (PermissionError, MemoryError) as refused:
    os.write(1, type(refused).__name__.encode())
"""
MEASURED = """
import os, sys
argv = [sys.executable, "-I", "-m", "intake.photos.worker"]
_, status, used = os.wait4(os.posix_spawn(argv[0], argv, {}), 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss, used.ru_utime + used.ru_stime, file=sys.stderr)
"""


def confined(attempt: str, tmp_path: Path, memory: int = MEMORY, cpu: int = 10) -> subprocess.CompletedProcess[bytes]:
    program = CONFINED.format(attempt=attempt, memory=memory, cpu=cpu)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=tmp_path, timeout=30)


@pytest.mark.parametrize("what", ATTEMPTS)
def test_a_confined_process_can_not(what: str, tmp_path: Path) -> None:
    done = confined(ATTEMPTS[what], tmp_path)
    assert (done.stdout, list(tmp_path.iterdir())) == (b"PermissionError", []), done.stderr.decode()


def test_a_confined_process_takes_and_writes_only_so_much(tmp_path: Path) -> None:
    assert confined("bytearray(1 << 30)", tmp_path).stdout == b"MemoryError"
    assert confined("while True: pass", tmp_path, cpu=1).returncode < 0
    with (tmp_path / "out").open("wb") as out:
        program = CONFINED.format(attempt="while True: os.write(1, bytes(300))", memory=MEMORY, cpu=5)
        done = subprocess.run([sys.executable, "-c", program], stdout=out, stderr=subprocess.PIPE, timeout=30)
    assert done.returncode != 0
    assert (tmp_path / "out").stat().st_size <= 1000


WORST: dict[str, Callable[[], bytes]] = {
    "40 megapixels, transparent": lambda: pictures.encoded(Image.new("RGBA", (6320, 6320), (9, 9, 9, 9)), "PNG"),
    "40 megapixels of a palette": lambda: pictures.encoded(Image.new("P", (6320, 6320)), "PNG", transparency=0),
    "40 megapixels of sixteen bits": lambda: pictures.encoded(Image.new("I;16", (6320, 6320), 40_000), "PNG"),
    "40 megapixels of four inks": lambda: pictures.encoded(Image.new("CMYK", (6320, 6320)), quality=50),
    "40 megapixels, progressive": lambda: pictures.encoded(
        Image.new("RGB", (6320, 6320), "teal"), quality=30, progressive=True, subsampling=0
    ),
    "a bomb of 81 megapixels": pictures.bomb,
    "a bomb that would be 4 gigapixels": lambda: pictures.lying(65_500, 65_500),
}


@pytest.mark.long
@pytest.mark.parametrize("name", WORST)
def test_the_worst_photo_takes_bounded_memory(name: str, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(WORST[name]())
    with (tmp_path / "photo").open("rb") as photo, (tmp_path / "made").open("wb") as made:
        # What it took, its parent is told: of a small one, since a process begins with the peak of who forked it.
        measured = subprocess.run([sys.executable, "-c", MEASURED], stdin=photo, stdout=made, stderr=subprocess.PIPE)
    code, kilobytes, seconds = map(float, measured.stderr.split())
    said = (tmp_path / "made").read_bytes()
    print(f"{name}: {kilobytes / 1024:.0f} MiB, {seconds:.1f} s, {len(said)} bytes")
    assert code == 0
    assert kilobytes * 1024 < MEMORY
    assert len(said) < MAX_CLEAN
    if "bomb" in name:
        assert said == b'{"refused": "pixels"}\n'
        assert kilobytes * 1024 < 64 * MIB
    else:
        pictures.assert_clean(said.partition(b"\n")[2])
