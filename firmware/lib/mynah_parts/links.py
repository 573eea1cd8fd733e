"""The radio and the cable as one: whoever connects first has the ring, another is refused."""

from mynah_device import actions
from mynah_wire.handshake import REFUSED_BUSY, Refuse
from mynah_wire.message import encode

from .cable import Cable
from .radio import Radio

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable


class Listener:
    """Tells for ever what happens on one carrier."""

    def __init__(
        self,
        carrier: "Radio | Cable",
        hear: "Callable[[Radio | Cable, str], bool]",
        on_event: "Callable[[str, object], None]",
    ) -> None:
        self.heart = carrier.events.heart
        self._carrier = carrier
        self._hear = hear
        self._on_event = on_event

    def poke(self) -> None:
        """Give a sign."""
        self._carrier.events.poke()

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            name, value = await self._carrier.events.next()
            if self._hear(self._carrier, name):
                self._on_event(name, value)


class Links:
    """At most one host, over either carrier."""

    def __init__(self, radio: Radio, cable: Cable) -> None:
        self._radio = radio
        self._cable = cable
        self._current: "Radio | Cable | None" = None

    def advertise(self, payload: bytes) -> None:
        """Be found, with a new payload."""
        self._radio.advertise(payload)

    def disconnect(self) -> None:
        """Hang up."""
        if self._current is not None:
            self._current.disconnect()

    def notify(self, record: "bytes | bytearray | memoryview") -> bool:
        """Send a record; False if it was not taken: wait, then send the same bytes."""
        return self._current is not None and self._current.notify(record)

    def listeners(self, on_event: "Callable[[str, object], None]") -> "tuple[Listener, Listener]":
        """The radio's and the cable's; `on_event` gets what happens to the one connection."""
        return (
            Listener(self._radio, self._hear, on_event),
            Listener(self._cable, self._hear, on_event),
        )

    def _hear(self, carrier: "Radio | Cable", name: str) -> bool:
        """Whether it is about the one connection."""
        if name == actions.CONNECTED and self._current is None:
            self._current = carrier
            if carrier is self._cable:
                self._radio.hide()
        if carrier is self._current:
            if name == actions.DISCONNECTED:
                self._free()
            return True
        if name == actions.RECEIVED:
            carrier.notify(encode(Refuse(REFUSED_BUSY, 0, 0)))
            carrier.disconnect()
        return False

    def _free(self) -> None:
        # Whoever waits unheard at the other one came too early: he may come again, and be heard.
        self._current = None
        self._radio.disconnect()
        self._cable.disconnect()
