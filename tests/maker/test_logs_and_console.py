"""A ring's log over the link, and a board's serial port on a terminal."""

import asyncio
import os
import pty
import termios
from contextlib import aclosing

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import LinkError
from mynah.link.memory import MemoryLink
from mynah.maker import console
from mynah.maker.logs import FOLLOW_S, over_the_link
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
