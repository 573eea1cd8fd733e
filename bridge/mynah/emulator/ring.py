"""A whole emulated ring: firmware in its interpreter, a radio on the air, a world around it."""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mynah.emulator.air import EmulatedAir
from mynah.emulator.chip import _topics as topics
from mynah.emulator.interpreter import BytesListener, ChipSettings, Interpreter
from mynah.emulator.peripheral import Peripheral
from mynah.emulator.radio import RadioSettings
from mynah.emulator.trace import RingClock, Trace
from mynah.emulator.world import World
from mynah.errors import EmulatorError
from mynah.firmware import firmware_folder
from mynah.link.console import first_answer

BUTTON_PIN: Final = 1
"""Every board's, as in its file."""

CONSOLE_DEADLINE_S: Final = 10.0
"""The ring boots in 0.2 s; a loaded machine takes longer."""

DARK_S: Final = 0.2
"""Without power, until it boots again: a loose contact."""

_CONSOLE_STEP_S: Final = 0.25
_FOLDER: Final = "mynah-ring-"
"""Of what a ring hears and says; in the name, the process whose ring it is."""

_ADDRESS: Final = "F0:9E:9E:00:00:01/P"


def _as_it_is(settings: ChipSettings) -> ChipSettings:
    return settings


def _nothing() -> None: ...


class EmulatedRing:
    """Use it as `async with EmulatedRing(...) as ring`; leaving it cuts the power."""

    def __init__(
        self,
        name: str = "default",
        *,
        radio: RadioSettings | None = None,
        storage: Path | None = None,
        flash: Path | None = None,
        trace: Path | None = None,
        firmware: Path | None = None,
        board: str = "",
        before_boot: Callable[[ChipSettings], ChipSettings] = _as_it_is,
    ) -> None:
        """`name` makes its device id; `storage` is the file of what it keeps without power, `flash`
        the folder of its files; without them it forgets both in the end.

        `board` is what its storage shall call it; empty leaves what is there.
        `before_boot` may change the chip, each time that it is switched on.
        """
        self.name = name
        self._board = board
        self._before_boot = before_boot
        self._firmware = firmware or firmware_folder()
        self.air = EmulatedAir(radio)
        _sweep()
        self._flash = flash
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
        self.clock = RingClock()
        self.trace = Trace(self.clock, trace)
        self._settings = _chip(name, self.clock, self._folder, storage)
        self._console: asyncio.Queue[str] = asyncio.Queue()
        self._console_listeners: list[BytesListener] = []
        self._interpreter = self._new_interpreter()
        self._peripheral: Peripheral | None = None
        self._rebooting: asyncio.Task[None] | None = None
        self.boots = 0
        self.flash_writes = 0
        """Over all boots, where `before_boot` has faults for the flash."""
        self.on_flash_write: Callable[[], None] = _nothing
        self.world = World(self._folder, self.clock, self.trace, self.send, button_pin=BUTTON_PIN)

    async def __aenter__(self) -> Self:
        try:
            await self._switch_on()
        except BaseException:
            await self._switch_off()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._switch_off()

    async def wait(self) -> None:
        """Return when its firmware ends; EmulatorError if it died. A power cut is no end."""
        while True:
            await self._interpreter.wait()
            if self._rebooting is None:
                return
            await asyncio.shield(self._rebooting)

    async def ask(self, line: str) -> str:
        """Type a line on its serial console; the first answer that begins with `mynah`."""
        while not self._console.empty():
            self._console.get_nowait()
        try:
            async with asyncio.timeout(CONSOLE_DEADLINE_S):
                return await self._answer(line)
        except TimeoutError:
            last = " / ".join(list(self._interpreter.last_lines)[-3:])
            raise EmulatorError(
                f"the emulated ring does not answer on its console: {last}"
            ) from None

    def send(self, topic: int, body: bytes) -> None:
        """Tell its chip something; what it is told without power is lost."""
        self._interpreter.channel.send(topic, body)

    def cut_power(self) -> None:
        """In this moment: what is not in its storage or flash is gone. Then it boots again."""
        if self._rebooting is None:
            self.trace.host("power_cut")
            self._rebooting = asyncio.create_task(self._reboot(), name="reboot")

    def on_console_bytes(self, listener: BytesListener) -> None:
        """Call `listener(data)` for all that comes out of its serial console."""
        self._console_listeners.append(listener)
        self._interpreter.on_console_bytes(listener)

    def write_console_bytes(self, data: bytes) -> None:
        """Send anything into its serial console."""
        self._interpreter.write_console_bytes(data)

    async def _switch_on(self) -> None:
        if self._board:
            _write_board(self._settings.nvs, self._board)
        await self.air.__aenter__()
        await self._boot()
        await self.world.start()

    async def _switch_off(self) -> None:
        if self._rebooting is not None:
            self._rebooting.cancel()
            await asyncio.gather(self._rebooting, return_exceptions=True)
        await self.world.close()
        await self._interpreter.stop()
        await self.air.__aexit__(None, None, None)
        self.trace.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _boot(self) -> None:
        self._peripheral = await self.air.add_peripheral(self._interpreter.channel, _ADDRESS)
        self.boots += 1
        await self._interpreter.start()

    async def _reboot(self) -> None:
        await self._interpreter.kill()
        if self._peripheral is not None:
            await self.air.remove_peripheral(self._peripheral)
            self._peripheral = None
        await asyncio.sleep(DARK_S)
        self._interpreter = self._new_interpreter()
        await self._boot()
        self._rebooting = None

    def _new_interpreter(self) -> Interpreter:
        settings = self._before_boot(self._settings)
        interpreter = Interpreter(self._firmware, settings, self._flash or self._folder)
        interpreter.channel.on(topics.TRACE, self.trace.ring)
        interpreter.channel.on(topics.FLASH_WRITE, self._on_flash_write)
        interpreter.channel.on(topics.POWER_CUT, lambda _body: self.cut_power())
        interpreter.on_console(self._console.put_nowait)
        for listener in self._console_listeners:
            interpreter.on_console_bytes(listener)
        return interpreter

    def _on_flash_write(self, _body: bytes) -> None:
        self.flash_writes += 1
        self.on_flash_write()

    async def _answer(self, line: str) -> str:
        async def type_line() -> None:
            self._interpreter.write_console(line)

        return await first_answer(type_line, self._console, _CONSOLE_STEP_S)


def _chip(name: str, clock: RingClock, folder: Path, storage: Path | None) -> ChipSettings:
    return ChipSettings(
        epoch_us=clock.epoch_us,
        microphone=folder / "microphone.raw",
        speaker=folder / "speaker.raw",
        nvs=storage or folder / "nvs.json",
        unique_id=hashlib.sha256(name.encode()).digest()[:6],
    )


def _write_board(storage: Path, board: str) -> None:
    """What `firmware/README.md` has a maker do to a new ring of another board."""
    stored = json.loads(storage.read_text("utf-8")) if storage.is_file() else {}
    stored.setdefault("mynah", {})["board"] = board.encode().hex()
    storage.write_text(json.dumps(stored), "utf-8")


def _sweep() -> None:
    """Delete what rings heard whose process was killed before it could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if owner.isdecimal() and not _is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
