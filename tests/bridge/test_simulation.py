import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.emulator.simulation import Simulation
from mynah.errors import DeviceError
from mynah.link.delay_line import some
from mynah.link.downlink import CODEC
from mynah.link.utterance import Utterance
from mynah_device.playback import SLOTS
from mynah_wire.clock import PERIOD_MS, elapsed_ms
from mynah_wire.downlink import Close, Fetch
from mynah_wire.uplink import (
    CANCELLED,
    DONE,
    FLUSHED,
    PLAYING,
    SAID,
    STARTED,
    Audio,
    Cursor,
    End,
    Held,
    Past,
    Start,
)

KEY = bytes(range(32))
FEW = settings(max_examples=25, deadline=None)
HALF_SECOND_MS = 500
shares = st.floats(0, 0.5)
seeds = st.integers(0, 1 << 16)


def noise(ms, seed=1):
    return np.random.default_rng(seed).normal(0, 3000, ms * 16).astype(np.int16)


def connected(**options):
    """A host and a ring that know each other's clock; the first hears noise."""
    ring = SimulatedRing(KEY, clock_ms=options.pop("clock_ms", 0))
    ring.hears = noise(5000)
    simulation = Simulation(ring, KEY, **options)
    simulation.run_until(lambda: simulation.session.clock.round_trip_ms is not None)
    return simulation


def hold(simulation, ms=HALF_SECOND_MS):
    """Press, wait, release, and wait for the end to arrive, if it does."""
    simulation.ring.press(simulation.now_ms)
    simulation.run_for(ms)
    simulation.ring.release(simulation.now_ms)
    simulation.run_for(1000)


def utterance(simulation):
    """What the host has of the first stream."""
    (start,) = simulation.said(Start)
    heard = Utterance(start)
    for audio in simulation.said(Audio):
        heard.add(audio)
    for end in simulation.said(End):
        heard.close(end)
    return heard


def reply(simulation, ms, number=1):
    downlink = simulation.session.downlink
    downlink.begin(number)
    downlink.go(number)
    downlink.push(number, noise(ms))
    downlink.finish(number)


def last_cursor(simulation, number=1):
    cursors = [cursor for cursor in simulation.said(Cursor) if cursor.reply == number]
    return cursors[-1] if cursors else None


def ended(simulation, number=1):
    cursor = last_cursor(simulation, number)
    return cursor is not None and cursor.state in (DONE, FLUSHED)


def similar(left, right):
    """The correlation of two sounds."""
    return np.corrcoef(left.astype(float), right.astype(float))[0, 1]


def test_what_is_said_arrives_at_its_place_in_time():
    simulation = connected(clock_ms=PERIOD_MS - 300)  # turns over in the middle of it

    pressed_ms = simulation.now_ms
    hold(simulation)
    heard = utterance(simulation)

    first = int(pressed_ms) * 16
    assert heard.lost_frames == 0
    assert similar(heard.samples, simulation.ring.hears[first : first + len(heard.samples)]) > 0.95
    assert elapsed_ms(heard.end.device_ms, heard.start_ms) == HALF_SECOND_MS
    clock = simulation.session.clock
    assert clock.host_ms(heard.start_ms) == pytest.approx(pressed_ms, abs=1)


def test_a_reply_is_played_whole_and_its_cursor_is_true():
    simulation = connected()

    reply(simulation, 3000)
    simulation.run_until(lambda: ended(simulation))

    cursors = simulation.said(Cursor)
    assert [cursor.state for cursor in cursors] == [STARTED] + [PLAYING] * 15 + [DONE]
    assert cursors[-1].samples == 3000 * 16
    start = cursors[0].device_ms * 16
    played = simulation.ring.sound()[start : start + 3000 * 16]
    assert similar(played, noise(3000)) > 0.95
    assert simulation.session.counters.underruns == 0


def test_it_comes_out_the_same_each_time():
    runs = []
    for _ in range(2):
        simulation = connected()
        simulation.up.loses = some(0.1, seed=5)
        hold(simulation)
        reply(simulation, 400)
        simulation.run_for(2000)
        runs.append((simulation.heard, simulation.ring.played))

    assert runs[0] == runs[1]


def sent_for_an_utterance():
    """The number of the first notification of a half second of speech, and the number after."""
    simulation = connected()
    first = simulation.up.carried
    hold(simulation)
    return first, simulation.up.carried


@pytest.mark.parametrize("number", range(*sent_for_an_utterance()))
def test_losing_any_one_notification_costs_at_most_its_own_frame(number):
    simulation = connected()
    whole = connected()
    hold(whole)
    complete = utterance(whole).samples

    simulation.up.loses = lambda carried: carried == number
    hold(simulation)
    if not simulation.said(Start):
        return  # START was lost: without it there is no stream to place frames in
    heard = utterance(simulation)

    differ = np.flatnonzero(heard.samples != complete[: len(heard.samples)]) // CODEC.frame_samples
    assert len(set(differ)) == heard.lost_frames <= 1
    assert len(complete) - len(heard.samples) in (0, CODEC.frame_samples)


@FEW
@given(shares, seeds)
def test_gaps_on_the_sample_clock_are_counted_however_many(share, seed):
    simulation = connected()
    simulation.up.loses = some(share, seed)
    simulation.ring.press(simulation.now_ms)
    simulation.run_for(HALF_SECOND_MS)
    simulation.up.loses = lambda _number: False
    simulation.ring.release(simulation.now_ms)
    simulation.run_for(1000)

    if simulation.said(Start):
        heard = utterance(simulation)
        got = {audio.frame for audio in simulation.said(Audio)}
        assert (heard.frames, heard.lost_frames) == (len(got), heard.end.frames - len(got))


@FEW
@given(shares, shares, seeds, st.lists(st.integers(20, 3000), min_size=1, max_size=4))
def test_a_host_that_obeys_credit_never_overruns_the_ring(up, down, seed, lengths_ms):
    simulation = connected()
    simulation.up.loses = some(up, seed)
    simulation.down.loses = some(down, seed + 1)
    playback = simulation.ring.core.playback
    downlink = simulation.session.downlink
    pushed = playback.push

    def push(number, frame, record, offset, length):
        assert playback._newest - playback._oldest < SLOTS, "no room for what was sent"
        pushed(number, frame, record, offset, length)

    playback.push = push
    for number, length_ms in enumerate(lengths_ms, 1):
        reply(simulation, length_ms, number)
        simulation.run_for(length_ms / 2)
        assert downlink.sent_ms <= playback.credit_until_ms


def test_credit_lost_with_the_past_is_found_again_by_the_next_reply():
    simulation = connected()
    simulation.down.loses = some(0.9, seed=1)
    reply(simulation, 1900)
    simulation.run_for(3000)
    simulation.down.loses = lambda _number: False

    reply(simulation, 2500, 2)
    simulation.run_until(lambda: ended(simulation, 2))

    assert last_cursor(simulation, 2).samples == 2500 * 16


def test_a_reply_whose_frames_are_lost_keeps_its_time():
    simulation = connected()
    first_frame = simulation.down.carried + 2
    lost = {first_frame, first_frame + 7, first_frame + 8, first_frame + 49}
    simulation.down.loses = lambda number: number in lost

    reply(simulation, 1000)
    simulation.run_for(3000)

    cursor = last_cursor(simulation)
    assert (cursor.state, cursor.samples) == (DONE, 1000 * 16)


def test_a_press_while_it_speaks_stops_it_and_says_what_was_heard():
    simulation = connected()
    reply(simulation, 5000)
    simulation.run_until(lambda: last_cursor(simulation))
    simulation.run_for(1000)

    pressed_ms = simulation.now_ms
    simulation.ring.press(pressed_ms)
    simulation.run_for(100)
    simulation.ring.release(simulation.now_ms)
    simulation.run_for(500)

    cursor = last_cursor(simulation)
    assert cursor.state == FLUSHED
    started = simulation.said(Cursor)[0].device_ms
    assert cursor.samples / 16 == pytest.approx(cursor.device_ms - started, abs=20)
    assert not simulation.ring.sound()[int(pressed_ms + 150) * 16 :].any()
    assert [end.verdict for end in simulation.said(End)] == [CANCELLED]


def test_a_tap_opens_a_stream_that_the_host_closes():
    simulation = connected()
    simulation.ring.press(simulation.now_ms)
    simulation.run_for(100)
    simulation.ring.release(simulation.now_ms)
    simulation.run_for(500)
    assert simulation.said(End) == []

    simulation.session.tell(Close(1))
    simulation.run_for(500)

    assert [end.verdict for end in simulation.said(End)] == [SAID]


def test_a_cut_silences_the_ring_and_what_was_said_meanwhile_is_held_for_the_next_host():
    simulation = connected()
    reply(simulation, 3000)
    simulation.run_for(500)

    simulation.cut()
    simulation.run_for(300)
    silent_from = int(simulation.now_ms) * 16
    hold(simulation)
    again = Simulation(simulation.ring, KEY, now_ms=simulation.now_ms)
    again.run_for(1000)
    (held,) = again.said(Held)
    again.session.tell(Fetch(5, held.boot_id, held.stream, 0))
    again.run_for(1000)

    assert not simulation.ring.sound()[silent_from:].any()
    assert again.said(Start) == []
    assert [past.frame for past in again.said(Past)] == list(range(held.frames))
    assert held.frames * CODEC.frame_ms >= HALF_SECOND_MS


def test_a_stranger_is_refused_and_hung_up_on():
    simulation = Simulation(SimulatedRing(KEY), bytes(32))

    with pytest.raises(DeviceError, match="the keys differ"):
        simulation.run_for(1000)

    assert simulation.ring.hung_up


def test_a_ring_that_is_gone_is_noticed():
    simulation = connected()
    simulation.up.loses = lambda _number: True

    with pytest.raises(DeviceError, match="fell silent"):
        simulation.run_for(10_000)


def test_what_never_comes_is_not_waited_for_for_ever():
    simulation = connected()

    with pytest.raises(TimeoutError):
        simulation.run_until(lambda: False, patience_ms=3000)


@pytest.mark.parametrize(("up_ms", "down_ms"), [(5, 100), (100, 5), (0, 0), (60, 60)])
def test_it_works_at_any_delay(up_ms, down_ms):
    simulation = connected(up_ms=up_ms, down_ms=down_ms)

    hold(simulation)
    reply(simulation, 1000)
    simulation.run_until(lambda: ended(simulation))

    assert utterance(simulation).lost_frames == 0
    assert last_cursor(simulation).samples == 1000 * 16
    error_ms = simulation.session.clock.host_ms(int(simulation.now_ms)) - simulation.now_ms
    assert abs(error_ms) <= (up_ms + down_ms) / 2 + 1
