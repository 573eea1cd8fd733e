"""From the microphone's slots to the radio's notification, nothing is allocated per frame.

The parts are the device's own; only the chip's modules are replaced, by the few lines below.
"""

import gc
import sys

from checks import run

FRAMES = 1000
KEY = bytes(range(32))


class Bluetooth:
    """The module: a radio that takes every notification and keeps count."""

    FLAG_NOTIFY = FLAG_WRITE_NO_RESPONSE = 0

    class BLE:
        notified = 0
        last = bytearray(182)

        def active(self, _on):
            pass

        def config(self, **_settings):
            pass

        def irq(self, handler):
            self.handler = handler

        def gatts_register_services(self, _services):
            return ((1, 2),)

        def gatts_set_buffer(self, _handle, _size):
            pass

        def gatts_notify(self, _connection, _handle, record):
            assert len(record) == 182
            self.last[:] = record
            self.notified += 1

    @staticmethod
    def UUID(text):  # noqa: N802 - the chip's name
        return text


class Machine:
    """`machine` and `neopixel`: the path begins behind I2S, so their names are all it needs."""

    I2S = Pin = NeoPixel = None


sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it
sys.modules["bluetooth"] = Bluetooth
sys.modules["machine"] = sys.modules["neopixel"] = Machine

from mynah_device import actions  # noqa: E402
from mynah_device.health import Heart  # noqa: E402
from mynah_device.memory import Memory  # noqa: E402
from mynah_device.playback import Playback  # noqa: E402
from mynah_device.ring import Ring  # noqa: E402
from mynah_device.session import Identity  # noqa: E402
from mynah_device.settings import Settings  # noqa: E402
from mynah_parts.adpcm_viper import decode_frame  # noqa: E402
from mynah_parts.ccm import Ccm  # noqa: E402
from mynah_parts.copy_viper import copy_bytes  # noqa: E402
from mynah_parts.duplex import Duplex  # noqa: E402
from mynah_parts.microphone import Microphone  # noqa: E402
from mynah_parts.radio import Radio  # noqa: E402
from mynah_parts.samples_viper import ramp  # noqa: E402
from mynah_parts.sender import Sender  # noqa: E402
from mynah_wire.channel import Channel  # noqa: E402
from mynah_wire.downlink import Fetch  # noqa: E402
from mynah_wire.handshake import HOST  # noqa: E402


class Path:
    """The parts that a frame passes, and a host that has proved itself."""

    def __init__(self):
        identity = Identity(b"12345678", 7, b"a board", 15, Ccm, lambda size: bytes(range(size)))
        memory = Memory(100, copy_bytes)
        self.ring = Ring(identity, KEY, Settings({}), Playback(decode_frame, ramp), memory)
        self.ble = Bluetooth.BLE()
        self.radio = Radio(self.ble)
        self.sender = Sender(self.ring, self.radio)
        self.microphone = Microphone((7, 8, 9), self.ring, None, None)
        self.heart = Heart()
        self.slots = bytearray(4 * 320)
        self.host = Channel(HOST, KEY, Ccm, bytes(16), 247)
        self._shake_hands()
        self.speak()
        while self.sender.seal_next() is not None:
            pass

    def speak(self):
        self.ring.handle(actions.PRESSED, 0)
        self.ring.handle(actions.MICROPHONE_STARTED, 0, 0)

    def _shake_hands(self):
        self.ring.handle(actions.CONNECTED, 0)
        self.ring.handle(actions.MTU, 0, 247)
        record = self.host.greet()
        while record:
            answers = self.ring.handle(actions.RECEIVED, 0, record)
            record = self.host.receive_plain(answers[0][1]) if answers else b""

    def step(self):
        """One frame: what Microphone._hear and Sender._send_next do between their awaits."""
        ring = self.ring
        self.microphone.frame(self.slots, 1)
        self.heart.beat()
        record = self.sender.seal_next()
        ring.pacer.wait_ms(self.microphone.frames * 20)
        assert self.radio.notify(record)
        ring.pacer.sent(self.microphone.frames * 20)


def allocated_over(times, step):
    """Bytes of heap that some calls leave behind, the collector being off."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(times):
        step()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def check_slots_to_notification_allocates_nothing_over_1000_frames():
    path = Path()
    for number in range(len(path.slots)):
        path.slots[number] = (number * 37) & 0xFF
    path.step()

    assert allocated_over(FRAMES, path.step) == 0
    assert (path.ble.notified, path.microphone.frames) == (FRAMES + 1, FRAMES + 1)
    message = path.host.receive(bytes(path.ble.last))
    assert (message.stream, message.frame, len(message.data)) == (1, FRAMES, 163)


def check_what_was_fetched_allocates_nothing_either():
    path = Path()
    for _ in range(100):
        path.microphone.frame(path.slots, 1)
    path.ring.said.cut()
    path.ring.said.fetch(Fetch(5, 7, 1, 0))
    path.sender.seal_next()
    path.sender.seal_next()

    assert allocated_over(90, path.sender.seal_next) == 0
    assert path.ring.said.fetching.active


def check_a_full_memory_allocates_nothing_either():
    path = Path()

    def hear():
        path.microphone.frame(path.slots, 1)

    for _ in range(101):
        hear()

    assert allocated_over(FRAMES, hear) == 0
    assert path.ring.said.dropped == FRAMES + 1


def check_a_dead_microphone_that_shares_its_i2s_allocates_nothing_either():
    path = Path()
    path.microphone = Microphone((7, 8, 9), path.ring, None, None, Duplex(True))
    path.step()

    assert allocated_over(FRAMES, path.step) == 0
    assert path.microphone._flat == FRAMES + 1


def check_playing_allocates_nothing_between_two_cursors():
    playback, pcm, record = Path().ring.playback, bytearray(640), bytearray(244)
    playback.preload(1, 1, 0)
    playback.go(1)
    for frame in range(30):
        playback.push(1, frame, record, 11, 163)

    def play():
        playback.take(pcm, 60)
        playback.cursor()

    for _ in range(11):
        play()

    assert allocated_over(8, play) == 0
    assert allocated_over(1, play) > 0  # a cursor is a tuple


run(globals())
