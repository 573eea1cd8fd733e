"""What the firmware takes of each board: flash by its compiled size, RAM by the emulator's heap.

    python -m tests.hardware.budget

No figure here was measured on hardware; each says what it is from. The RAM was compared with what a
MicroPython 1.29 took that was built for 32 bits and run in the place of the emulator's, less the
stand-ins, in conversation: 187 KiB as files and 73 frozen into it for tap_only, 226 and 105 for
xiao_esp32c3, 242 and 113 for xiao_esp32c6. Given 140 KiB of heap in all, of which the stand-ins
took 25, a frozen xiao_esp32c3 still conversed, and a piece of 2 KiB was free.
"""

import asyncio
import runpy
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mynah.emulator.uri import boards
from mynah.firmware import firmware_folder
from mynah.maker.boards import ARCHITECTURES
from mynah.maker.compiled import application, compile_file
from mynah_device.held import LIMIT
from mynah_device.memory import AUDIO_PLAINTEXT_BYTES
from mynah_device.playback import SLOT_BYTES
from tests.end_to_end.conversing import murmur, talking
from tests.hardware.heap import KIB, Heap, firmware, heap_of, stand_ins

SLOTS: Final = 2
"""Of the application: the one that runs and the one that an update goes to."""

FILES_KIB: Final = {"esp32s3": 6000, "esp32c3": 2000, "esp32c6": 2000}
"""What MicroPython's image leaves for files on the smallest of our boards with that chip, of 8 MB
and of 4 MB of flash."""

ON_CHIP: Final = 0.7
"""Of a byte of heap here, on 32 bits: pointers halve, code does not. But for the buffers."""

CODE: Final = 0.77
"""Of a byte of a .mpy file that is code in the heap, and stays in flash if it is frozen; the rest
are names, and what runs once."""

UTTERANCE_KIB: Final = 0.2
LOG_KIB: Final = 3
"""What grows later: 208 bytes for each utterance that waits, 3,136 for a log that is full."""

HEAP_ON_CHIP_KIB: Final = {"esp32s3": 8000, "esp32c3": 125, "esp32c6": None}
"""S3: the PSRAM. C3: 64 + 139 kB less 11 in use (micropython #14293, 1.22.2), less 65 for NimBLE,
from memory; of the second figure it is known only that so much is free in one piece. What there is
in smaller ones must do for I2S: 8 pieces of 2 KiB. C6: nobody has told; its chip has 512 kB where a
C3 has 400."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one board."""

    board: str
    chip: str
    compiled_kib: float
    loaded_kib: float
    """Of that, what this board's parts import."""
    said_kib: float
    """What is said may take so much of the flash."""
    buffers_kib: float
    """For speech: as large here as there."""
    grows_kib: float
    """What is held may come to so much more."""
    booted: Heap
    conversing: Heap
    """Both without what the emulator's stand-ins take."""

    @property
    def files_kib(self) -> float:
        """What lies in the flash when it is full."""
        return SLOTS * self.compiled_kib + self.said_kib

    @property
    def on_chip_kib(self) -> float:
        """RAM, with the application as files."""
        return (self.conversing.used_kib - self.buffers_kib) * ON_CHIP + self.buffers_kib

    @property
    def frozen_kib(self) -> float:
        """RAM, with the application frozen into the image: code and names stay in the flash."""
        return self.on_chip_kib - self.conversing.names_kib * ON_CHIP - self.loaded_kib * CODE

    @property
    def most_kib(self) -> float:
        """The same, when as much waits as may."""
        return self.frozen_kib + self.grows_kib

    def row(self) -> str:
        """In the table."""
        has = HEAP_ON_CHIP_KIB[self.chip]
        figures = (
            self.compiled_kib,
            self.files_kib,
            FILES_KIB[self.chip],
            self.conversing.used_kib,
            self.on_chip_kib,
            self.frozen_kib,
            self.most_kib,
        )
        told = " | ".join(f"{figure:.0f}" for figure in figures)
        return f"| {self.board} | {told} | {'' if has is None else has} |"


HEAD: Final = (
    "KiB",
    "compiled",
    "two slots and what is said",
    "room for files",
    "heap in the emulator, in conversation",
    "RAM on the chip (est.)",
    "with the code frozen (est.)",
    "and all that may wait (est.)",
    "RAM there is (est.)",
)


def compiled_kib(architecture: str) -> dict[str, float]:
    """What goes into a slot, as mpy-cross makes it: by module."""
    return {
        ".".join(place.with_suffix("").parts).removeprefix("lib."): len(
            compile_file(path, place, architecture)
        )
        / KIB
        for place, path in application().items()
    }


def constants_of(board: str) -> dict[str, object]:
    """What its file says."""
    return runpy.run_path(str(firmware_folder() / "boards" / f"{board}.py"))


async def measured(board: str) -> Budget:
    """Boots it, and talks to it."""
    constants = constants_of(board)
    link = f"emulator:?board={board}"
    with firmware() as folder:
        async with talking("words", link=link, firmware=folder) as them:
            booted = await heap_of(them.ring)
            if _hears(constants):
                await them.say(murmur(0.5))
            conversing = await heap_of(them.ring)
    chip = str(constants["CHIP"])
    compiled = compiled_kib(ARCHITECTURES[chip])
    theirs = await stand_ins(board, constants)
    utterances = _number(constants, "UTTERANCES", LIMIT) if _hears(constants) else 0
    return Budget(
        board,
        chip,
        sum(compiled.values()),
        sum(kib for module, kib in compiled.items() if module in conversing.modules),
        _number(constants, "FLASH_BYTES") / KIB,
        _buffers_kib(constants),
        LOG_KIB + utterances * UTTERANCE_KIB,
        booted.without(theirs),
        conversing.without(theirs),
    )


def _hears(constants: Mapping[str, object]) -> bool:
    return "MICROPHONE_SD" in constants


def _buffers_kib(constants: Mapping[str, object]) -> float:
    said = _number(constants, "MEMORY_FRAMES") * AUDIO_PLAINTEXT_BYTES
    return (said + _number(constants, "REPLY_FRAMES") * SLOT_BYTES) / KIB


def _number(constants: Mapping[str, object], name: str, otherwise: int = 0) -> int:
    return int(str(constants.get(name, otherwise)))


def table() -> str:
    """Of all boards."""
    rows = [asyncio.run(measured(board)).row() for board in boards()]
    return "\n".join([f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", *rows])


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
