"""Lives the lives it is told on standard input, one a line, with the device's own logic and shells.

A life is JSON: {"half": true, "events": [["press"], ["wait", 40], …]}. Answered with JSON, the
numbers of the events after which a microphone was open in the dark, or open in deep sleep.
Only the chip is a stand-in, in time that a life's waits move.
"""

import gc
import io
import json
import sys

sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it

import asyncio  # with the real time

FRAME_MS = 20
TURNS = 8  # of the loop: from an event to everything that follows from it
LAMP = 21
KEY = bytes(range(32))


class World:
    """What is seen from outside."""

    def __init__(self):
        self.ms = 1000
        self.lit = self.hears = False
        self.broken = set()
        self.buses = []
        self.lies = []
        self.event = 0

    def look(self):
        if self.hears and not self.lit:
            self.lies.append(self.event)


world = World()


class Time:
    """`time`."""

    @staticmethod
    def ticks_ms():
        return world.ms


class Pin:
    """`machine.Pin`: the lamp lights when it is low."""

    OUT = IN = PULL_UP = 0

    def __init__(self, number, *_mode, value=None, hold=None):
        self.number = number
        self.value(value)

    def value(self, level=None):
        if level is not None and self.number == LAMP:
            if "lamp" in world.broken:
                raise OSError(5)
            world.lit = level == 0
            world.look()
        return 1


class I2S:
    """`machine.I2S`."""

    MONO = RX = 0
    TX = 1

    def __init__(self, _id, *, mode, **_settings):
        if ("microphone", "speaker")[mode] in world.broken:
            raise OSError(5)
        self._mode = mode
        self._waits = False
        world.buses.append(self)
        if mode == I2S.RX:
            world.hears = True
            world.look()

    def irq(self, handler):
        self._handler = handler

    def readinto(self, _buffer):
        if "wire" in world.broken:
            raise OSError(5)
        self._waits = True

    def write(self, _pcm):
        self._waits = True

    def move(self):
        if self._waits:
            self._waits = False
            self._handler(self)

    def deinit(self):
        world.buses.remove(self)
        if self._mode == I2S.RX:
            world.hears = False


class Machine:
    """`machine`, `neopixel`, `bluetooth`, `esp32`."""

    I2S = I2S
    Pin = Pin
    NeoPixel = NVS = BLE = None
    FLAG_NOTIFY = FLAG_WRITE_NO_RESPONSE = 0

    @staticmethod
    def UUID(_text):  # noqa: N802 - the chip's name
        return None


class Flag(asyncio.Event):
    """`asyncio.ThreadSafeFlag` without threads: the true one is polled every millisecond."""

    async def wait(self):
        await super().wait()
        self.clear()


asyncio.ThreadSafeFlag = Flag
sys.modules["time"] = Time
for name in ("machine", "neopixel", "bluetooth", "esp32"):
    sys.modules[name] = Machine

from mynah_device import actions  # noqa: E402
from mynah_device.memory import Memory  # noqa: E402
from mynah_device.playback import Playback  # noqa: E402
from mynah_device.ring import Ring  # noqa: E402
from mynah_device.session import Identity  # noqa: E402
from mynah_device.settings import Settings  # noqa: E402
from mynah_parts.adpcm_viper import decode_frame  # noqa: E402
from mynah_parts.ccm import Ccm  # noqa: E402
from mynah_parts.copy_viper import copy_bytes  # noqa: E402
from mynah_parts.duplex import Duplex  # noqa: E402
from mynah_parts.light import Light, lamp  # noqa: E402
from mynah_parts.microphone import Microphone  # noqa: E402
from mynah_parts.part_error import PartError  # noqa: E402
from mynah_parts.runner import Runner  # noqa: E402
from mynah_parts.samples_viper import ramp  # noqa: E402
from mynah_parts.speaker import Speaker  # noqa: E402
from mynah_wire import downlink, making  # noqa: E402
from mynah_wire.channel import Channel  # noqa: E402
from mynah_wire.clock import elapsed_ms  # noqa: E402
from mynah_wire.handshake import HOST  # noqa: E402


class Codec:
    """Of a board whose microphone and speaker hang on one."""

    def listen(self):
        if "codec" in world.broken:
            raise PartError(making.SILENT, "codec: no answer")

    speak = listen


class Sender:
    """Takes everything, sends nothing; and keeps the store and sleep quiet."""

    def __init__(self):
        self.links = self
        self.said = []

    def say(self, record):
        self.said.append(record)

    def keep(self, *_what):
        pass

    poke = forget = advertise = disconnect = clock = keep_key = forget_key = keep

    def sleep(self, _wake_after_ms):
        if world.hears:
            world.lies.append(world.event)


class Life:
    """One ring, from boot on."""

    def __init__(self, half):
        identity = Identity(bytes(8), 7, b"a board", 0xFF, Ccm, lambda size: bytes(range(size)))
        playback, memory = Playback(decode_frame, ramp), Memory(100, copy_bytes)
        self.ring = Ring(identity, KEY, Settings({}), playback, memory)
        self.ring.half_duplex = half
        self.sender = Sender()
        self.runner = runner = Runner(self.ring, self.sender, self.sender)
        runner.light = Light(lamp("active low", LAMP), self.ring)
        duplex = Duplex(half, Codec())
        pins = (7, 8, 9)
        runner.microphone = Microphone(
            pins, self.ring, runner.light, self._frame, duplex, runner.fault
        )
        runner.speaker = Speaker(pins, self.ring, self.sender.poke, duplex, 5, runner.fault)
        runner.power = self.sender
        self.reply = 0
        self.host = None
        self.key = KEY
        self.down = False

    def _frame(self):
        if "radio" in world.broken:
            raise OSError(12)

    def press(self):
        self._move(True)

    def release(self):
        self._move(False)

    def _move(self, down):
        if down != self.down:  # a finger is on it, or off it
            self.down = down
            self._happen(actions.PRESSED if down else actions.RELEASED)

    async def wait(self, ms):
        for _ in range(0, ms, FRAME_MS):
            world.ms += FRAME_MS
            due_ms = self.ring.deadline_ms(world.ms)
            if due_ms is not None and elapsed_ms(due_ms, world.ms) <= 0:
                self._happen(actions.TICK)
            for bus in list(world.buses):
                bus.move()
            await settle()

    def skip(self, ms):
        """Nobody runs meanwhile: a long flash erase, or a starved chip."""
        world.ms += ms

    def connect(self):
        self._happen(actions.CONNECTED)
        self._happen(actions.MTU, 247)
        self.host = Channel(HOST, self.key, Ccm, bytes(16), 247)
        record = self.host.greet()
        while record:
            self.sender.said = []
            self._happen(actions.RECEIVED, record)
            record = self.host.receive_plain(self.sender.said[0]) if self.sender.said else b""

    def disconnect(self):
        self.host = None
        self._happen(actions.DISCONNECTED)

    def pair(self, key):
        self.host = None
        self.key = bytes([key]) * 32
        self.runner.paired(self.key)

    def fail(self, what):
        world.broken.add(what)

    def mend(self):
        world.broken.clear()

    def tell(self, kind, *fields):
        """The host says something."""
        if kind == "Preload":
            self.reply = fields[0]
        message = getattr(downlink, kind)(*fields)
        if self.host is not None and self.ring.session.proven:
            for piece in self.host.pieces(message):
                self._happen(actions.RECEIVED, self.host.seal_piece(piece))

    def speak(self, frames):
        """A reply, all of it."""
        self.reply += 1
        self.tell("Preload", self.reply, 1, 0)
        if self.ring.session.proven:
            for frame in range(frames):
                self.ring.playback.push(self.reply, frame, bytearray(180), 11, 163)
        self.tell("Finish", self.reply, frames)
        self.tell("Go", self.reply)

    def of_reply(self, kind):
        self.tell(kind, self.reply)

    def of_stream(self, kind):
        self.tell(kind, self.ring.talk.stream)

    def moved(self, pattern):
        self._happen(actions.MOVED, pattern)

    def darken(self):
        """What no part of the firmware may do."""
        self.runner.light._lamp.show((0, 0, 0))

    def sleep(self):
        if self.ring.quiet:  # as the power's rules ask
            self.sender.sleep(None)

    def _happen(self, name, value=None):
        self.runner.event(name, world.ms, value)


async def settle():
    for _ in range(TURNS):
        await REAL_SLEEP_MS(0)


REAL_SLEEP_MS = asyncio.sleep_ms


async def sleep_ms(ms):
    end_ms = world.ms + ms
    while world.ms < end_ms:
        await REAL_SLEEP_MS(0)


async def wait_for_ms(awaited, ms):
    task, end_ms = asyncio.create_task(awaited), world.ms + ms
    while not task.done():
        if world.ms >= end_ms:
            task.cancel()
            raise asyncio.TimeoutError  # noqa: UP041 - MicroPython has no other
        await REAL_SLEEP_MS(0)
    return await task


asyncio.sleep_ms, asyncio.wait_for_ms = sleep_ms, wait_for_ms


async def keep_running(runner, name, part):
    while True:
        try:
            await part.run()
        except Exception as error:  # as the supervisor does
            runner.failed(name, error)
        await REAL_SLEEP_MS(0)


async def live(life, told):
    runner = life.runner
    parts = (("light", runner.light), ("speaker", runner.speaker))
    tasks = [asyncio.create_task(keep_running(runner, *part)) for part in parts]
    await settle()
    for number, (name, *values) in enumerate(told["events"]):
        world.event = number
        done = getattr(life, name)(*values)
        if done is not None:
            await done
        await settle()
    for task in tasks:
        task.cancel()


def trace_of(error):
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()


for line in sys.stdin:
    told = json.loads(line)
    world, life = World(), None
    gc.collect()
    life = Life(told["half"])
    came = {}
    try:
        asyncio.run(live(life, told))
    except Exception as error:
        came["error"] = trace_of(error)
    asyncio.new_event_loop()  # nothing of it lives on
    came["lies"], came["opened"] = world.lies, life.ring.talk.stream
    print(json.dumps(came))
