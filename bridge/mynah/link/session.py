"""The host's end of the protocol: handshake, sealing, what is sent next. No I/O, no clock.

Control is sent before audio, and audio only within the ring's credit. Records are sealed by `next`,
in the order in which they are sent.
"""

import os
from collections import deque

from mynah.errors import DeviceError
from mynah.link.aead import Ccm
from mynah.link.clock import ClockEstimate
from mynah.link.downlink import CODEC, Downlink
from mynah_wire.channel import OPEN, Channel, is_sealed
from mynah_wire.codecs import bit
from mynah_wire.downlink import Ping
from mynah_wire.errors import RefusedError, WireError
from mynah_wire.gatt import AUDIO_MTU
from mynah_wire.handshake import HOST, NONCE_BYTES, REFUSED_KEY, REFUSED_NO_KEY
from mynah_wire.message import Message
from mynah_wire.uplink import Counters, Credit, Cursor, Pong, Ready

HANDSHAKE_MS = 5000
"""As long as the ring itself waits; a handshake takes four connection intervals, 0.2 s."""

FIRST_PINGS = 8
PING_EVERY_MS = 100
"""The first eight find a round trip near the least, and so the clock, within a second ..."""

KEEP_PING_MS = 2000
"""... then one now and then follows its drift, and notices a ring that no longer answers."""

ANSWER_MS = 8000
"""A live link repeats within its supervision timeout, at most 32 s but 0.4 to 6 s on any host."""

CONTROL_LIMIT = 64
"""Commands waiting: more means that the link does not move at all."""


class HostSession:
    """One connection: records in, messages out, and what to send next."""

    def __init__(
        self,
        key: bytes,
        mtu: int,
        now_ms: float,
        nonce: bytes | None = None,
        device_id: str | None = None,
    ) -> None:
        """`device_id` is whose key it is; without it the ring is whoever it says."""
        self.channel = Channel(HOST, key, Ccm, nonce or os.urandom(NONCE_BYTES), mtu)
        self.clock = ClockEstimate()
        self.downlink = Downlink()
        self.ready: Ready | None = None
        self.counters: Counters | None = None
        self.bad_records = 0
        """Received records that were forged, repeated or malformed."""
        self._plain: deque[bytes] = deque([self.channel.greet()])
        self._control: deque[bytes] = deque()
        self._pings: dict[int, float] = {}
        self._pinged = 0
        self._ping_due_ms: float | None = None
        self._device_id = device_id
        self._answer_due_ms = now_ms + HANDSHAKE_MS

    def receive(self, record: bytes, now_ms: float) -> list[Message]:
        """A record came; the messages that concern the conversation."""
        if not is_sealed(record):
            self._receive_plain(record, now_ms)
            return []
        try:
            message = self.channel.receive(record)
        except WireError:
            self.bad_records += 1
            return []
        self._answer_due_ms = now_ms + ANSWER_MS
        return [] if message is None else self._note(message, now_ms)

    def tell(self, message: Message) -> None:
        """Queue a command."""
        if len(self._control) > CONTROL_LIMIT:
            raise DeviceError(f"{len(self._control)} commands wait: the ring takes none")
        self._control.extend(self.channel.pieces(message))

    def next(self) -> bytes | None:
        """The next record to send, sealed; None if there is nothing, or no credit for it."""
        if self._plain:
            return self._plain.popleft()
        if self.ready is None:
            return None
        while not self._control:
            message = self.downlink.next()
            if message is None:
                return None
            self._control.extend(self.channel.pieces(message))
        return self.channel.seal_piece(self._control.popleft())

    def tick(self, now_ms: float) -> None:
        """Do what is due; DeviceError if the ring has been silent for too long."""
        if now_ms >= self._answer_due_ms:
            what = "did not answer" if self.ready is None else "fell silent"
            raise DeviceError(f"the ring {what}: is it in range, and is it a ring of version 1?")
        if self._ping_due_ms is not None and now_ms >= self._ping_due_ms:
            self._ping(now_ms)

    def deadline_ms(self) -> float:
        """When to `tick` at the latest."""
        if self._ping_due_ms is None:
            return self._answer_due_ms
        return min(self._answer_due_ms, self._ping_due_ms)

    def _receive_plain(self, record: bytes, now_ms: float) -> None:
        try:
            answer = self.channel.receive_plain(record)
        except RefusedError as error:
            who = "this bridge refused the ring" if self.channel.farewell else "the ring refused us"
            raise DeviceError(f"{who}, {error}{_advice(error)}") from error
        except WireError:
            self.bad_records += 1
            return
        if answer:
            self._plain.append(answer)
        if self.channel.state == OPEN and self._ping_due_ms is None:
            self._ping_due_ms = now_ms

    def _note(self, message: Message, now_ms: float) -> list[Message]:
        """Keep what the session itself needs to know."""
        if self.ready is None and not isinstance(message, Ready):
            raise DeviceError("the ring's first message was lost: who it is has to be asked again")
        if isinstance(message, Pong):
            sent_ms = self._pings.pop(message.token, None)
            if sent_ms is not None:
                self.clock.learn(sent_ms, now_ms, message.device_ms)
                return [*self.downlink.answered(sent_ms, now_ms)]
            return []
        if isinstance(message, Credit):
            self.downlink.credit(message.until_ms)
            return []
        if isinstance(message, Ready):
            self._check(message)
            self.ready = message
            self.downlink.credit(message.buffer_ms)
        elif isinstance(message, Counters):
            self.counters = message
        elif isinstance(message, Cursor):
            self.downlink.played(message)
        return [message]

    def _check(self, ready: Ready) -> None:
        """DeviceError if that is not our ring, or not one to talk to."""
        # It names the folder of what it said: who has one key must not fill, or ask for, others'.
        if self._device_id not in (None, ready.device_id.hex()):
            raise DeviceError(
                f"ring {self._device_id} says that it is {ready.device_id.hex()}: "
                "if that is so, pair it by cable, `mynah pair`"
            )
        if self.channel.mtu < AUDIO_MTU:
            raise DeviceError(
                f"the link's MTU is {self.channel.mtu}, audio needs {AUDIO_MTU}: "
                "this computer's Bluetooth can't carry the ring's voice"
            )
        if not ready.codecs & bit(CODEC.id):
            raise DeviceError(
                f"the ring does not speak {CODEC.name} (its codecs: {ready.codecs:#x}): "
                "update its firmware or this bridge"
            )

    def _ping(self, now_ms: float) -> None:
        self._pinged += 1
        self._pings = {self._pinged: now_ms, **dict(list(self._pings.items())[:FIRST_PINGS])}
        self._control.appendleft(self.channel.pieces(Ping(self._pinged))[0])
        wait_ms = PING_EVERY_MS if self._pinged < FIRST_PINGS else KEEP_PING_MS
        self._ping_due_ms = now_ms + wait_ms


def _advice(error: RefusedError) -> str:
    if error.reason in (REFUSED_KEY, REFUSED_NO_KEY):
        return ": pair it by cable, `mynah pair`"
    return ""
