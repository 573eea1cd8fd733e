"""What the store promises, one claim at a time."""

import pytest

from mynah.emulator.simulated_flash import SimulatedFlash
from mynah_device import actions
from mynah_device.held import AGAIN_MS, KEPT_MS, LIMIT
from mynah_device.log_records import START_BYTES
from mynah_device.talk import LAST_STREAM, QUIET
from mynah_wire.downlink import Fetch, Kept
from mynah_wire.uplink import (
    CROWDED,
    CUT,
    OPEN,
    SAID,
    TAP,
    Audio,
    Button,
    Counters,
    End,
    Held,
    Past,
    PastEnd,
    Ready,
    Start,
)
from tests.device.rings import Host, Shell, connected
from tests.device.storing import Bench, NoDisk

# Live.


def test_what_a_host_kept_is_forgotten_and_had_nothing_but_its_marker_in_flash():
    bench = Bench()
    bench.connect()
    bench.hold(1000)
    bench.wait(100)

    assert bench.told((Start, End, Held))[-1].frames == 51
    assert bench.host.kept == {(1, 1)}
    assert bench.ring.core.said.held.all == []
    bench.wait(10_000)
    assert bench.flash.files == {}
    assert bench.flash.written_bytes == START_BYTES + 1  # and its removal


def test_what_a_host_did_not_keep_is_told_and_in_flash_after_two_seconds_and_told_again():
    bench = NoDisk()
    bench.connect()
    bench.hold(1000)
    bench.wait(KEPT_MS - 100)
    assert bench.told(Held) == []
    assert [len(file) for file in bench.flash.files.values()] == [START_BYTES]

    bench.wait(1000)

    assert [(each.stream, each.verdict, each.frames) for each in bench.told(Held)] == [
        (1, SAID, 51)
    ]
    assert len(bench.flash.files) == 1
    bench.wait(2 * AGAIN_MS)
    assert len(bench.told(Held)) == 2


def test_while_something_is_fetched_nothing_is_told_again():
    bench = NoDisk(memory_frames=3000)
    bench.hold(30_000)
    bench.connect()
    bench.told(Held)

    bench.say(Fetch(1, 1, 1, 0))
    bench.wait(AGAIN_MS + 500)

    assert len(bench.told((Past, Held))) > 500
    assert bench.ring.core.said.fetching.active


# Away.


def test_all_that_is_held_is_told_before_the_first_counters_the_oldest_first():
    bench = NoDisk()
    bench.hold(500)
    bench.hold(700)
    bench.wait(1000)
    bench.connect()
    bench.wait(100)

    told = [type(message) for message in bench.told((Ready, Held, Counters))]
    assert told == [Ready, Held, Held, Counters]
    assert [each.stream for each in bench.held] == [1, 2]


def test_a_cut_in_the_middle_is_fetched_from_the_first_missing_frame_while_it_is_said():
    bench = Bench()
    bench.connect()
    bench.ring.press(bench.now_ms)
    bench.wait(500)
    bench.cut()
    bench.wait(500)
    bench.connect()
    bench.wait(300)
    told = bench.told((Start, Held, Past))
    assert [each.verdict for each in told if isinstance(each, Held)] == [OPEN]
    assert told[-1].frame > 50  # what is being said now
    bench.ring.release(bench.now_ms)
    bench.wait(200)

    assert bench.told((Start, End)) == []  # it is not live on this connection
    assert bench.host.kept == {(1, 1)}
    assert bench.host.letters[1, 1].missing == 0


def test_a_tap_of_what_is_not_live_is_not_told():
    bench = NoDisk()
    bench.ring.press(0)
    bench.wait(100)
    bench.ring.release(100)
    bench.connect()
    bench.wait(100)

    assert [each for each in bench.told(Button) if each.gesture == TAP] == []


def test_live_speech_comes_before_what_is_fetched():
    bench = NoDisk()
    bench.hold(20_000)
    bench.connect()
    bench.say(Fetch(1, 1, 1, 0))
    bench.wait(100)
    bench.told(Past)

    bench.hold(1000)

    heard = bench.told((Audio, Past))
    live = [number for number, each in enumerate(heard) if isinstance(each, Audio)]
    assert len(live) >= 50
    assert sum(isinstance(each, Past) for each in heard) > 50  # beside it


def test_what_nobody_holds_is_answered_with_its_end():
    _, host = connected()

    assert host.tell(Fetch(9, 7, 1, 5)) == [PastEnd(9, CROWDED, 0, 0)]


def test_what_is_still_being_said_can_not_be_kept():
    bench = NoDisk()
    bench.ring.press(0)
    bench.wait(500)
    bench.connect()

    bench.say(Kept(1, 1))

    assert len(bench.held) == 1


# Memory.


def test_a_full_memory_away_loses_the_newest_of_what_is_being_said_and_tells_it():
    bench = Bench(memory_frames=100)
    bench.hold(3000)
    bench.connect()
    bench.wait(1000)

    letter = bench.host.letters[1, 1]
    assert sorted(letter.frames) == list(range(100))
    assert (letter.length, letter.missing) == (151, 51)


def test_a_long_stream_that_is_live_loses_nothing_and_a_cut_costs_it_nothing_either():
    bench = Bench(memory_frames=100)
    bench.connect()
    bench.ring.press(0)
    bench.wait(10_000)
    bench.cut()
    bench.wait(1000)
    bench.connect()
    bench.wait(5000)
    bench.ring.release(bench.now_ms)
    bench.wait(500)

    assert bench.host.letters[1, 1].missing == 0
    assert bench.host.kept == {(1, 1)}


def test_live_speech_takes_the_place_of_what_was_said_before_and_that_is_told_lost():
    flash = SimulatedFlash()
    flash.fails = True
    bench = NoDisk(flash, memory_frames=100)
    bench.hold(1900)
    bench.connect()
    bench.hold(3000)
    bench.wait(100)

    assert bench.told(End)[-1].dropped == 0
    assert [each.verdict for each in bench.held] == [CROWDED, SAID]
    bench.say(Fetch(1, 1, 1, 0))
    bench.wait(100)
    assert bench.told(PastEnd) == [PastEnd(1, CROWDED, 96, 96)]


@pytest.mark.parametrize("limit", [LIMIT, 3], ids=["usual", "little RAM"])
def test_beyond_its_limit_that_nobody_kept_the_ring_is_deaf_and_shows_it(limit):
    bench = NoDisk()
    bench.ring.core.said.held.limit = limit
    for _ in range(limit):
        bench.hold(300)
        bench.wait(200)

    bench.hold(300)

    assert len(bench.held) == limit
    assert bench.ring.core.talk.state == QUIET
    assert bench.ring.core.light == "trouble"


# Owners.


def test_another_owner_finds_nothing():
    bench = NoDisk()
    bench.hold(1000)
    bench.wait(1000)
    assert bench.flash.files

    bench.ring._event(actions.PAIRED, bench.now_ms, bytes(32))
    bench.wait(200)

    assert (bench.held, bench.flash.files) == ([], {})


def test_the_same_key_again_is_no_other_owner():
    bench = NoDisk()
    bench.hold(1000)
    bench.ring._event(actions.PAIRED, bench.now_ms, bytes(range(32)))

    assert len(bench.held) == 1


def test_a_ring_that_nobody_owns_keeps_nothing():
    shell = Shell(key=None, flash_bytes=100_000)
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.microphone_hears(3)

    assert shell.ring.flash_job() is None
    assert shell.ring.said.held.all == []


# Names.


def test_when_stream_ids_are_used_up_the_boot_id_is_another():
    shell, _ = connected(frames=100)
    shell.ring.talk.stream = LAST_STREAM - 1
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.microphone_hears(3)
    shell.now_ms = 1000
    shell.event(actions.RELEASED)

    assert actions.DISCONNECT in shell.microphone_stops(3)
    shell.disconnect()
    shell.connect()
    again = Host(shell).shake_hands()
    held, ready = (
        next(each for each in again.heard if isinstance(each, kind)) for kind in (Held, Ready)
    )
    assert (held.boot_id, held.stream) == (7, LAST_STREAM)
    assert ready.boot_id != 7
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    assert [each.stream for each in again.listen() if isinstance(each, Start)] == [1]


def test_a_stream_that_is_cut_is_held_like_any_other():
    bench = NoDisk()
    bench.ring.press(0)
    bench.wait(901_000)
    bench.connect()

    assert [each.verdict for each in bench.told(Held)] == [CUT]
