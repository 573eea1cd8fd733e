"""The device's end of the channel between the stand-ins and the emulator that owns this process.

A handler called from here is the chip's interrupt: it runs between two steps of the firmware, so
firmware that never yields never sees one. When the emulator closes its end, the ring loses power.
"""

import asyncio
import os
import struct
import sys

import _topics

_FD = "MYNAH_CHIP_FD"

_stream = open(int(os.getenv(_FD)), "r+b", 0)
_header = bytearray(_topics.HEADER_BYTES)
_handlers = {}


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


async def _interrupts():
    reader = asyncio.StreamReader(_stream)
    while True:
        try:
            length, topic = struct.unpack(
                _topics.HEADER, await reader.readexactly(_topics.HEADER_BYTES)
            )
            body = await reader.readexactly(length) if length else b""
        except EOFError:
            sys.exit(0)
        handler = _handlers.get(topic)
        if handler:
            try:
                handler(body)
            except Exception as error:  # printed and forgotten, as a chip does in an interrupt
                sys.print_exception(error)


asyncio.create_task(_interrupts())
