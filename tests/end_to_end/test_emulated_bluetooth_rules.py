"""The ring's `bluetooth` by itself: the test is the host at the other end of its channel."""

import struct

from mynah.emulator.chip import _topics as topics
from tests.end_to_end.radio_bench import powered

# What the script tells, by MicroPython's documentation and its source.
RULES = {
    "inactive": 19,
    "mtu": 300,
    "rxbuf": "ValueError",
    "mtu too large": 22,
    "central": "AttributeError",
    "registered twice": 16,
    "grown": 30,
    "nobody": 128,
    "no such handle": 22,
    "advertisement too long": 22,
    "hang up on nobody": False,
    "address": "c01122334455",
    "address afterwards": "dddddddddddd",
    "allocated": 0,
    "room": 12,
    "full": 12,
    "down": bytes(range(20)).hex(),  # nobody asked for a longer buffer
    "down again": 20,
    "append": b"abcdefgh".hex(),
    "append again": "",
    "room again": 3,
}


async def test_bluetooth_in_the_ring_keeps_micropythons_rules(tmp_path):
    async with powered(tmp_path, "radio_rules.py") as (interpreter, console):
        channel = interpreter.channel
        await interpreter.start()
        await console.wait_for("ready")
        _up, down, append, check = console.told()["handles"]

        def write(handle, value):
            channel.send(topics.WRITE, struct.pack("<HH", 0, handle) + value)

        channel.send(topics.CONNECTED, bytes(3) + bytes.fromhex("c01122334455"))
        channel.send(topics.MTU, struct.pack("<HH", 0, 100))
        write(down, bytes(range(30)))
        write(append, b"abc")
        write(append, b"defgh-cut off")
        for _ in range(3):
            channel.send(topics.SENT, struct.pack("<H", 0))
        write(check, b"")
        await console.wait_for("ZeroDivisionError: divide by zero")
        told = console.told()
        del told["handles"]

    assert told == RULES
