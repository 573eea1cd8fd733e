import pytest

from mynah_device.playback import (
    CURSOR_FRAMES,
    FILLING,
    FRAME_MS,
    FULL,
    IDLE,
    PREBUFFER_FRAMES,
    REBUFFER_MORE,
    SLOT_BYTES,
    SLOTS,
)
from mynah_wire.codecs import IMA_ADPCM, MULAW
from mynah_wire.uplink import DONE, FLUSHED, PAUSED, PLAYING, STARTED
from tests.device.speakers import CREDIT_MS, LATENCY_MS, Speaker


def test_a_reply_is_held_silently_until_go():
    speaker = Speaker()
    speaker.load(7, 20, finish=True)

    assert [speaker.take() for _ in range(5)] == [None] * 5
    assert speaker.reports() == []
    assert not speaker.playback.sounds
    assert speaker.playback.go(7)
    assert speaker.take() == (7, 0)
    assert speaker.playback.sounds


def test_a_reply_is_played_in_order_told_of_and_over():
    speaker = Speaker()
    speaker.load(7, 25, finish=True)
    speaker.playback.go(7)
    heard, told = [], []
    for number in range(40):
        heard.append(speaker.take())
        told += [(number, *report) for report in speaker.reports()]

    assert [sound for sound in heard if sound] == [(7, frame) for frame in range(25)]
    assert told[0] == (0, 7, STARTED, 0, FRAME_MS)
    assert [told[1][2:4], told[2][2:4]] == [(PLAYING, 10 * 320), (PLAYING, 20 * 320)]
    taken, reply, state, samples, behind_ms = told[3]
    assert (reply, state, samples) == (7, DONE, 25 * 320)
    assert behind_ms == (taken - 24) * FRAME_MS >= LATENCY_MS
    assert len(told) == 4
    assert (speaker.playback.state, speaker.playback.underruns) == (IDLE, 0)
    assert speaker.playback.credit_until_ms == CREDIT_MS + 25 * FRAME_MS


def test_a_cursor_comes_every_200_ms():
    assert CURSOR_FRAMES * FRAME_MS == 200


def test_playing_waits_for_its_prebuffer():
    speaker = Speaker()
    speaker.load(1, PREBUFFER_FRAMES - 1)
    speaker.playback.go(1)
    assert speaker.take() is None

    speaker.push(1, PREBUFFER_FRAMES - 1)

    assert speaker.take() == (1, 0)


@pytest.mark.parametrize(
    ("interval_ms", "frames"),
    [(7, PREBUFFER_FRAMES), (30, PREBUFFER_FRAMES), (60, 7), (75, 9), (4000, SLOTS // 2)],
)
def test_a_longer_interval_asks_for_two_of_it_and_the_block_that_is_due(interval_ms, frames):
    speaker = Speaker()
    speaker.playback.set_interval(interval_ms)
    speaker.load(1, frames - 1)
    speaker.playback.go(1)
    assert speaker.take() is None

    speaker.push(1, frames - 1)

    assert speaker.take() == (1, 0)


def test_a_reply_shorter_than_its_prebuffer_is_played():
    speaker = Speaker()
    speaker.load(1, 1, finish=True)
    speaker.playback.go(1)

    assert speaker.take() == (1, 0)


def test_an_empty_reply_is_started_and_done():
    speaker = Speaker()
    speaker.load(1, 0, finish=True)
    speaker.playback.go(1)
    told = [report[1] for _ in range(6) if speaker.take() is None for report in speaker.reports()]

    assert told == [STARTED, DONE]


def test_running_dry_is_counted_once_and_waits_for_a_longer_buffer():
    speaker, first = Speaker(), PREBUFFER_FRAMES
    speaker.load(1, first)
    speaker.playback.go(1)
    heard = [speaker.take() for _ in range(first + 3)]
    assert heard == [(1, frame) for frame in range(first)] + [None, None, None]
    assert (speaker.playback.underruns, speaker.playback.state) == (1, FILLING)

    last = first + PREBUFFER_FRAMES + REBUFFER_MORE - 1
    for frame in range(first, last):
        speaker.push(1, frame)
    assert speaker.take() is None
    speaker.push(1, last)

    assert speaker.take() == (1, first)
    assert speaker.playback.underruns == 1


def test_what_is_left_after_running_dry_is_played_when_no_more_comes():
    speaker, first = Speaker(), PREBUFFER_FRAMES
    speaker.load(1, first)
    speaker.playback.go(1)
    for _ in range(first + 1):
        speaker.take()
    speaker.push(1, first)
    speaker.playback.finish(1, first + 1)

    assert speaker.take() == (1, first)


def test_the_speaker_is_wanted_only_where_there_is_something_to_play_or_to_wait_for():
    speaker = Speaker()
    playback = speaker.playback
    speaker.load(1, PREBUFFER_FRAMES - 1)
    playback.go(1)
    assert not playback.wanted  # not before its pre-buffer is full
    speaker.push(1, PREBUFFER_FRAMES - 1)
    assert playback.wanted
    for _ in range(PREBUFFER_FRAMES):
        speaker.take()
    assert (playback.wanted, playback.starving, playback.underruns) == (False, True, 0)
    speaker.push(1, PREBUFFER_FRAMES)
    assert (playback.wanted, playback.starving) == (True, False)
    playback.pause(1)
    assert playback.wanted  # one more frame, fading
    speaker.take()
    speaker.reports()
    assert not playback.calls
    playback.finish(1, PREBUFFER_FRAMES + 1)
    playback.resume(1)
    speaker.take()
    assert playback.wanted  # its end is still to be heard
    while playback.active:
        speaker.take()
    assert (playback.wanted, playback.calls) == (False, True)
    speaker.reports()
    assert not playback.calls


def test_a_lost_frame_costs_its_own_20_ms_and_no_more():
    speaker = Speaker()
    speaker.load(1, 2)
    for frame in (4, 5):
        speaker.push(1, frame)
    speaker.playback.finish(1, 8)
    speaker.playback.go(1)

    heard = [speaker.take() for _ in range(8)]

    assert heard == [(1, 0), (1, 1), None, None, (1, 4), (1, 5), None, None]
    assert speaker.playback.credit_until_ms == CREDIT_MS + 8 * FRAME_MS
    assert speaker.playback.underruns == 0


def test_a_flush_fades_gives_back_all_credit_and_tells_what_was_heard():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    for _ in range(5):
        speaker.take()
    speaker.reports()
    speaker.playback.flush(1)
    assert not speaker.playback.sounds

    assert [speaker.take() for _ in range(2)] == [(1, 5), None]
    assert speaker.ramps[-1] == (FULL, 0)
    assert speaker.reports() == [(1, FLUSHED, 6 * 320, 0)]
    assert speaker.playback.state == IDLE
    assert speaker.playback.credit_until_ms == CREDIT_MS + 20 * FRAME_MS


def test_audio_of_a_flushed_reply_that_still_comes_is_thrown_away_and_credited():
    speaker = Speaker()
    speaker.load(1, 5)
    speaker.playback.go(1)
    speaker.take()
    speaker.playback.flush(1)
    speaker.push(1, 5)
    speaker.take()
    speaker.push(1, 6)

    assert speaker.take() is None
    assert speaker.playback.credit_until_ms == CREDIT_MS + 7 * FRAME_MS


@pytest.mark.parametrize("silence", ["drop", "flush"])
def test_a_reply_that_was_never_released_is_never_heard(silence):
    speaker = Speaker()
    speaker.load(1, 5)
    getattr(speaker.playback, silence)(1)

    assert not speaker.playback.go(1)
    assert [speaker.take() for _ in range(3)] == [None] * 3
    assert speaker.playback.credit_until_ms == CREDIT_MS + 5 * FRAME_MS


def test_a_drop_that_comes_after_go_changes_nothing():
    speaker = Speaker()
    speaker.load(1, 5)
    speaker.playback.go(1)
    speaker.playback.drop(1)

    assert speaker.take() == (1, 0)


def test_commands_for_another_reply_change_nothing():
    speaker = Speaker()
    speaker.load(1, 9)
    speaker.playback.go(1)
    speaker.take()
    for command in ("go", "pause", "resume", "duck", "drop", "flush"):
        getattr(speaker.playback, command)(2)
    speaker.playback.finish(2, 0)

    assert speaker.take() == (1, 1)
    assert speaker.ramps[-1] == (FULL, FULL)


def test_a_new_reply_replaces_the_old_one_which_is_told_as_flushed():
    speaker = Speaker()
    speaker.load(1, 9)
    speaker.playback.go(1)
    for _ in range(3):
        speaker.take()
    speaker.reports()

    speaker.load(2, 4)
    speaker.push(1, 9)

    assert speaker.reports() == [(1, FLUSHED, 3 * 320, 0)]
    speaker.playback.go(2)
    assert speaker.take() == (2, 0)


@pytest.mark.parametrize("over", [0, 1, 2], ids=["sounding", "fading", "flushed"])
def test_the_last_word_of_a_reply_is_told_though_the_next_follows_at_once(over):
    speaker = Speaker()
    speaker.load(1, 9)
    speaker.playback.go(1)
    speaker.take()
    if over:
        speaker.playback.flush(1)
    if over > 1:
        speaker.take()
    speaker.load(2, 9)
    told = [report[:2] for report in speaker.reports()]

    assert told == [(1, STARTED), (1, FLUSHED)]


def test_a_reply_in_another_codec_is_refused_and_its_audio_credited():
    speaker = Speaker()

    assert not speaker.playback.preload(1, MULAW, 0)
    speaker.push(1, 0)
    assert (speaker.playback.state, speaker.playback.credit_until_ms) == (IDLE, CREDIT_MS + 20)


def test_credit_lost_with_the_past_is_found_again():
    speaker = Speaker()
    speaker.load(1, 3)  # and 7 more that were lost on the way
    speaker.playback.drop(1)
    assert speaker.playback.credit_until_ms == CREDIT_MS + 3 * FRAME_MS

    speaker.playback.preload(2, IMA_ADPCM, 10 * FRAME_MS)

    assert speaker.playback.credit_until_ms == CREDIT_MS + 10 * FRAME_MS


def test_a_host_that_says_it_sent_more_than_it_may_gets_no_more_than_a_bufferful():
    speaker = Speaker()
    speaker.playback.preload(1, IMA_ADPCM, 0xFFFFFFFF)

    assert speaker.playback.credit_until_ms == 2 * CREDIT_MS


def test_a_ring_of_little_memory_grants_less_credit_and_plays_all_that_fits():
    speaker = Speaker(slots=7)
    for frame in range(9):
        speaker.push(0, frame)
    assert speaker.playback.credit_until_ms == (7 + 9) * FRAME_MS  # it was for no reply

    speaker.playback.preload(1, IMA_ADPCM, 9 * FRAME_MS)
    for frame in range(9):
        speaker.push(1, frame)
    speaker.playback.finish(1, 7)
    speaker.playback.go(1)
    heard = [speaker.take() for _ in range(9)]

    assert [sound for sound in heard if sound] == [(1, frame) for frame in range(7)]


def test_what_exceeds_the_credit_is_thrown_away():
    speaker = Speaker()
    speaker.load(1, SLOTS + 5)
    speaker.playback.finish(1, SLOTS)
    speaker.playback.go(1)
    heard = [speaker.take() for _ in range(SLOTS + 5)]

    assert [sound for sound in heard if sound] == [(1, frame) for frame in range(SLOTS)]


def test_frames_beyond_the_length_that_was_promised_are_thrown_away_and_credited():
    speaker = Speaker()
    speaker.load(1, 9)
    speaker.playback.finish(1, 4)
    speaker.playback.go(1)
    heard = [speaker.take() for _ in range(9)]

    assert [sound for sound in heard if sound] == [(1, frame) for frame in range(4)]
    assert speaker.playback.credit_until_ms == CREDIT_MS + 9 * FRAME_MS


@pytest.mark.parametrize("length", [0, 2, SLOT_BYTES - 1, SLOT_BYTES + 1])
def test_a_frame_of_another_length_is_thrown_away_and_credited(length):
    speaker = Speaker()
    speaker.load(1, 0)
    speaker.playback.push(1, 0, bytearray(244), 11, length)

    assert speaker.playback.credit_until_ms == CREDIT_MS + FRAME_MS


@pytest.mark.parametrize("index", [89, 255])
def test_a_frame_that_can_not_be_decoded_is_thrown_away_and_credited(index):
    speaker = Speaker()
    speaker.load(1, 0)
    record = bytearray(244)
    record[11 + 2] = index
    speaker.playback.push(1, 0, record, 11, SLOT_BYTES)
    speaker.push(1, 1)
    speaker.playback.finish(1, 2)
    speaker.playback.go(1)

    assert [speaker.take(), speaker.take()] == [None, (1, 1)]


def test_repeated_and_older_frames_are_thrown_away():
    speaker = Speaker()
    speaker.load(1, 4)
    for frame in (3, 1, 0):
        speaker.push(1, frame)
    speaker.playback.finish(1, 4)
    speaker.playback.go(1)

    assert [speaker.take() for _ in range(5)] == [(1, 0), (1, 1), (1, 2), (1, 3), None]


@pytest.mark.parametrize(("percent", "volume"), [(100, 256), (50, 64), (10, 2), (0, 0)])
def test_the_volume_is_squared_for_the_ear(percent, volume):
    speaker = Speaker()
    speaker.playback.set_volume(percent)
    speaker.load(1, 9)
    speaker.playback.go(1)
    speaker.take()

    assert speaker.ramps == [(0, volume)]


def test_a_muted_reply_is_paused_and_flushed_like_any_other():
    speaker = Speaker()
    speaker.playback.set_volume(0)
    speaker.load(1, 9)
    speaker.playback.go(1)
    speaker.take()
    speaker.playback.pause(1)
    speaker.playback.resume(1)
    speaker.take()
    speaker.playback.flush(1)

    assert [report[1] for report in speaker.reports()] == [STARTED, PAUSED, FLUSHED]
    assert speaker.playback.state == IDLE


def test_a_new_host_begins_with_full_credit_and_nothing_to_hear():
    speaker = Speaker()
    speaker.load(1, 9)
    speaker.playback.go(1)
    speaker.take()
    speaker.playback.new_host()

    assert (speaker.playback.state, speaker.playback.credit_until_ms) == (IDLE, CREDIT_MS)
    assert (speaker.take(), speaker.reports()) == (None, [])
