"""A ring on a USB cable: the same records as over the radio, framed."""

from contextlib import suppress

from mynah.errors import LinkError
from mynah.link.cable import Cable
from mynah.link.keys import KeyStore, RingKey
from mynah.link.pairing import known_key
from mynah_wire.framing import HANG_UP
from mynah_wire.gatt import BEST_MTU

SCHEME = "serial:"


class SerialLink:
    """Reaches the ring at one port; one that was never paired is paired with this computer."""

    def __init__(self, port: str, store: KeyStore | None = None) -> None:
        self.name = f"{SCHEME}{port}"
        self._cable = Cable(port)
        self._store = store or KeyStore()
        self._key: RingKey | None = None

    @property
    def key(self) -> bytes:
        if self._key is None:
            raise LinkError("no ring was found yet")
        return self._key.secret

    @property
    def device_id(self) -> str:
        return self._key.device_id if self._key is not None else ""

    async def open(self) -> int:
        await self._cable.open()
        try:
            await self._cable.write(HANG_UP)  # a bridge that crashed may have left a connection
            how_to_pair = f"mynah pair --link {self.name}"
            self._key = await known_key(self._cable, self._store, how_to_pair)
            self._cable.forget()  # what the ring said to that bridge came before its answer
        except BaseException:
            await self._cable.close()
            raise
        return BEST_MTU

    async def send(self, record: bytes) -> None:
        await self._cable.write(record)

    async def receive(self) -> bytes:
        record = await self._cable.read()
        if record == HANG_UP:
            await self._cable.close()
            raise LinkError("the ring hung up")
        return record

    async def close(self) -> None:
        with suppress(LinkError):  # it is gone already: that is what was wanted
            await self._cable.write(HANG_UP)
        await self._cable.close()
