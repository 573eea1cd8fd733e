"""Touches of one connection: a line for the companion beside words, an occasion without them."""

import asyncio

from mynah.acts.touches import Touches
from mynah.link.client import monotonic_ms
from mynah.stages import Stages
from mynah.turn.answer import Answer
from mynah.turn.hands_free import ring_stream
from mynah_wire.uplink import Touch


class Touching:
    """Tells the stages of a touch once it is sure that no words belong to it."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        chinese = stages.language == "zh"
        self._touches = Touches(chinese=chinese, taps_talk=stages.hands_free)
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def feel(self, touch: Touch) -> None:
        """The ring was touched."""
        self._touches.feel(touch, monotonic_ms())
        self._look()

    def line(self) -> str:
        """What to tell beside the words of a turn; it is not forgotten by that."""
        return self._touches.line(monotonic_ms(), keep=True)

    def told(self) -> None:
        """The companion knows of it now."""
        self._touches.line(monotonic_ms())
        self._look()

    def ended(self, answer: Answer, *, words: bool) -> bool:
        """A turn of the wearer's is over; True if it was a touch and no more."""
        stream, now_ms = ring_stream(answer.utterance.stream), monotonic_ms()
        self._touches.ended(stream, words=words, now_ms=now_ms)
        self._look()
        return not words and self._touches.deadline_ms() is not None

    def end(self) -> None:
        """The connection is over."""
        self._over = True
        self._cancel()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        if self._over:
            return
        now_ms = monotonic_ms()
        touch = self._touches.due(now_ms)
        if touch is not None:
            self._stages.touched(touch)
        self._cancel()
        due_ms = self._touches.deadline_ms()
        if due_ms is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, due_ms - now_ms) / 1000, self._look)
