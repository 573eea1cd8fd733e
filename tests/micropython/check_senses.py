"""Drivers of sensors on models of their registers: what they read, and what they say when ill."""

import io
import json
import struct
from array import array

import chip  # before anything that imports `machine`
from checks import run

from mynah_parts import bmi270, bus
from mynah_parts.bmi270 import FILE, FILE_BYTES, Bmi270
from mynah_parts.bus import Bus
from mynah_parts.lsm6ds3 import Lsm6ds3
from mynah_parts.max30102 import Max30102
from mynah_parts.motion import BLOCK_SAMPLES
from mynah_parts.mpu6050 import Mpu6050
from mynah_parts.part_error import PartError
from mynah_wire import making

ACCELEROMETERS = ((Lsm6ds3, "lsm6ds3", 0x6A), (Mpu6050, "mpu6050", 0x68), (Bmi270, "bmi270", 0x68))
TILTED = struct.pack("<hhh", -600, 250, 750)
NOISE_MG = 8


def provide(content):
    """What the maker put on the ring as the configuration: the model takes any bytes."""

    def open_it(name, _mode):
        if content is None:
            raise OSError(2)
        assert name == FILE
        return io.BytesIO(content)

    bmi270.open = open_it


def built(kind, name, address):
    chip.board(MOTION=name, MOTION_ADDRESS=address)
    chip.sense(chip.ACCELERATION, 0, 1000, TILTED)
    provide(bytes(FILE_BYTES))
    driver = kind(Bus(5, 6), address)
    chip.run(driver.start())
    return driver


def taken(driver):
    """All samples that wait: how many, and the last one."""
    milli_g, total = array("h", bytes(6 * BLOCK_SAMPLES)), 0
    while count := driver.read(milli_g):
        total += count
        last = list(milli_g[count * 3 - 3 : count * 3])
    return total, last if total else None


def is_near(sample, true):
    """Whether noise is all that is between them."""
    return all(abs(sample[axis] - true[axis]) <= NOISE_MG for axis in range(3))


def ill(name, fault, after_ms=0):
    """That part has that fault, from now on."""
    chip.faults(json.dumps({name: {"fault": fault, "after_ms": after_ms}}))


def error_of(function, *arguments):
    """(fault, text) of the PartError that this call must raise."""
    try:
        function(*arguments)
    except PartError as error:
        return error.fault, error.text
    raise AssertionError("no PartError")


def check_each_accelerometer_gives_milli_g_at_its_rate():
    for kind, name, address in ACCELEROMETERS:
        driver = built(kind, name, address)
        chip.wait_ms(1000)
        count, last = taken(driver)
        assert abs(count - kind.RATE_HZ) <= 2, (name, count)
        assert is_near(last, (-600, 250, 750)), (name, last)


def check_a_fifo_that_overflowed_is_in_step_again():
    for kind, name, address in ACCELEROMETERS:
        driver = built(kind, name, address)
        chip.wait_ms(30_000)
        taken(driver)
        chip.wait_ms(500)
        count, last = taken(driver)
        assert count >= kind.RATE_HZ // 2 - 2, (name, count)
        assert is_near(last, (-600, 250, 750)), (name, last)


def check_one_that_was_stopped_gives_nothing():
    for kind, name, address in ACCELEROMETERS:
        driver = built(kind, name, address)
        driver.stop()
        taken(driver)
        chip.wait_ms(1000)
        assert taken(driver)[0] == 0, name


def check_the_identities_are_the_datasheets():
    expected = {"lsm6ds3": (0x0F, 0x6A), "mpu6050": (0x75, 0x68), "bmi270": (0x00, 0x24)}
    for kind, name, address in ACCELEROMETERS:
        built(kind, name, address)
        assert expected[name] == chip.model(address).IDENTITY
    chip.board(PULSE="max30102")
    assert chip.model(0x57).IDENTITY == (0xFF, 0x15)


def check_one_that_is_not_there_is_absent():
    for kind, name, address in ACCELEROMETERS:
        chip.board(MOTION=name)
        ill(name, "absent")
        fault, text = error_of(kind, Bus(5, 6), address)
        assert (fault, text) == (making.ABSENT, f"motion: nobody answers at 0x{address:02x}")


def check_wrong_pins_are_as_if_nothing_was_there():
    chip.board(MOTION="lsm6ds3")
    assert error_of(Lsm6ds3, Bus(1, 2), 0x6A)[0] == making.ABSENT


def check_another_part_is_foreign():
    for kind, name, address in ACCELEROMETERS:
        chip.board(MOTION=name)
        ill(name, "wrong id")
        assert error_of(kind, Bus(5, 6), address)[0] == making.FOREIGN


def check_an_mpu6050_where_a_bmi270_should_be_is_foreign():
    chip.board(MOTION="mpu6050")
    assert error_of(Bmi270, Bus(5, 6), 0x68)[0] == making.FOREIGN


def check_garbage_is_foreign_at_first_and_garbled_later():
    for kind, name, address in ACCELEROMETERS:
        chip.board(MOTION=name)
        ill(name, "garbage")
        assert error_of(kind, Bus(5, 6), address)[0] == making.FOREIGN
        driver = built(kind, name, address)
        ill(name, "garbage")
        assert error_of(driver.check)[0] == making.GARBLED


def check_a_bus_that_is_held_low_is_stuck():
    for kind, name, address in ACCELEROMETERS:
        chip.board(MOTION=name, PULSE="max30102")
        ill("max30102", "stuck")
        assert error_of(kind, Bus(5, 6), address)[0] == making.STUCK


def check_one_that_dies_later_is_silent():
    for kind, name, address in ACCELEROMETERS:
        driver = built(kind, name, address)
        ill(name, "absent", chip.Ring.us // 1000)
        assert error_of(driver.check)[0] == making.SILENT


def check_a_bmi270_without_its_file_says_which():
    chip.board(MOTION="bmi270")
    provide(None)
    driver = Bmi270(Bus(5, 6), 0x68)
    fault, text = error_of(chip.run, driver.start())
    assert fault == making.SILENT
    assert FILE in text


def check_a_bmi270_with_half_its_file_says_so():
    chip.board(MOTION="bmi270")
    provide(bytes(FILE_BYTES // 2))
    driver = Bmi270(Bus(5, 6), 0x68)
    fault, text = error_of(chip.run, driver.start())
    assert fault == making.SILENT
    assert FILE in text


def pulse_sensor():
    chip.board(PULSE="max30102")
    return Max30102(Bus(5, 6))


def check_a_pulse_sensor_sees_skin_and_its_absence():
    driver, levels = pulse_sensor(), [0] * BLOCK_SAMPLES
    chip.sense(chip.FINGER, 0, 0, bytes([0, 0]))
    driver.start()
    chip.wait_ms(500)
    count = driver.read(levels)
    assert abs(count - 12) <= 1
    assert max(levels[:count]) < 5000
    chip.sense(chip.FINGER, chip.Ring.us, 0, bytes([1, 60]))
    chip.wait_ms(500)
    count = driver.read(levels)
    assert min(levels[1:count]) > 100_000


def check_a_dark_pulse_sensor_takes_nothing():
    driver, levels = pulse_sensor(), [0] * BLOCK_SAMPLES
    chip.wait_ms(1000)
    assert driver.read(levels) == 0


def check_a_pulse_sensor_that_is_ill_says_how():
    for fault, expected in (
        ("absent", making.ABSENT),
        ("wrong id", making.FOREIGN),
        ("garbage", making.FOREIGN),
        ("stuck", making.STUCK),
    ):
        chip.board(PULSE="max30102")
        ill("max30102", fault)
        assert error_of(Max30102, Bus(5, 6))[0] == expected, fault


class Pulled:
    """The data line that a part holds until it has sent the rest of its byte; and its clock."""

    def __init__(self, bits):
        self.left = bits
        self.pulses = 0

    def value(self, level=None):
        if level is None:
            return 0 if self.left else 1
        self.pulses += level
        self.left = max(0, self.left - level)
        return None


def check_a_part_that_was_stopped_in_mid_byte_is_clocked_out():
    for bits in range(1, 10):
        line = Pulled(bits)
        bus._clock_out(line, line)
        assert (line.left, line.pulses) == (0, bits)


def check_a_scan_finds_what_is_wired():
    chip.board(MOTION="lsm6ds3", PULSE="max30102", HAPTIC="drv2605l")
    assert Bus(5, 6).i2c.scan() == [0x57, 0x5A, 0x6A]


run(globals())
