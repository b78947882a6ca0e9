"""Which tests of a run with several workers stay with one of them."""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("journeys/secured", "journeys", "operations", "deploy")
"""Folders whose tests share a running system, or must not bring up two of one name at the same time."""


def room_of(nodeid: str) -> str:
    """The folder that stays together, or else the file, of a test: `tests/journeys/test_faults.py::test_a` gives
    `journeys`."""
    file = nodeid.partition("::")[0].removeprefix("tests/")
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


class RoomScheduling(LoadScopeScheduling):
    """Sends the tests of one room to one worker. `loadgroup`, which groups by a mark, does nothing under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        return room_of(nodeid)
