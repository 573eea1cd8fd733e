"""A ring's log over the link, and a board's serial port on a terminal."""

import asyncio
import os
import pty
import termios
import tty
from contextlib import aclosing, suppress

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import DeviceError, LinkError
from mynah.link.memory import MemoryLink
from mynah.maker import console
from mynah.maker.logs import FOLLOW_S, SinceStart, over_the_console, over_the_link
from tests.bridge.virtual_time import in_virtual_time
from tests.maker.bench import with_micropython

KEY = bytes(range(32))
DEADLINE_S = 30


def with_a_log(*texts):
    ring = SimulatedRing(KEY)
    for text in texts:
        ring.core.workshop.journal.note(text, 0)
    return ring


@in_virtual_time
async def test_the_log_comes_over_the_link_to_its_end():
    lines = [line async for line in over_the_link(MemoryLink(with_a_log("one", "two"), KEY))]

    assert [line.text.partition(" s ")[2] for line in lines[:2]] == ["one", "two"]
    assert [line.number for line in lines] == list(range(len(lines)))


@in_virtual_time
async def test_a_log_that_is_followed_goes_on_and_tells_what_was_overwritten():
    ring = with_a_log("one")
    journal = ring.core.workshop.journal
    async with aclosing(over_the_link(MemoryLink(ring, KEY), follow=True)) as lines:
        seen = [await anext(lines), await anext(lines)]  # with "a host is here"
        asyncio.get_running_loop().call_later(2 * FOLLOW_S, journal.note, "later", 0)
        seen.append(await anext(lines))
        for number in range(200):
            journal.note(f"flood {number}", 0)
        seen.append(await anext(lines))

    assert [line.lost for line in seen[:3]] == [0, 0, 0]
    assert seen[2].text.endswith("later")
    assert seen[3].lost == seen[3].number - seen[2].number - 1 > 0


def test_times_are_since_the_ring_started():
    clock = SinceStart()
    lines = ("60330.5 s start: power on, build 1", "60331.7 s a host is here", "[no time]")
    assert [clock.told(line) for line in lines] == [
        "0.0 s start: power on, build 1",
        "1.2 s a host is here",
        "[no time]",
    ]
    assert clock.told("0.3 s start: reset, build 1") == "0.0 s start: reset, build 1"
    assert clock.told("2.3 s a host is here") == "2.0 s a host is here"


def answering(ours, what):
    """Whoever is at the port says this when it is asked."""

    def answer():
        if b"mynah log" in os.read(ours, 4096):
            os.write(ours, what)

    asyncio.get_running_loop().add_reader(ours, answer)


async def test_what_a_stranger_says_at_a_port_moves_no_cursor(strange_port):
    ours, port = strange_port
    answering(
        ours, b"0 start\x1b]0;owned\x07\x1b[2J \x1b[31mred\r\nmynah log: the next line is 1\r\n"
    )
    async with asyncio.timeout(DEADLINE_S):
        (line,) = [line async for line in over_the_console(port)]

    assert line.text.isprintable()
    assert line.text.startswith("start ]0;owned")


async def test_who_speaks_without_an_end_is_left(strange_port, monkeypatch):
    ours, port = strange_port
    monkeypatch.setattr("mynah.maker.logs.DEADLINE_S", 0.5)
    flooding = asyncio.create_task(flood(ours))
    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(DeviceError, match="answers as a ring"):
            _ = [line async for line in over_the_console(port)]
    flooding.cancel()


async def flood(ours):
    while True:
        with suppress(BlockingIOError):
            os.write(ours, b"1 line\n" * 100)
        await asyncio.sleep(0)


@pytest.fixture
def strange_port(terminal):
    ours, theirs = terminal
    tty.setraw(theirs)
    return ours, os.ttyname(theirs)


async def typed(ours, *pieces):
    for wait_for, data in pieces:
        heard = b""
        while wait_for not in heard:
            await asyncio.sleep(0.01)
            try:
                heard += os.read(ours, 4096)
            except BlockingIOError:
                continue
        os.write(ours, data)


@pytest.fixture
def terminal():
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


async def test_ctrl_c_is_the_boards_and_ctrl_x_gives_the_terminal_back(tmp_path, terminal):
    ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    async with asyncio.timeout(DEADLINE_S), with_micropython(tmp_path) as board:
        keys = typed(
            ours, (b">>> ", b"while 1: pass\r\r"), (b"... ", b"\x03"), (b"KeyboardI", b"\x18")
        )
        # The prompt is asked for: what was printed before the port was open is gone.
        typing = asyncio.create_task(keys)
        asyncio.get_running_loop().call_later(0.3, os.write, ours, b"\r")
        await console.converse(board.port, theirs, theirs)
        await typing

    assert termios.tcgetattr(theirs) == before


async def test_a_cable_that_is_pulled_ends_the_console_with_a_line(tmp_path, terminal):
    _, theirs = terminal
    async with asyncio.timeout(DEADLINE_S), with_micropython(tmp_path) as board:
        joined = asyncio.create_task(console.converse(board.port, theirs, theirs))
        asyncio.get_running_loop().call_later(0.3, board._pull)
        with pytest.raises(LinkError, match=r"the cable at .* was pulled"):
            await joined
