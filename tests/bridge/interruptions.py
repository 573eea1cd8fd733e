"""What a press in the middle of a reply comes to: how soon it is silent, what is remembered."""

import random
from dataclasses import dataclass, field

import numpy as np

from mynah.audio import SPEECH_HZ
from tests.bridge.word_voice import words_played

SILENT_WITHIN_MS = 150
SENTENCES = (
    "The river begins high up in the mountains, where the snow melts in spring.",
    "It winds through the forest, past villages and farms, until it reaches the sea.",
    "Let me tell you about an extraordinarily complicated responsibility.",
    "Oh, no, I am so sorry to hear that.",
    "Do you want to talk about it, or shall we go for a walk?",
    "First, switch it off at the wall; second, wait for about ten seconds.",
)
REPLY_SENTENCES = 2


@dataclass
class Talker:
    """A companion with something to say, and what it is told was heard of it."""

    chance: random.Random
    said: list[str] = field(default_factory=list)
    _asked: list[int] = field(default_factory=list)
    _told: dict[int, str] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)  # so that no id comes twice

    @property
    def remembered(self):
        """Of each reply; one that nobody told of was not heard."""
        return [self._told.get(asked, "") for asked in self._asked]

    async def reply(self, said):
        self._asked.append(id(said))
        self._kept.append(said)
        self.said.append(" ".join(self.chance.sample(SENTENCES, REPLY_SENTENCES)))
        yield self.said[-1]

    def heard(self, said, text):
        assert id(said) not in self._told
        self._told[id(said)] = text

    async def close(self):
        pass


@dataclass(frozen=True, slots=True)
class Press:
    silent_ms: float
    """After it; 0 if nothing sounded just then."""
    words_off: int
    """What is remembered, less what sounded."""


def judged(sound, span_ms, said, remembered, pace):
    """The span is from the release before the reply, over the press, to the next release."""
    released, pressed, over = (round(ms) * SPEECH_HZ // 1000 for ms in span_ms)
    assert f"{said} ".startswith(f"{remembered} ".lstrip())
    return Press(
        float(max(np.flatnonzero(sound[pressed:over]), default=0)) * 1000 / SPEECH_HZ,
        len(remembered.split()) - int(words_played(sound[released:over], said, pace)),
    )


def told(presses):
    percentiles = np.percentile([press.silent_ms for press in presses], (50, 95, 100))
    words_off = sorted(int(press.words_off) for press in presses)
    return "silent after {:.0f} ms p50, {:.0f} p95, {:.0f} max; words off {}".format(
        *percentiles, words_off
    )
