"""What a ring says is wrong with it reaches a person, in one line, once."""

import json

import pytest

from mynah.doctor.rings import fault as finding_of
from mynah.link.faults_told import FaultsTold, line_of
from mynah_wire import making
from mynah_wire.making import ABSENT, LOW, SAFE, Fault
from mynah_wire.uplink import Ready
from tests.bridge.home import Home
from tests.bridge.virtual_time import in_virtual_time

RING = b"12345678"


def ready(boot_id=7, ring=RING):
    return Ready(ring, boot_id, 1, 0, 1, 2000, 0, b"a board")


def told(faults, boot_id, *messages):
    """The lines of one connection."""
    lines = []
    faults.met(ready(boot_id))
    for message in messages:
        faults.take(ready(boot_id), message, lines.append)
    return lines


MOTION = Fault(ABSENT, b"motion: nobody at 0x6a")
SAFE_MODE = Fault(SAFE, b"ring: 3 bad starts in a row")
MOTION_LINE = (
    "the ring's motion does not answer (nobody at 0x6a): "
    "check its wires and joints (hardware/README.md)"
)


@pytest.mark.parametrize("kind", range(ABSENT, making.BROKEN + 1))
def test_every_kind_of_fault_is_a_line_that_says_what_to_do(kind):
    line = line_of(kind, "speaker: error 19")
    what, _, step = line.rpartition(": ")

    assert what.startswith("the ring's speaker ")
    assert what.endswith("(error 19)")
    assert "newer" not in what
    assert step


def test_a_newer_rings_fault_is_told_as_well():
    assert line_of(99, "antenna: bent") == (
        "the ring's antenna has trouble of a newer kind (bent): update this bridge"
    )


def test_what_a_ring_says_moves_no_cursor():
    assert "\x1b" not in line_of(ABSENT, "motion\x1b[2J: \x07\n")


def test_it_is_told_once_however_often_the_link_comes_back():
    faults = FaultsTold()

    assert told(faults, 7, MOTION, SAFE_MODE) == [
        MOTION_LINE,
        line_of(SAFE, "ring: 3 bad starts in a row"),
    ]
    assert told(faults, 7, MOTION, SAFE_MODE) == []
    assert told(faults, 8, MOTION) == [MOTION_LINE]


def test_what_it_said_last_is_kept_for_the_doctor_until_it_says_otherwise(tmp_path):
    told(FaultsTold(tmp_path), 7, MOTION, SAFE_MODE)
    assert [line for _, line in FaultsTold(tmp_path).read([RING.hex()])] == [
        MOTION_LINE,
        line_of(SAFE, "ring: 3 bad starts in a row"),
    ]
    assert FaultsTold(tmp_path).read(["another"]) == []

    told(FaultsTold(tmp_path), 8)
    assert FaultsTold(tmp_path).read([RING.hex()]) == []


@pytest.mark.parametrize(
    "damaged", ["", "[]", "{", '{"a": 1}', '{"a": [[1]]}', '{"a": [["x", 2]]}']
)
def test_a_damaged_file_is_as_none_and_is_mended(tmp_path, damaged):
    path = tmp_path / "last" / "faults.json"
    path.parent.mkdir()
    path.write_text(damaged)

    assert FaultsTold(tmp_path).read(["a"]) == []
    told(FaultsTold(tmp_path), 7, MOTION)
    assert json.loads(path.read_text()) == {RING.hex(): [[ABSENT, "motion: nobody at 0x6a"]]}


def test_a_folder_that_cant_be_written_costs_nothing_else(tmp_path):
    (tmp_path / "last").write_text("a file where the folder should be")

    assert told(FaultsTold(tmp_path), 7, MOTION) == [MOTION_LINE]


def test_the_doctor_names_the_ring_and_the_next_step():
    finding = finding_of("ring 345678", line_of(LOW, "battery: 3210 mV"))

    assert (finding.state, finding.detail) == ("broken", "the ring's battery is empty (3210 mV)")
    assert finding.next_step == "charge it"


@in_virtual_time
async def test_in_a_conversation_it_is_told_once_over_all_connections():
    home = Home("one")
    home.ring.core.workshop.fault(ABSENT, "motion: nobody at 0x6a", 0)
    async with home.connected() as running:
        await home.live(500)
        home.ring.core.workshop.fault(LOW, "battery: 3210 mV", 0)
        await home.hold()
        await home.turn()
        await home.cut(running)
    async with home.connected():
        await home.live(500)

    assert home.troubles == [MOTION_LINE, line_of(LOW, "battery: 3210 mV")]
