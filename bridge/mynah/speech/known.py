"""Sounds known by heart: what was said lately need not be made again. Pure, and in memory only."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

KNOWN_BYTES: Final = 2 * 1024 * 1024
"""45 s of a 22 kHz voice, some twenty clauses: guesses made again, and what is always said."""


class KnownSounds:
    """The ones used last, by what was said; the others are forgotten."""

    def __init__(self, most_bytes: int = KNOWN_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._sounds: OrderedDict[Hashable, bytes] = OrderedDict()

    def recall(self, said: Hashable) -> bytes | None:
        """Its sound, if it is known."""
        if said in self._sounds:
            self._sounds.move_to_end(said)
        return self._sounds.get(said)

    def learn(self, said: Hashable, sound: bytes) -> None:
        """Its sound; one that is longer than all there is room for is not kept."""
        self._bytes += len(sound) - len(self._sounds.pop(said, b""))
        self._sounds[said] = sound
        while self._bytes > self._most_bytes:
            _, forgotten = self._sounds.popitem(last=False)
            self._bytes -= len(forgotten)
