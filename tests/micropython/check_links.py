"""One host at a time, over the radio or the cable: the chooser between two fake carriers."""

import sys

from checks import run


class Bluetooth:
    """The module; nothing here calls it."""

    BLE = None


sys.path.append(".frozen")  # where this MicroPython keeps asyncio; MICROPYPATH replaced it
sys.modules["bluetooth"] = Bluetooth

import asyncio  # noqa: E402

from mynah_device import actions  # noqa: E402
from mynah_parts.events import Events  # noqa: E402
from mynah_parts.links import Links  # noqa: E402

BUSY = b"\x03\x05\x00\x00\x00\x00"
HELLO = b"\x01hello"


class Carrier:
    """The radio or the cable: tells what it is given, and keeps what it is told."""

    def __init__(self):
        self.told = []
        self.events = Events()

    def happens(self, names):
        for name in names:
            self.events.put(name, HELLO)

    def notify(self, record):
        self.told.append(bytes(record))
        return True

    def advertise(self, payload):
        self.told.append(payload)

    def disconnect(self):
        self.told.append("disconnect")

    def hide(self):
        self.told.append("hide")


class Scene:
    """A chooser that runs, and what it tells."""

    def __init__(self):
        self.radio, self.cable = Carrier(), Carrier()
        self.links = Links(self.radio, self.cable)
        self.events = []

    async def run(self, steps):
        """Let these steps happen, one after the other."""
        listeners = self.links.listeners(self.event)
        tasks = [asyncio.create_task(listener.run()) for listener in listeners]
        for carrier, names in steps:
            getattr(self, carrier).happens(names)
            for _ in range(10):
                await asyncio.sleep_ms(0)
        for task in tasks:
            task.cancel()

    def event(self, name, _value):
        self.events.append(name)


def played(*steps):
    """What comes of steps, each a carrier's name and those of its events."""
    scene = Scene()
    asyncio.run(scene.run(steps))
    return scene


BEGIN = [actions.CONNECTED, actions.MTU, actions.RECEIVED]
GONE = [actions.DISCONNECTED]


def check_whoever_connects_first_is_the_host_and_is_sent_everything():
    for name in ("radio", "cable"):
        scene = played((name, BEGIN))
        assert scene.events == BEGIN
        assert scene.links.notify(b"for the host")
        assert getattr(scene, name).told[-1] == b"for the host"


def check_the_second_is_refused_as_busy_and_the_ring_hears_nothing_of_it():
    for first, second in (("radio", "cable"), ("cable", "radio")):
        scene = played((first, BEGIN), (second, BEGIN), (second, GONE))
        assert scene.events == BEGIN
        assert getattr(scene, second).told[-2:] == [BUSY, "disconnect"]
        assert getattr(scene, first).told in ([], ["hide"])


def check_a_ring_with_a_host_at_its_cable_hides_from_the_radio():
    assert played(("cable", BEGIN)).radio.told == ["hide"]
    assert played(("radio", BEGIN)).radio.told == []


def check_when_the_host_is_gone_the_next_is_welcome_over_either():
    for first, second in (("radio", "cable"), ("cable", "radio")):
        scene = played((first, BEGIN), (first, GONE), (second, BEGIN))
        assert scene.events == BEGIN + GONE + BEGIN


def check_whoever_waits_silently_at_the_other_one_goes_with_the_host():
    scene = played(("cable", BEGIN), ("radio", [actions.CONNECTED]), ("cable", GONE))
    assert scene.radio.told == ["hide", "disconnect"]


def check_without_a_host_nothing_is_taken_and_nobody_is_hung_up_on():
    scene = played()
    assert not scene.links.notify(b"for nobody")
    scene.links.disconnect()
    assert scene.radio.told == scene.cable.told == []


run(globals())
