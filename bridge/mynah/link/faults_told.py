"""What a ring says is wrong with it, in a line for a person; kept for `mynah doctor`."""

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from mynah.errors import printable
from mynah_wire.making import (
    ABSENT,
    BROKEN,
    FOREIGN,
    FULL,
    GARBLED,
    LOW,
    SAFE,
    SILENT,
    STARVED,
    STUCK,
    Fault,
)
from mynah_wire.uplink import Ready

_logger = logging.getLogger(__name__)

FILE: Final = "faults.json"
FOLDER_MODE: Final = 0o700

# What it is, and what a person can do. The ring names the part, and what it found there.
_WORDS: Final = {
    ABSENT: ("does not answer", "check its wires and joints (hardware/README.md)"),
    FOREIGN: ("is not what the board's file names", "name the board anew with mynah flash"),
    STUCK: ("is stuck", "free it, then switch the ring off and on"),
    SILENT: ("gives nothing", "check its wires and joints, then run mynah selftest"),
    GARBLED: ("gives nonsense", "check its wires and its power, then run mynah selftest"),
    STARVED: ("stood still, and the ring started anew", "if it comes again, run mynah logs"),
    SAFE: ("runs without its parts", "it tries them again in a minute; mynah logs says why"),
    FULL: ("has no room left", "stay in reach until the computer has fetched what was said"),
    LOW: ("is empty", "charge it"),
    BROKEN: ("failed, and is started again", "if it comes again, run mynah logs"),
}
_UNKNOWN: Final = ("has trouble of a newer kind", "update this bridge")


def line_of(fault: int, text: str) -> str:
    """What a person is told."""
    what, step = _WORDS.get(fault, _UNKNOWN)
    part, _, found = (word.strip() for word in printable(text).partition(":"))
    return f"the ring's {part or 'hardware'} {what}{f' ({found})' if found else ''}: {step}"


class FaultsTold:
    """By ring; a disk that refuses costs what doctor says, no more."""

    def __init__(self, data_folder: Path | None = None) -> None:
        """Without a folder nothing is kept."""
        self._path = None if data_folder is None else data_folder / "last" / FILE
        self._said: set[tuple[bytes, int, int, bytes]] = set()  # in this run

    def read(self, rings: Iterable[str]) -> list[tuple[str, str]]:
        """What these rings said when they were last here, each as (device id, line)."""
        kept = self._kept()
        return [(ring, line_of(*fault)) for ring in rings for fault in kept.get(ring, ())]

    def met(self, ready: Ready) -> None:
        """The ring is here, and says anew what is wrong with it."""
        kept = self._kept()
        if kept.pop(ready.device_id.hex(), None):
            self._write(kept)

    def take(self, ready: Ready | None, fault: Fault, tell: Callable[[str], None]) -> None:
        """The ring said this; the person is told once, until it starts anew."""
        if ready is None:
            return
        kept, text = self._kept(), fault.text.decode(errors="replace")
        kept.setdefault(ready.device_id.hex(), []).append((fault.fault, text))
        self._write(kept)
        name = (ready.device_id, ready.boot_id, fault.fault, fault.text)
        if name not in self._said:
            self._said.add(name)
            tell(line_of(fault.fault, text))

    def _kept(self) -> dict[str, list[tuple[int, str]]]:
        if self._path is None:
            return {}
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return {
                str(ring): [(int(fault), str(text)) for fault, text in faults]
                for ring, faults in kept.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _write(self, kept: dict[str, list[tuple[int, str]]]) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            self._path.write_text(json.dumps(kept), "utf-8")
        except OSError as error:
            _logger.warning("the ring's faults were not kept: %s", error)
