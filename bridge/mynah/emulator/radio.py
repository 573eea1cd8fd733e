"""The modelled radio of one connection: when each packet is through, and when the link is lost.

It is pure: times come in as microseconds, what happened goes out. A link layer never loses a
packet; loss is delay, and in the end a supervision timeout.
"""

import enum
import random
from collections import deque
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from mynah.errors import UserError

LINK_LAYER_MAX_BYTES = 251  # with data length extension; 27 without
_LINK_LAYER_MIN_BYTES = 27
_OVERHEAD_BYTES = 14  # preamble 1, access address 4, header 2, MIC 4, CRC 3
_INTER_FRAME_US = 150
_FAILURES_THAT_CLOSE_AN_EVENT = 2

Payload = TypeVar("Payload")


class Side(enum.Enum):
    """One end of a connection, by its role."""

    CENTRAL = "central"
    PERIPHERAL = "peripheral"

    @property
    def other(self) -> "Side":
        """The end it talks to."""
        return Side.PERIPHERAL if self is Side.CENTRAL else Side.CENTRAL


@dataclass(frozen=True, slots=True)
class RadioSettings:
    """How good the air is, and what the central asks for. The defaults are what Linux does."""

    interval_ms: float = 30.0
    """Connection interval, in steps of 1.25 ms."""
    phy: Literal[1, 2] = 1
    """Megabits per second."""
    loss: float = 0.02
    """Chance that one link-layer packet is not received."""
    seed: int = 1
    supervision_timeout_ms: int = 420
    """Nothing heard for so long ends the connection."""
    mtu: int = 247
    """What the central offers in the ATT exchange."""
    queue: int = 12
    """Packets that a controller holds before its host has to wait."""
    data_length_bytes: int = LINK_LAYER_MAX_BYTES
    """Longest link-layer payload."""

    def __post_init__(self) -> None:
        _check("interval", self.interval_ms, 7.5, 4000.0, "ms")
        _check("loss", self.loss, 0.0, 0.99, "")
        _check("supervision timeout", self.supervision_timeout_ms, 100, 32_000, "ms")
        _check("MTU", self.mtu, 23, 517, "bytes")
        _check("queue", self.queue, 1, 255, "packets")
        _check("PHY", self.phy, 1, 2, "Mbit/s")
        _check(
            "data length",
            self.data_length_bytes,
            _LINK_LAYER_MIN_BYTES,
            LINK_LAYER_MAX_BYTES,
            "bytes",
        )


def _check(name: str, value: float, least: float, most: float, unit: str) -> None:
    if not least <= value <= most:
        raise UserError(f"radio {name} is {value:g}: choose {least:g} to {most:g} {unit}".rstrip())


@dataclass(frozen=True, slots=True)
class Delivery(Generic[Payload]):
    """One packet is through, whole and in order."""

    sender: Side
    payload: Payload
    at_us: int


@dataclass(slots=True)
class _Packet(Generic[Payload]):
    payload: Payload
    left_bytes: int


@dataclass(frozen=True, slots=True)
class _Exchange:
    """The central sends one link-layer packet and the peripheral answers with one."""

    done_us: int
    fragments: dict[Side, int]
    heard: frozenset[Side]


class RadioConnection(Generic[Payload]):
    """Two queues and the connection events that empty them.

    Call `handle` at `deadline_us` or later: whatever came due in between is done at its own time.
    """

    def __init__(
        self, settings: RadioSettings, number: int, now_us: int, interval_us: int, timeout_us: int
    ) -> None:
        self._settings = settings
        self._random = random.Random(f"{settings.seed}:{number}")
        self._interval_us = interval_us
        self._timeout_us = timeout_us
        self._anchor_us = now_us + interval_us
        self._event_end_us: int | None = None
        self._failures = 0
        self._exchange: _Exchange | None = None
        self._heard_us = now_us
        self._silent = False
        self._queues: dict[Side, deque[_Packet[Payload]]] = {side: deque() for side in Side}
        self.lost_at_us: int | None = None
        """When the supervision timeout ended the connection."""
        self.deepest = 0
        """Most packets that any queue has held."""

    def send(self, sender: Side, payload: Payload, size_bytes: int, now_us: int) -> None:
        """Queue one packet; a central and its peripheral hear each other while nothing is sent."""
        if not self._busy and not self._silent:
            self._heard_us = now_us
            self._skip_to(now_us)
        queue = self._queues[sender]
        queue.append(_Packet(payload, size_bytes))
        self.deepest = max(self.deepest, len(queue))

    def depth(self, sender: Side) -> int:
        """Packets that wait on this side."""
        return len(self._queues[sender])

    def silence(self, now_us: int) -> None:
        """Let nothing through from now on, until `restore`."""
        if not self._busy and not self._silent:
            self._heard_us = now_us
        self._silent = True
        self._exchange = None
        self._event_end_us = None

    def restore(self, now_us: int) -> None:
        """Be as good as before the silence."""
        self._silent = False
        self._skip_to(now_us)

    def update(self, interval_us: int, timeout_us: int, now_us: int) -> None:
        """Take new parameters from the next connection event on."""
        self._skip_to(now_us)
        self._interval_us = interval_us
        self._timeout_us = timeout_us

    def deadline_us(self) -> int | None:
        """When `handle` must be called at the latest; None while nothing can happen."""
        if self.lost_at_us is not None or not (self._busy or self._silent):
            return None
        expiry_us = self._heard_us + self._timeout_us
        if self._silent:
            return expiry_us
        if self._exchange is not None:
            return self._exchange.done_us
        return min(self._anchor_us, expiry_us)

    def handle(self, now_us: int) -> list[Delivery[Payload]]:
        """Do what came due; then look at `lost_at_us`."""
        delivered: list[Delivery[Payload]] = []
        while (due_us := self.deadline_us()) is not None and due_us <= now_us:
            if due_us >= self._heard_us + self._timeout_us:
                self.lost_at_us = due_us
            elif self._exchange is not None:
                delivered += self._land(self._exchange)
                self._lift_off(self._exchange.done_us)
            else:
                self._open_event()
        return delivered

    @property
    def _busy(self) -> bool:
        return any(self._queues.values())

    def _skip_to(self, now_us: int) -> None:
        behind_us = max(0, now_us - self._anchor_us)
        self._anchor_us += -(-behind_us // self._interval_us) * self._interval_us

    def _open_event(self) -> None:
        start_us = self._anchor_us
        self._anchor_us += self._interval_us
        self._event_end_us = self._anchor_us - _INTER_FRAME_US
        self._failures = 0
        self._exchange = self._next_exchange(start_us)

    def _lift_off(self, now_us: int) -> None:
        """Go on with the event while there is data, time and luck."""
        self._exchange = None
        if self._busy and self._failures < _FAILURES_THAT_CLOSE_AN_EVENT:
            exchange = self._next_exchange(now_us)
            if self._event_end_us is not None and exchange.done_us <= self._event_end_us:
                self._exchange = exchange

    def _next_exchange(self, start_us: int) -> _Exchange:
        limit = self._settings.data_length_bytes
        fragments = {
            side: min(limit, queue[0].left_bytes) if queue else 0
            for side, queue in self._queues.items()
        }
        heard = set()
        if self._random.random() >= self._settings.loss:
            heard.add(Side.CENTRAL)
            if self._random.random() >= self._settings.loss:
                heard.add(Side.PERIPHERAL)
        done_us = start_us + sum(self._airtime_us(size) for size in fragments.values())
        return _Exchange(done_us, fragments, frozenset(heard))

    def _airtime_us(self, size_bytes: int) -> int:
        return (size_bytes + _OVERHEAD_BYTES) * 8 // self._settings.phy + _INTER_FRAME_US

    def _land(self, exchange: _Exchange) -> list[Delivery[Payload]]:
        """Count what was heard; an answer is sent only by a peripheral that was spoken to."""
        delivered = []
        if exchange.heard:
            self._heard_us = exchange.done_us
        if len(exchange.heard) < len(Side):
            self._failures += 1
        for side in Side:
            queue = self._queues[side]
            if side in exchange.heard and exchange.fragments[side]:
                queue[0].left_bytes -= exchange.fragments[side]
                if queue[0].left_bytes <= 0:
                    packet = queue.popleft()
                    delivered.append(Delivery(side, packet.payload, exchange.done_us))
        return delivered
