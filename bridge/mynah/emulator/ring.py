"""A whole emulated ring: firmware in its interpreter, a radio on the air, a world around it."""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mynah.emulator.air import EmulatedAir
from mynah.emulator.between import Between
from mynah.emulator.board_file import board_constant
from mynah.emulator.chip import _exits as exits
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
"""Of a board whose file names none."""

CONSOLE_DEADLINE_S: Final = 10.0
"""The ring boots in 0.2 s; a loaded machine takes longer."""

RESTARTS_IN_A_ROW: Final = 20
"""Resets and bites, none of which it outlived by SETTLED_S: then it is taken for broken."""

SETTLED_S: Final = 10.0

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
        the folder of its files; without them it forgets both in the end. `board` is what its
        storage shall call it, empty leaves what is there; `before_boot` may change the chip.
        """
        self.name = name
        self._before_boot = before_boot
        self._firmware = firmware or firmware_folder()
        self.air = EmulatedAir(radio)
        _sweep()
        self._flash = flash
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
        self.clock = RingClock()
        self.trace = Trace(self.clock, trace)
        self._settings = _chip(name, self.clock, self._folder, storage)
        if board:
            _write_board(self._settings.nvs, board)
        self._console: asyncio.Queue[str] = asyncio.Queue()
        self._console_listeners: list[BytesListener] = []
        self._between = Between()
        self._interpreter = self._new_interpreter()
        self._peripheral: Peripheral | None = None
        self._life: asyncio.Task[Exception | None] | None = None
        self.boots = 0
        self.flash_writes = 0
        """Over all boots, where `before_boot` has faults for the flash."""
        self.on_flash_write: Callable[[], None] = _nothing
        pin = int(str(self._of_board("BUTTON_PIN", BUTTON_PIN)))
        self.world = World(self._folder, self.clock, self.trace, self.send, button_pin=pin)

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
        """Return when its firmware ends; EmulatorError if it died.

        Resets, deep sleep, its watchdog and power cuts are no end: it starts again by itself.
        """
        if self._life is None:
            raise EmulatorError("the emulated ring was not started")
        failure = await asyncio.shield(self._life)
        if failure is not None:
            raise failure

    @property
    def asleep(self) -> bool:
        """Whether it is in deep sleep."""
        return self._between.asleep

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
        """Tell its chip something; off or asleep it hears of its pins only."""
        self._between.heed(topic, body)
        self._interpreter.channel.send(topic, body)

    def cut_power(self) -> None:
        """In this moment: what is not in its storage or flash is gone. Then it boots again."""
        if not self._between.dark:
            self.trace.host("power_cut")
            self._between.cut_power()
            self._interpreter.cut()

    def on_console_bytes(self, listener: BytesListener) -> None:
        """Call `listener(data)` for all that comes out of its serial console."""
        self._console_listeners.append(listener)
        self._interpreter.on_console_bytes(listener)

    def write_console_bytes(self, data: bytes) -> None:
        """Send anything into its serial console."""
        self._interpreter.write_console_bytes(data)

    async def _switch_on(self) -> None:
        await self.air.__aenter__()
        await self._boot()
        self._life = asyncio.create_task(self._live(), name="ring life")
        await self.world.start()

    async def _switch_off(self) -> None:
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        await self.world.close()
        await self._interpreter.stop()
        await self.air.__aexit__(None, None, None)
        self.trace.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _boot(self) -> None:
        self._peripheral = await self.air.add_peripheral(self._interpreter.channel, _ADDRESS)
        self.boots += 1
        await self._interpreter.start()
        if self._between.dark:  # the power went meanwhile
            self._interpreter.cut()

    async def _live(self) -> Exception | None:
        """One run after another; why the last one ended."""
        restarts = 0  # in a row
        while True:
            began_s = time.monotonic()
            failure = await self._run_out()
            ending = self._interpreter.ending
            if not self._between.dark and ending is None:
                return failure
            settled = time.monotonic() - began_s >= SETTLED_S
            broken = ending is not None and ending.code != exits.ASLEEP
            restarts = restarts + 1 if broken and not settled else 0
            if restarts > RESTARTS_IN_A_ROW:
                return EmulatorError(f"{ending}, {RESTARTS_IN_A_ROW} times in a row")
            await self._leave_air()
            start = await self._between.next_start(ending, lambda: self.trace.host("asleep"))
            self._between.start = start
            self.trace.host("restart", cause=start.reset_cause, wake=start.wake_reason)
            self._interpreter = self._new_interpreter()
            await self._boot()

    async def _run_out(self) -> Exception | None:
        try:
            await self._interpreter.wait()
        except Exception as error:  # noqa: BLE001 - for `wait` to raise
            return error
        finally:
            await self._interpreter.stop()
        return None

    async def _leave_air(self) -> None:
        if self._peripheral is not None:
            await self.air.remove_peripheral(self._peripheral)
            self._peripheral = None

    def _new_interpreter(self) -> Interpreter:
        settings = replace(self._settings, chip=str(self._of_board("CHIP", "esp32s3")))
        settings = self._before_boot(self._between.as_it_starts(settings))
        interpreter = Interpreter(self._firmware, settings, self._flash or self._folder)
        interpreter.channel.on(topics.TRACE, self.trace.ring)
        interpreter.channel.on(topics.FLASH_WRITE, self._on_flash_write)
        interpreter.channel.on(topics.POWER_CUT, lambda _body: self.cut_power())
        self._between.attach(interpreter.channel)
        interpreter.on_console(self._console.put_nowait)
        for listener in self._console_listeners:
            interpreter.on_console_bytes(listener)
        return interpreter

    def _of_board(self, name: str, otherwise: object) -> object:
        return board_constant(self._firmware, self._settings.nvs, name, otherwise)

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
