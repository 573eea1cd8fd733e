"""The tests that a ring makes of itself: what they say of parts that are well, ill or missing."""

import os
import random
import struct
import sys
from array import array

import chip  # before anything that imports `machine`
from checks import run

TIME = sys.modules["time"]
TIME.ticks_us = lambda: chip.Ring.us
TIME.ticks_diff = lambda later, earlier: later - earlier
sys.modules["machine"].freq = lambda: 160_000_000
sys.modules["machine"].reset_cause = lambda: 1
for name in ("I2S", "NVS", "NeoPixel"):  # imported, and not used here
    setattr(sys.modules["machine"], name, None)
sys.modules["neopixel"] = sys.modules["esp32"] = sys.modules["machine"]

import asyncio  # noqa: E402

from mynah_device.probing import FRAME_SAMPLES, PHASES, SUMS  # noqa: E402
from mynah_parts.probes import Prober  # noqa: E402
from mynah_parts.probes_viper import measure  # noqa: E402
from mynah_wire import making  # noqa: E402


class Workshop:
    probing = hears = False
    filled, filled_bytes = 3, 40

    def fill(self, count, size):
        self.asked = (count, size)


class Session:
    interval, mtu, proven = 24, 247, True


class Ring:
    quiet = True
    enomem = 2

    def __init__(self):
        self.workshop = Workshop()
        self.session = Session()


class Anything:
    """A part that does nothing."""

    def poke(self):
        pass

    def starts(self):
        return 0


class Runner:
    button = light = None

    def __init__(self):
        self.ring = Ring()
        self.sender = self.store = Anything()
        self.found = []

    def event(self, _name, _at_ms, value):
        self.found.append(value)


class Board:
    CHIP = "esp32c3"
    BUTTON, BUTTON_PIN = "button", 3
    MOTION, MOTION_ADDRESS = "lsm6ds3", 0x6A
    PULSE = "max30102"
    BATTERY_PIN, BATTERY_DIVIDER = 4, 2
    FLASH_BYTES = 1000


class Bare:
    """A board without anything."""


def prober(board=Board):
    def bus():
        from mynah_parts.bus import Bus

        return Bus(5, 6)

    return Prober(board, Runner(), bus, None)


def told(asked, name, argument=0):
    """Its verdict and what it tells."""

    async def ask():
        asked.probe(7, name, argument)
        await asked._task

    asyncio.run(ask())
    token, verdict, values = asked.runner.found[-1]
    assert token == 7
    return verdict, values


def wired(**more):
    chip.board(MOTION="lsm6ds3", MOTION_ADDRESS=0x6A, PULSE="max30102", BATTERY_PIN=4, **more)


def check_sums_are_what_arithmetic_says():
    random.seed(3)
    samples = [random.randint(-32768, 32767) for _ in range(FRAME_SAMPLES)]
    samples[5], samples[6], samples[7] = -32768, 32767, -32767
    sums = array("i", [99] * SUMS)
    measure(bytearray(struct.pack(f"<{FRAME_SAMPLES}h", *samples)), sums)

    assert sums[0] == sum(samples)
    assert sums[1] * 65536 + sums[2] == sum(sample * sample for sample in samples)
    assert sums[3] >= 3
    assert sums[4] == 32768
    for phase in range(PHASES):
        assert sums[5 + phase] == sum(samples[phase::PHASES])


def check_sensors_that_are_well_say_who_they_are():
    wired()
    assert told(prober(), "motion") == (making.PASSED, "part=lsm6ds3 address=0x6a id=0x6a")
    assert told(prober(), "pulse") == (making.PASSED, "part=max30102 address=0x57")


def check_sensors_that_are_ill_fail_with_the_reason():
    wired()
    chip.faults('{"lsm6ds3": {"fault": "absent"}, "max30102": {"fault": "wrong id"}}')
    verdict, values = told(prober(), "motion")
    assert (verdict, values) == (making.FAILED, "reason=motion:_nobody_answers_at_0x6a")
    verdict, values = told(prober(), "pulse")
    assert verdict == making.FAILED
    assert values.startswith("reason=pulse:_0x57_answers_with_id")


def check_what_a_board_has_not_is_missing_and_so_is_a_test_that_nobody_knows():
    wired()
    for name in ("microphone", "button", "motion", "pulse", "battery", "flash", "conjure", ""):
        assert told(prober(Bare), name) == (making.MISSING, ""), name


def check_a_ring_that_hears_or_speaks_is_busy():
    asked = prober()
    asked.runner.ring.quiet = False
    assert told(asked, "battery") == (making.BUSY, "")
    assert not asked.runner.ring.workshop.probing


def check_the_battery_is_read_through_its_divider():
    wired()
    verdict, values = told(prober(), "battery")
    millivolts = int(values.split(" ")[0].split("=")[1])
    assert verdict == making.PASSED
    assert abs(millivolts - 3900) < 20, values


def check_a_button_that_is_down_is_told():
    wired()
    chip.drive(3, 0)
    assert told(prober(), "button")[1].startswith("down=1 still_down=1 presses=0")
    chip.drive(3, 1)
    assert told(prober(), "button")[1].startswith("down=0 still_down=0 presses=0")


def check_a_touch_pad_counts_as_touched_and_let_go():
    class Padded(Board):
        BUTTON, BUTTON_PIN = "touch", 7

    wired(BUTTON="touch", BUTTON_PIN=7)
    asked = prober(Padded)
    assert told(asked, "button") == (making.PASSED, "down=0 still_down=0 presses=0")

    finger = iter((0, 0, 1, 1, 1, 0, 0))

    async def touched(_ms):
        chip.drive(7, 0 if next(finger, 0) else 1)

    rest, asyncio.sleep_ms = asyncio.sleep_ms, touched
    try:
        assert told(asked, "button", 10_000)[1] == "down=0 still_down=0 presses=1"
    finally:
        asyncio.sleep_ms = rest


def check_the_microphone_is_not_opened_without_its_light():
    class Dark(Board):
        MICROPHONE_SCK, MICROPHONE_WS, MICROPHONE_SD = 1, 2, 3

    asked = prober(Dark)
    verdict, _ = told(asked, "microphone", 500)
    assert verdict == making.FAILED
    assert not asked.runner.ring.workshop.hears


def check_the_link_is_told_and_its_counts_begin_anew():
    asked = prober()
    assert told(asked, "link")[1] == "interval_us=30000 mtu=247 enomem=2"
    assert told(asked, "filled")[1] == "records=3 bytes=40"
    assert told(asked, "filled")[1] == "records=0 bytes=0"
    assert told(asked, "fill", 120 << 16 | 165)[0] == making.PASSED
    assert asked.runner.ring.workshop.asked == (120, 165)


def check_codec_cipher_hash_and_signature_pass():
    asked = prober()
    for name in ("codec", "cipher", "sha256", "signature"):
        verdict, values = told(asked, name)
        assert verdict == making.PASSED, values
        assert values.endswith("mhz=160"), values


def check_a_test_that_raises_fails_and_the_next_one_runs():
    def broken():
        raise RuntimeError("a wire came off")

    asked = prober()
    asked.bus = broken
    wired()
    assert told(asked, "motion") == (making.FAILED, "reason=RuntimeError_a_wire_came_off")
    assert told(asked, "battery")[0] == making.PASSED


def check_another_test_takes_the_place_of_one_that_runs():
    wired()
    asked = prober()

    async def both():
        asked.probe(1, "button", 10_000)
        await asyncio.sleep_ms(0)
        asked.probe(2, "battery", 0)
        await asked._task

    asyncio.run(both())
    assert [token for token, _, _ in asked.runner.found] == [2]
    assert not asked.runner.ring.workshop.probing


def check_the_code_of_a_test_goes_with_its_end():
    wired()
    told(prober(), "battery")
    assert "mynah_parts.probes_parts" not in sys.modules


def check_flash_is_written_read_back_and_left_clean():
    wired()
    before = sorted(os.listdir())
    verdict, values = told(prober(), "flash")
    assert verdict == making.PASSED, values
    assert "block_bytes=4096" in values
    assert sorted(os.listdir()) == before


run(globals())
