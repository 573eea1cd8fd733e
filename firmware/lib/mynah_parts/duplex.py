"""Who has the I2S: microphone and speaker at once, or in turns where they share one.

An ESP32-C3 or -C6 has a single I2S, and a codec has a single set of clock pins. There listening
goes first: what sounds is cut off at once, and what is to sound waits until the microphone closed.
"""

import asyncio

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    from .es8311 import Es8311


class Duplex:
    """Ask it before an I2S is opened, tell it when that is closed."""

    def __init__(self, half: bool = False, codec: "Es8311 | None" = None) -> None:
        """`half`: they share one; `codec` is told what the I2S is about to do."""
        self.microphone_id = 0
        self.speaker_id = 0 if half else 1
        self._half = half
        self._codec = codec
        self._free = asyncio.Event()  # for the speaker
        self._free.set()
        self._on_listen: "Callable[[], None]" = _nothing

    def on_listen(self, silence: "Callable[[], None]") -> None:
        """When they share one, `silence()` must have closed the speaker's before it returns."""
        self._on_listen = silence

    def listen(self) -> None:
        """The microphone opens next."""
        if self._half:
            self._free.clear()
            self._on_listen()
        if self._codec is not None:
            self._codec.listen()

    def listened(self) -> None:
        """The microphone is closed."""
        self._free.set()

    async def speak(self) -> None:
        """The speaker opens next, as soon as this returns."""
        while not self._free.is_set():  # the next press may come before this task does
            await self._free.wait()
        if self._codec is not None:
            self._codec.speak()


def _nothing() -> None:
    pass
