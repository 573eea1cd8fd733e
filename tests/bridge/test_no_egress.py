"""A conversation reaches for nothing but the companion that was configured."""

import json
import struct
import subprocess
import sys

import pytest

from tests.egress import destination
from tests.repo.sources import REPOSITORY

# In a process of its own: nobody can be made to stop watching.
WATCHED = """
import json, sys
from mynah.seeing.egress import watch

attempts = []
watch(lambda attempt: attempts.append([attempt.how, attempt.to]))
"""

CONVERSES = """
import asyncio
from mynah.companions import open_companion
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.config import parse
from mynah.seeing.seen import seen
from mynah.view import View
from tests.bridge.scene import started, stages

async def converse():
    async with FakeOpenAI() as server:
        settings = parse({"companion": "openai", "openai": {"base_url": server.base_url}}, "here")
        made = stages("Hi.")
        made.companion = open_companion("openai", settings)
        made.synthesizer.LETTER_MS = 5  # it is not about the sound
        async with seen(settings, View()) as view, started(made) as scene:
            record = await scene.say(60)
            view.turn(record, "openai")
        await made.companion.close()
        return record.reply, server.base_url.split("/")[2]

reply, companion = asyncio.run(converse())
print(json.dumps([reply, companion, attempts]))
"""

REACHES_OUT = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
    it.connect(("127.0.0.1", 9))
try:
    socket.getaddrinfo("nowhere.invalid", 80)
except OSError:
    pass
print(json.dumps(attempts))
"""


def told_by(script):
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED + script],
        capture_output=True,
        check=True,
        cwd=REPOSITORY,
        text=True,
    )
    return json.loads(ran.stdout)


def test_a_conversation_reaches_for_the_companion_alone():
    reply, companion, attempts = told_by(CONVERSES)

    assert reply
    assert attempts
    assert {to for _, to in attempts if not to.startswith("unix:")} == {companion}


def test_who_reaches_out_is_seen():
    attempts = told_by(REACHES_OUT)

    assert ["socket.connect", "127.0.0.1:9"] in attempts
    assert ["socket.getaddrinfo", "nowhere.invalid"] in attempts


def ipv4(protocol, payload):
    head = bytes([0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 192, 0, 2, 77])
    return head + payload


def ipv6(protocol, payload):
    address = bytes.fromhex("20010db8000000000000000000000077")
    return bytes([0x60, 0, 0, 0, 0, 0, protocol, 64]) + address + address + payload


def tcp(flags):
    return struct.pack(">HHIIBBHHH", 50000, 443, 0, 0, 0x50, flags, 0, 0, 0)


@pytest.mark.parametrize(
    ("packet", "told"),
    [
        (ipv4(6, tcp(0x02)), ("tcp", "192.0.2.77", 443)),
        (ipv4(6, tcp(0x12)), None),
        (ipv4(6, tcp(0x10)), None),
        (ipv4(17, bytes(4) + bytes(4)), ("udp", "192.0.2.77", 0)),
        (ipv4(1, b"\x08" + bytes(7)), ("1", "192.0.2.77", 0)),
        (ipv6(6, tcp(0x02)), ("tcp", "2001:db8::77", 443)),
        (ipv6(58, b"\x85" + bytes(7)), None),
        (ipv6(58, b"\x80" + bytes(7)), ("58", "2001:db8::77", 0)),
    ],
    ids=["syn", "answer", "ack", "udp", "ping", "syn 6", "kernel's own", "ping 6"],
)
def test_what_opens_something_is_counted(packet, told):
    assert destination(packet) == told
