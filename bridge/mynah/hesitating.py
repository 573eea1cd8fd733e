"""What a wearer's pauses mean: the words before one decide how long it may be."""

from collections.abc import Callable

from mynah.link.client import RingClient, monotonic_ms
from mynah.speech.asr import Transcript
from mynah.stages import Stages
from mynah.turn import events
from mynah.turn.answer import Answer
from mynah.turn.endpoint import Change
from mynah.turn.hands_free import HandsFree
from mynah.turn.tape import Tape
from mynah_wire.downlink import Close


class Hesitating:
    """Of one connection."""

    def __init__(
        self,
        ring: RingClient,
        stages: Stages,
        tape: Tape,
        hands_free: HandsFree | None,
        handle: Callable[[events.Event], None],
        in_hand: Callable[[Answer], bool],
    ) -> None:
        """`in_hand` tells whether a turn is heard now; `hands_free` is where a tap began it."""
        self._ring = ring
        self._stages = stages
        self._tape = tape
        self._hands_free = hands_free
        self._handle = handle
        self._in_hand = in_hand

    def listen(self, answer: Answer) -> None:
        """There is more sound of it."""
        endpoint, stream = answer.endpoint, answer.utterance.stream
        for change in endpoint.hear(answer.utterance.since(endpoint.heard)):
            if change is Change.PAUSED:
                self._handle(events.StreamPaused(stream))
            else:
                self._stages.patience.after_pause(endpoint.pause_ms)
                self.wait(answer, None)
                self._handle(events.StreamResumed(stream))
        if answer.closes and not answer.closed and endpoint.done:
            answer.closed = True
            self._ring.tell(Close(stream))

    def understood(self, answer: Answer, transcript: Transcript) -> float:
        """The words up to a pause are known: how probably it is the end."""
        speech = answer.utterance.samples[: answer.endpoint.speech_end]
        wait_ms, over = self._stages.patience.judge(transcript, speech)
        self._tape.judged(answer.turn, wait_ms, over, monotonic_ms())
        self.wait(answer, wait_ms)
        return over

    def wait(self, answer: Answer, wait_ms: float | None) -> None:
        """So long a pause may be; None where the words are not known."""
        unknown_ms = self._stages.patience.unknown_ms
        answer.endpoint.wait_ms = unknown_ms if wait_ms is None else wait_ms
        if self._hands_free is not None and answer.spoken and self._in_hand(answer):
            self._hands_free.wait(wait_ms)
