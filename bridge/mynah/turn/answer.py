"""One turn: what was said, which attempts were made to answer it, what it cost. Pure."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.inbox.late import Late
from mynah.link.clock import ClockEstimate
from mynah.link.utterance import Utterance
from mynah.turn.endpoint import Endpoint
from mynah.turn.occasion import Occasion
from mynah.turn.record import Guesses, LinkFigures, Stopwatch, TurnRecord
from mynah.turn.reply import MS, Reply
from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.uplink import TAP, Counters, Cursor

EARLIER_SAMPLES: Final = 300 * SPEECH_HZ
"""Five minutes: who goes on and on without an answer is a television."""

INTERVAL_UNIT_MS: Final = 1.25

REPLY_IDS: Final = 0xFFFF
"""Replies are named with 16 bits; 0 names none."""


def reply_ids() -> Iterator[int]:
    """Names for the replies of one connection."""
    while True:
        yield from range(1, REPLY_IDS + 1)


class Answer:
    """Starts with the wearer's first sound, ends with the reply's last."""

    transcript = ""
    """The wearer's words, as far as they are known."""
    begun_ms = 0.0
    """When its first sound came, on the host's clock."""
    committed_ms: float | None = None
    """When the wearer was taken to be done, on the host's clock."""
    done_ms: int | None = None
    """When the wearer was done, on the ring's clock; known once it is committed."""
    attempts = 0
    """At it, before that."""
    followed_ms = 0
    """Of the utterance, offered to the transcriber while it was spoken."""
    continued = False
    """The wearer went on: the next turn answers this one's words too."""
    put_off = False
    """The wearer went on, and it is too long for one answer with that: it is answered late."""
    touch = False
    """The button was only touched, to stop a reply: nothing was said."""
    closes = False
    """Its end closes the ring's stream, which a tap opened for this turn alone ..."""
    closed = False
    """... and the ring was told so."""
    late: Late | None = None
    """It was said out of the bridge's hearing, and is answered late ..."""
    late_s: float | None = None
    """... by so much."""
    occasion: Occasion | None = None
    """Nobody spoke: this is what the companion has to say."""
    ring = ""
    """What the ring felt beside the words, for the companion."""

    def __init__(
        self,
        turn: int,
        utterance: Utterance,
        endpoint: Endpoint,
        ids: Iterator[int],
        counters: Counters | None = None,
        earlier: Samples | None = None,
    ) -> None:
        """`endpoint` listens for pauses, `ids` name the replies, `counters` are the ring's at the
        start of the turn, `earlier` is what `go_on` gave.
        """
        self.turn = turn
        self.utterance = utterance
        self.endpoint = endpoint
        self.tapped = utterance.cause == TAP
        """No button is held: its end is found by ear."""
        self.guesses = Guesses()
        self.takes: dict[int, int | None] = {}
        """The ring's streams that this turn answers, up to a frame or whole."""
        self.overheard: list[str] = []
        """What was said over the reply and did not end it."""
        self._ids = ids
        self.reply = Reply(next(ids))
        """The attempt in hand."""
        self._earlier = np.zeros(0, np.int16) if earlier is None else earlier
        self._counters = counters
        self._revisions = 0
        self._started: Cursor | None = None
        self._watch: Stopwatch | None = None

    @property
    def released(self) -> Reply | None:
        """The attempt that may be heard and seen; None before the wearer was done."""
        return None if self.committed_ms is None else self.reply

    @property
    def speech(self) -> Samples:
        """All that the answer has to answer, as far as it was said."""
        return np.concatenate((self._earlier, self.utterance.samples))

    @property
    def spoken(self) -> bool:
        """Whether the wearer speaks, or just spoke."""
        return self.late is None and self.occasion is None

    def go_on(self) -> Samples | None:
        """The wearer goes on: what the next turn has to answer as well, unless it is too long."""
        speech = self.speech
        self.continued = len(speech) <= EARLIER_SAMPLES
        self.put_off = not self.continued
        return speech if self.continued else None

    def renew(self) -> None:
        """The attempt in hand is worthless: the next one begins."""
        self.reply = Reply(next(self._ids))

    def commit(self, clock: ClockEstimate, now_ms: float, revisions: int = 0) -> None:
        """The wearer is done: at the release of a held button, at the last speech after a tap."""
        end = self.utterance.end
        if end is None:
            raise ValueError(f"turn {self.turn} was committed before its stream ended")
        self.committed_ms, self._revisions = now_ms, revisions
        if not self.spoken:
            return  # when it was said may be on no clock of this boot: nobody waited for it
        self.done_ms = end.device_ms
        by_ear = self.closed or (self.closes and self.tapped)
        if by_ear and self.endpoint.speech_end is not None:
            spoken_ms = round(self.endpoint.speech_end * MS)
            self.done_ms = after_ms(self.utterance.start_ms, spoken_ms)
        if clock.round_trip_ms is None:
            return  # what was said before the ring was in reach may all come before the first PONG
        done_ms = clock.host_ms(self.done_ms)
        self._watch = Stopwatch(done_ms)
        if self.tapped:
            self._watch.mark("uplink", done_ms + clock.round_trip_ms / 2)
            self._watch.mark("endpoint_wait", now_ms)
        self._watch.mark("uplink", now_ms)

    def start(self, cursor: Cursor) -> None:
        """The speaker's first word of it: at the first sample, unless that was lost on the way."""
        self._started = cursor

    @property
    def _start_ms(self) -> int | None:
        """When the first sound was heard, on the ring's clock; silence before it is waiting."""
        if self._started is None:
            return None
        before_ms = self._started.samples * MS
        return after_ms(self._started.device_ms, round(self.reply.quiet_ms - before_ms))

    def record(self, counters: Counters | None, error: str | None) -> TurnRecord:
        """The turn's line, on the ring's own clock."""
        reply = self.reply
        start_ms, waterfall = self._start_ms, self._waterfall()
        record = TurnRecord(
            turn=self.turn,
            transcript=self.transcript,
            reply=reply.text.strip(),
            heard=reply.heard(),
            felt=reply.felt,
            overheard=self.overheard,
            waterfall=waterfall,
            revisions=self._revisions,
            guesses=self.guesses,
            link=self.link(counters),
            error=error,
        )
        if self.done_ms is not None:
            record.done_ms = self.done_ms
        if start_ms is not None and reply.played is not None:
            record.reply_start_ms = start_ms
            record.reply_end_ms = reply.played.device_ms
            if self.done_ms is not None:
                record.v2v_ms = float(elapsed_ms(start_ms, self.done_ms))
                record.bound_by = max(waterfall, key=lambda name: waterfall[name], default=None)
        if reply.instead is not None:
            record.answered_by, record.because = reply.instead.name, reply.instead.reason or None
        if self.occasion is not None:
            record.occasion = self.occasion.cause
            record.answered_by = None if self.occasion.own else self.occasion.cause
        if self.late is not None:
            record.said_at, record.late_s = self.late.said_at, self.late_s
            record.error = error or self.late.reason
        return record

    def _waterfall(self) -> dict[str, float]:
        if self._watch is None:
            return {}
        for stage, at_ms in self.reply.ends_ms.items():
            self._watch.mark(stage, at_ms)
        if self._start_ms is not None and self.done_ms is not None:
            # From done to heard on the ring's own clock: exact, whatever is known of it here.
            whole_ms = elapsed_ms(self._start_ms, self.done_ms)
            self._watch.mark("device_buffer", self._watch.done_ms + whole_ms)
        return self._watch.waterfall()

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
