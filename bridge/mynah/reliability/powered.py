"""A ring that can lose its power at any moment, and boots again with what its flash has."""

import random
from typing import Final

from mynah.emulator.simulated_flash import SimulatedFlash
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.reliability.invariants import STUCK_ROUNDS
from mynah.reliability.ledger import Ledger, Spoken, ViolationError
from mynah_device import actions
from mynah_device.held import LIMIT
from mynah_device.talk import CLOSING
from mynah_wire.uplink import CANCELLED, CROWDED, POWERLESS

FLASHES_BYTES: Final = (100_000, 4_000_000, 4_000_000, 4_000_000)
"""Real ones, and now and then one that is soon full."""

THOUSAND: Final = 1000


class _Ring(SimulatedRing):
    """Hears the ledger's voice; the ledger learns what the wearer can know."""

    ledger: Ledger
    boot_id: int
    _spoken: Spoken | None = None
    _rounds = 0
    _stepped_ms = -1

    def coded(self, frame: int, _now_ms: int) -> bytes:
        spoken = self._spoken
        if spoken is None:
            raise RuntimeError("a frame is heard by a closed microphone")
        spoken.frames += 1
        return self.ledger.voice.frame(spoken.number, frame)

    def _step(self, now_ms: int) -> None:
        self._rounds = self._rounds + 1 if now_ms == self._stepped_ms else 0
        self._stepped_ms = now_ms
        if self._rounds > STUCK_ROUNDS:
            raise ViolationError(f"the ring is busy for ever at {now_ms} ms")
        super()._step(now_ms)

    def _event(self, name: str, now_ms: float, value: object = None) -> None:
        if self.dead:
            return
        if name == actions.MICROPHONE_STARTED:
            self._spoken = self.ledger.opened((self.boot_id, self.core.talk.stream))
        super()._event(name, now_ms, value)
        spoken = self._spoken
        if spoken is not None and not spoken.over and self.core.talk.state == CLOSING:
            spoken.cancelled = self.core.talk.verdict == CANCELLED
            self.ledger.is_over(spoken)


class PoweredRing:
    """One ring's life, boot after boot."""

    def __init__(self, ledger: Ledger, key: bytes, chance: random.Random) -> None:
        self._flash_bytes = chance.choice(FLASHES_BYTES)
        self.flash = SimulatedFlash(capacity_bytes=self._flash_bytes)
        self._ledger = ledger
        self._key = key
        self._chance = chance
        self._ring: _Ring | None = None

    @property
    def on(self) -> bool:
        """Whether it runs; a write to its flash may have ended that."""
        return self._ring is not None and not self._ring.dead

    @property
    def was_torn(self) -> bool:
        """Its power went in the middle of a write, and nobody has taken notice yet."""
        return self._ring is not None and self._ring.dead

    @property
    def hung_up(self) -> bool:
        """It wants the connection to end."""
        return self._ring is not None and self._ring.hung_up

    def boot(self, now_ms: float) -> None:
        """Switched on."""
        del now_ms
        boot_id = self._chance.randrange(1, 1 << 32)
        seed, clock_ms = self._chance.randrange(1 << 30), self._chance.randrange(1 << 30)
        ring = _Ring(
            self._key,
            clock_ms=clock_ms,
            seed=seed,
            flash=self.flash,
            boot_id=boot_id,
        )
        ring.ledger, ring.boot_id = self._ledger, boot_id
        self._ring = ring

    def cut(self) -> None:
        """The power goes."""
        if self._ring is not None and not self._ring.dead:
            self._ring.power_cut(self._chance.randrange(THOUSAND))
        self._ring = None

    def tear(self) -> None:
        """The power will go in the middle of the next write."""
        self.flash.torn = self._chance.random() < 0.5  # noqa: PLR2004 - a coin
        self.flash.cut_at_byte = self.flash.written_bytes + self._chance.randrange(1, THOUSAND)

    def connected(self, mtu: int, now_ms: float) -> None:
        """A host is there."""
        if self._ring is not None:
            self._ring.connected(mtu, now_ms)

    def disconnected(self, now_ms: float) -> None:
        """The host is gone."""
        if self._ring is not None:
            self._ring.disconnected(now_ms)

    def receive(self, record: bytes, now_ms: float) -> None:
        """The host says something."""
        if self._ring is not None:
            self._ring.receive(record, now_ms)

    def press(self, now_ms: float) -> None:
        """The finger is on the button."""
        if self._ring is not None:
            self._ring.press(now_ms)

    def release(self, now_ms: float) -> None:
        """The finger is off the button."""
        if self._ring is not None:
            self._ring.release(now_ms)

    def advance(self, now_ms: float) -> list[bytes]:
        """Do all that is due; the records that it sends."""
        if self._ring is None:
            return []
        before = self._ring.core.said.dropped
        says = self._ring.advance(now_ms)
        self._ledger.lost_by_ring += self._ring.core.said.dropped - before
        return says

    def due_ms(self) -> float:
        """When to `advance` at the latest."""
        due_ms = None if self._ring is None else self._ring.deadline_ms()
        return float("inf") if due_ms is None else due_ms

    def has(self, name: tuple[int, int]) -> bool:
        """Whether it could still be fetched, as it was said."""
        utterance = None if self._ring is None else self._ring.core.said.held.find(*name)
        if utterance is None or utterance.verdict in (CANCELLED, CROWDED, POWERLESS):
            return False
        return utterance.records > 0 or utterance.first < utterance.end

    def holds(self) -> dict[str, tuple[int, int]]:
        """What there is of each, and how much there may be."""
        if self._ring is None:
            return {}
        said, files = self._ring.core.said, self.flash.files
        return {
            "utterances held by the ring": (len(said.held.all), LIMIT),
            "files in the ring's flash": (len(files), 2 * LIMIT),
            "bytes in the ring's flash": (sum(map(len, files.values())), self._flash_bytes),
        }
