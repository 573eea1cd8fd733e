"""What the firmware takes of each board: flash by its compiled size, RAM by the emulator's heap.

    python -m tests.hardware.budget

No figure here was measured on hardware; each column says what it is from.
"""

import asyncio
import runpy
import sys
from dataclasses import dataclass
from typing import Final

from mynah.emulator.chip import _topics as topics
from mynah.emulator.trace import Event
from mynah.emulator.uri import boards
from mynah.firmware import firmware_folder
from mynah.maker.boards import ARCHITECTURES
from mynah.maker.compiled import application, compile_file
from tests.end_to_end.conversing import Talking, murmur, talking

KIB: Final = 1024
SLOTS: Final = 2
"""Of the application: the one that runs and the one that an update goes to."""

FILES_KIB: Final = {"esp32s3": 6000, "esp32c3": 2000, "esp32c6": 2000}
"""What MicroPython's image leaves for files on the smallest of our boards with that chip, of 8 MB
and of 4 MB of flash."""

STAND_INS_KIB: Final = 77
"""Of the emulator's heap: its own modules for a chip, by importing them alone."""

ON_CHIP: Final = 0.81
"""Of a byte here, on 32 bits: 87 of these modules took 274 kB of heap in this MicroPython, and 221
in the one for WebAssembly 1.27, whose words are a chip's. Buffers don't shrink, objects halve."""

HEAP_ON_CHIP_KIB: Final = {"esp32s3": 8000, "esp32c3": 125, "esp32c6": None}
"""S3: the PSRAM. C3: 64 + 139 kB less 11 in use (micropython #14293, 1.22.2), less 65 for NimBLE,
from memory. C6: nobody has told."""


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
    booted_kib: float
    conversing_kib: float

    @property
    def files_kib(self) -> float:
        """What lies in the flash when it is full."""
        return SLOTS * self.compiled_kib + self.said_kib

    @property
    def on_chip_kib(self) -> float:
        """RAM, with the application as files."""
        return (max(self.booted_kib, self.conversing_kib) - STAND_INS_KIB) * ON_CHIP

    @property
    def frozen_kib(self) -> float:
        """RAM at most, with the application frozen into the image: its code stays in the flash."""
        return self.on_chip_kib - self.loaded_kib

    def row(self) -> str:
        """In the table."""
        has = HEAP_ON_CHIP_KIB[self.chip]
        figures = (
            self.compiled_kib,
            self.files_kib,
            FILES_KIB[self.chip],
            self.booted_kib,
            self.conversing_kib,
            self.on_chip_kib,
            self.frozen_kib,
        )
        told = " | ".join(f"{figure:.0f}" for figure in figures)
        return f"| {self.board} | {told} | {'' if has is None else has} |"


HEAD: Final = (
    "KiB",
    "compiled",
    "two slots and what is said",
    "room for files",
    "heap in the emulator, booted",
    "and in conversation",
    "RAM on the chip (est.)",
    "and with the code frozen, at most (est.)",
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


async def measured(board: str) -> Budget:
    """Boots it, and talks to it."""
    constants = runpy.run_path(str(firmware_folder() / "boards" / f"{board}.py"))
    async with talking("words", link=f"emulator:?board={board}") as them:
        booted, _ = await heap_kib(them)
        if "MICROPHONE_SD" in constants:
            await them.say(murmur(0.5))
        conversing, modules = await heap_kib(them)
    chip = constants["CHIP"]
    compiled = compiled_kib(ARCHITECTURES[chip])
    loaded = sum(kib for module, kib in compiled.items() if module in modules)
    said = constants["FLASH_BYTES"] / KIB
    return Budget(board, chip, sum(compiled.values()), loaded, said, booted, conversing)


async def heap_kib(them: Talking) -> tuple[float, list[str]]:
    """What the ring's heap holds after a collection, and the modules that are in it."""
    told: asyncio.Queue[Event] = asyncio.Queue()
    them.ring.trace.listen(lambda event: event["event"] == "heap" and told.put_nowait(event))
    them.ring.send(topics.HEAP, b"")
    event = await told.get()
    modules = event["modules"]
    assert isinstance(modules, list)
    return int(str(event["used"])) / KIB, modules


def table() -> str:
    """Of all boards."""
    rows = [asyncio.run(measured(board)).row() for board in boards()]
    return "\n".join([f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", *rows])


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
