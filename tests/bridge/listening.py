"""A ring whose microphone a tap opened, frame by frame, and what hands free makes of it."""

from dataclasses import dataclass, field

import numpy as np

from mynah.turn.hands_free import HandsFree, Hear, Tell
from mynah_wire.adpcm import new_state
from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.codecs import IMA_ADPCM, codec
from mynah_wire.uplink import HOLD, PRESS, RELEASE, SAID, TAP, Audio, Button, End, Start

STREAM = 7
OPENED_MS = 1000
CODEC = codec(IMA_ADPCM)
FRAME_MS = CODEC.frame_ms
EARLY = 8  # frames before a tap is known as one
JUDGED_MS = 32  # at a time
EDGE_MS = 2 * JUDGED_MS + FRAME_MS
WORD_MS = 400


def coded(samples):
    """A frame of sound as the ring sends it."""
    data = bytearray(CODEC.frame_bytes)
    CODEC.encode_frame(samples.astype("<i2").tobytes(), data, 0, new_state())
    return bytes(data)


VOICE = coded(np.random.default_rng(1).normal(0, 3000, CODEC.frame_samples))
SILENCE = coded(np.zeros(CODEC.frame_samples))


class Loud:
    """Takes whatever is loud for speech, be it the smallest part of a frame."""

    def probability(self, frame):
        return float(np.abs(frame).max() > 500)


@dataclass
class Segment:
    """What the conversation heard of one stream."""

    start: Start
    audio: dict = field(default_factory=dict)  # data by frame
    end: End | None = None

    @property
    def first(self):
        """Its first frame, counted on the ring's stream."""
        return elapsed_ms(self.start.device_ms, OPENED_MS) // FRAME_MS

    @property
    def span(self):
        return range(self.first, self.first + self.end.frames)

    @property
    def done_ms(self):
        """When it ended, from the opening of the microphone on."""
        return elapsed_ms(self.end.device_ms, OPENED_MS)


class Listening:
    """The ring's side; `segments` and `told` are what came of it."""

    def __init__(self, new_detector=Loud, opened_ms=OPENED_MS):
        self.hands_free = HandsFree(new_detector)
        self.opened_ms = opened_ms
        self.frame = 0
        self.speaking = False
        self.actions = []

    def says(self, message):
        did = self.hands_free.hear(message, speaking=self.speaking)
        self.actions += did
        return did

    def tap(self):
        """Up to the moment when it is known as one."""
        self.says(Button(PRESS, self.opened_ms))
        self.says(Start(STREAM, IMA_ADPCM, HOLD, self.opened_ms))
        self.silence(EARLY * FRAME_MS)
        self.says(Button(RELEASE, self.now_ms))
        self.says(Button(TAP, self.now_ms))
        return self

    @property
    def now_ms(self):
        return after_ms(self.opened_ms, self.frame * FRAME_MS)

    def sounds(self, data, ms):
        """Of `ms` from now on; what came of it."""
        did = []
        for _ in range(ms // FRAME_MS):
            did += self.says(Audio(STREAM, self.frame, data))
            self.frame += 1
        return did

    def voice(self, ms):
        return self.sounds(VOICE, ms)

    def silence(self, ms):
        return self.sounds(SILENCE, ms)

    def lost(self, ms):
        self.frame += ms // FRAME_MS

    def end(self, verdict=SAID):
        return self.says(End(STREAM, verdict, self.frame, 0, self.now_ms))

    @property
    def told(self):
        return [action.message for action in self.actions if isinstance(action, Tell)]

    @property
    def segments(self):
        """Fails unless each stream has one START, then its audio, then at most one END."""
        segments = {}
        for message in [action.message for action in self.actions if isinstance(action, Hear)]:
            if isinstance(message, Start):
                assert message.stream not in segments
                assert all(segment.end is not None for segment in segments.values())
                segments[message.stream] = Segment(message)
            elif isinstance(message, Audio | End):
                segment = segments[message.stream]
                assert segment.end is None
                if isinstance(message, End):
                    segment.end = message
                else:
                    assert message.frame not in segment.audio
                    segment.audio[message.frame] = message.data
        return list(segments.values())
