"""The wheel holds everything a user needs; the pins hold everything that is installed."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.repo.sources import REPOSITORY, files

FIRMWARE = Path("firmware")
REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)==\S+")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(REPOSITORY)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheels_firmware_is_the_repositorys_byte_for_byte(wheel):
    ours = {
        path.relative_to(FIRMWARE): (REPOSITORY / path).read_bytes()
        for path in files()
        if path.is_relative_to(FIRMWARE)
    }
    packed = wheel / "mynah" / "_firmware"
    shipped = {
        path.relative_to(packed): path.read_bytes() for path in packed.rglob("*") if path.is_file()
    }

    assert Path("main.py") in ours
    assert shipped == ours


@pytest.mark.parametrize("package", ["mynah_wire", "mynah_device"])
def test_the_host_imports_the_same_shared_package_that_is_flashed(wheel, package):
    imported = {path.name: path.read_bytes() for path in (wheel / package).glob("*.py")}
    flashed = wheel / "mynah" / "_firmware" / "lib" / package

    assert imported == {path.name: path.read_bytes() for path in flashed.glob("*.py")}


def test_an_installed_wheel_finds_its_own_firmware_from_any_folder(wheel, tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "from mynah.firmware import firmware_folder\n"
        "print(firmware_folder())"
    )
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)

    assert Path(ran.stdout.strip()) == wheel / "mynah" / "_firmware"


def pins() -> dict[str, list[str]]:
    """Each pinned name with its hashes; a line that is neither fails the test that reads it."""
    pinned: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if named := REQUIREMENT.match(line):
            current = pinned.setdefault(named[1], [])
        elif HASH.match(line):
            current.append(line.strip())
        else:
            raise AssertionError(f"neither a requirement nor a hash: {line!r}")
    return pinned


def test_every_pin_has_a_hash_and_no_line_names_an_index():
    assert [name for name, hashes in pins().items() if not hashes] == []


def test_every_direct_dependency_is_pinned():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = [name for extra in project["optional-dependencies"].values() for name in extra]
    wanted = {re.split(r"[ ;<>=\[]", name)[0] for name in project["dependencies"] + optional}

    assert wanted - set(pins()) == set()
