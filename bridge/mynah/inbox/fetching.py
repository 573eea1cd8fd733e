"""Which utterance is fetched from the ring, and from which frame on: one at a time. Pure."""

from collections.abc import Iterable
from typing import Final

from mynah.inbox.key import Key
from mynah.inbox.letter import Letter, Place
from mynah_wire.downlink import Fetch
from mynah_wire.uplink import OPEN

SILENT_MS: Final = 5000.0
"""Without any audio from the ring: FETCH or PASTEND was lost. Live speech, which goes first, is
audio; a page of flash takes the ring 80 ms."""

SKIP_FRAMES: Final = 50
"""What is here already, a second of it, is fetched past: less costs no more than the FETCH."""

_TOKENS: Final = 0x10000


class Fetching:
    """The one FETCH under way."""

    def __init__(self) -> None:
        self.letter: Letter | None = None
        """What is fetched; None if nothing is."""
        self.due_ms: float | None = None
        """When to stop waiting."""
        self.heard_ms = float("-inf")
        """When audio came last, asked for or not."""
        self._token = 0
        self._gained = 0

    def stop(self) -> None:
        """Nothing is fetched any more."""
        self.letter, self.due_ms = None, None

    def leave(self, key: Key) -> None:
        """Fetch this one no further."""
        if self.letter is not None and self.letter.key == key:
            self.stop()

    def tick(self, now_ms: float) -> None:
        """Time passed: what does not answer lets others pass."""
        if self.letter is not None and self.due_ms is not None and now_ms >= self.due_ms:
            self.letter.attempts += 1
            self.stop()

    def choose(self, letters: Iterable[Letter], now_ms: float) -> list[Fetch]:
        """What is still being said comes first, then the oldest; what fails lets others pass."""
        held = [letter for letter in letters if letter.place is Place.HELD]
        chosen = min(held, key=_rank, default=None)
        if chosen is None or chosen is self.letter:
            return []
        if self.letter is not None and chosen.verdict != OPEN:
            return []
        self.letter = chosen
        return [self.ask(now_ms)]

    def ask(self, now_ms: float, frame: int = 0) -> Fetch:
        """Ask for what is wanted of it, from a frame on."""
        if self.letter is None:
            raise ValueError("nothing is being fetched")
        self._token = (self._token + 1) % _TOKENS
        self._gained = 0
        self.due_ms = now_ms + SILENT_MS
        key = self.letter.key
        first = self.letter.seen.first_missing(frame) if frame else self.letter.wanted_frame
        return Fetch(self._token, key.boot_id, key.stream, first)

    def answered_by(self, token: int) -> Letter | None:
        """The letter that an answer with this token is about."""
        return self.letter if token == self._token else None

    def progressed(self, now_ms: float, *, new: bool = False) -> None:
        """Live audio came, or what was asked for: `new` if that was missing."""
        self._gained += new
        self.heard_ms = now_ms
        if self.due_ms is not None:
            self.due_ms = now_ms + SILENT_MS

    def passes(self, frame: int) -> bool:
        """Whether so much is here from this frame on that the ring should go on behind it."""
        return self.letter is not None and (
            self.letter.seen.first_missing(frame) - frame >= SKIP_FRAMES
        )

    def is_worth_repeating(self, missing: int, dropped: int) -> bool:
        """Frames were lost on the air, not by the ring, and asking again brings some of them."""
        return missing > dropped and self._gained > 0


def _rank(letter: Letter) -> tuple[bool, int]:
    return (letter.verdict != OPEN, letter.attempts)
