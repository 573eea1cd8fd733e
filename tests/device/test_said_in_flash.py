"""What of it lies in flash, when it gets there, and what becomes of it there."""

from mynah.emulator.simulated_flash import SimulatedFlash
from mynah_device.log_records import FRAME_BYTES, START_BYTES
from mynah_device.saving import PIECE_FRAMES, RETRY_MS
from mynah_wire.downlink import Fetch, Kept
from mynah_wire.uplink import CROWDED, POWERLESS, SAID, Held, Past, PastEnd
from tests.device.storing import Bench, NoDisk


def test_a_press_away_from_the_host_puts_its_marker_into_flash_at_once():
    bench = NoDisk()
    bench.ring.press(0)
    bench.wait(100)

    assert [len(file) for file in bench.flash.files.values()] == [START_BYTES]
    assert bench.flash.written_bytes == START_BYTES
    bench.power_cut()
    bench.connect()
    assert [(each.boot_id, each.verdict) for each in bench.told(Held)] == [(1, POWERLESS)]


def test_nothing_but_a_marker_is_written_while_the_microphone_is_open():
    bench = NoDisk()
    bench.hold(500)
    bench.ring.press(bench.now_ms)
    bench.wait(60)
    written = bench.flash.written_bytes
    bench.wait(5000)
    assert bench.flash.written_bytes == written
    bench.ring.release(bench.now_ms)
    bench.wait(3000)
    assert bench.flash.written_bytes > written


def test_what_is_in_flash_outlives_the_power_and_is_fetched_from_there():
    bench = Bench()
    bench.hold(2000)
    bench.wait(1000)
    bench.power_cut()
    bench.connect()
    bench.wait(1000)

    assert bench.host.letters[1, 1].length == 101
    assert bench.host.letters[1, 1].missing == 0
    bench.wait(100)
    assert bench.flash.files == {}


def test_a_fetch_from_flash_begins_at_the_frame_that_is_wanted():
    bench = NoDisk()
    bench.hold(2000)
    bench.wait(1000)
    bench.power_cut()
    bench.connect()
    bench.say(Fetch(3, 1, 1, 90))
    bench.wait(500)

    assert [each.frame for each in bench.told(Past)] == list(range(90, 101))


def test_a_full_flash_gives_up_the_oldest_and_tells_it_until_it_is_kept():
    bench = NoDisk(SimulatedFlash(capacity_bytes=50_000), memory_frames=100)
    for _ in range(4):
        bench.hold(1500)
        bench.wait(1500)
    bench.power_cut()
    bench.connect()
    bench.wait(500)

    assert [each.verdict for each in bench.told(Held)] == [CROWDED, CROWDED, SAID, SAID]
    bench.say(Kept(1, 1), Kept(1, 2))
    bench.wait(500)
    assert len(bench.flash.files) == 2


def test_a_press_finds_room_for_its_marker_where_something_is_half_saved():
    pieces = 50 * PIECE_FRAMES * FRAME_BYTES
    bench = Bench(SimulatedFlash(capacity_bytes=START_BYTES + pieces + START_BYTES // 2))
    bench.hold(10_000)
    bench.wait(2000)
    bench.ring.press(bench.now_ms)
    bench.wait(500)
    bench.power_cut()
    bench.connect()

    assert [(each.stream, each.verdict) for each in bench.told(Held)] == [
        (1, POWERLESS),
        (2, POWERLESS),
    ]


def test_what_is_over_has_its_marker_before_others_are_saved():
    flash = SimulatedFlash()
    bench = Bench(flash)
    bench.hold(10_000)
    flash.fails = True
    bench.ring.press(bench.now_ms)
    bench.wait(500)
    flash.fails = False
    bench.ring.release(bench.now_ms)
    bench.wait(200)  # a second of ten is saved in it
    bench.power_cut()
    bench.connect()

    assert [each.stream for each in bench.told(Held)] == [1, 2]


def test_a_job_that_fails_for_another_file_costs_nothing_of_what_was_not_safe_yet():
    flash = SimulatedFlash()
    bench = NoDisk(flash)
    bench.hold(500)
    bench.wait(1000)
    bench.hold(5000)
    bench.connect()
    bench.wait(300)
    assert len(flash.files[2]) == START_BYTES < len(flash._unsafe[2])  # a third of it, not safe
    flash.fails = True
    bench.say(Kept(1, 1))  # its file is to go
    bench.wait(40)
    flash.fails = False
    bench.wait(3000)
    bench.power_cut()
    bench.connect()
    bench.say(Fetch(3, 1, 2, 0))
    bench.wait(3000)

    assert [each.frame for each in bench.told(Past)] == list(range(251))


def test_a_flash_that_fails_is_shown_and_tried_again():
    bench = NoDisk()
    bench.flash.fails = True
    bench.hold(500)
    bench.wait(500)
    assert bench.ring.core.light == "trouble"

    bench.flash.fails = False
    bench.wait(RETRY_MS)

    assert bench.ring.core.light == "searching"
    assert [utterance.whole for utterance in bench.held] == [True]


def test_a_page_that_can_not_be_read_costs_its_frames_and_is_told():
    bench = NoDisk()
    bench.hold(1000)
    bench.wait(1000)
    bench.power_cut()
    bench.connect()
    bench.flash.fails = True
    bench.say(Fetch(1, 1, 1, 0))
    bench.wait(200)

    assert bench.told(PastEnd) == [PastEnd(1, SAID, 51, 51)]
