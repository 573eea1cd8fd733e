"""How long this wearer's pauses are waited for: the plain rule, or what delay.py makes of them."""

from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.speech.asr import Transcript
from mynah.turn.delay import FLOOR_MS, MOST_MS, USUAL, Hints, Profile, delay_ms, probability
from mynah.turn.ending import ending
from mynah.turn.endpoint import SILENCE_MS
from mynah.turn.prosody import BEFORE_MS, prosody

LIKELY: Final = 0.55
"""A turn that is over so probably is worth an answer that has to be paid for."""

POSSIBLE: Final = 0.2
"""Below, an answer is not even worth a core's time."""

_BEFORE: Final = BEFORE_MS * SPEECH_HZ // 1000


class Patience:
    """Knows the wearer better with every turn; a profile of None is the plain rule."""

    def __init__(self, profile: Profile | None) -> None:
        self._profile = profile
        self._habit = USUAL

    @property
    def unknown_ms(self) -> float:
        """The silence that ends a turn whose words are not known yet."""
        return SILENCE_MS if self._profile is None else MOST_MS

    def judge(self, transcript: Transcript, speech: Samples) -> tuple[float, float]:
        """The silence that ends a turn of these words, in ms, and the probability that it is over.

        `speech` is as far as there was voice.
        """
        if self._profile is None:
            return SILENCE_MS, 1.0
        if not transcript.text:
            return MOST_MS, 0.0
        hints = Hints(
            transcript.text,
            transcript.language,
            prosody(speech[-_BEFORE:]),
            audio=transcript.end_probability,
            full_stop=transcript.full_stop,
        )
        over = probability(hints, self._habit)
        return delay_ms(over, FLOOR_MS[self._profile], self._habit), over

    def after_pause(self, pause_ms: float) -> None:
        """The wearer went on after a pause."""
        self._habit = self._habit.after_pause(pause_ms)

    def after_turn(self, transcript: str) -> None:
        """A turn is over, and these were its words."""
        self._habit = self._habit.after_turn(ending(transcript).words)
