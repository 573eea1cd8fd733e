"""What a ring's heap holds: of the firmware, and of the emulator's stand-ins for its parts."""

import asyncio
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.emulator.chip import _topics as topics
from mynah.emulator.ring import EmulatedRing
from mynah.emulator.trace import Event
from mynah.firmware import firmware_folder

KIB: Final = 1024
DEADLINE_S: Final = 10.0

TELLING: Final = """\
import machine, micropython
import _channel, _topics
tell = _channel._handlers[_topics.HEAP]
def tell_names_too(body):
    micropython.qstr_info()
    tell(body)
_channel.on(_topics.HEAP, tell_names_too)
"""
"""The beginning of a main.py whose ring also prints how much of its heap are names."""

FIRMWARE: Final = "import app\napp.main()\n"

STAND_INS: Final = """\
import asyncio, sys
parts = __import__("opening").parts
del sys.modules["opening"]  # nor does its code count
async def main():
    while True:
        parts[0].feed()
        await asyncio.sleep(1)
asyncio.run(main())
"""
"""Keeps what the parts take, and the watchdog quiet."""

OPENING: Final = """\
import bluetooth, cryptolib, esp32, neopixel
from machine import ADC, I2C, I2S, PWM, Pin, RTC, WDT
parts = [WDT(timeout=8000), RTC(), esp32.NVS("mynah"), esp32.NVS("mynah_boot"), bluetooth.BLE()]
parts[-1].active(True)
parts[-1].irq(print)
ends = [(bluetooth.UUID(16 + n), n) for n in (bluetooth.FLAG_NOTIFY, bluetooth.FLAG_WRITE)]
parts[-1].gatts_register_services(((bluetooth.UUID(16), ends),))
"""
"""What every board has; the lines for the others follow."""

BY_CONSTANT: Final = {
    "BUTTON_PIN": "parts.append(Pin({BUTTON_PIN}, Pin.IN)); parts[-1].irq(print)",
    "LAMP_PIN": "parts.append(Pin({LAMP_PIN}, Pin.OUT))",
    "HAPTIC_PIN": "parts.append(PWM(Pin({HAPTIC_PIN})))",
    "BATTERY_PIN": "parts.append(ADC(Pin({BATTERY_PIN})))",
    "I2C_SDA": "parts.append(I2C(0, sda=Pin({I2C_SDA}), scl=Pin({I2C_SCL}))); parts[-1].scan()",
    "MICROPHONE_SD": "I2S(0, sck={MICROPHONE_SCK}, ws={MICROPHONE_WS}, sd={MICROPHONE_SD}, "
    "mode=I2S.RX, bits=32, format=I2S.MONO, rate=16000, ibuf=16384).deinit()",
    "SPEAKER_SD": "I2S(0, sck={SPEAKER_SCK}, ws={SPEAKER_WS}, sd={SPEAKER_SD}, "
    "mode=I2S.TX, bits=16, format=I2S.MONO, rate=16000, ibuf=2048)",
}

_NAMES: Final = re.compile(rb"n_total_bytes=(\d+)\n")


@dataclass(frozen=True, slots=True)
class Heap:
    """After a collection."""

    used_kib: float
    names_kib: float
    """Of that: every name that the code has, once, and room for as many again."""
    modules: frozenset[str] = frozenset()

    def without(self, other: "Heap") -> "Heap":
        """What there is more than in another one."""
        return Heap(self.used_kib - other.used_kib, self.names_kib - other.names_kib, self.modules)


async def heap_of(ring: EmulatedRing) -> Heap:
    """Of a ring whose main.py begins with TELLING."""
    told: asyncio.Queue[Event] = asyncio.Queue()
    names: asyncio.Queue[int] = asyncio.Queue()
    printed = bytearray()

    def on_console(data: bytes) -> None:
        printed.extend(data)
        if found := _NAMES.search(printed):
            names.put_nowait(int(found[1]))

    ring.trace.listen(lambda event: event["event"] == "heap" and told.put_nowait(event))
    ring.on_console_bytes(on_console)
    async with asyncio.timeout(DEADLINE_S):
        ring.send(topics.HEAP, b"")
        event, names_bytes = await told.get(), await names.get()
    modules = event["modules"]
    assert isinstance(modules, list)
    return Heap(int(str(event["used"])) / KIB, names_bytes / KIB, frozenset(modules))


@contextmanager
def firmware() -> Iterator[Path]:
    """Ours, which tells."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.py").write_text(TELLING + FIRMWARE)
        for part in ("app.py", "lib", "boards"):
            (folder / part).symlink_to(firmware_folder() / part)
        yield folder


async def stand_ins(board: str, constants: Mapping[str, object]) -> Heap:
    """Without any firmware, once all parts of the board are open."""
    plain = [f"{name} = {value!r}" for name, value in constants.items() if name.isupper()]
    lines = [line.format(**constants) for name, line in BY_CONSTANT.items() if name in constants]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "boards").mkdir()
        (folder / "boards" / f"{board}.py").write_text("\n".join(plain))
        (folder / "main.py").write_text(TELLING + STAND_INS)
        (folder / "opening.py").write_text(OPENING + "\n".join(lines))
        async with EmulatedRing(firmware=folder, board=board) as ring:
            return await heap_of(ring)
