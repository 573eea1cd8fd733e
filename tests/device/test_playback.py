import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mynah_device.playback import (
    CURSOR_FRAMES,
    DUCKED,
    FADING,
    FILLING,
    FRAME_MS,
    FRAME_SAMPLES,
    FULL,
    HUSHED,
    IDLE,
    LOADED,
    PREBUFFER_FRAMES,
    REBUFFER_FRAMES,
    SLOT_BYTES,
    SLOTS,
    SOUNDING,
    Playback,
)
from mynah_wire.codecs import IMA_ADPCM, MULAW
from mynah_wire.uplink import DONE, FLUSHED, PAUSED, PLAYING, STARTED

CREDIT_MS = SLOTS * FRAME_MS
LATENCY_MS = 60
SILENCE = bytes(2 * FRAME_SAMPLES)


class Speaker:
    """A playback whose sound tells which frame of which reply it is, and how loud."""

    def __init__(self):
        self.playback = Playback(self._decode, self._ramp)
        self.ramps = []
        self._pcm = bytearray(SILENCE)

    def _decode(self, data, offset, pcm):
        pcm[:] = SILENCE
        pcm[:8] = data[offset + 3 : offset + 11]

    def _ramp(self, pcm, samples, first, last):
        assert samples == FRAME_SAMPLES
        self.ramps.append((first, last))

    def push(self, reply, frame):
        record = bytearray(4 + 7 + SLOT_BYTES)
        record[14:22] = reply.to_bytes(4) + (frame + 1).to_bytes(4)
        self.playback.push(reply, frame, record, 11, SLOT_BYTES)

    def load(self, reply, frames, *, finish=False):
        """A reply with some frames, not yet released."""
        sent_ms = self.playback.credit_until_ms - CREDIT_MS
        assert self.playback.preload(reply, IMA_ADPCM, sent_ms)
        for frame in range(frames):
            self.push(reply, frame)
        if finish:
            self.playback.finish(reply, frames)

    def take(self):
        """The next 20 ms: (reply, frame), or None for silence."""
        self._pcm[:] = b"\xff" * len(self._pcm)
        self.playback.take(self._pcm, LATENCY_MS)
        if self._pcm == SILENCE:
            return None
        reply, frame = int.from_bytes(self._pcm[:4]), int.from_bytes(self._pcm[4:8])
        assert self._pcm[8:] == SILENCE[8:]
        return reply, frame - 1

    def reports(self):
        """What there is to tell, all of it."""
        reports = []
        while (cursor := self.playback.cursor()) is not None:
            reports.append(cursor)
        return reports


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
    speaker = Speaker()
    speaker.load(1, 3)
    speaker.playback.go(1)
    assert [speaker.take() for _ in range(6)] == [(1, 0), (1, 1), (1, 2), None, None, None]
    assert (speaker.playback.underruns, speaker.playback.state) == (1, FILLING)

    for frame in range(3, 3 + REBUFFER_FRAMES - 1):
        speaker.push(1, frame)
    assert speaker.take() is None
    speaker.push(1, 3 + REBUFFER_FRAMES - 1)

    assert speaker.take() == (1, 3)
    assert speaker.playback.underruns == 1


def test_what_is_left_after_running_dry_is_played_when_no_more_comes():
    speaker = Speaker()
    speaker.load(1, 3)
    speaker.playback.go(1)
    for _ in range(4):
        speaker.take()
    speaker.push(1, 3)
    speaker.playback.finish(1, 4)

    assert speaker.take() == (1, 3)


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


def test_a_pause_fades_keeps_the_place_and_tells_it():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.reports()
    speaker.playback.pause(1)

    assert [speaker.take() for _ in range(3)] == [(1, 1), None, None]
    assert speaker.reports() == [(1, PAUSED, 2 * 320, 0)]
    assert speaker.ramps == [(0, FULL), (FULL, 0)]
    assert speaker.playback.resume(1)
    assert speaker.take() == (1, 2)
    assert speaker.ramps[-1] == (0, FULL)
    assert speaker.reports() == []


def test_a_pause_taken_back_at_once_is_not_heard_or_told():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.reports()
    speaker.playback.pause(1)
    speaker.playback.resume(1)

    assert speaker.take() == (1, 1)
    assert speaker.ramps[-1] == (FULL, FULL)
    assert speaker.reports() == []


def test_a_duck_and_its_end_are_ramps():
    speaker = Speaker()
    speaker.load(1, 20)
    speaker.playback.go(1)
    speaker.take()
    speaker.playback.duck(1)
    speaker.take()
    speaker.take()
    assert not speaker.playback.resume(1)
    speaker.take()

    assert speaker.ramps == [(0, FULL), (FULL, DUCKED), (DUCKED, DUCKED), (DUCKED, FULL)]


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


class Conversation(RuleBasedStateMachine):
    """A host that obeys its credit, over a link that may lose frames but never reorders them."""

    def __init__(self):
        super().__init__()
        self.speaker = Speaker()
        self.playback = self.speaker.playback
        self.reply = 0
        self.released = set()
        self.over = set()  # dropped, flushed, replaced or done
        self.sent_ms = 0
        self.next_frame = 0
        self.finished = False
        self.lost = set()  # frames of this reply that never arrived
        self.leaked = 0  # frames of earlier replies that never arrived, until the next PRELOAD
        self.cursors = {}
        self.started = set()

    @property
    def buffered(self):
        return self.playback._newest - self.playback._oldest

    def may_send(self):
        return self.sent_ms + FRAME_MS <= self.playback.credit_until_ms

    @rule()
    def preload(self):
        self.over.add(self.reply)
        self.reply += 1
        self.lost, self.leaked, self.next_frame, self.finished = set(), 0, 0, False
        assert self.playback.preload(self.reply, IMA_ADPCM, self.sent_ms)

    @precondition(lambda self: self.reply and self.reply not in self.over and not self.finished)
    @rule(frames=st.integers(1, 30), losses=st.sets(st.integers(0, 29), max_size=3))
    def send(self, frames, losses):
        for number in range(frames):
            if not self.may_send():
                return
            self.sent_ms += FRAME_MS
            if number in losses:
                self.lost.add(self.next_frame)
            else:
                before = self.buffered
                self.speaker.push(self.reply, self.next_frame)
                assert self.buffered == before + 1
            self.next_frame += 1

    @precondition(lambda self: self.over and self.may_send())
    @rule(data=st.data(), is_lost=st.booleans())
    def send_late(self, data, is_lost):
        self.sent_ms += FRAME_MS
        if is_lost:
            self.leaked += 1
        else:
            self.speaker.push(data.draw(st.sampled_from(sorted(self.over))), 50)

    @precondition(lambda self: self.reply and not self.finished)
    @rule()
    def finish(self):
        self.finished = True
        self.playback.finish(self.reply, self.next_frame)

    @rule()
    def go(self):
        if self.playback.go(self.reply):
            assert self.reply not in self.over
            self.released.add(self.reply)

    @rule(command=st.sampled_from(["pause", "resume", "duck"]))
    def command(self, command):
        getattr(self.playback, command)(self.reply)

    @rule()
    def drop(self):
        if self.reply not in self.released:
            self.over.add(self.reply)
        self.playback.drop(self.reply)

    @rule()
    def flush(self):
        self.over.add(self.reply)
        self.playback.flush(self.reply)

    @rule(frames=st.integers(1, 25))
    def play(self, frames):
        for _ in range(frames):
            position, state = self.playback._position, self.playback.state
            sound = self.speaker.take()
            if sound is not None:
                assert state in (FILLING, SOUNDING, HUSHED, FADING)
                assert sound == (self.reply, position)
                assert self.reply in self.released
                assert self.reply not in self.over or state == FADING
                assert position not in self.lost
            self.listen()
        if self.playback.state == IDLE:
            self.over.add(self.reply)

    def listen(self):
        for reply, state, samples, behind_ms in self.speaker.reports():
            before, sample = self.cursors.get(reply, (0, 0))
            assert before not in (DONE, FLUSHED), "told of a reply that is over"
            assert state not in (PLAYING, DONE) or reply in self.started
            if state == STARTED:
                assert (reply in self.started, samples) == (False, 0)
                self.started.add(reply)
            assert sample <= samples <= self.next_frame * 320 or reply != self.reply
            assert 0 <= behind_ms <= LATENCY_MS + 2 * FRAME_MS
            self.cursors[reply] = (state, samples)

    @invariant()
    def credit_is_exact(self):
        position = self.playback._position
        missing = self.leaked + sum(frame >= position for frame in self.lost)
        consumed_ms = self.playback.credit_until_ms - CREDIT_MS

        assert consumed_ms + (self.buffered + missing) * FRAME_MS == self.sent_ms
        assert self.buffered <= SLOTS

    @invariant()
    def what_is_over_is_silent(self):
        if self.playback.state in (IDLE, LOADED):
            assert not self.playback.sounds

    def teardown(self):
        """Every reply comes to its end, and the next PRELOAD finds all credit again."""
        if self.reply:
            self.go()
            self.playback.resume(self.reply)
            if not self.finished:
                self.finish()
            self.play(self.next_frame + 10)
        assert self.playback.state == IDLE
        for reply in self.released:
            assert self.cursors[reply][0] in (DONE, FLUSHED), reply
        self.preload()
        assert self.playback.credit_until_ms == CREDIT_MS + self.sent_ms


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
