"""The terminal is a real one: a pseudo-terminal, with a program of its own at its end."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import termios
import time
from contextlib import contextmanager, suppress

import pytest

from mynah.terminal.finger import Press, Quit, Release, Tap
from mynah.terminal.shell import BORROW, GIVE_BACK, TerminalFinger

DEADLINE_S = 20

ANSWER = b"\x1b[?15u"

PROGRAM = """
import asyncio, signal
from mynah.terminal.shell import TerminalFinger, usable

async def main():
    left = asyncio.Event()
    def on(action):
        print(action, flush=True)
        if str(action) == "Quit()":
            left.set()
    async with TerminalFinger(on):
        print("usable", usable(), flush=True)
        await left.wait()

signal.signal(signal.SIGTERM, signal.default_int_handler)  # as mynah.cli.main does
try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
"""

LEAVES_WITHOUT_A_WORD = """
import asyncio, sys
from mynah.terminal.shell import TerminalFinger

loop = asyncio.new_event_loop()
loop.run_until_complete(TerminalFinger(print).__aenter__())
"""

# A fork of this process would copy what its threads hold.
IN_A_TERMINAL_OF_ITS_OWN = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""

# A shell with job control. It outlives the program, whose terminal would else be nobody's.
JOB = """
set -m
"$0" -c "$1"
echo has ended
read -r _
"""
STOPPED_JOB = JOB.replace("echo", "echo has stopped; read -r _; fg > /dev/null; echo")


class Screen:
    """The person's end of a terminal."""

    def __init__(self, keyboard):
        self._keyboard = keyboard
        self._shown = b""

    def until(self, text):
        """What was shown up to this and with it."""
        deadline = time.monotonic() + DEADLINE_S
        while text not in self._shown:
            ready, _, _ = select.select([self._keyboard], [], [], deadline - time.monotonic())
            assert ready, f"{text!r} was not shown after {self._shown!r}"
            self._shown += self._read()
        shown, _, self._shown = self._shown.partition(text)
        return shown + text

    def _read(self):
        try:
            data = os.read(self._keyboard, 4096)
        except OSError:  # how Linux says it
            data = b""
        assert data, f"it ended after {self._shown!r}"
        return data

    def type(self, data):
        os.write(self._keyboard, data)

    def kill(self, number):
        os.killpg(os.tcgetpgrp(self._keyboard), number)

    @property
    def modes(self):
        return termios.tcgetattr(self._keyboard)


@contextmanager
def program(source=PROGRAM, job=JOB):
    keyboard, end = os.openpty()
    shell = ("sh", "-c", job, sys.executable, source)
    command = (sys.executable, "-c", IN_A_TERMINAL_OF_ITS_OWN, *shell)
    with subprocess.Popen(
        command, stdin=end, stdout=end, stderr=end, start_new_session=True
    ) as ran:
        os.close(end)
        try:
            yield Screen(keyboard)
        finally:
            os.close(keyboard)  # which ends the program too: its terminal hangs up
            ran.kill()


def test_a_terminal_is_borrowed_and_given_back():
    with program() as shown:
        before = shown.modes
        shown.until(BORROW)
        shown.until(b"usable True")
        assert shown.modes != before

        shown.type(b"q")
        shown.until(b"Quit()")
        shown.until(GIVE_BACK)
        shown.until(b"has ended")

        assert shown.modes == before


def test_a_terminal_that_tells_releases_holds_the_button():
    with program() as shown:
        shown.until(b"usable True")
        shown.type(ANSWER + b"\x1b[32u")
        shown.until(b"Press()")
        shown.type(b"\x1b[32;1:2u\x1b[32;1:3u")
        shown.until(b"Release()")
        shown.type(b"\x1b[<0;3;4M")
        shown.until(b"Press()")
        shown.type(b"\x1b[<0;3;4m")
        shown.until(b"Release()")
        shown.type(b"\x1b[99;5u")
        shown.until(b"Quit()")
        shown.until(GIVE_BACK)


@pytest.mark.parametrize("end", [lambda s: s.type(b"\x03"), lambda s: s.kill(signal.SIGTERM)])
def test_whoever_ends_it_the_terminal_is_as_it_was(end):
    with program() as shown:
        before = shown.modes
        shown.until(b"usable True")

        end(shown)
        shown.until(GIVE_BACK)
        shown.until(b"has ended")

        assert shown.modes == before


def test_a_program_that_forgets_the_terminal_gives_it_back_at_its_end():
    with program(LEAVES_WITHOUT_A_WORD) as shown:
        before = shown.modes
        shown.until(BORROW)
        shown.until(GIVE_BACK)
        shown.until(b"has ended")

        assert shown.modes == before


@pytest.mark.parametrize("stop", [b"\x1a", ANSWER + b"\x1b[122;5u"], ids=["plain", "kitty"])
def test_control_z_gives_the_terminal_back_until_it_goes_on(stop):
    with program(job=STOPPED_JOB) as shown:
        before = shown.modes
        shown.until(b"usable True")
        shown.type(b" ")
        shown.until(b"Press()")

        shown.type(stop)
        shown.until(GIVE_BACK)
        shown.until(b"has stopped")
        assert shown.modes == before

        shown.type(b"\n")
        shown.until(BORROW)
        shown.type(b"q")
        shown.until(b"Quit()")
        shown.until(GIVE_BACK)
        shown.until(b"has ended")
        assert shown.modes == before


@contextmanager
def terminal():
    """Both ends of one, without a program."""
    ends = os.openpty()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


async def acted(keyboard, end, data, count):
    """What a finger does when this is typed."""
    actions = asyncio.Queue()
    async with (
        TerminalFinger(actions.put_nowait, source=end, sink=end) as finger,
        asyncio.timeout(DEADLINE_S),
    ):
        os.write(keyboard, data)
        return [await actions.get() for _ in range(count)], finger.exact


@pytest.mark.parametrize(
    ("data", "actions", "exact"),
    [
        (b"   ", [Press(), Release()], False),  # held, and let go when no more come
        (b"\x1b", [Tap()], False),
        (ANSWER + b"\x1b[32u\x1b[O", [Press(), Release()], True),
        (b"\x04", [Quit()], False),
    ],
)
async def test_what_is_typed_moves_the_finger(data, actions, exact):
    with terminal() as (keyboard, end):
        assert await acted(keyboard, end, data, len(actions)) == (actions, exact)


async def test_a_failure_gives_the_terminal_back():
    with terminal() as (keyboard, end):
        before = termios.tcgetattr(end)
        finger = TerminalFinger(print, source=end, sink=end)
        with suppress(ZeroDivisionError):
            async with finger:
                assert termios.tcgetattr(end) != before
                raise ZeroDivisionError

        assert termios.tcgetattr(end) == before
        assert Screen(keyboard).until(GIVE_BACK) == BORROW + GIVE_BACK


async def test_a_terminal_that_hangs_up_ends_it():
    quit_ = asyncio.Event()
    keyboard, end = os.openpty()
    async with TerminalFinger(lambda _: quit_.set(), source=end, sink=end):
        os.close(keyboard)
        async with asyncio.timeout(DEADLINE_S):
            await quit_.wait()
    os.close(end)
