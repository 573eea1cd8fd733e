"""The chip once it runs MicroPython: a real interpreter on a terminal of its own, over its flash.

After a reset `main.py` runs; a soft reset from the raw REPL leaves it out, as on a chip. What is
typed during a soft reset is read after it.
"""

import asyncio
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from mynah.emulator.channel import Channel
from mynah.emulator.chip import _exits as exits
from mynah.emulator.chip import _topics as topics
from mynah.emulator.ending import CAUSES, POWER_ON, Ending
from mynah.emulator.interpreter import (
    ESP32_HEAP_KIB,
    OBJECT_SIZE_FACTOR,
    PSRAM_KIB,
    ChipSettings,
    find_micropython,
)
from mynah.emulator.rom.chips import Chip
from mynah.emulator.rom.terminal import INTERRUPT, as_a_serial_port, rest_of, takes_interrupt
from mynah.emulator.watchdog import Watchdog
from mynah.errors import EmulatorError
from mynah.firmware import firmware_folder
from mynah.maker.boards import ARCHITECTURES
from mynah.maker.compiled import compile_file

RAW: Final = b"\x01"
FRIENDLY: Final = b"\x02"
READY: Final = b"\x06"
"""What the interpreter prints when it can be typed to; `chip/_root.py` says it, or the prompt."""
SOFT_RESET_SAYS: Final = b"MPY: soft reboot\r\n"

ADDRESS_BYTES: Final = 6

# For `chip/_still_air.py`, and because beside a store of half a megabyte the rest is in pieces so
# small that 2 kB were not to be had. The boards' PSRAM is larger by far.
_MORE_KIB: Final = 256

_PROMPT: Final = b">>> "
_RAW_SAYS: Final = b"OK\r\n"
_CHIP: Final = Path(__file__).resolve().parents[1] / "chip"
_AT_ONCE: Final = 4096
_LOOK_S: Final = 0.002
_BUSY_S: Final = 1.0  # a program that rests less often than that is interrupted all the same
_NUMBERS: Final = {"xtensawin": 10, "rv32imc": 11}  # as the header of an .mpy file has them
_ARCHITECTURE_SHIFT: Final = 2  # in the third byte of an .mpy file
_HERE: Final = "x64"
# A terminal becomes a session's own when its leader opens it.
_ON_A_TERMINAL: Final = 'exec "$@" <>"$MYNAH_TERMINAL" >&0 2>&1'

_STATE: Final = Path("/.state")  # where the interpreter sees `state`

BytesListener = Callable[[bytes], None]


class Cpu:
    """`on_output(data)` gets what it prints; `start`, `type`, `stop`."""

    def __init__(
        self,
        chip: Chip,
        folder: Path,
        file_bytes: int,
        on_output: BytesListener,
        on_room: Callable[[], None],
    ) -> None:
        """`folder` keeps its files, NVS and what it needs here."""
        self._chip = chip
        self._file_bytes = file_bytes
        self._on_output = on_output
        self._on_room = on_room
        self.files: Final = folder / "files"
        self.state: Final = folder / "state"
        self.native: Final = folder / "cpu"
        for each in (self.files, self.state, self.native):
            each.mkdir(parents=True, exist_ok=True)
        self._process: asyncio.subprocess.Process | None = None
        self._terminal = -1
        self._tasks: list[asyncio.Task[None]] = []
        self._mode = FRIENDLY
        self._ready = False
        self._typed = b""
        self._busy: asyncio.TimerHandle | None = None
        self._busy_until_s = 0.0
        self._ending: Ending | None = None
        self._rtc_memory = b""
        self._reset_cause = POWER_ON
        self._watchdog = Watchdog(self._starve)

    async def start(self, *, runs_main: bool = True) -> None:
        """Begin, as after a reset."""
        self._compile_native()
        ours, theirs = os.openpty()
        as_a_serial_port(theirs)
        os.set_blocking(ours, False)
        channel, their_channel = _channel()
        self._ending = None
        self._watchdog = Watchdog(self._starve)
        channel.on(topics.ENDED, self._on_ended)
        channel.on(topics.FED, self._watchdog.fed)
        channel.on(topics.RTC_MEMORY, self._keep)
        heap_kib = ESP32_HEAP_KIB * OBJECT_SIZE_FACTOR + PSRAM_KIB + _MORE_KIB
        command = [find_micropython(), "-X", f"heapsize={heap_kib}k", "-i", str(_CHIP / "_root.py")]
        with their_channel:
            self._process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _ON_A_TERMINAL, "sh", *command),
                stdin=asyncio.subprocess.DEVNULL,
                cwd=self.files,
                env=os.environ
                | self._environment(os.ttyname(theirs), their_channel, runs_main=runs_main),
                pass_fds=(their_channel.fileno(),),
                start_new_session=True,
            )
        self._terminal = ours
        self._ready = False
        self._on_room()
        asyncio.get_running_loop().add_reader(ours, self._read)
        self._tasks = [
            asyncio.create_task(_run(channel), name="chip's channel"),
            asyncio.create_task(self._wait(self._process, channel, theirs), name="chip's process"),
        ]

    def type(self, data: bytes) -> None:
        """What comes in at its serial port."""
        for byte in data:
            if bytes((byte,)) in (RAW, FRIENDLY):
                self._mode = bytes((byte,))
        if self._tasks and self._ending is None:  # in a soft reset it waits
            self._typed += data
            self._write()

    @property
    def is_full(self) -> bool:
        """What was typed waits: `on_room()` is called when it does no more."""
        return bool(self._typed)

    async def stop(self) -> None:
        """Cut its power, or hold its reset; may be called twice."""
        self._mode = FRIENDLY
        self._reset_cause = POWER_ON
        tasks, self._tasks = self._tasks, []
        self._typed = b""
        for task in tasks:
            task.cancel()
        self._kill()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._process is not None:
            await self._process.wait()
        self._close()

    def _on_ended(self, body: bytes) -> None:
        self._end(Ending.told(body))

    def _starve(self) -> None:
        self._end(Ending(exits.STARVED))

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._typed = b""
        self._kill()

    def _keep(self, body: bytes) -> None:
        self._rtc_memory = body

    def _compile_native(self) -> None:
        """The modules with code of the chip's processor, for this one."""
        firmware = firmware_folder()
        for path in self.files.rglob("*.mpy"):
            place = PurePosixPath(*path.relative_to(self.files).parts[1:]).with_suffix(".py")
            native = path.read_bytes()[2:3] >= bytes((1 << _ARCHITECTURE_SHIFT,))
            if native and (firmware / place).is_file() and not (self.native / path.name).exists():
                code = compile_file(firmware / place, place, _HERE)
                (self.native / path.name).write_bytes(code)

    def _settings(self) -> ChipSettings:
        return ChipSettings(
            epoch_us=time.monotonic_ns() // 1000,
            microphone=_STATE / "microphone.raw",  # no files: see `chip/_still_air.py`
            speaker=_STATE / "speaker.raw",
            unique_id=self.unique_id(),
            nvs=_STATE / "nvs.json",
            reset_cause=self._reset_cause,
            rtc_memory=self._rtc_memory,
            chip=self._chip.name,
        )

    def unique_id(self) -> bytes:
        """Of this board, as long as its folder is kept."""
        path = self.state / "address"
        if not path.exists():
            path.write_bytes(secrets.token_bytes(ADDRESS_BYTES))
        return path.read_bytes()

    def _environment(
        self, terminal: str, channel: socket.socket, *, runs_main: bool
    ) -> dict[str, str]:
        return {
            "MYNAH_TERMINAL": terminal,
            "MYNAH_CHIP_FD": str(channel.fileno()),
            "MYNAH_STAND_INS": str(_CHIP),
            "MYNAH_STATE": str(self.state),
            "MYNAH_CPU": str(self.native),
            "MYNAH_FLASH": str(self.files),
            "MYNAH_FLASH_BYTES": str(self._file_bytes),
            "MYNAH_ARCHITECTURE": str(_NUMBERS[ARCHITECTURES[self._chip.name]]),
            "MYNAH_RUNS_MAIN": "1" if runs_main else "0",
            "MICROPYPATH": f"{_CHIP}:.frozen",
            **self._settings().environment(),
        }

    def _write(self) -> None:
        """As much as it takes; the rest waits, and whoever types waits too, as on USB."""
        loop = asyncio.get_running_loop()
        if not self._ready or self._terminal < 0:
            return
        loop.remove_writer(self._terminal)
        with suppress(BlockingIOError):
            while piece := self._next_piece():
                self._typed = self._typed[os.write(self._terminal, piece) :]
        if not self._typed:
            self._on_room()
        elif self._busy is None:
            loop.add_writer(self._terminal, self._write)

    def _next_piece(self) -> bytes:
        """Of what was typed; nothing while the interpreter is too busy for Ctrl-C."""
        piece = self._typed.partition(INTERRUPT)[0]
        if piece or not self._typed:
            return piece
        loop = asyncio.get_running_loop()
        if self._busy is None:
            self._busy_until_s = loop.time() + _BUSY_S
        else:
            self._busy.cancel()
            self._busy = None
        pid = -1 if self._process is None else self._process.pid
        if takes_interrupt(self._terminal, pid) or loop.time() >= self._busy_until_s:
            return INTERRUPT
        self._busy = loop.call_later(_LOOK_S, self._write)
        return b""

    def _read(self) -> None:
        with suppress(OSError):
            data = os.read(self._terminal, _AT_ONCE)
            if not self._ready and (READY in data or _PROMPT in data):
                data = data.replace(READY, b"")
                self._ready = True
                self._write()
            self._on_output(data)

    async def _wait(
        self, process: asyncio.subprocess.Process, channel: Channel, theirs: int
    ) -> None:
        try:
            code = await process.wait()
            unread = rest_of(theirs)
        finally:
            os.close(theirs)
            channel.close()
            self._watchdog.stop()
        self._read_rest()
        self._close()
        if self._ending is not None:
            self._mode = FRIENDLY
            self._reset_cause = CAUSES[self._ending.code]
            if self._ending.code != exits.ASLEEP:  # until somebody presses its reset
                await self.start()
        elif code not in (0, -signal.SIGINT):
            raise EmulatorError(f"the chip's interpreter ended with code {code}")
        else:
            await self._start_softly(unread, interrupted=code != 0)

    async def _start_softly(self, unread: bytes, *, interrupted: bool) -> None:
        """As after Ctrl-D; `interrupted`: by Ctrl-C, when nothing was there to catch it."""
        raw = self._mode == RAW
        self._typed = (RAW if raw else b"") + unread + self._typed
        if not interrupted:
            self._on_output((_RAW_SAYS if raw else b"") + SOFT_RESET_SAYS)
        await self.start(runs_main=not (raw or interrupted))

    def _read_rest(self) -> None:
        with suppress(OSError):
            while data := os.read(self._terminal, _AT_ONCE):
                self._on_output(data)

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def _close(self) -> None:
        terminal, self._terminal = self._terminal, -1
        if self._busy is not None:
            self._busy.cancel()
            self._busy = None
        if terminal >= 0:
            asyncio.get_running_loop().remove_reader(terminal)
            asyncio.get_running_loop().remove_writer(terminal)
            os.close(terminal)


def _channel() -> tuple[Channel, socket.socket]:
    ours, theirs = socket.socketpair()
    return Channel(ours), theirs


async def _run(channel: Channel) -> None:
    with suppress(EmulatorError):  # it ended: whoever waits for the process knows
        await channel.run()
