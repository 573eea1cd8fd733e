"""What a maker asks of a ring over the link, and when it is told."""

import pytest

from mynah_device import actions
from mynah_device.workshop import FILLER_BYTES, MOST_FAULTS, TEXT_BYTES
from mynah_wire.downlink import Ping
from mynah_wire.making import (
    ABSENT,
    BROKEN,
    FAILED,
    STUCK,
    TAKING,
    Block,
    Fault,
    Filler,
    Found,
    Install,
    Log,
    Logs,
    Offer,
    Probe,
    Updating,
)
from mynah_wire.uplink import Audio, Battery, Counters, Pong, Ready
from tests.device.rings import KEY, Host, Shell, connected
from tests.device.test_ring import of

SMALLEST_MTU = 64  # with less no handshake comes to its end


def fault(shell, number=ABSENT, text="motion: nobody at 0x6a"):
    shell.event(actions.FAULT, (number, text))


def test_a_fault_is_told_when_it_happens_and_after_every_ready():
    shell, host = connected()
    fault(shell)
    assert host.listen() == [Fault(ABSENT, b"motion: nobody at 0x6a")]

    shell.disconnect()
    shell.connect()
    later = Host(shell).shake_hands()
    assert [type(message) for message in later.heard] == [Ready, Counters, Fault]


def test_the_same_fault_is_told_once_and_a_new_one_of_a_part_takes_the_old_ones_place():
    shell, host = connected()
    fault(shell)
    fault(shell)
    fault(shell, BROKEN, "motion: it fell off")
    fault(shell, STUCK, "button: stuck")

    assert [message.fault for message in of(Fault, host.listen())] == [BROKEN, STUCK]
    assert [number for number, _ in shell.ring.workshop.faults] == [BROKEN, STUCK]


def test_a_ring_with_more_faults_than_parts_keeps_the_newest_and_stays_in_its_memory():
    shell, host = connected()
    for number in range(3 * MOST_FAULTS):
        fault(shell, BROKEN, f"part{number}: é{'x' * 200}")

    told = of(Fault, host.listen())
    assert len(told) == MOST_FAULTS
    assert told[-1].text.startswith(b"part%d: " % (3 * MOST_FAULTS - 1))
    assert all(len(message.text) <= TEXT_BYTES for message in told)


def test_a_fault_without_a_host_is_no_reason_for_anything_but_the_log():
    shell = Shell()
    fault(shell)

    assert shell.done == []
    assert shell.ring.workshop.journal.newest.endswith("fault: motion: nobody at 0x6a, absent")


@pytest.mark.parametrize("mtu", [SMALLEST_MTU, 247])
def test_the_log_comes_line_by_line_and_says_where_it_ends(mtu):
    shell, host = connected(mtu)
    for number in range(30):
        shell.ring.workshop.journal.note(f"line {number}", 0)
    lines = host.tell(Logs(9, 4))

    assert [line.token for line in lines] == [9] * len(lines)
    assert [line.number for line in lines] == list(range(4, 32))
    assert lines[-2].text.endswith(b"line 29")
    assert lines[-1] == Log(9, 31, b"")


def test_the_log_tells_links_and_their_ends():
    shell, _ = connected()
    shell.disconnect()
    shell.connect()
    texts = [line.text for line in Host(shell).shake_hands().tell(Logs(1, 0))]

    assert [text.partition(b" s ")[2] for text in texts[:-1]] == [
        b"a host is here",
        b"the host is gone",
        b"a host is here",
    ]


def test_a_new_owner_finds_an_empty_log():
    shell, _ = connected()
    shell.event(actions.PAIRED, bytes(32))
    shell.disconnect()
    shell.connect()
    host = Host(shell, bytes(32)).shake_hands()

    assert [line.text.partition(b" s ")[2] for line in host.tell(Logs(1, 0))] == [
        b"a host is here",
        b"",
    ]


def test_control_and_speech_go_before_the_log():
    shell, host = connected()
    for number in range(20):
        shell.ring.workshop.journal.note(f"line {number}", 0)
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.microphone_hears(3)
    order = [type(message) for message in host.tell(Logs(1, 0), Ping(5))]

    assert order.index(Pong) < order.index(Audio) < order.index(Log)


def test_nothing_of_a_log_goes_to_the_next_host():
    shell, host = connected()
    for piece in host.channel.pieces(Logs(1, 0)):
        shell.event(actions.RECEIVED, host.channel.seal_piece(piece))
    shell.disconnect()
    shell.connect()

    assert of(Log, Host(shell).shake_hands().heard) == []


def test_a_test_is_handed_to_the_parts_and_its_answer_to_the_host():
    shell, host = connected()
    host.tell(Probe(7, 3, b"light"))
    assert shell.done[-1] == (actions.PROBE, (7, "light", 3))

    shell.event(actions.PROBED, (7, FAILED, "brightness=40"))
    assert host.listen() == [Found(7, FAILED, b"brightness=40")]


def test_a_test_whose_name_is_no_text_is_one_that_nobody_has():
    shell, host = connected()
    host.tell(Probe(7, 0, b"\xff\xfe"))

    assert shell.done[-1] == (actions.PROBE, (7, "", 0))


def test_an_update_is_handed_to_the_parts_and_its_course_to_the_host():
    shell, host = connected()
    orders = [Offer(1, 2, 3, bytes(32)), Block(0, b"abc"), Install(1)]
    host.tell(*orders)
    assert [value for action, value in shell.done if action == actions.UPDATE] == orders

    shell.event(actions.UPDATED, (1, TAKING, 3, ""))
    assert host.listen() == [Updating(1, TAKING, 3, b"")]


def test_the_longest_answer_goes_over_the_smallest_link():
    shell, host = connected(SMALLEST_MTU)
    shell.event(actions.PROBED, (7, FAILED, "x" * 1000))
    answers = of(Found, host.listen())

    assert len(answers) == 1
    assert shell.ring.session.proven


def test_fillers_are_counted_and_sent_as_many_as_a_test_wants():
    shell, host = connected()
    host.tell(Filler(0, bytes(100)), Filler(1, bytes(20)))
    works = shell.ring.workshop
    assert (works.filled, works.filled_bytes) == (2, 120)

    works.fill(3, 50)
    assert host.listen() == [Filler(number, bytes(50)) for number in range(3)]


def test_the_battery_is_told_when_it_changes_and_to_every_host():
    shell, host = connected()
    shell.event(actions.BATTERY, (3900, 72, False))
    assert host.listen() == [Battery(3900, 72, False)]

    shell.disconnect()
    shell.connect()
    assert of(Battery, Host(shell, KEY).shake_hands().heard) == [Battery(3900, 72, False)]


def test_no_filler_is_longer_than_a_message_may_be():
    shell, host = connected()
    shell.ring.workshop.fill(2, 0xFFFF)

    assert of(Filler, host.listen()) == [Filler(number, bytes(FILLER_BYTES)) for number in (0, 1)]
