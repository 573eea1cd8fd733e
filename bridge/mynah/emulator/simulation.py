"""Both pure cores in one process, the ring's and the host's, over a modelled link in virtual time.

What takes minutes with an emulated ring takes milliseconds here, and comes out the same each time.
"""

from collections.abc import Callable
from typing import Final

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.link.delay_line import DelayLine
from mynah.link.session import HostSession
from mynah_wire.gatt import BEST_MTU
from mynah_wire.handshake import NONCE_BYTES
from mynah_wire.message import Message

DELAY_MS: Final = 30.0
"""A record waits for the next connection event: at worst a whole interval, with Linux's."""

PATIENCE_MS: Final = 60_000.0
"""What has not happened after a minute of a working link will not happen."""

_NONCE: Final = bytes(NONCE_BYTES)  # the same each time; the keys protect nothing here


class Simulation:
    """One connection. `now_ms` moves only in `run`; neither end ever waits for the other."""

    def __init__(
        self,
        ring: SimulatedRing,
        key: bytes,
        *,
        mtu: int = BEST_MTU,
        up_ms: float = DELAY_MS,
        down_ms: float = DELAY_MS,
        now_ms: float = 0.0,
    ) -> None:
        self.ring = ring
        self.now_ms = now_ms
        self.session = HostSession(key, mtu, now_ms, _NONCE)
        self.heard: list[tuple[float, Message]] = []
        """What the ring said to the conversation, and when it arrived."""
        self.up = DelayLine(up_ms)
        self.down = DelayLine(down_ms)
        self.connected = True
        ring.connected(mtu, now_ms)

    def run(self, until_ms: float) -> None:
        """Let time pass; DeviceError if the session gives up."""
        self._settle()
        while (due_ms := self._deadline_ms()) <= until_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self._settle()
        self.now_ms = max(self.now_ms, until_ms)

    def run_for(self, span_ms: float) -> None:
        """Let so much time pass."""
        self.run(self.now_ms + span_ms)

    def run_until(self, condition: Callable[[], object], patience_ms: float = PATIENCE_MS) -> None:
        """Let time pass until something is so; TimeoutError if it never is."""
        limit_ms = self.now_ms + patience_ms
        self._settle()
        while not condition():
            if self._deadline_ms() > limit_ms:
                raise TimeoutError(f"it is not so after {patience_ms:g} ms")
            self.run(self._deadline_ms())

    def said(self, kind: type[Message]) -> list[Message]:
        """The messages of one kind that the ring said."""
        return [message for _, message in self.heard if isinstance(message, kind)]

    def cut(self) -> None:
        """The link is gone, and with it whatever was under way."""
        self.connected = False
        self.up.clear()
        self.down.clear()
        self.ring.disconnected(self.now_ms)

    def _settle(self) -> None:
        """Do everything that is due now."""
        for record in self.down.take(self.now_ms):
            self.ring.receive(record, self.now_ms)
        for record in self.ring.advance(self.now_ms):
            if self.connected:
                self.up.put(record, self.now_ms)
        for record in self.up.take(self.now_ms):
            messages = self.session.receive(record, self.now_ms)
            self.heard += [(self.now_ms, message) for message in messages]
        if self.connected:
            self.session.tick(self.now_ms)
            self._send()
        hung_up = self.ring.hung_up and self.up.deadline_ms() is None
        if self.connected and (hung_up or self.ring.dead):
            self.cut()

    def _send(self) -> None:
        while (record := self.session.next()) is not None:
            self.down.put(record, self.now_ms)

    def _deadline_ms(self) -> float:
        moments = [self.up.deadline_ms(), self.down.deadline_ms(), self.ring.deadline_ms()]
        if self.connected:
            moments.append(self.session.deadline_ms())
        return min((moment for moment in moments if moment is not None), default=float("inf"))
