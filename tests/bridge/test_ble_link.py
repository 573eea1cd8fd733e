import asyncio
from types import SimpleNamespace

from mynah.link import ble
from mynah.link.keys import RingKey


class Client:
    """A connection: it notifies as soon as somebody listens."""

    def __init__(self):
        everything = SimpleNamespace(max_write_without_response_size=244)
        self.services = SimpleNamespace(get_characteristic=lambda _uuid: everything)

    async def start_notify(self, characteristic, callback):
        callback(characteristic, bytearray(b"hello"))

    async def disconnect(self):
        pass


async def test_a_first_attempt_that_failed_does_not_end_the_second(monkeypatch):
    async def establish_connection(_class, _device, _name, *, disconnected_callback, **_arguments):
        client = Client()
        disconnected_callback(client)  # as bleak does of an attempt that it gives up
        return client

    async def found(_link):
        return SimpleNamespace(address="F0:9E:9E:00:00:01")

    monkeypatch.setattr(ble, "establish_connection", establish_connection)
    monkeypatch.setattr(ble.BleLink, "_find", found)
    link = ble.BleLink([RingKey("0102030405060708", bytes(32))])

    assert await link.open() == 247
    async with asyncio.timeout(1):
        assert await link.receive() == b"hello"
