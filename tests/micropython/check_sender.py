"""The handshake over a radio that refuses: the same records again, in order, and nobody waits."""

import sys

from checks import run


class Bluetooth:
    """The module: `radio` imports it, and nothing here uses it."""

    UUID = BLE = None


sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it
sys.modules["bluetooth"] = Bluetooth

import asyncio  # noqa: E402

from mynah_device import actions  # noqa: E402
from mynah_device.playback import Playback  # noqa: E402
from mynah_device.ring import Ring  # noqa: E402
from mynah_device.session import Identity  # noqa: E402
from mynah_device.settings import Settings  # noqa: E402
from mynah_parts.adpcm_viper import decode_frame  # noqa: E402
from mynah_parts.ccm import Ccm  # noqa: E402
from mynah_parts.samples_viper import ramp  # noqa: E402
from mynah_parts.sender import Sender  # noqa: E402
from mynah_wire.channel import Channel, is_sealed  # noqa: E402
from mynah_wire.handshake import HOST  # noqa: E402
from mynah_wire.uplink import Counters, Ready  # noqa: E402

KEY = bytes(range(32))
REFUSALS = 3  # of each record
FOR_EVER = 1 << 20


class Air:
    """A radio that refuses each record some times, and the host at its other end."""

    def __init__(self, refusals):
        identity = Identity(bytes(8), 1, b"check", 0, Ccm, bytes)
        self.ring = Ring(identity, KEY, Settings({}), Playback(decode_frame, ramp))
        self.sender = Sender(self.ring, self)
        self.host = Channel(HOST, KEY, Ccm, bytes(16), 247)
        self.heard = []
        self._refusals = refusals
        self._refused = 0
        self._record = b""
        for name, value in ((actions.CONNECTED, None), (actions.MTU, 247), (actions.INTERVAL, 6)):
            self.ring.handle(name, 0, value)

    def notify(self, record):
        if self._refused:
            assert bytes(record) == self._record
        self._record = bytes(record)
        if self._refused < self._refusals:
            self._refused += 1
            return False
        self._refused = 0
        if is_sealed(record):
            self.heard.append(self.host.receive(self._record))
        else:
            answer = self.host.receive_plain(self._record)
            if answer:
                self.write(answer)
        return True

    def write(self, record):
        for action, value in self.ring.handle(actions.RECEIVED, 0, record):
            assert action == actions.SEND_PLAIN
            self.sender.say(value)
        self.sender.poke()


def shaken(refusals, until, afterwards=None):
    """A handshake over such a radio; `afterwards` may do something, and has a moment to show it."""

    async def shake():
        air = Air(refusals)
        task = asyncio.create_task(air.sender.run())
        air.write(air.host.greet())
        for _ in range(100):
            await asyncio.sleep_ms(5)
            if until(air):
                break
        if afterwards:
            afterwards(air)
            await asyncio.sleep_ms(50)
        task.cancel()
        return air

    return asyncio.run(shake())


def check_a_handshake_that_is_refused_for_a_while_comes_to_its_end():
    air = shaken(REFUSALS, lambda air: len(air.heard) == 2)
    assert [type(message) for message in air.heard] == [Ready, Counters]
    assert air.ring.enomem == 4 * REFUSALS


def check_a_record_that_is_never_taken_is_given_up_with_its_connection():
    tried = []

    def goes(air):
        air.ring.handle(actions.DISCONNECTED, 0)
        tried.append(air.ring.enomem)

    air = shaken(FOR_EVER, lambda air: air.ring.enomem > REFUSALS, goes)
    assert tried == [air.ring.enomem]
    assert tried[0] > REFUSALS


run(globals())
