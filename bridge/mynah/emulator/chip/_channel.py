"""The device's end of the channel between the stand-ins and the emulator that owns this process.

A handler called from here is the chip's interrupt: it runs between two steps of the firmware, so
firmware that never yields never sees one. When the emulator closes its end, the ring loses power.
"""

import asyncio
import os
import select
import struct
import sys

import _poller  # noqa: F401 - before any task waits
import _topics

_FD = "MYNAH_CHIP_FD"
# A process that waited for its computer finds a quarter of a second's air at once. No radio brings
# that, so the firmware has its turn after so many: a quarter of its queue, and more records of full
# size than a connection event of 15 ms carries.
_AT_ONCE = 16
_UNTIL_NONE_IS_LEFT = 1 << 30

_stream = open(int(os.getenv(_FD)), "r+b", 0)
_header = bytearray(_topics.HEADER_BYTES)
_handlers = {}
_at_once = _AT_ONCE


def on(topic, handler):
    """Call `handler(body)` for each message of this topic; the latest handler wins."""
    _handlers[topic] = handler


def send(topic, body):
    """Send one message. Allocates nothing, so that the firmware's own promise can be measured."""
    send2(topic, body, b"")


def send2(topic, head, tail):
    """Send one message whose body comes in two pieces."""
    struct.pack_into(_topics.HEADER, _header, 0, len(head) + len(tail), topic)
    _stream.write(_header)
    if head:
        _stream.write(head)
    if tail:
        _stream.write(tail)


def stood_still():
    """The firmware did nothing for a while: it finds all at once what came meanwhile."""
    global _at_once
    _at_once = _UNTIL_NONE_IS_LEFT


async def _interrupts():
    global _at_once
    reader = asyncio.StreamReader(_stream)
    more = select.poll()
    more.register(_stream, select.POLLIN)
    while True:
        try:
            header = await reader.readexactly(_topics.HEADER_BYTES)
            _interrupt(header)
            # A message is written whole: what has begun to come needs no step of the loop.
            taken = 1
            while taken < _at_once and more.poll(0):
                _interrupt(_stream.read(_topics.HEADER_BYTES))
                taken += 1
            _at_once = _AT_ONCE
        except EOFError:
            sys.exit(0)


def _interrupt(header):
    if len(header) < _topics.HEADER_BYTES:
        raise EOFError
    length, topic = struct.unpack(_topics.HEADER, header)
    body = _stream.read(length) if length else b""
    handler = _handlers.get(topic)
    if handler:
        try:
            handler(body)
        except Exception as error:  # noqa: BLE001 - printed and forgotten, as on a chip
            sys.print_exception(error)


asyncio.create_task(_interrupts())
