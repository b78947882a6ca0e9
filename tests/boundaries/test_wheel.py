"""The package as it is installed elsewhere: its data comes with it, and no repository stands behind it."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("services/contracts", "services/chassis", "boundaries")
PROGRAM = """
import boundaries
from boundaries.areas import places, units
from boundaries.seed import default_districts

print(boundaries.__file__)
print(sum(len(default_districts(garrison, "2026-11-23T12.00.00Z-aaaa")) for garrison in units.garrisons()))
print(len(places.list_places()))
"""


def test_an_installed_wheel_has_the_default_districts(tmp_path: Path) -> None:
    uv = [str(Path(sys.executable).with_name("uv")), "--quiet", "--offline"]
    wheels, installed = tmp_path / "wheels", tmp_path / "installed"
    for package in PACKAGES:
        build = [*uv, "build", "--wheel", "--no-build-isolation", "--out-dir", str(wheels), str(REPOSITORY / package)]
        subprocess.run(build, check=True)
    found = [str(wheel) for wheel in wheels.glob("*.whl")]
    assert len(found) == len(PACKAGES)
    subprocess.run([*uv, "pip", "install", "--no-deps", "--target", str(installed), *found], check=True)
    # Libraries from here, but without the .pth files by which the repository itself is installed.
    path = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    python = [str(Path(sys.base_prefix) / "bin" / "python3"), "-S", "-c", PROGRAM]
    done = subprocess.run(python, env={"PYTHONPATH": path}, cwd=tmp_path, check=True, capture_output=True, text=True)
    where, districts, places = done.stdout.split()
    assert Path(where).is_relative_to(installed)
    assert int(districts) == 17 + 343 + 2476 + 18  # garrisons, units, gminas without Warsaw, Warsaw's districts
    assert int(places) > 43_000
