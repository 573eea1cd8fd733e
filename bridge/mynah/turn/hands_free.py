"""One tap, many turns: cuts the stream that a tap opened into one stream for each thing said. Pure.

    closed --start--> passing --tap--> hearing --silence--> listening --voice--> hearing ...
       ^                 |                |                     |
       +-----end---------+-------end------+---------end---------+

In and out go the ring's own messages. A stream whose button is held passes unchanged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Final

from mynah.audio import SPEECH_HZ
from mynah.errors import DeviceError
from mynah.turn.ear import Ear, milliseconds
from mynah.turn.endpoint import PATIENCE_MS, SILENCE_MS, Detector
from mynah_wire import uplink
from mynah_wire.clock import after_ms
from mynah_wire.downlink import Close, Keep
from mynah_wire.message import Message
from mynah_wire.uplink import CANCELLED, SAID, TAP, Audio, Button, End, Start

VOICE_MS: Final = 96
"""Of voice begin a turn while nobody speaks: any word has it, a knock doesn't."""

VOICE_OVER_REPLY_MS: Final = 288
"""Of voice while a reply sounds: a cough is shorter, and so is each half of a "mm-hm"."""

DUCK_MS: Final = 96
"""Of voice make a reply softer: any word has it, a knock doesn't, and it costs nothing."""

CALM_MS: Final = 320
"""Without voice: it was nothing. Within a phrase people are silent for less."""

BEFORE_VOICE_MS: Final = 400
"""Kept from before the voice: the first consonant, and what the detector doubted at first."""

LISTENING_MS: Final = 60_000
"""Without voice or reply, the microphone is closed: nobody thinks so long about what to say.

As long as the ring itself leaves a stream open that nobody wants.
"""

LONGEST_MS: Final = 300_000
"""Nobody talks for five minutes without a pause; a television does."""

KEEP_MS: Final = 20_000
"""Between two KEEPs: one of them may be lost before the ring's own limit of 60 s."""

_BEFORE_VOICE: Final = BEFORE_VOICE_MS * SPEECH_HZ // 1000

EARLY_FRAMES: Final = 50
"""Before a tap is known as one: 250 ms in the shortest frames, those of 5 ms."""

FIRST_OWN_STREAM: Final = 0x10000
"""The ring's own streams have 16 bits. The others have those of the stream they were cut from,
and a number above."""


def ring_stream(stream: int) -> int:
    """The ring's own stream that this one is, or was cut from."""
    return stream % FIRST_OWN_STREAM


class State(StrEnum):
    """What the ring's microphone is open for."""

    CLOSED = "closed"
    PASSING = "passing"
    """Held, or not yet known to be a tap."""
    HEARING = "hearing"
    """Something is being said."""
    LISTENING = "listening"
    """For the next thing that is said."""


@dataclass(frozen=True, slots=True)
class Hear:
    """To be taken as if the ring had said it."""

    message: Message


@dataclass(frozen=True, slots=True)
class Tell:
    """To be sent to the ring."""

    message: Message


Action = Hear | Tell


class HandsFree:
    """All streams of one connection."""

    def __init__(
        self, new_detector: Callable[[], Detector], unknown_ms: float = SILENCE_MS
    ) -> None:
        """`new_detector` makes a detector of speech that has heard nothing.

        `unknown_ms` is the silence that ends a turn, unless `wait` says otherwise.
        """
        self._new_detector = new_detector
        self._unknown_ms = unknown_ms
        self._numbers = count(1)
        self._start: Start | None = None
        self._early: dict[int, Audio] = {}  # by frame
        self._tapped: _Tapped | None = None

    @property
    def state(self) -> State:
        """What the microphone is open for."""
        if self._start is None:
            return State.CLOSED
        if self._tapped is None:
            return State.PASSING
        return State.LISTENING if self._tapped.stream is None else State.HEARING

    @property
    def is_tapped(self) -> bool:
        """Whether the microphone is open for more than what a held button says."""
        return self._tapped is not None

    @property
    def taken(self) -> int | None:
        """Up to which frame of the ring's stream all was heard that is no part of what is being
        said; None if the stream is over, or was no tap's.
        """
        return None if self._tapped is None else self._tapped.first

    @property
    def level_dbfs(self) -> float | None:
        """How loud it is at a microphone that a tap opened; None while there is none."""
        return None if self._tapped is None else self._tapped.level_dbfs

    @property
    def is_voice(self) -> bool:
        """Whether there is a voice at a microphone that a tap opened, or was a moment ago."""
        return self._tapped is not None and self._tapped.is_voice

    def wait(self, wait_ms: float | None) -> None:
        """The silence that ends what is being said, in the pause that goes on; None: unknown."""
        if self._tapped is not None:
            self._tapped.wait_ms = self._unknown_ms if wait_ms is None else wait_ms

    def dismiss(self) -> None:
        """What is being said is no turn: it is heard no further."""
        if self._tapped is not None:
            self._tapped.dismiss()

    def hear(self, message: Message, *, speaking: bool) -> list[Action]:
        """The ring said something, while a reply sounds or not.

        An END that is not the ring's own says in `device_ms` when the voice ended.
        DeviceError if the ring can't say it now.
        """
        stream = None if self._start is None else self._start.stream
        if self._tapped is not None:
            self._tapped.speaking = speaking
        match message:
            case Start():
                return [*self._end(None), *self._begin(message)]
            case Button(gesture=uplink.TAP):
                return [Hear(message), *self._tap()]
            case Audio() if message.stream == stream:
                return self._listen(message)
            case End() if message.stream == stream:
                return self._end(message)
            case _:
                return [Hear(message)]

    def _begin(self, start: Start) -> list[Action]:
        self._start = start
        return [Hear(start)]

    def _tap(self) -> list[Action]:
        start, early, self._early = self._start, self._early, {}
        if start is None:
            return []  # of a stream that began on an earlier connection
        if self._tapped is not None:
            raise DeviceError(f"the ring told of a tap in state {self.state}")
        ear = Ear(start.codec, self._new_detector())
        self._tapped = _Tapped(start, ear, self._numbers, self._unknown_ms)
        actions: list[Action] = []
        for frame in sorted(early):
            actions += self._tapped.judge(early[frame])
        return actions

    def _listen(self, audio: Audio) -> list[Action]:
        if self._tapped is not None:
            return self._tapped.hear(audio)
        if audio.frame < EARLY_FRAMES:
            self._early[audio.frame] = audio
        return [Hear(audio)]

    def _end(self, end: End | None) -> list[Action]:
        """The stream is over; without END, because the next began."""
        tapped = self._tapped
        self._start, self._tapped, self._early = None, None, {}
        if tapped is not None:
            return tapped.end(0 if end is None else end.frames)
        return [] if end is None else [Hear(end)]


class _Tapped:
    """A stream that a tap opened, from then on."""

    def __init__(self, start: Start, ear: Ear, numbers: Iterator[int], wait_ms: float) -> None:
        """The ring's stream is the first of those it is cut into; `numbers` name the others."""
        self.wait_ms = wait_ms
        """The silence that ends what is being said."""
        self.stream: int | None = start.stream
        """What is being said; None between two."""
        self.speaking = False
        """Whether a reply sounds."""
        self._start = start
        self._ear = ear
        self._numbers = numbers
        self._first = 0  # frame of what is being said, or that may yet be
        self._spoken = False  # there is voice in it
        self._waiting: dict[int, Audio] = {}  # by frame: what may belong to the next
        self._silent_since = 0  # sample: the last voice or reply
        self._voice_until = -ear.place(EARLY_FRAMES)  # sample: the last voice worth a duck
        self._kept_at = 0  # sample: the last KEEP

    @property
    def first(self) -> int:
        """The first frame of what is being said, or may yet be."""
        return self._first

    @property
    def level_dbfs(self) -> float:
        """How loud it was last."""
        return self._ear.level_dbfs

    @property
    def is_voice(self) -> bool:
        """Between two words it still is."""
        ear = self._ear
        if ear.voice_ms >= DUCK_MS:
            self._voice_until = ear.voice_end
        return milliseconds(ear.heard - self._voice_until) < CALM_MS

    def dismiss(self) -> None:
        """Listen for the next thing that is said."""
        if self.stream is not None:
            self.stream, self._spoken = None, False
            self._first = self._ear.next_frame
            self._silent_since = self._ear.heard
            self._voice_until = self._ear.heard - CALM_MS * SPEECH_HZ // 1000
            self._ear.forget()

    def hear(self, audio: Audio) -> list[Action]:
        """A frame."""
        ear = self._ear
        if ear.is_far(audio.frame):
            return []
        ear.wait(audio.frame)
        before = self._decide()  # a gap may have ended what was being said
        return [*before, *self._take(audio), *self.judge(audio)]

    def judge(self, audio: Audio) -> list[Action]:
        """A frame that has its place already."""
        self._ear.hear(audio)
        return [*self._decide(), *self._keep_open()]

    def end(self, frames: int) -> list[Action]:
        """The ring closed the microphone after so many frames."""
        return [] if self.stream is None else self._end(max(frames, self._ear.next_frame))

    def _take(self, audio: Audio) -> list[Action]:
        if audio.frame < self._first:
            return []
        if self.stream is None:
            self._waiting[audio.frame] = audio
            return []
        if self.stream == audio.stream:
            return [Hear(audio)]
        return [Hear(Audio(self.stream, audio.frame - self._first, audio.data))]

    def _decide(self) -> list[Action]:
        ear = self._ear
        voice = ear.voice_ms >= (VOICE_OVER_REPLY_MS if self.speaking else VOICE_MS)
        if self.stream is None:
            return self._begin() if voice else self._grow_silent()
        self._spoken = self._spoken or voice
        begin = ear.place(self._first)
        if self._spoken:
            over = milliseconds(ear.heard - ear.voice_end) >= self.wait_ms
            over = over or milliseconds(ear.heard - begin) >= LONGEST_MS
        else:
            over = ear.voice_begin is None and milliseconds(ear.heard - begin) >= PATIENCE_MS
        return self._end(ear.next_frame) if over else []

    def _begin(self) -> list[Action]:
        self._forget()
        start = self._start
        self.stream, self._spoken = next(self._numbers) * FIRST_OWN_STREAM + start.stream, True
        begin_ms = after_ms(start.device_ms, milliseconds(self._ear.place(self._first)))
        waiting, self._waiting = self._waiting, {}
        return [
            Hear(Start(self.stream, start.codec, TAP, begin_ms)),
            *[action for audio in waiting.values() for action in self._take(audio)],
        ]

    def _end(self, next_frame: int) -> list[Action]:
        ear, spoken = self._ear, self._spoken
        done_ms = milliseconds(ear.voice_end if spoken else ear.heard)
        end = End(
            self.stream or 0,
            SAID if spoken else CANCELLED,
            next_frame - self._first,
            0,
            after_ms(self._start.device_ms, done_ms),
        )
        self.stream, self._spoken = None, False
        self._first = next_frame
        self._silent_since = ear.heard
        return [Hear(end)]

    def _grow_silent(self) -> list[Action]:
        ear = self._ear
        self._forget()
        if self.speaking:
            self._silent_since = ear.heard
        silent_ms = milliseconds(ear.heard - self._silent_since)
        if silent_ms < LISTENING_MS or ear.voice_begin is not None:
            return []
        self._silent_since = ear.heard
        return [Tell(Close(self._start.stream))]

    def _forget(self) -> None:
        """What is too old to belong to a voice that began just now."""
        ear = self._ear
        begin = ear.heard if ear.voice_begin is None else ear.voice_begin
        oldest = ear.frame_at(max(0, begin - _BEFORE_VOICE))
        self._first = max(self._first, oldest)
        self._waiting = {
            frame: audio for frame, audio in self._waiting.items() if frame >= self._first
        }

    def _keep_open(self) -> list[Action]:
        if milliseconds(self._ear.heard - self._kept_at) < KEEP_MS:
            return []
        self._kept_at = self._ear.heard
        return [Tell(Keep(self._start.stream))]
