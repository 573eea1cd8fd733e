"""Every frame at its place, in one turn and no other, whatever is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.link.utterance import Utterance
from mynah.turn.endpoint import PATIENCE_MS
from mynah.turn.hands_free import VOICE_MS, VOICE_OVER_REPLY_MS
from mynah_wire.uplink import CANCELLED, SAID, Audio
from tests.bridge.listening import (
    EARLY,
    EDGE_MS,
    FRAME_MS,
    SILENCE,
    STREAM,
    VOICE,
    WORD_MS,
    Listening,
)


def test_lost_frames_stay_gaps_at_their_place():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(2000)
    ring.voice(200)
    ring.lost(60)
    ring.voice(200)
    ring.silence(1000)
    segment = ring.segments[1]
    utterance = Utterance(segment.start)
    for frame, data in segment.audio.items():
        utterance.add(Audio(segment.start.stream, frame, data))
    utterance.close(segment.end)

    assert utterance.lost_frames == 3
    assert len(utterance.samples) == segment.end.frames * 320
    loud = np.flatnonzero(np.abs(utterance.samples) > 500)
    assert np.diff(loud).max() == pytest.approx(3 * 320, abs=10)


def test_a_frame_that_comes_late_finds_its_place():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(2000)
    ring.voice(200)
    late = ring.frame
    ring.lost(FRAME_MS)
    ring.voice(200)
    ring.says(Audio(STREAM, late, VOICE))
    segment = ring.segments[1]

    assert segment.audio[late - segment.first] == VOICE


def test_a_frame_of_a_turn_that_is_over_is_not_heard_again():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.silence(2000)

    assert ring.says(Audio(STREAM, 3, VOICE)) == []
    ring.voice(WORD_MS)
    assert ring.says(Audio(STREAM, 3, VOICE)) == []
    ring.silence(1000)
    assert len(ring.segments) == 2


def test_a_frame_that_is_repeated_is_not_judged_again():
    ring = Listening().tap()
    ring.silence(PATIENCE_MS)
    for _ in range(20):
        ring.says(Audio(STREAM, ring.frame - 1, VOICE))

    assert [each.end.verdict for each in ring.segments] == [CANCELLED]


def test_a_turn_whose_last_frames_were_lost_is_as_long_as_the_ring_says():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.lost(200)
    ring.end()

    assert [each.end.frames for each in ring.segments] == [ring.frame]


def test_a_long_gap_ends_a_turn_and_what_comes_after_it_is_in_the_next():
    ring = Listening().tap()
    ring.voice(WORD_MS)
    ring.lost(3000)
    voice = ring.frame
    ring.voice(WORD_MS)
    ring.silence(1000)
    first, second = ring.segments

    assert voice not in first.span
    assert voice in second.span
    assert voice - second.first in second.audio


@pytest.mark.parametrize("data", [b"", VOICE[:-1], VOICE + b"x", b"\0\0\xff" + VOICE[3:]])
def test_a_malformed_frame_is_silence(data):
    ring = Listening().tap()
    ring.sounds(data, PATIENCE_MS)

    assert ring.segments[0].end.verdict == CANCELLED


def test_a_frame_that_is_absurdly_far_off_is_nothing():
    ring = Listening().tap()

    assert ring.says(Audio(STREAM, 0xFFFFFFFF, VOICE)) == []
    ring.voice(WORD_MS)
    ring.silence(1000)
    assert [each.end.verdict for each in ring.segments] == [SAID]


SPANS = st.tuples(st.sampled_from(["voice", "silence", "lost"]), st.integers(1, 60), st.booleans())


@settings(max_examples=40, deadline=None)
@given(st.lists(SPANS, max_size=12), st.booleans())
def test_whatever_is_said_is_heard_once_at_its_place(spans, ended):
    ring = Listening().tap()
    sent = dict.fromkeys(range(EARLY), SILENCE)
    must = set()  # frames of voice long enough to be one, whatever else sounds
    for kind, frames, ring.speaking in spans:
        begin = ring.frame
        getattr(ring, kind)(frames * FRAME_MS)
        if kind != "lost":
            sent |= dict.fromkeys(range(begin, ring.frame), VOICE if kind == "voice" else SILENCE)
        need_ms = VOICE_OVER_REPLY_MS if ring.speaking else VOICE_MS
        if kind == "voice" and frames * FRAME_MS > need_ms + EDGE_MS:
            must |= set(range(begin, ring.frame))
    ring.speaking = False
    begin = ring.frame
    ring.silence(PATIENCE_MS + 1000)
    sent |= dict.fromkeys(range(begin, ring.frame), SILENCE)
    if ended:
        ring.end()

    segments = ring.segments
    spoken = [frame for each in segments for frame in each.span]
    assert spoken == sorted(set(spoken))  # in order, and none twice
    assert must <= set(spoken)
    for each in segments:
        there = {each.first + frame: data for frame, data in each.audio.items()}
        assert there == {frame: sent[frame] for frame in each.span if frame in sent}
        assert each.end.verdict == CANCELLED or VOICE in there.values()
