"""Taps, shakes and wearing, from samples drawn by hand: tests/hardware has whole traces."""

from checks import run

from mynah_device.gestures import NONE
from mynah_device.motion import AXES, BEFORE_MS, DISTURBED_MS, Motion
from mynah_device.pulse import Pulse
from mynah_device.wearing import ASLEEP_MINUTES, OFF_MINUTES, Wearing
from mynah_device.worn import NO_SKIN, SKIN, Worn
from mynah_wire import uplink

RATE_HZ = 100
STILL = [0, 0, 1000]
BLOCK = 16
HARD_MG = 4000
SOFT_MG = 1000


def still(ms):
    return STILL * (ms * RATE_HZ // 1000)


def knock(mg):
    """20 ms of it."""
    return [mg, 0, 1000, -mg // 4, 0, 1000]


def swings(count, mg, half_ms):
    """To and fro."""
    trace = []
    for number in range(count):
        swing = [mg if number % 2 else -mg, 0, 1000]
        trace += swing * (half_ms * RATE_HZ // 1000)
    return trace


def felt(trace, motion=None):
    """All that was felt."""
    motion = motion or Motion(RATE_HZ)
    found = []
    for start in range(0, len(trace), BLOCK * AXES):
        block = trace[start : start + BLOCK * AXES]
        pattern = motion.feed(block, len(block) // AXES)
        if pattern != NONE:
            found.append(pattern)
    return found


def check_a_knock_on_a_hand_held_still_is_a_tap():
    assert felt(still(1000) + knock(HARD_MG) + still(1000)) == [uplink.TAPPED]


def check_two_knocks_are_one_double_tap():
    two = knock(HARD_MG) + still(200) + knock(HARD_MG)
    assert felt(still(1000) + two + still(1000)) == [uplink.DOUBLE_TAPPED]


def check_two_soft_knocks_confirm_each_other_and_one_is_nothing():
    two = knock(SOFT_MG) + still(200) + knock(SOFT_MG)
    assert felt(still(1000) + knock(SOFT_MG) + still(1000)) == []
    assert felt(still(1000) + two + still(1000)) == [uplink.DOUBLE_TAPPED]


def check_three_knocks_are_typing():
    three = (knock(HARD_MG) + still(200)) * 3
    assert felt(still(1000) + three + still(1000)) == []


def check_a_knock_while_the_hand_moves_is_nothing():
    moves = swings(6, 500, 400)
    assert felt(still(1000) + moves + knock(HARD_MG) + still(1000)) == []


def check_a_knock_soon_after_another_is_no_beginning():
    trace = still(1000) + knock(HARD_MG) + still(BEFORE_MS - 200) + knock(HARD_MG) + still(1000)
    assert felt(trace) == [uplink.TAPPED]


def check_a_shake_is_a_shake_once():
    assert felt(still(1500) + swings(12, 2500, 100) + still(2000)) == [uplink.SHAKEN]


def check_an_arm_that_runs_is_no_shake():
    assert felt(still(1500) + swings(40, 2500, 190) + still(2000)) == []


def check_what_swings_on_and_on_is_a_shake_at_most_once():
    assert felt(still(1500) + swings(600, 2500, 100)) == [uplink.SHAKEN]


def check_what_the_motor_does_is_not_felt():
    motion = Motion(RATE_HZ)
    assert felt(still(1008), motion) == []
    motion.disturb()
    assert felt(still(DISTURBED_MS - 96) + knock(HARD_MG) + still(992), motion) == []
    assert felt(knock(HARD_MG) + still(1000), motion) == [uplink.TAPPED]


def check_after_missing_samples_a_jump_is_no_tap():
    motion = Motion(RATE_HZ)
    felt(still(1008), motion)
    motion.pause()
    assert felt([1000, 0, 0] * 200, motion) == []


def check_any_samples_at_all_are_taken():
    seed, trace = 1, []
    for _ in range(3 * 20_000):
        seed = (seed * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        trace.append((seed >> 8) % 65536 - 32768)
    for pattern in felt(trace):
        assert uplink.TAPPED <= pattern <= uplink.AWAKE


def seconds(wearing, count, step_mg):
    """So many seconds, each so far from the one before."""
    found = []
    for second in range(count):
        x = step_mg if second % 2 else 0
        for _ in range(RATE_HZ // 8):
            pattern = wearing.feel(8 * x, 0, 8000)
            if pattern != NONE:
                found.append(pattern)
    return found


MOVES = 200
TWITCHES = 20
RESTS = 0


def worn():
    wearing = Wearing(RATE_HZ, True)
    assert seconds(wearing, 20, MOVES) == []  # what it was before, nobody knows
    return wearing


def check_what_lies_as_still_as_a_table_is_taken_off_and_what_moves_is_put_on():
    wearing = worn()
    assert seconds(wearing, (OFF_MINUTES + 2) * 60, RESTS) == [uplink.TAKEN_OFF]
    assert seconds(wearing, 20, MOVES) == [uplink.PUT_ON]


def check_a_bump_of_the_table_puts_nothing_on():
    wearing = worn()
    seconds(wearing, (OFF_MINUTES + 2) * 60, RESTS)
    assert seconds(wearing, 2, MOVES) + seconds(wearing, 60, RESTS) == []


def check_a_hand_that_only_twitches_sleeps_and_wakes():
    wearing = worn()
    found = []
    for _ in range(ASLEEP_MINUTES + 2):
        found += seconds(wearing, 58, RESTS) + seconds(wearing, 2, TWITCHES)
    assert found == [uplink.ASLEEP]
    assert seconds(wearing, 4, MOVES) + seconds(wearing, 56, RESTS) == []  # turned over
    assert seconds(wearing, 240, MOVES) == [uplink.AWAKE]


def check_with_a_better_sensor_it_does_not_say_what_is_worn():
    wearing = Wearing(RATE_HZ, False)
    seconds(wearing, 20, MOVES)
    assert seconds(wearing, (OFF_MINUTES + 2) * 60, RESTS) + seconds(wearing, 20, MOVES) == []


def check_skin_is_believed_at_the_second_look():
    skin = Worn()
    assert [skin.look(level) for level in (0, 0)] == [NONE, NONE]
    assert [skin.look(SKIN + 1), skin.look(0), skin.look(SKIN + 1)] == [NONE, NONE, NONE]
    assert skin.look(SKIN + 1) == uplink.PUT_ON
    assert [skin.look((SKIN + NO_SKIN) // 2) for _ in range(5)] == [NONE] * 5
    assert [skin.look(0), skin.look(0)] == [NONE, uplink.TAKEN_OFF]


def levels(beats, count, depth=1500):
    """What the light of a pulse gives, 25 times a second."""
    found = []
    for number in range(count):
        phase = number * beats % 1500
        dip = depth - phase * depth // 300 if phase < 300 else (phase - 300) * depth // 1200
        found.append(120_000 + dip)
    return found


def check_a_pulse_is_counted_within_three_beats():
    for beats in (45, 60, 72, 90, 120, 150):
        pulse = Pulse()
        pulse.feed(levels(beats, 25 * 15), 25 * 15)
        assert abs(pulse.beats_a_minute - beats) <= 3, (beats, pulse.beats_a_minute)


def check_noise_is_no_pulse():
    pulse, seed, noise = Pulse(), 1, []
    for _ in range(25 * 20):
        seed = (seed * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        noise.append(120_000 + (seed >> 16) % 40)
    pulse.feed(noise, len(noise))
    assert pulse.beats_a_minute == 0


run(globals())
