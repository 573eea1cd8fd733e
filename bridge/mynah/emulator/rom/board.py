"""A board on a USB cable: a pseudo-terminal, the boot ROM behind it, MicroPython. POSIX only.

A pseudo-terminal carries no DTR and RTS. So what they would do is done at what follows them: the
packet that a tool begins with puts the chip in download mode, and when the tool closes the port the
chip starts what it has. Without `wired_reset` neither happens, as on boards without
those wires: BOOT is held while plugging in, and RESET is pressed by hand.
"""

import asyncio
import os
import select
import tty
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from mynah.emulator.rom import protocol, slip
from mynah.emulator.rom.chips import CHIPS, Chip
from mynah.emulator.rom.cpu import Cpu
from mynah.emulator.rom.flash import NorFlash
from mynah.emulator.rom.image import boots
from mynah.emulator.rom.rom import Rom

TYPED: Final = "typed"
"""The event of a byte that MicroPython got."""

FILES_BYTES: Final = 2 << 20
"""What MicroPython's partition table leaves for files in 4 MB of flash."""

_BOOT_SAYS: Final = b"ESP-ROM:\r\nrst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n"
_DOWNLOAD_SAYS: Final = (
    b"ESP-ROM:\r\nrst:0x1 (POWERON),boot:0x0 (DOWNLOAD)\r\nwaiting for download\r\n"
)
_NOTHING_SAYS: Final = b"invalid header: 0xffffffff\r\n"
_SYNC: Final = slip.END + bytes((0, protocol.SYNC, 36, 0))  # how its packet begins
_AT_ONCE: Final = 4096
_CLOSED_STEP_S: Final = 0.01  # how often a closed port is looked at
_WRITE_S: Final = 1.0  # after which what nobody reads is lost


@dataclass(frozen=True, slots=True)
class Cut:
    """The cable is pulled when this happened so many times since it was plugged in."""

    event: str
    """The name of an opcode, or TYPED."""
    number: int


class UsbBoard:
    """Use it as `async with UsbBoard(folder) as board`, then give `board.port` to any tool."""

    def __init__(
        self,
        folder: Path,
        chip: str = "esp32s3",
        *,
        hold_boot: bool = False,
        wired_reset: bool = True,
        never_syncs: bool = False,
        files_bytes: int = FILES_BYTES,
    ) -> None:
        """`folder` keeps what is in its flash, and outlives it."""
        self.chip: Final[Chip] = CHIPS[chip]
        folder.mkdir(parents=True, exist_ok=True)
        self.flash: Final = NorFlash(self.chip.flash_bytes, folder / "flash.bin")
        self.cpu: Final = Cpu(self.chip, folder, files_bytes, self._send, self._read_on)
        self.hold_boot = hold_boot
        self.wired_reset = wired_reset
        self.never_syncs = never_syncs
        self.cut: Cut | None = None
        self.events: Counter[str] = Counter()
        self.port = ""
        self._ours = -1
        self._is_open = False
        self._rom: Rom | None = None
        self._unpacker = slip.Unpacker()
        self._tail = b""  # of what was heard: a packet may begin in one piece and go on in the next
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        await self.plug()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.unplug()
        self.flash.keep()

    async def plug(self) -> None:
        """Put the cable in; the port may have another name than before."""
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self.port = os.ttyname(theirs)
        os.close(theirs)  # so that it is seen when a tool closes the port
        self._ours = ours
        self.events.clear()
        self._wait_for_a_user()
        await self._power_on()

    async def unplug(self) -> None:
        """Pull the cable, and with it the power; may be called twice."""
        self._pull()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.cpu.stop()

    async def press_reset(self) -> None:
        """Its button."""
        await self.cpu.stop()
        await self._power_on()

    async def _power_on(self) -> None:
        self._unpacker = slip.Unpacker()
        self._rom = None
        if self.hold_boot:
            self._send(_DOWNLOAD_SAYS)
            self._rom = self._new_rom()
        elif boots(self.flash):
            self._send(_BOOT_SAYS)
            await self.cpu.start()
        else:
            self._send(_NOTHING_SAYS)

    def _new_rom(self) -> Rom:
        return Rom(self.chip, self.flash, lambda: self._later(self._run_application()))

    async def _run_application(self) -> None:
        self.hold_boot = False
        await self.press_reset()

    def _wait_for_a_user(self) -> None:
        """Look again until somebody has the port open, then read it."""
        if self._ours < 0:
            return
        loop = asyncio.get_running_loop()
        ready = select.poll()
        ready.register(self._ours, select.POLLIN)
        if any(events & select.POLLHUP for _, events in ready.poll(0)):
            self._waiting = loop.call_later(_CLOSED_STEP_S, self._wait_for_a_user)
        else:
            self._is_open = True
            loop.add_reader(self._ours, self._receive)

    def _receive(self) -> None:
        try:
            data = os.read(self._ours, _AT_ONCE)
        except BlockingIOError:
            return
        except OSError:  # the last user closed it
            asyncio.get_running_loop().remove_reader(self._ours)
            self._is_open = False
            self._closed()
            self._wait_for_a_user()
            return
        if self._rom is None and self._is_called(data):
            self._rom = self._new_rom()
            self._later(self.cpu.stop())
            data, self._tail = (self._tail + data).partition(_SYNC)[2], b""
            data = _SYNC + data
        if self._rom is None:
            self._tail = (self._tail + data)[1 - len(_SYNC) :]
            self._type(data)
        else:
            self._load(self._rom, data)

    def _is_called(self, data: bytes) -> bool:
        """Whether a tool begins, and could have reset the chip for that."""
        return _SYNC in self._tail + data and (self.wired_reset or not boots(self.flash))

    def _closed(self) -> None:
        if self._rom is not None and self.wired_reset:
            self._later(self._run_application())

    def _load(self, rom: Rom, data: bytes) -> None:
        for packet in self._unpacker.feed(data):
            if self.never_syncs:
                continue
            request = None if rom.is_reading else protocol.parse(packet)
            if request is not None and self._count(protocol.NAMES.get(request.op, "")):
                return
            for answer in rom.handle(packet):
                self._send(slip.packed(answer))

    def _type(self, data: bytes) -> None:
        if self._count(TYPED, len(data)):
            return
        self.cpu.type(data)
        if self.cpu.is_full and self._ours >= 0:
            asyncio.get_running_loop().remove_reader(self._ours)

    def _read_on(self) -> None:
        if self._ours >= 0 and self._is_open:
            asyncio.get_running_loop().add_reader(self._ours, self._receive)

    def _count(self, event: str, times: int = 1) -> bool:
        """Whether the cable was pulled at this."""
        self.events[event] += times
        cut = self.cut
        if cut is None or cut.event != event or self.events[event] < cut.number:
            return False
        self.cut = None
        self._pull()
        self._later(self.cpu.stop())
        return True

    def _pull(self) -> None:
        ours, self._ours = self._ours, -1
        if self._waiting is not None:
            self._waiting.cancel()
        if ours >= 0:
            asyncio.get_running_loop().remove_reader(ours)
            os.close(ours)
        self._rom = None

    def _send(self, data: bytes) -> None:
        ready = select.poll()
        while data and self._ours >= 0:
            with suppress(BlockingIOError):
                data = data[os.write(self._ours, data) :]
                continue
            ready.register(self._ours, select.POLLOUT)
            if not ready.poll(_WRITE_S * 1000):
                return

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name="board")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
