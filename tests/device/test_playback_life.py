"""A host that obeys its credit plays and breaks off replies in random order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mynah_device.playback import (
    FADING,
    FILLING,
    FRAME_MS,
    HUSHED,
    IDLE,
    LOADED,
    REPORTS,
    SLOTS,
    SOUNDING,
)
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.uplink import DONE, FLUSHED, PLAYING, STARTED
from tests.device.speakers import CREDIT_MS, LATENCY_MS, Speaker


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
        self.commands = 0  # since the last frame of sound; each may make the ring tell something
        self.cursors = {}
        self.started = set()
        self.taken_ms = 0

    @property
    def buffered(self):
        return self.playback._newest - self.playback._oldest

    def may_send(self):
        return self.sent_ms + FRAME_MS <= self.playback.credit_until_ms

    def may_command(self):
        return self.commands < REPORTS - 1

    @precondition(may_command)
    @rule()
    def preload(self):
        self.commands += 1
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

    @precondition(may_command)
    @rule(command=st.sampled_from(["pause", "resume", "duck"]))
    def command(self, command):
        self.commands += 1
        getattr(self.playback, command)(self.reply)

    @rule()
    def drop(self):
        if self.reply not in self.released:
            self.over.add(self.reply)
        self.playback.drop(self.reply)

    @precondition(may_command)
    @rule()
    def flush(self):
        self.commands += 1
        self.over.add(self.reply)
        self.playback.flush(self.reply)

    @rule(frames=st.integers(1, 25))
    def play(self, frames):
        self.commands = 0
        for _ in range(frames):
            position, state = self.playback._position, self.playback.state
            sound = self.speaker.take()
            self.taken_ms += FRAME_MS
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
            if state == FLUSHED:  # perhaps long after it was paused
                assert 0 <= behind_ms <= self.taken_ms
            else:
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
