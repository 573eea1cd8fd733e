"""A flash, an NVS and the ring's own loader and updater in a real MicroPython, without its radio.

Each boot is a process; where its power is to be cut it is killed.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mynah.maker import bundle
from mynah.maker.update_key import UpdateKey
from mynah_boot.record import A, B, Record
from tests.micropython.interpreters import FIRMWARE_LIBRARY, MICROPYTHON
from tests.repo.sources import REPOSITORY

SCRIPTS = REPOSITORY / "tests" / "micropython" / "updates"
CHIP = REPOSITORY / "bridge" / "mynah" / "emulator" / "chip"
KEY = UpdateKey(bytes(range(32)))
BOARD = "bench"
ARCHITECTURE = "x64-6.3"
RESET, BITTEN = 10, -1
OLD, NEW, NEWER = 5, 6, 7
HEAP = "8m"  # the host is in there, with bundles beyond every limit
IGNORED = shutil.ignore_patterns(".*", "__pycache__")
PATIENCE_S = 20.0  # of the watchdog; a boot takes 0.1 s
FOLDERS = {0: "a", 1: "b"}


def slot(build: int, **changed: str) -> dict[str, bytes]:
    """The files of a small application, some of them several blocks long."""
    files = {
        "app.py": (SCRIPTS / "app.py").read_text("utf-8"),
        "lib/slot_build.py": f"BUILD = {build}\n",
        "boards/bench.py": '"""None."""\n',
        "lib/fillers/__init__.py": "\n",
        "lib/fillers/long.py": "# " + "long " * 1900 + f"\nOF = {build}\n",
        "lib/fillers/block.py": f"OF = {build}".ljust(4095, " ") + "\n",
    }
    files |= {name.replace("__", "/").replace("_py", ".py"): text for name, text in changed.items()}
    return {name: text.encode() for name, text in files.items() if text}


def bundled(build: int, key: UpdateKey = KEY, **changed: str) -> bundle.Bundle:
    return bundle.pack(build, bundle.SOURCE, [BOARD], slot(build, **changed), key)


@dataclass(frozen=True)
class Ran:
    """What came of one boot."""

    code: int
    output: str
    told: list[dict[str, object]] = field(default_factory=list)

    @property
    def bitten(self) -> bool:
        return self.code == BITTEN

    @property
    def booted(self) -> object:
        """The build that ran, None if none did."""
        return self.told[0].get("booted") if self.told else None

    def all(self, name: str) -> list[object]:
        return [each[name] for each in self.told if name in each]


class Rig:
    """One ring, whose slot `a` has the old build."""

    def __init__(self, folder: Path, build: int = OLD) -> None:
        self.patience_s = PATIENCE_S
        self._bitten = False
        self.flash = folder / "flash"
        self.nvs = folder / "nvs.json"
        self._bundles = folder / "bundles"
        self._bundles.mkdir(parents=True)
        self.flash.mkdir()
        self._library = folder / "library"  # a copy: what is edited meanwhile concerns no ring
        shutil.copytree(FIRMWARE_LIBRARY, self._library, ignore=IGNORED)
        shutil.copy(REPOSITORY / "firmware" / "main.py", self.flash)
        self.write_slot("a", slot(build))
        self.nvs.write_text(json.dumps({"mynah/update_key": KEY.public.hex()}), "utf-8")

    def write_slot(self, name: str, files: dict[str, bytes]) -> None:
        shutil.rmtree(self.flash / name, ignore_errors=True)
        for path, data in files.items():
            (self.flash / name / path).parent.mkdir(parents=True, exist_ok=True)
            (self.flash / name / path).write_bytes(data)

    def break_slots(self) -> None:
        """Neither has ever started well."""
        record = Record(broken=1 << A | 1 << B).encoded()
        self.nvs.write_text(json.dumps({"mynah_boot/slots": record}), "utf-8")

    def file(self, made: bundle.Bundle | bytes, name: str = "bundle") -> str:
        path = self._bundles / name
        path.write_bytes(made if isinstance(made, bytes) else made.data)
        return str(path)

    def boot(
        self,
        orders: dict[str, object] | None = None,
        cut: Iterable[object] = (),
        nvs_cut: tuple[int, int] = (0, 0),
    ) -> Ran:
        """`cut` is (change of the flash, thousandths of what was cached that stay)."""
        writes = [[number, "cut", much] for number, much in [tuple(cut)] if cut] if cut else []
        paths = (SCRIPTS / "chip", CHIP, self._library, ".frozen")
        process = subprocess.Popen(
            [MICROPYTHON, "-X", f"heapsize={HEAP}", self.flash / "main.py"],
            cwd=self.flash,
            env=os.environ
            | {
                "MICROPYPATH": ":".join(map(str, paths)),
                "MYNAH_NVS": str(self.nvs),
                "MYNAH_NVS_CUT": json.dumps(nvs_cut),
                "MYNAH_FLASH_FAULTS": json.dumps({"stall_ms": 0, "writes": writes}),
                "MYNAH_ORDERS": json.dumps(orders or {}),
                "MYNAH_RESET_CAUSE": "3" if self._bitten else "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            output, _ = process.communicate(timeout=self.patience_s)
            code = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            code = BITTEN
        self._bitten = code == BITTEN
        told = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        return Ran(code, output, told)

    def update(self, build: int, **how: object) -> Ran:
        """One boot in which a host updates it."""
        cut, nvs_cut = how.pop("cut", ()), how.pop("nvs_cut", (0, 0))
        orders = {"meet": True, "bundles": [[self.file(bundled(build)), build]], **how}
        return self.boot(orders, cut, nvs_cut)

    def starts(self, boots: int = 8) -> Ran:
        """It is reset until it stays up, or for so many boots."""
        for _ in range(boots):
            ran = self.boot({"meet": True})
            if ran.code not in (RESET, BITTEN):
                break
        return ran
