"""A link that is listened to: what the ring says, opened with the same key, beside the session."""

from collections.abc import Callable
from contextlib import suppress

from mynah.link.aead import Ccm
from mynah.link.base import Link
from mynah_wire.channel import is_sealed
from mynah_wire.errors import WireError
from mynah_wire.fragments import Reassembler
from mynah_wire.handshake import RING, Hello, session_keys
from mynah_wire.kinds import FROM_RING, decode
from mynah_wire.message import Message
from mynah_wire.record import COUNTER_BYTES, Opener

Heard = Callable[[Message], None]


class TappedLink:
    """Passes everything on, and tells `heard` of every message of the ring, before anybody else."""

    def __init__(self, link: Link, heard: Heard) -> None:
        self._link = link
        self._heard = heard
        self._host_hello = b""
        self._ear: _Ear | None = None

    @property
    def name(self) -> str:
        return self._link.name

    @name.setter
    def name(self, name: str) -> None:
        self._link.name = name

    @property
    def key(self) -> bytes:
        return self._link.key

    @property
    def device_id(self) -> str:
        return self._link.device_id

    async def open(self) -> int:
        self._host_hello, self._ear = b"", None
        return await self._link.open()

    async def send(self, record: bytes) -> None:
        if not self._host_hello and record[:1] == bytes((Hello.KIND,)):
            self._host_hello = record
        await self._link.send(record)

    async def receive(self) -> bytes:
        record = await self._link.receive()
        if is_sealed(record):
            message = None if self._ear is None else self._ear.open(record)
            if message is not None:
                self._heard(message)
        elif self._ear is None and record[:1] == bytes((Hello.KIND,)):
            _, ring_key = session_keys(self.key, self._host_hello, record)
            self._ear = _Ear(ring_key)
        return record

    async def close(self) -> None:
        await self._link.close()


class _Ear:
    """Opens what the ring sealed."""

    def __init__(self, ring_key: bytes) -> None:
        self._opener = Opener(Ccm(ring_key), RING)
        self._reassembler = Reassembler()

    def open(self, record: bytes) -> Message | None:
        with suppress(WireError):  # the session counts what is forged
            sealed = bytearray(record)
            length = self._opener.open(sealed, len(sealed))
            plaintext = bytes(sealed[COUNTER_BYTES : COUNTER_BYTES + length])
            whole = self._reassembler.feed(plaintext, self._opener.missed)
            return None if whole is None else decode(FROM_RING, *whole)
        return None
