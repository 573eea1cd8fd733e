"""The radio and the cable as one: whoever connects first has the ring, another is refused."""

import asyncio

from mynah_device import actions
from mynah_wire.handshake import REFUSED_BUSY, Refuse
from mynah_wire.message import encode

from .cable import Cable
from .radio import Radio

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable


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

    async def run(
        self, on_event: "Callable[[str, object], None]", on_line: "Callable[[str], None]"
    ) -> None:
        """Tell for ever what happens to the one connection, and what is typed on the console."""
        await asyncio.gather(
            self._cable.run(on_line),
            self._listen(self._radio, on_event),
            self._listen(self._cable, on_event),
        )

    async def _listen(
        self, carrier: "Radio | Cable", on_event: "Callable[[str, object], None]"
    ) -> None:
        while True:
            name, value = await carrier.next_event()
            if name == actions.CONNECTED and self._current is None:
                self._current = carrier
                if carrier is self._cable:
                    self._radio.hide()
            if carrier is self._current:
                if name == actions.DISCONNECTED:
                    self._free()
                on_event(name, value)
            elif name == actions.RECEIVED:
                carrier.notify(encode(Refuse(REFUSED_BUSY, 0, 0)))
                carrier.disconnect()

    def _free(self) -> None:
        # Whoever waits unheard at the other one came too early: he may come again, and be heard.
        self._current = None
        self._radio.disconnect()
        self._cable.disconnect()
