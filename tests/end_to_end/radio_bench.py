"""A ring that runs a script, the air around it, and a host that is connected to it."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bleak import BleakClient

from mynah.emulator.air import EmulatedAir
from mynah.emulator.chip import _topics as topics
from mynah.emulator.interpreter import ChipSettings, Interpreter
from mynah.emulator.peripheral import Peripheral
from mynah.emulator.radio import RadioSettings
from mynah.emulator.trace import RingClock

SCRIPTS = Path(__file__).parent / "firmware_scripts"
ADDRESS = "C0:11:22:33:44:55"
SERVICE = "12345678-0000-4000-8000-000000000001"
UP = "12345678-0000-4000-8000-000000000002"
DOWN = "12345678-0000-4000-8000-000000000003"


class Console:
    """What the ring prints, to be waited for."""

    def __init__(self):
        self.lines = []
        self._news = asyncio.Event()

    def add(self, line):
        self.lines.append(line)
        self._news.set()

    def told(self):
        """The JSON objects among the lines, as one."""
        told = {}
        for line in self.lines:
            if line.startswith("{"):
                told |= json.loads(line)
        return told

    async def wait_for(self, line):
        async with asyncio.timeout(5):
            while line not in self.lines:
                self._news.clear()
                await self._news.wait()


@dataclass
class Ring:
    air: EmulatedAir
    peripheral: Peripheral
    interpreter: Interpreter
    console: Console
    events: list = field(default_factory=list)

    def count(self, event):
        return sum(each["event"] == event for each in self.events)


@asynccontextmanager
async def powered(folder: Path, script: str) -> AsyncIterator[tuple[Interpreter, Console]]:
    chip = ChipSettings(
        RingClock().epoch_us, folder / "microphone", folder / "speaker", folder / "nvs.json"
    )
    interpreter = Interpreter(SCRIPTS, chip, folder, script=script)
    console = Console()
    interpreter.on_console(console.add)
    try:
        yield interpreter, console
    finally:
        await interpreter.stop()


@asynccontextmanager
async def ring(folder: Path, **settings) -> AsyncIterator[Ring]:
    async with (
        powered(folder, "radio_probe.py") as (interpreter, console),
        EmulatedAir(RadioSettings(**settings)) as air,
    ):
        peripheral = await air.add_peripheral(interpreter.channel, ADDRESS)
        ring = Ring(air, peripheral, interpreter, console)
        interpreter.channel.on(topics.TRACE, lambda body: ring.events.append(json.loads(body)))
        await interpreter.start()
        yield ring


class Host:
    """A connection to the ring, and the notifications that came over it."""

    def __init__(self, client):
        self.client = client
        self.values = []
        self._news = asyncio.Event()

    def add(self, _characteristic, value):
        self.values.append(bytes(value))
        self._news.set()

    def numbers(self):
        return [struct.unpack_from("<I", value)[0] for value in self.values]

    async def write(self, verb, *numbers):
        await self.client.write_gatt_char(
            DOWN, verb + struct.pack(f"<{len(numbers)}H", *numbers), response=False
        )

    async def wait_for(self, count, timeout_s=10):
        async with asyncio.timeout(timeout_s):
            while len(self.values) < count:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def connected(ring: Ring, disconnected=None) -> AsyncIterator[Host]:
    async with BleakClient(
        ADDRESS, disconnected, timeout=5, backend=ring.air.client_backend
    ) as client:
        host = Host(client)
        await client.start_notify(UP, host.add)
        yield host
