"""Wiring, board files and drawings say the same, and no pin is used that should not be."""

from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from hardware.bom.lists import FOLDER
from hardware.wiring import board_file
from hardware.wiring.board_file import Board, Pin
from hardware.wiring.checks import steps_table
from hardware.wiring.drawing import drawing
from hardware.wiring.headers import CHIPS, HEADERS, RAILS, WHY
from hardware.wiring.netlist import inside, parts, wires
from hardware.wiring.table import wiring_table

NAMES = board_file.names()
# Constants that may lie on one pin: a bus has many parts, and one I2S two.
SHARED = ({"MICROPHONE_SCK", "SPEAKER_SCK"}, {"MICROPHONE_WS", "SPEAKER_WS"})
# What a board file says of its parts, and which wiring that must lead to.
NAMED = {
    "MICROPHONE_SCK": "microphone",
    "SPEAKER_SCK": "speaker",
    "HAPTIC": "haptic",
    "MOTION": "motion",
    "PULSE": "pulse",
    "BUTTON": "button",
    "LAMP": "lamp",
    "BATTERY_PIN": "battery",
}
ON_THE_BOARD = {  # parts that the board's maker has soldered on, by what the wiring calls them
    "xiao_esp32s3": {"lamp"},
    "xiao_esp32c6": {"lamp"},
    "esp32_s3_devkit": {"lamp"},
    "m5_atom_echos3r": {"microphone", "speaker", "button"},
}


def test_every_board_has_a_header():
    assert set(HEADERS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_of_a_board_file_is_wired_or_on_the_board(name):
    board = board_file.read(name)
    wanted = {part for constant, part in NAMED.items() if constant in board.constants}

    wired = {part.key.split(" ")[0] for part in parts(board)} - {"cell"}

    assert wired | ON_THE_BOARD.get(name, set()) == wanted
    assert wired & ON_THE_BOARD.get(name, set()) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_of_a_board_file_has_a_wire_or_is_inside(name):
    board = board_file.read(name)

    wired = {(wire.to, wire.gpio) for wire in wires(board) if wire.gpio is not None}

    soldered = [pin for pin in board.pins.values() if pin.name not in inside(board)]
    assert wired == {(pin.label, pin.gpio) for pin in soldered}


@pytest.mark.parametrize("name", NAMES)
def test_a_boards_labels_have_the_numbers_that_its_file_gives_them(name):
    board, header = board_file.read(name), HEADERS[name]
    labels = {
        pin.name: header.gpio[pin.label] for pin in board.pins.values() if pin.label in header.gpio
    }

    assert labels == {constant: board.pins[constant].gpio for constant in labels}


@pytest.mark.parametrize("name", NAMES)
def test_no_pin_is_used_twice(name):
    assert clashes(board_file.read(name)) == []


def clashes(board):
    """Constants on one pin that do not belong there together."""
    by_pin = {}
    for pin in board.pins.values():
        by_pin.setdefault(pin.gpio, set()).add(pin.name)
    return [names for names in by_pin.values() if len(names) > 1 and names not in SHARED]


@pytest.mark.parametrize("name", NAMES)
def test_a_soldered_pin_with_a_second_role_has_a_reason(name):
    board = board_file.read(name)
    kind = board.get("CHIP")
    soldered = [pin for pin in board.pins.values() if pin.label != "inside"]

    risky = {(kind, pin.gpio) for pin in soldered if CHIPS[kind].role(pin.gpio)}

    assert risky <= set(WHY)
    assert all(f"GPIO{gpio} is a " in wiring_table(name) for _, gpio in risky)


@pytest.mark.parametrize("name", NAMES)
def test_wires_end_at_pins_that_the_board_has(name):
    ends = {wire.to for wire in wires(board_file.read(name))} - {"open"}

    assert ends <= set(HEADERS[name].labels)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_has_power_and_ground_or_needs_none(name):
    for part in parts(board_file.read(name)):
        rails = {wire.to for wire in part.wires} & set(RAILS)

        assert rails & {"GND", "BAT-"} or part.key == "lamp active low", part.key


def test_a_microphone_is_never_given_more_than_3_3_volts():
    fed = {
        wire.to
        for name in NAMES
        for wire in wires(board_file.read(name))
        if wire.part == "microphone" and wire.pin == "VDD"
    }

    assert fed == {"3V3"}


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_shows_every_pin_of_every_part(name):
    root = ET.fromstring(drawing(name))
    texts = Counter(text for element in root.iter() if (text := element.text))
    pins = Counter(wire.pin for wire in wires(board_file.read(name)))

    assert not pins - texts


@pytest.mark.parametrize("name", NAMES)
def test_every_part_has_a_step_in_which_it_is_checked(name):
    steps = steps_table(name)

    missing = [
        part.key for part in parts(board_file.read(name)) if f"| {part.module.title} |" not in steps
    ]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_what_the_cell_feeds_is_tried_on_the_cable_and_moved_when_the_cell_goes_in(name):
    fed = {wire.to for wire in wires(board_file.read(name)) if wire.part == "speaker"}
    row = {line.split("|")[2].strip(): line for line in steps_table(name).splitlines()}

    amplifier, cell = row.get("amplifier: MAX98357A", ""), row.get("cell, protected", "")

    assert ("for now to 5V" in amplifier) == ("BAT+" in fed)
    assert ("Move VIN from 5V to BAT+" in cell) == ("BAT+" in fed)


def test_the_strapping_pins_resistor_is_told_with_its_two_ends():
    assert "10 kOhm from D0 to 3V3" in drawing("xiao_esp32c3")
    assert "10 kOhm from D0 to 3V3" in wiring_table("tap_only")


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_that_names_the_circuits_stands_on_a_page_that_links_them(name):
    page = FOLDER.parent / "builds" / f"{board_file.read(name).build}.md"

    assert "circuits.svg" not in drawing(name) or "wiring/circuits.svg)" in page.read_text("utf-8")


def test_pins_that_clash_are_found():
    pins = {name: Pin(name, 7, "D5", "") for name in ("BUTTON_PIN", "HAPTIC_PIN")}

    assert clashes(Board({}, pins, "")) == [{"BUTTON_PIN", "HAPTIC_PIN"}]


ROLES = (
    ("esp32s3", 0, "strapping"),
    ("esp32s3", 19, "USB"),
    ("esp32s3", 35, "flash"),
    ("esp32c3", 9, "strapping"),
    ("esp32c6", 13, "USB"),
    ("esp32c6", 1, None),
)


@pytest.mark.parametrize(("chip", "gpio", "role"), ROLES)
def test_a_chips_pins_are_known(chip, gpio, role):
    assert CHIPS[chip].role(gpio) == role
