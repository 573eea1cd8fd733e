"""The codec and the haptic driver on models of their registers: well, and ill."""

import json

import chip  # before anything that imports `machine`
from checks import run

from mynah_parts.bus import Bus
from mynah_parts.drv2605l import Drv2605l
from mynah_parts.es8311 import Es8311
from mynah_parts.part_error import PartError
from mynah_wire import making

MICROPHONE_CLOCKS = 64  # a sample: MicroPython receives two slots of 32 bits
SPEAKER_CLOCKS = 32  # and sends two of 16
CODEC_ADDRESS = 0x18


def codec_on(bus):
    return Es8311(bus, CODEC_ADDRESS)


PARTS = (("es8311", CODEC_ADDRESS, codec_on, "codec"), ("drv2605l", 0x5A, Drv2605l, "haptic"))
moved = []


def trace(event, **fields):
    if event == "vibration":
        moved.append(fields["strength"])


chip.Ring.trace = staticmethod(trace)


def built(name, driver):
    chip.board(**{"CODEC" if name == "es8311" else "HAPTIC": name})
    moved.clear()
    return driver(Bus(5, 6))


def error_of(function, *arguments):
    """(fault, the part's name) of the PartError that this call must raise."""
    try:
        function(*arguments)
    except PartError as error:
        return error.fault, error.text.split(":")[0]
    raise AssertionError("no PartError")


def fault_at_start(name, driver, fault):
    chip.board(**{"CODEC" if name == "es8311" else "HAPTIC": name})
    chip.faults(json.dumps({name: {"fault": fault}}))
    return error_of(lambda: driver(Bus(5, 6)))


def check_the_addresses_and_identities_are_the_datasheets():
    identities = {"es8311": (0xFD, 0x83), "drv2605l": (0x00, 0xE0)}
    for name, address, driver, _ in PARTS:
        built(name, driver)
        assert identities[name] == chip.model(address).IDENTITY, name


def check_the_codec_hears_when_told_to_listen_and_speaks_when_told_to_speak():
    codec = built("es8311", codec_on)
    model = chip.model(0x18)
    codec.listen()
    assert model.hears(MICROPHONE_CLOCKS)
    assert not model.speaks(SPEAKER_CLOCKS)
    codec.speak()
    assert model.speaks(SPEAKER_CLOCKS)
    assert not model.hears(MICROPHONE_CLOCKS)


def check_a_codec_that_lost_its_power_is_set_up_again():
    codec = built("es8311", codec_on)
    model = chip.model(0x18)
    model.reset()
    assert not model.hears(MICROPHONE_CLOCKS)
    codec.listen()
    assert model.hears(MICROPHONE_CLOCKS)
    codec.speak()
    assert model.speaks(SPEAKER_CLOCKS)


def check_the_motor_moves_as_strongly_as_told_and_stands_by_at_rest():
    haptic = built("drv2605l", Drv2605l)
    for amplitude in (255, 128, 2, 0, 64, 0):
        haptic.vibrate(amplitude)
    assert moved == [127, 64, 1, 0, 32, 0], moved
    assert chip.model(0x5A).registers[0x01] & 0x40


def check_one_that_is_not_there_or_another_or_stuck_says_so_when_it_is_built():
    expected = {
        "absent": (making.ABSENT,),
        "wrong id": (making.FOREIGN,),
        "stuck": (making.STUCK,),
        "garbage": (making.FOREIGN, making.GARBLED),
    }
    for name, _, driver, told in PARTS:
        for fault, numbers in expected.items():
            number, part = fault_at_start(name, driver, fault)
            assert number in numbers, (name, fault, number)
            assert part == told


def check_one_that_falls_silent_later_says_so_and_works_again_when_it_is_back():
    for name, _, driver, told in PARTS:
        part = built(name, driver)
        use = part.listen if name == "es8311" else lambda part=part: part.vibrate(255)
        fresh = chip._i2c._population()
        for fault, number in (("absent", making.SILENT), ("stuck", making.STUCK)):
            for answering in fresh.values():
                answering._fault = fault
            assert error_of(use) == (number, told), (name, fault)
            for answering in fresh.values():
                answering._fault = ""
            chip._pin._levels.clear()
            use()


run(globals())
