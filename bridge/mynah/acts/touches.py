"""What the ring felt, as its companion is told: a line for a turn, or a touch without words. Pure.

A tap that opened the microphone, and a squeeze while it was open, are touches only if nothing was
said: so they wait for the end of their turn.
"""

from dataclasses import dataclass
from typing import Final

from mynah.companions.base import Touch
from mynah_wire import uplink

SETTLE_MS: Final = 400.0
"""Who taps and then squeezes means one thing."""

APART_MS: Final = 3000.0
"""Between two touches that are answered: a child with a button must not cost a reply each time."""

FORGOTTEN_MS: Final = 600_000.0
"""Of what was felt so long ago the next turn is not told."""

MOST: Final = 8
"""Touches that wait for the end of their turns."""

NAMES: Final = {
    uplink.TAPPED: "tap",
    uplink.DOUBLE_TAPPED: "double_tap",
    uplink.SQUEEZED: "hug",
    uplink.SHAKEN: "shake",
    uplink.PUT_ON: "put_on",
    uplink.TAKEN_OFF: "took_off",
    uplink.ASLEEP: "asleep",
    uplink.AWAKE: "awake",
}

_WEIGHT: Final = ("tap", "took_off", "put_on", "asleep", "awake", "double_tap", "shake", "hug")
"""Of several the last of these is told."""

_ENGLISH: Final = {
    "tap": "[ring] They tapped the ring once, without a word: hello, are you there?",
    "double_tap": "[ring] They tapped the ring twice: thinking of you.",
    "hug": "[ring] They squeezed the ring for {seconds} s: a hug.",
    "shake": "[ring] They shook the ring: stop.",
    "put_on": "[ring] They put the ring on.",
    "took_off": "[ring] They took the ring off.",
    "asleep": "[ring] They seem to have fallen asleep.",
    "awake": "[ring] They seem to have woken up.",
}
_CHINESE: Final = {
    "tap": "[戒指] 对方没有说话，轻轻点了一下戒指：我在，你在吗？",
    "double_tap": "[戒指] 对方点了两下戒指：想你了。",
    "hug": "[戒指] 对方握紧戒指 {seconds} 秒：一个拥抱。",
    "shake": "[戒指] 对方晃了晃戒指：停一下。",
    "put_on": "[戒指] 对方戴上了戒指。",
    "took_off": "[戒指] 对方摘下了戒指。",
    "asleep": "[戒指] 对方好像睡着了。",
    "awake": "[戒指] 对方好像醒了。",
}


@dataclass(frozen=True, slots=True)
class _Felt:
    name: str
    seconds: int
    stream: int
    at_ms: float


class Touches:
    """Of one connection."""

    def __init__(self, *, chinese: bool = False, taps_talk: bool = False) -> None:
        """`taps_talk`: hands free, where a tap only opens and closes the microphone."""
        self._lines = _CHINESE if chinese else _ENGLISH
        self._taps_talk = taps_talk
        self._waiting: list[_Felt] = []
        self._sure: list[_Felt] = []
        self._answered_ms: float | None = None

    def feel(self, message: uplink.Touch, now_ms: float) -> None:
        """The ring told of a touch."""
        name = NAMES.get(message.pattern)
        if name is None or (name == "tap" and self._taps_talk):
            return
        felt = _Felt(name, round(message.amount / 1000), message.stream, now_ms)
        if message.stream:
            self._waiting = [*self._waiting, felt][-MOST:]
        else:
            self._sure = [*self._sure, felt][-MOST:]

    def ended(self, stream: int, *, words: bool, now_ms: float) -> None:
        """A turn is over that the ring's stream belongs to; with words the touch was no touch."""
        mine = [felt for felt in self._waiting if felt.stream == stream]
        self._waiting = [felt for felt in self._waiting if felt.stream != stream]
        if not words:
            again = [_Felt(felt.name, felt.seconds, 0, now_ms) for felt in mine]
            self._sure = [*self._sure, *again][-MOST:]

    def line(self, now_ms: float, *, keep: bool = False) -> str:
        """What was felt since the last turn, in one line; empty if nothing was. It forgets it,
        unless it is to `keep` it: an answer may be thrown away.
        """
        fresh = [felt for felt in self._sure if now_ms - felt.at_ms < FORGOTTEN_MS]
        self._sure = fresh if keep else []
        return self._told(_heaviest(fresh)) if fresh else ""

    def due(self, now_ms: float) -> Touch | None:
        """A touch without words that is to be answered now; it is forgotten then."""
        due_ms = self.deadline_ms()
        if due_ms is None or now_ms < due_ms:
            return None
        felt, self._sure = _heaviest(self._sure), []
        self._answered_ms = now_ms
        return Touch(felt.name, self._told(felt))

    def deadline_ms(self) -> float | None:
        """When to ask `due`."""
        if not self._sure:
            return None
        settled_ms = self._sure[-1].at_ms + SETTLE_MS
        if self._answered_ms is None:
            return settled_ms
        return max(settled_ms, self._answered_ms + APART_MS)

    def _told(self, felt: _Felt) -> str:
        return self._lines[felt.name].format(seconds=max(1, felt.seconds))


def _heaviest(felt: list[_Felt]) -> _Felt:
    return max(felt, key=lambda each: _WEIGHT.index(each.name))
