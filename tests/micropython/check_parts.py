"""What the parts do where the chip is rude: a buffer that comes too late."""

import sys

from checks import run


class I2S:
    """A microphone whose next buffer may be waiting already when it is asked for."""

    MONO = RX = TX = 0
    late = False

    def __init__(self, *_bus, **_settings):
        self.asked = 0

    def irq(self, handler):
        self.handler = handler

    def readinto(self, _buffer):
        self.asked += 1
        if I2S.late:
            self.handler(self)

    def deinit(self):
        pass


class Machine:
    """`machine`, `neopixel`."""

    I2S = I2S
    Pin = NeoPixel = None


sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it
sys.modules["machine"] = sys.modules["neopixel"] = Machine

import asyncio  # noqa: E402

from mynah_device.memory import Memory  # noqa: E402
from mynah_device.said import Said  # noqa: E402
from mynah_parts.microphone import Microphone  # noqa: E402


class Ring:
    def __init__(self):
        self.said = Said(7, bytes(32), Memory(), 0)
        self.said.begin(1, 1, 0, True)


class Light:
    def hear(self):
        pass


def check_a_buffer_that_came_as_a_stream_closed_is_not_the_next_streams_first():
    async def hear_twice():
        ring = Ring()
        microphone = Microphone((7, 8, 9), ring, Light(), lambda: None)
        I2S.late = True
        await microphone.run(1, lambda at_ms: microphone.close(at_ms + 1))
        I2S.late = False
        before = ring.said.memory.newest
        task = asyncio.create_task(microphone.run(2, lambda _at_ms: None))
        await asyncio.sleep_ms(5)
        task.cancel()
        return before, ring.said.memory.newest

    before, after = asyncio.run(hear_twice())
    assert before == 1
    assert after == before


run(globals())
