"""What is flashed, frozen and installed by mip is all of the firmware and nothing else."""

import asyncio
import json
from pathlib import PurePosixPath

import pytest

from mynah.maker import deploy
from mynah.maker.boards import ARCHITECTURES, boards
from mynah.maker.compiled import LOADER, SLOT, TRUSTED, write_tree
from mynah.maker.tool import run
from mynah_boot.boot import FOLDERS, PART
from mynah_boot.record import A
from tests.maker.bench import files_on, sha256, with_micropython
from tests.maker.shipping import PACKAGE, package
from tests.repo.sources import REPOSITORY, python_files

FIRMWARE = REPOSITORY / "firmware"
# What no board needs: it says what goes into an image.
NOT_FLASHED = {"manifest.py"}


def sources():
    found = {path.relative_to("firmware").as_posix() for path in python_files("firmware")}
    return found - NOT_FLASHED


def test_every_source_is_flashed_compiled_and_the_loader_last(tmp_path):
    places = write_tree(tmp_path, "xtensawin")
    back = {
        str(place.relative_to(SLOT)) if place.parts[0] == str(SLOT) else str(place)
        for place in (place.with_suffix(".py") for place in places)
    }

    assert {f"lib/{name}" if name.startswith(TRUSTED) else name for name in back} == sources()
    assert places[-1] == LOADER
    assert {place.suffix for place in places[:-1]} == {".mpy"}


def test_the_loader_and_the_flasher_mean_the_same_slot_and_mark():
    assert (str(SLOT), deploy.PART) == (FOLDERS[A], PART)


@pytest.mark.parametrize(
    ("machine", "chip"),
    [
        ("Seeed XIAO ESP32C3 with ESP32C3", "esp32c3"),
        ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "esp32s3"),
        ("Generic ESP32 module with ESP32", "esp32"),
        ("linux [GCC 14.2.1] version", ""),
    ],
)
def test_micropython_tells_its_chip(machine, chip):
    assert deploy.chip_of(machine) == chip


def test_two_builds_of_one_source_are_the_same_bytes_wherever_they_are_made(tmp_path):
    for name in ("one", "a/longer/path/two"):
        write_tree(tmp_path / name, "rv32imc")
    one, two = tmp_path / "one", tmp_path / "a/longer/path/two"

    assert [sha256(path) for path in sorted(one.rglob("*.mpy"))] == [
        sha256(path) for path in sorted(two.rglob("*.mpy"))
    ]


def test_every_board_has_a_chip_an_image_and_a_build():
    assert boards()
    for board in boards().values():
        assert board.chip in ARCHITECTURES
        assert board.image
        assert board.build
        assert board.download.startswith("https://micropython.org/download/")


def frozen():
    """The files that MicroPython's build takes by our manifest."""
    found = set()

    def package(name, base_path="."):
        folder = FIRMWARE / base_path / name
        files = {path.relative_to(FIRMWARE).as_posix() for path in folder.rglob("*.py")}
        assert files, f"nothing in {folder}"
        found.update(files)

    def module(name):
        assert (FIRMWARE / name).is_file()
        found.add(name)

    source = (FIRMWARE / "manifest.py").read_text(encoding="utf-8")
    exec(compile(source, "manifest.py", "exec"), {"package": package, "module": module})
    return found


def test_a_frozen_image_holds_all_of_it():
    assert frozen() == sources()


def test_mips_package_is_the_tree():
    assert {source for _, source in json.loads(package())["urls"]} == sources()


async def test_mip_installs_it_on_a_board(tmp_path):
    async with asyncio.timeout(60), with_micropython(tmp_path) as board:
        options = ("connect", board.port, "resume", "mip", "install", "--target", "/")
        ran = await run("mpremote", *options, str(REPOSITORY / PACKAGE), silence_s=20)

        assert ran.code == 0, ran.text
        there = {PurePosixPath(name): digest for name, digest in files_on(board).items()}
        assert there == {PurePosixPath(name): sha256(FIRMWARE / name) for name in sources()}
