"""The tasks that feel, on models of their parts: what they tell, and how they end when one dies."""

import gc
import json
import struct
from array import array

import chip  # before anything that imports `machine`
from checks import run

from mynah_device import actions, talk
from mynah_device.motion import Motion
from mynah_parts.battery import Battery
from mynah_parts.battery_sense import BatterySense
from mynah_parts.bus import Bus
from mynah_parts.button import Button
from mynah_parts.lsm6ds3 import Lsm6ds3
from mynah_parts.max30102 import Max30102
from mynah_parts.motion_sense import Disturbing, MotionSense
from mynah_parts.part_error import PartError
from mynah_parts.pulse_sense import PulseSense
from mynah_parts.touch_pad import TouchButton
from mynah_wire import making, uplink

STEP_US = 5000
STILL = struct.pack("<hhh", 0, 0, 1000)
KNOCK = struct.pack("<hhh", 4000, 0, 1000)
BATTERY_PIN = 3
BUTTON_PIN = 1
FULL_UV = 2_050_000
EMPTY_UV = 1_600_000


class Ring:
    """As much of the ring as a sense looks at."""

    quiet = True

    class talk:  # noqa: N801
        state = talk.QUIET

    class acting:  # noqa: N801
        class player:  # noqa: N801
            amplitude = 0

    class gestures:  # noqa: N801
        @staticmethod
        def is_again(_now_ms):
            return False


class Told:
    """What was told: (name, value)."""

    def __init__(self):
        self.events = []

    def __call__(self, name, _at_ms, value=None):
        self.events.append((name, value))

    def of(self, name):
        return [value for told, value in self.events if told == name]


def motion(knocks_ms=(), ring=Ring):
    """A sense of motion whose hand is knocked on, and what it tells."""
    chip.board(MOTION="lsm6ds3")
    trace = [STILL] * 800
    for at_ms in knocks_ms:
        for step in range(4):
            trace[at_ms * 1000 // STEP_US + step] = KNOCK
    chip.sense(chip.ACCELERATION, 0, STEP_US, b"".join(trace))
    told = Told()
    return MotionSense(Lsm6ds3(Bus(5, 6), 0x6A), ring, told), told


def ended(coroutine, ms):
    """The PartError that ends a task within that time, None if it goes on."""
    try:
        chip.run(coroutine, ms)
    except PartError as error:
        return error
    return None


def check_a_double_tap_on_the_sensor_is_told():
    sense, told = motion((2000, 2250))
    assert ended(sense.run(), 4000) is None
    assert told.events == [(actions.MOVED, uplink.DOUBLE_TAPPED)]


def check_a_sample_allocates_nothing():
    core = Motion(104)
    still = array("h", [0, 0, 1000] * 16)
    shaken = array("h", [2000, -500, 1000, -2000, 500, 1000] * 8)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(500):
        core.feed(still, 16)
        core.feed(shaken, 16)
    after = gc.mem_alloc()
    gc.enable()
    assert after == before


def check_what_the_motor_shakes_is_not_told():
    sense, told = motion((2000, 2250))
    ran = []

    class Motor:
        def vibrate(self, amplitude):
            ran.append(amplitude)

    motor = Disturbing(Motor(), sense)
    assert ended(sense.run(), 1900) is None
    motor.vibrate(255)
    assert ended(sense.run(), 2000) is None
    assert (ran, told.events) == ([255], [])


def check_a_finger_that_holds_the_button_is_not_felt_as_taps():
    class Held(Ring):
        class talk:  # noqa: N801
            state = talk.HELD

    sense, told = motion((2000, 2250), Held)
    assert ended(sense.run(), 5000) is None
    assert told.events == []


def check_an_accelerometer_that_dies_ends_its_task_with_the_reason():
    for fault, expected in (
        ("absent", making.SILENT),
        ("stuck", making.STUCK),
        ("garbage", making.GARBLED),
        ("wrong id", making.GARBLED),
    ):
        sense, _ = motion()
        chip.faults(json.dumps({"lsm6ds3": {"fault": fault, "after_ms": 1500}}))
        error = ended(sense.run(), 10_000)
        assert error is not None, fault
        assert error.fault == expected, fault


def check_one_that_comes_back_is_felt_again():
    sense, told = motion((3000, 3250))
    chip.faults(json.dumps({"lsm6ds3": {"fault": "absent"}}))
    assert ended(sense.run(), 1000) is not None
    chip.faults("{}")
    assert ended(sense.run(), 5000) is None
    assert told.events == [(actions.MOVED, uplink.DOUBLE_TAPPED)]


def check_a_bus_that_was_stuck_for_a_while_is_felt_with_again():
    sense, told = motion((3000, 3250))
    ill = {"lsm6ds3": {"fault": "stuck", "after_ms": 500, "until_ms": 1500}}
    chip.faults(json.dumps(ill))
    assert ended(sense.run(), 2000).fault == making.STUCK
    chip.wait_ms(1000)
    assert ended(sense.run(), 5000) is None
    assert told.events == [(actions.MOVED, uplink.DOUBLE_TAPPED)]


def check_before_the_chip_sleeps_the_sensor_does_and_a_dead_one_is_no_trouble():
    sense, _ = motion()
    chip.run(sense.run(), 500)
    sense.sleep()
    assert chip.model(0x6A)._interval_us == 0
    chip.faults(json.dumps({"lsm6ds3": {"fault": "absent"}}))
    sense.sleep()


def check_skin_that_comes_and_goes_is_told():
    chip.board(PULSE="max30102")
    told = Told()
    sense = PulseSense(Max30102(Bus(5, 6)), Ring, told)
    chip.run(sense.run(), 100_000)
    chip.sense(chip.FINGER, chip.Ring.us, 0, bytes([1, 72]))
    chip.run(sense.run(), 100_000)
    assert told.of(actions.MOVED) == [uplink.PUT_ON]
    assert abs(chip.run(sense.count(15)) - 72) <= 3
    chip.sense(chip.FINGER, chip.Ring.us, 0, bytes([0, 0]))
    chip.run(sense.run(), 100_000)
    assert told.of(actions.MOVED) == [uplink.PUT_ON, uplink.TAKEN_OFF]


def check_a_pulse_sensor_that_dies_ends_its_task_with_the_reason():
    for fault, expected in (("absent", making.SILENT), ("stuck", making.STUCK)):
        chip.board(PULSE="max30102")
        sense = PulseSense(Max30102(Bus(5, 6)), Ring, Told())
        chip.faults(json.dumps({"max30102": {"fault": fault, "after_ms": 5000}}))
        error = ended(sense.run(), 100_000)
        assert error is not None, fault
        assert error.fault == expected, fault


def cell(uv):
    chip.board(BATTERY_PIN=BATTERY_PIN)
    chip.sense(chip.CELL, 0, 0, struct.pack("<I", uv))
    told = Told()
    return BatterySense(Battery(BATTERY_PIN, 2), Ring, told), told


def check_the_converters_noise_does_not_flap():
    sense, told = cell(1_900_000)
    for _ in range(6):
        chip.run(sense.run(), 600_000)
    assert len(told.events) <= 2, told.events
    millivolts, percent, charging = told.of(actions.BATTERY)[0]
    assert abs(millivolts - 3800) <= 10
    assert 38 <= percent <= 42
    assert not charging


def check_an_empty_cell_is_told_once_and_a_full_one_never():
    sense, told = cell(FULL_UV)
    chip.run(sense.run(), 60_000)
    assert told.of(actions.FAULT) == []
    chip.sense(chip.CELL, chip.Ring.us, 0, struct.pack("<I", EMPTY_UV))
    chip.run(sense.run(), 300_000)
    assert [fault for fault, _ in told.of(actions.FAULT)] == [making.LOW]


def check_a_finger_on_a_pad_is_a_press_and_a_release():
    chip.board()
    told = Told()
    button = TouchButton(BUTTON_PIN, told)
    chip.run(button.run(), 1000)
    chip.drive(BUTTON_PIN, 0)
    chip.run(button.run(), 300)
    chip.drive(BUTTON_PIN, 1)
    chip.run(button.run(), 300)
    assert [name for name, _ in told.events] == [actions.PRESSED, actions.RELEASED]


def check_a_wet_pad_is_pressed_once_and_works_again_when_the_film_is_the_new_normal():
    chip.board()
    told = Told()
    button = TouchButton(BUTTON_PIN, told)
    chip.run(button.run(), 1000)
    chip.sense(chip.PAD, chip.Ring.us, 0, struct.pack("<BI", BUTTON_PIN, 4000))
    chip.run(button.run(), 16 * 60_000)
    assert [name for name, _ in told.events][:2] == [actions.PRESSED, actions.RELEASED]
    told.events.clear()
    chip.drive(BUTTON_PIN, 0)
    chip.run(button.run(), 300)
    assert told.events == [(actions.PRESSED, None)]


def check_a_button_that_is_down_at_boot_and_stays_so_is_told_as_stuck():
    chip.board()
    chip.drive(BUTTON_PIN, 0)
    told = Told()
    button = Button(BUTTON_PIN, told)
    button._look()
    assert told.events == []
    chip.wait_ms(61_000)
    button._look()
    assert told.events == [(actions.FAULT, (making.STUCK, "button: stuck"))]


def check_a_button_that_is_held_on_and_on_is_let_go_of_and_told():
    chip.board()
    told = Told()
    button = Button(BUTTON_PIN, told)
    chip.drive(BUTTON_PIN, 0)
    button._look()
    chip.wait_ms(16 * 60_000)
    button._look()
    assert [name for name, _ in told.events] == [actions.PRESSED, actions.RELEASED, actions.FAULT]


run(globals())
