"""The host's end of the channel, with the test in the ring's place."""

import asyncio
import socket

import pytest

from mynah.emulator import channel as channels
from mynah.emulator.channel import Channel
from mynah.emulator.chip import _topics as topics
from mynah.errors import EmulatorError


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with theirs:
        yield Channel(ours), theirs


async def read(sock, count):
    data = b""
    while len(data) < count:
        data += await asyncio.get_running_loop().sock_recv(sock, count - len(data))
    return data


async def test_messages_arrive_whole_and_in_order_however_they_are_cut(ends):
    channel, ring = ends
    heard = []
    channel.on(topics.NOTIFY, heard.append)
    task = asyncio.create_task(channel.run())

    stream = b"\x03\x00\x03one" + b"\x00\x00\x03" + b"\x01\x00\x10?" + b"\x05\x00\x03three"
    for byte in stream:
        await asyncio.get_running_loop().sock_sendall(ring, bytes([byte]))
        await asyncio.sleep(0)
    ring.shutdown(socket.SHUT_WR)

    with pytest.raises(EmulatorError, match=r"^the emulated ring stopped$"):
        await task
    assert heard == [b"one", b"", b"three"]


async def test_what_is_sent_before_the_channel_runs_is_not_lost(ends):
    channel, ring = ends
    channel.send(topics.SENT, b"\x01\x00")
    task = asyncio.create_task(channel.run())

    assert await read(ring, 5) == b"\x02\x00\x85\x01\x00"

    channel.close()
    await task


async def test_closing_ends_the_stream_for_the_ring_and_run_returns(ends):
    channel, ring = ends
    task = asyncio.create_task(channel.run())
    await asyncio.sleep(0)

    channel.close()
    await task
    channel.close()
    channel.send(topics.SENT, b"\x01\x00")

    assert await asyncio.get_running_loop().sock_recv(ring, 1) == b""


async def test_a_channel_that_never_ran_closes_its_socket(ends):
    channel, ring = ends

    channel.close()
    await channel.run()

    assert await asyncio.get_running_loop().sock_recv(ring, 1) == b""


async def test_a_ring_that_never_reads_is_found_out(ends, monkeypatch):
    monkeypatch.setattr(channels, "MAX_UNREAD_BYTES", 10_000)
    channel, _ring = ends
    task = asyncio.create_task(channel.run())
    await asyncio.sleep(0)

    while not task.done():
        channel.send(topics.WRITE, bytes(60_000))
        await asyncio.sleep(0)

    with pytest.raises(EmulatorError, match=r"bytes unread: its firmware never yields$"):
        await task


async def test_a_cancelled_channel_leaves_nothing_open(ends):
    channel, ring = ends
    task = asyncio.create_task(channel.run())
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.get_running_loop().sock_recv(ring, 1) == b""


def test_a_topic_has_one_handler(ends):
    channel, _ring = ends
    channel.on(topics.NOTIFY, print)

    with pytest.raises(ValueError, match=r"^topic 0x03 has a handler already$"):
        channel.on(topics.NOTIFY, print)
    channel.close()
