"""`mynah_wire ← mynah_device ← mynah_parts`; `mynah_wire ← mynah`; arrows never turn round."""

from pathlib import Path

from tests.repo.sources import parse, python_files, top_level_imports

LIBRARY = "firmware/lib"
CHIP = "bridge/mynah/emulator/chip"
SCRIPTS = ("firmware/main.py", "firmware/app.py")
# What a chip provides, and only the parts may touch.
CHIP_MODULES = {"bluetooth", "esp32", "machine", "neopixel", "network"}


def importers(modules: set[str], *folders: str) -> list[str]:
    """The files under these folders that import one of these modules."""
    return [
        path.as_posix()
        for path in python_files(*folders)
        if top_level_imports(parse(path)) & modules
    ]


def outside(paths: list[str], *allowed: str) -> list[str]:
    return [
        path for path in paths if not any(Path(path).is_relative_to(place) for place in allowed)
    ]


def test_the_protocol_knows_nothing_of_the_ring_or_of_the_bridge():
    assert importers({"mynah_device", "mynah_parts", "mynah"}, f"{LIBRARY}/mynah_wire") == []


def test_the_rings_logic_knows_nothing_of_metal_or_of_the_bridge():
    assert importers({"mynah_parts", "mynah"}, f"{LIBRARY}/mynah_device") == []


def test_the_loader_needs_nothing_that_an_update_replaces():
    replaced = {"app", "boards", "mynah_wire", "mynah_device", "mynah_parts", "mynah"}
    started = importers({"app"}, "firmware")

    assert importers(replaced, f"{LIBRARY}/mynah_boot") == []
    assert importers(replaced - {"app"}, "firmware/main.py") == []
    assert started == ["firmware/main.py"]


def test_nothing_in_the_firmware_imports_the_bridge():
    assert importers({"mynah"}, "firmware") == []


def test_the_app_alone_imports_the_parts():
    found = importers({"mynah_parts"}, "firmware", "bridge")

    assert outside(found, "firmware/app.py", f"{LIBRARY}/mynah_parts") == []


def test_the_parts_alone_touch_metal():
    found = importers(CHIP_MODULES, "firmware", "bridge")

    assert outside(found, *SCRIPTS, f"{LIBRARY}/mynah_parts", CHIP) == []


def test_one_file_of_ours_imports_piper():
    assert len(importers({"piper"}, "bridge", "firmware")) <= 1


def test_nothing_of_ours_imports_esptool():
    assert importers({"esptool"}, "bridge", "firmware", "tests") == []


def test_an_importer_is_found():
    assert importers({"ast"}, "tests/repo/sources.py") == ["tests/repo/sources.py"]
