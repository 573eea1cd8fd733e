"""What a plan does to an emulated ring: to its chip at each boot, and to its air from then on."""

import asyncio
import json
from pathlib import Path

import pytest

from mynah.emulator.chip import _topics as topics
from mynah.emulator.interpreter import ChipSettings
from mynah.emulator.radio import RadioSettings
from mynah.faults.injection import Injection
from mynah.faults.plan import parse
from mynah.faults.ring import RingFaults
from tests.bridge.virtual_time import in_virtual_time

CHIP = ChipSettings(0, Path("microphone"), Path("speaker"), Path("nvs"))


class Ring:
    """Notes what it is told, as an emulated ring and its air."""

    def __init__(self):
        self.told = []
        self.flash_writes = 0
        self.on_flash_write = None
        self.air = self
        self.settings = RadioSettings()

    def send(self, topic, body):
        self.note(topic, int.from_bytes(body, "little"))

    def cut_power(self):
        self.note("cut")

    def silence(self):
        self.note("silence")

    def restore(self):
        self.note("restore")

    async def change(self, settings):
        self.settings = settings
        self.note("change")

    def note(self, *what):
        self.told.append((round(asyncio.get_running_loop().time(), 1), *what))


async def befall(text):
    """All that a ring is told, and when."""
    injection = Injection(parse(text))
    fate, ring = RingFaults(injection), Ring()
    fate.befall(ring)
    await injection.run()
    await asyncio.sleep(60)
    await fate.close()
    return ring


@in_virtual_time
async def test_what_befalls_a_ring_does_so_at_its_time():
    plan = "enomem@1s=20 i2s_overrun@2s=200ms power_cut@3s outage@4s=3s interval@8s=60ms mtu@9s=64"

    ring = await befall(plan)

    assert ring.told == [
        (1, topics.ENOMEM, 20),
        (2, topics.STALL, 200),
        (3, "cut"),
        (4, "silence"),
        (7, "restore"),
        (8, "change"),
        (9, "change"),
    ]
    assert ring.settings == RadioSettings(interval_ms=60, mtu=64)


@in_virtual_time
async def test_the_air_is_silent_until_the_last_of_its_outages_is_over():
    ring = await befall("outage@1s=5s outage@2s=1s")

    assert [each for each in ring.told if each[1] == "restore"] == [(6, "restore")]


def test_a_chip_is_as_the_plan_says_at_each_boot():
    fate = RingFaults(Injection(parse("clock_ppm=-100 flash_stall=80ms flash_stall@write=3=2s")))
    chip = fate.before_boot(CHIP)

    assert chip.clock_ppm == -100
    assert json.loads(chip.flash_faults) == {"stall_ms": 80, "writes": [[3, "stall_ms", 2000]]}


def test_without_a_fault_nothing_is_changed():
    fate = RingFaults(Injection(parse("")))

    assert fate.before_boot(CHIP) == CHIP
    assert fate.radio(RadioSettings()) == RadioSettings()


def test_the_flash_is_told_at_each_boot_what_is_still_to_come_and_its_tears_are_repeated():
    def writes(after):
        injection = Injection(parse("seed=5 power_cut~write=40"))
        fate, ring = RingFaults(injection), Ring()
        ring.flash_writes = after
        fate.befall(ring)
        return json.loads(fate.before_boot(CHIP).flash_faults)["writes"]

    first = writes(0)
    number, _, tear = first[0]

    assert writes(0) == first
    assert 0 <= tear < 1000
    assert writes(number)[: len(first) - 1] == [[at - number, *rest] for at, *rest in first[1:]]


@pytest.mark.parametrize("plan", ["power_cut@write=2", "flash_stall@write=2=80ms"])
def test_what_the_chip_does_by_itself_is_noted_when_its_write_comes(plan):
    injection = Injection(parse(plan))
    fate, ring = RingFaults(injection), Ring()
    fate.befall(ring)

    asyncio.run(write_twice(ring))

    assert [str(each.fault) for each in injection.happened] == [plan]
    assert ring.told == []


async def write_twice(ring):
    ring.on_flash_write()
    ring.on_flash_write()


def test_the_air_is_as_the_plan_says_from_the_beginning():
    fate = RingFaults(Injection(parse("mtu=64 interval=60ms")))

    assert fate.radio(RadioSettings(loss=0)) == RadioSettings(loss=0, mtu=64, interval_ms=60)
