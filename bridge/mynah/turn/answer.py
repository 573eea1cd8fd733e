"""One answer while it is made and played: what was said, what was heard, what it cost. Pure."""

from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.levels import dbfs, first_sound
from mynah.companions.base import Said
from mynah.errors import CompanionError
from mynah.link.clock import ClockEstimate
from mynah.link.utterance import Utterance
from mynah.turn.endpoint import Endpoint
from mynah.turn.heard import Clauses
from mynah.turn.record import LinkFigures, Stopwatch, TurnRecord
from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.uplink import DONE, TAP, Counters, Cursor

REPLY_LIMIT: Final = 20_000
"""Characters: twenty minutes of speech. Who says more does not stop by themselves."""

EARLIER_SAMPLES: Final = 300 * SPEECH_HZ
"""Five minutes: who goes on and on without an answer is a television."""

METER_SAMPLES: Final = SPEECH_HZ // 5
"""A reply's level is known as often as its cursor comes: every 200 ms."""

INTERVAL_UNIT_MS: Final = 1.25
MS: Final = 1000 / SPEECH_HZ  # of one sample


class Answer:
    """Starts with the wearer's first sound, ends with the reply's last."""

    def __init__(
        self,
        turn: int,
        utterance: Utterance,
        counters: Counters | None,
        earlier: Samples | None = None,
    ) -> None:
        """`counters` are the ring's at the start of the turn, `earlier` what `go_on` gave."""
        self.turn = turn
        self.reply_id = (turn - 1) % 0xFFFF + 1
        self.utterance = utterance
        self.continued = False
        """The wearer went on before it sounded: the next turn answers this one's words too."""
        self.transcript = ""
        self.said: Said | None = None
        """The same, as the companion was told it."""
        self.text = ""
        """What the companion said so far."""
        self.cut_off: str | None = None
        """Why the companion did not say the rest."""
        self.played: Cursor | None = None
        """The last cursor."""
        self.endpoint: Endpoint | None = None
        """Listens for the end of a stream that a tap opened."""
        self.touch = False
        """The button was only touched, to stop a reply: nothing was said."""
        self.tapped = utterance.cause == TAP
        """No button is held: its end is found by ear."""
        self.closed = False
        """That end was heard, and the ring told."""
        self._earlier = np.zeros(0, np.int16) if earlier is None else earlier
        self._counters = counters
        self._clauses = Clauses()
        self._samples = 0
        self._levels: list[float] = []  # of each METER_SAMPLES
        self._lead_ms = 0.0  # of near silence in front of the reply's first sound
        self._done_ms: int | None = None
        self._start_ms: int | None = None
        self._watch: Stopwatch | None = None

    @property
    def sounds(self) -> bool:
        """Whether the ring was sent some of it, and has not told yet that it ended."""
        return self._samples > 0 and (self.played is None or self.played.state < DONE)

    @property
    def speech(self) -> Samples:
        """All that the answer has to answer."""
        return np.concatenate((self._earlier, self.utterance.samples))

    def go_on(self) -> Samples | None:
        """The wearer goes on before an answer sounds: what the next turn has to answer as well."""
        speech = self.speech
        self.continued = len(speech) <= EARLIER_SAMPLES
        return speech if self.continued else None

    def commit(self, clock: ClockEstimate, now_ms: float) -> None:
        """The wearer is done: at the release of a held button, at the last speech after a tap."""
        end = self.utterance.end
        if end is None:
            raise ValueError(f"turn {self.turn} was committed before its stream ended")
        speech_end = None if self.endpoint is None else self.endpoint.speech_end
        self._done_ms = end.device_ms
        if speech_end is not None:
            self._done_ms = after_ms(self.utterance.start_ms, round(speech_end * MS))
        if clock.round_trip_ms is None:
            return  # what was said before the ring was in reach may all come before the first PONG
        done_ms = clock.host_ms(self._done_ms)
        self._watch = Stopwatch(done_ms)
        if self.tapped:
            self._watch.mark("uplink", done_ms + clock.round_trip_ms / 2)
            self._watch.mark("endpoint_wait", now_ms)
        self._watch.mark("uplink", now_ms)

    def say(self, piece: str) -> None:
        """The companion said more; CompanionError if it does not stop."""
        self.text += piece
        if len(self.text) > REPLY_LIMIT:
            raise CompanionError(f"the companion does not stop: cut after {REPLY_LIMIT} characters")

    def mark(self, stage: str, now_ms: float) -> None:
        """A stage of the waterfall ended."""
        if self._watch is not None:
            self._watch.mark(stage, now_ms)

    def spoke(self, samples: Samples) -> None:
        """More sound of the reply was made."""
        if self._samples == 0:
            self._lead_ms = (first_sound(samples) or 0) * MS
        self._samples += len(samples)
        self._clauses.made(len(samples))
        for start in range(0, len(samples), METER_SAMPLES):
            self._levels.append(dbfs(samples[start : start + METER_SAMPLES]))

    def clause_begun(self, text: str) -> None:
        """The sound to come is of this clause."""
        self._clauses.begin(text)

    def clause_ended(self) -> None:
        """All its sound was made."""
        self._clauses.end()

    def move(self, cursor: Cursor) -> None:
        """The ring played on."""
        self.played = cursor

    def start(self, cursor: Cursor) -> None:
        """The ring plays the first sample."""
        self._start_ms = after_ms(cursor.device_ms, round(self._lead_ms))
        if self._watch is not None and self._done_ms is not None:
            # From done to heard on the ring's own clock: exact, whatever is known of it here.
            whole_ms = elapsed_ms(self._start_ms, self._done_ms)
            self._watch.mark("device_buffer", self._watch.done_ms + whole_ms)

    def heard(self) -> str:
        """What of the reply was played, in whole words."""
        return self._clauses.words(0 if self.played is None else self.played.samples)

    def says_dbfs(self) -> float | None:
        """How loud it is where it sounds now; None while it does not."""
        if self.played is None or not self.sounds:
            return None
        place = self.played.samples // METER_SAMPLES
        return self._levels[place] if place < len(self._levels) else None

    def record(self, counters: Counters | None, error: str | None) -> TurnRecord:
        """The turn's line, on the ring's own clock."""
        waterfall = {} if self._watch is None else self._watch.waterfall()
        record = TurnRecord(
            turn=self.turn,
            transcript=self.transcript,
            reply=self.text.strip(),
            heard=self.heard(),
            waterfall=waterfall,
            link=self.link(counters),
            error=error,
        )
        if self._done_ms is not None:
            record.done_ms = self._done_ms
        if self._start_ms is not None and self.played is not None and self._done_ms is not None:
            record.v2v_ms = float(elapsed_ms(self._start_ms, self._done_ms))
            record.bound_by = max(waterfall, key=lambda name: waterfall[name], default=None)
            record.reply_start_ms = self._start_ms
            record.reply_end_ms = self.played.device_ms
        return record

    def link(self, now: Counters | None) -> LinkFigures:
        """The link since the turn began."""
        figures = LinkFigures(frames=self.utterance.frames, lost_frames=self.utterance.lost_frames)
        if now is not None:
            before = self._counters
            figures.interval_ms = now.interval * INTERVAL_UNIT_MS or None
            figures.mtu = now.mtu
            figures.underruns = now.underruns - (before.underruns if before else 0)
            figures.enomem = now.enomem - (before.enomem if before else 0)
        return figures
