"""Who answers, stood in for: hears what is said, takes what is delivered, is done after a while.

One turn at a time, as in a conversation; a lost link ends the turn in hand.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mynah.inbox.key import Key
from mynah.inbox.records import Kept
from mynah.inbox.wants import Deliver, Told, Untold
from mynah.reliability.ledger import Ledger
from mynah_wire.downlink import Close
from mynah_wire.message import Message
from mynah_wire.uplink import CANCELLED, TAP, Audio, Button, End, Start

ANSWER_MS: Final = (100.0, 3000.0)
"""From the end of what was said to the end of the reply."""

TAPPED_MS: Final = (500.0, 2500.0)
"""From a tap to the silence that ends what is said."""


@dataclass(slots=True)
class _Turn:
    key: Key
    frames: dict[int, bytes] = field(default_factory=dict)
    length: int = 0
    dropped: int = 0
    reason: str | None = None


class Turns:
    """Of one run of the host."""

    def __init__(self, ledger: Ledger, chance: random.Random) -> None:
        self._ledger = ledger
        self._chance = chance
        self._live: _Turn | None = None
        self._waiting: deque[_Turn] = deque()
        self._answered_ms = float("inf")
        self._silent_ms = float("inf")

    @property
    def due_ms(self) -> float:
        """When to `tick`."""
        return min(self._answered_ms, self._silent_ms)

    def hear(self, message: Message, key_of: Callable[[int], Key], now_ms: float) -> list[Untold]:
        """The ring says something now; whose END is still to come gives way to a new one."""
        live = self._live
        match message:
            case Start(stream=stream):
                self._live = _Turn(key_of(stream))
                return [Untold(live.key)] if live is not None else []
            case Audio(stream=stream, frame=place, data=data):
                if live is not None and live.key.stream == stream:
                    live.frames[place] = data
            case Button(gesture=gesture):
                if gesture == TAP and live is not None:
                    self._silent_ms = now_ms + self._chance.uniform(*TAPPED_MS)
            case End(stream=stream):
                if live is not None and live.key.stream == stream:
                    self._live = None
                    live.length, live.dropped = message.frames, message.dropped
                    if message.verdict != CANCELLED:
                        self._queue(live, now_ms)
        return []

    def take(self, deliver: Deliver, kept: Kept, now_ms: float) -> None:
        """A late one: it waits until it is its turn."""
        if self._live is not None and self._live.key == deliver.key:
            self._live = None  # it heard no more and gave up: before, nobody takes late ones
        ending = kept.ending
        length, dropped = (ending.frames, ending.dropped) if ending else (0, 0)
        self._queue(_Turn(deliver.key, kept.frames, length, dropped, deliver.reason), now_ms)

    def drop(self) -> None:
        """The link is gone, and with it every turn."""
        self._live = None
        self._waiting.clear()
        self._answered_ms = self._silent_ms = float("inf")

    def tick(self, now_ms: float) -> list[Told | Close]:
        """The turn that is over by now; the tapped stream that is to be closed."""
        found: list[Told | Close] = []
        if now_ms >= self._silent_ms:
            self._silent_ms = float("inf")
            found += [Close(self._live.key.stream)] if self._live else []
        if now_ms >= self._answered_ms:
            turn = self._waiting.popleft()
            self._next(now_ms)
            name = (turn.key.boot_id, turn.key.stream)
            self._ledger.delivered(name, turn.frames, turn.length, turn.dropped, turn.reason)
            found.append(Told(turn.key))
        return found

    def _queue(self, turn: _Turn, now_ms: float) -> None:
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            self._next(now_ms)

    def _next(self, now_ms: float) -> None:
        self._answered_ms = float("inf")
        if self._waiting:
            self._answered_ms = now_ms + self._chance.uniform(*ANSWER_MS)
