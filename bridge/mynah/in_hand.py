"""The turns that a conversation has in hand: the one, what is said over its reply, the last."""

from typing import Final

from mynah.audio import Samples
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.utterance import Utterance
from mynah.stages import Stages
from mynah.touching import Touching
from mynah.turn.answer import Answer, reply_ids
from mynah.turn.endpoint import Endpoint
from mynah.turn.hands_free import BEFORE_VOICE_MS
from mynah.turn.machine import State
from mynah.turn.reply import HEARD_MS
from mynah_wire.clock import elapsed_ms
from mynah_wire.uplink import TAP, Start

REOPENED_MS: Final = 1000.0
"""Who goes on so soon after being answered, hands free, was not done: 700 ms, and 0.3 s until a
voice is believed. The answer is taken back, and all that was said is answered."""


class InHand:
    """Of one connection."""

    def __init__(self, ring: RingClient, stages: Stages, touching: Touching) -> None:
        self.answer: Answer | None = None
        self.over: Answer | None = None
        """What is said over that, while it is held."""
        self.last: Answer | None = None
        self._ring = ring
        self._stages = stages
        self._touching = touching
        self._replies = reply_ids()

    def new(self, turn: int, utterance: Utterance, earlier: Samples | None = None) -> Answer:
        """Not in hand yet; `earlier` is what `go_on` gave."""
        endpoint = Endpoint(self._stages.new_detector(), self._stages.patience.unknown_ms)
        counters = self._ring.session.counters
        answer = Answer(turn, utterance, endpoint, self._replies, counters, earlier)
        answer.begun_ms, answer.ring = monotonic_ms(), self._touching.line()
        return answer

    def of(self, stream: int) -> Answer | None:
        """The one that is said in this stream."""
        return next((each for each in self._all() if each.utterance.stream == stream), None)

    def that_takes(self, stream: int) -> Answer | None:
        """The one that answers what was said in this stream of the ring's."""
        return next((each for each in self._all() if stream in each.takes), None)

    def holds(self, answer: Answer) -> bool:
        """Whether it is heard or answered now."""
        return answer in (self.answer, self.over)

    def goes_on(self, state: State, *, by_voice: bool) -> bool:
        """Whether the wearer was not done, or heard no word yet: this belongs to the turn taken."""
        answer = self.over or self.answer
        if answer is not None and not answer.spoken:
            return False
        if state in (State.COMMITTED, State.HELD):
            return True
        if answer is None or state not in (State.SPEAKING, State.DUCKED):
            return False
        soon = monotonic_ms() - (answer.committed_ms or 0.0) <= REOPENED_MS
        return (by_voice and soon) or answer.reply.heard_ms < HEARD_MS

    def go_on(self, start: Start) -> Samples | None:
        """What was said before, which is answered with what is said now."""
        answer = self.over or self.answer
        if answer is None:
            return None
        if start.cause == TAP and answer.done_ms is not None:
            pause_ms = elapsed_ms(start.device_ms, answer.done_ms) + BEFORE_VOICE_MS
            self._stages.patience.after_pause(pause_ms)
        return answer.go_on()

    def close(self) -> Answer | None:
        """The turn is over; what was said over it is the next."""
        closed, self.answer, self.over = self.answer, self.over, None
        self.last = closed or self.last
        return closed

    def forget(self) -> None:
        """All, or each lost link leaves 0.4 MB of speech to a collection an hour away."""
        self.answer = self.over = self.last = None

    def _all(self) -> list[Answer]:
        return [each for each in (self.over, self.answer) if each is not None]
