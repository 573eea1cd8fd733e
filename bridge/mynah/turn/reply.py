"""One attempt at an answer, while it is made and played. Pure.

A guess that the wearer's next word made worthless is forgotten whole; the next one is a new Reply.
"""

from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.levels import dbfs, first_sound
from mynah.companions.base import Act, Instead, Said
from mynah.errors import CompanionError
from mynah.turn.heard import Clauses
from mynah_wire.uplink import DONE, FLUSHED, PAUSED, Cursor

REPLY_LIMIT: Final = 20_000
"""Characters: twenty minutes of speech. Who says more does not stop by themselves."""

SOUND_LIMIT: Final = 20 * 60 * SPEECH_HZ
"""The same of a companion that has a voice of its own."""

HEARD_MS: Final = 200.0
"""Of sound are less than a word, and nobody presses a button because of them."""

METER_SAMPLES: Final = SPEECH_HZ // 5
"""A reply's level is known as often as its cursor comes: every 200 ms."""

MS: Final = 1000 / SPEECH_HZ  # of one sample


class Reply:
    """What is answered, how it sounds, and how much of it was heard."""

    def __init__(self, reply_id: int) -> None:
        """`reply_id` names it to the speaker."""
        self.id = reply_id
        self.said: Said | None = None
        """What it answers; None until that is known."""
        self.text = ""
        """What the companion said so far."""
        self.pieces = 0
        """In how many pieces: a model's are tokens."""
        self.cut_off: str | None = None
        """Why the companion did not say the rest."""
        self.ends_ms: dict[str, float] = {}
        """When each stage first delivered, on the host's clock."""
        self.played: Cursor | None = None
        """The last cursor."""
        self.instead: Instead | None = None
        """Who answers in the companion's place, and why."""
        self.felt: list[str] = []
        """What the ring was made to do."""
        self.silent = False
        """It was given, and had nothing to be heard: it is only felt."""
        self._felt = False
        self.quiet_ms = 0.0
        """Of near silence in front of its first sound."""
        self._acts: list[tuple[int, Act]] = []  # with how many letters of the text stand before it
        self._letters = 0
        self._clauses = Clauses()
        self._sounded = False
        self._samples = 0
        self._levels: list[float] = []  # of each METER_SAMPLES

    @property
    def sounds(self) -> bool:
        """Whether the speaker was sent some of it, and has not told yet that it ended."""
        return self._samples > 0 and (self.played is None or self.played.state < DONE)

    @property
    def reached(self) -> bool:
        """Whether the wearer had any of it: heard, or felt where there was nothing to hear.

        Only what was stopped is known exactly: a ring out of reach goes on playing for a while.
        """
        if self.silent or self.played is None:
            return self.silent
        return self.played.state not in (PAUSED, FLUSHED) or self.heard_ms >= HEARD_MS

    @property
    def feels(self) -> bool:
        """Whether it is more than words."""
        return self._felt

    @property
    def lead_ms(self) -> float:
        """Of its sound that was made and not played yet."""
        return self._samples * MS - self.heard_ms

    def mark(self, stage: str, now_ms: float) -> None:
        """A stage of the waterfall delivered; only the first time counts."""
        self.ends_ms.setdefault(stage, now_ms)

    def say(self, piece: str) -> None:
        """The companion said more; CompanionError if it does not stop."""
        self.text += piece
        self.pieces += 1
        self._letters += _letters(piece)
        if len(self.text) > REPLY_LIMIT:
            raise CompanionError(f"the companion does not stop: cut after {REPLY_LIMIT} characters")

    def feel(self, act: Act) -> None:
        """The ring is to do this once the words have come here."""
        self._acts.append((self._letters, act))
        self._felt = True

    def due(self) -> list[Act]:
        """What the ring is to do now, each once."""
        if self.played is None and not self.silent:
            return []
        over = self.silent or (self.played is not None and self.played.state == DONE)
        heard = _letters(self.heard())
        due = [act for place, act in self._acts if over or place <= heard]
        self._acts = self._acts[len(due) :]
        self.felt += [act.name for act in due]
        return due

    def clause_begun(self, text: str) -> None:
        """The sound to come is of this clause."""
        self._clauses.begin(text)

    def spoke(self, samples: Samples) -> None:
        """More of its sound was made; CompanionError if that does not stop."""
        if self._samples > SOUND_LIMIT:
            minutes = SOUND_LIMIT // SPEECH_HZ // 60
            raise CompanionError(f"the companion does not stop: cut after {minutes} minutes")
        if not self._sounded:  # a piece may be shorter than the silence in front
            first = first_sound(samples)
            self._sounded = first is not None
            self.quiet_ms += (len(samples) if first is None else first) * MS
        self._samples += len(samples)
        self._clauses.made(len(samples))
        for start in range(0, len(samples), METER_SAMPLES):
            self._levels.append(dbfs(samples[start : start + METER_SAMPLES]))

    def clause_ended(self) -> None:
        """All its sound was made."""
        self._clauses.end()

    def move(self, cursor: Cursor) -> None:
        """The speaker played on."""
        self.played = cursor

    def heard(self) -> str:
        """What was played, in whole words."""
        return self._clauses.words(0 if self.played is None else self.played.samples)

    @property
    def heard_ms(self) -> float:
        """How much was played."""
        return (0 if self.played is None else self.played.samples) * MS

    @property
    def broken_off(self) -> bool:
        """Whether it began to sound, and did not come to its end."""
        return self.played is not None and self.played.state != DONE

    def says_dbfs(self) -> float | None:
        """How loud it is where it sounds now; None while it does not."""
        if self.played is None or not self.sounds:
            return None
        place = self.played.samples // METER_SAMPLES
        return self._levels[place] if place < len(self._levels) else None


def _letters(text: str) -> int:
    """How far words are: signs and spaces are not the same in what is written and spoken."""
    return sum(map(str.isalnum, text))
