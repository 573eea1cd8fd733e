"""The companion `program`: any program on standard input and output."""

import asyncio
import logging
import os
import re
import socket
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from mynah.companions.agents import program_pipe
from mynah.companions.agents.program import Program
from mynah.companions.agents.websocket import WebSocketCompanion
from mynah.companions.base import Said
from mynah.errors import CompanionError
from tests.repo.sources import REPOSITORY

SAID = Said("Good morning.", "en", ring="(A tap.)")
LONGEST_S = 20.0
SOON_S = 0.02

PLAIN = """
import sys, json
for line in sys.stdin:
    turn = json.loads(line)
    print("I heard", turn["text"])
    print(turn["language"], turn["ring"])
    print(flush=True)
"""
JSON = """
import sys, json
turns = 0
for line in sys.stdin:
    turn = json.loads(line)
    if turn["op"] == "cancel":
        print('{"end": true}', flush=True)
        continue
    turns += 1
    print(json.dumps({"text": f"Turn {turns}.", "end": turn["text"] != "stay"}), flush=True)
"""
TALKS_ON = """
import sys, itertools
sys.stdin.readline()
for number in itertools.count():
    print("Sheep", number, flush=True)
"""
DIES = "import sys; sys.stdin.readline(); print('Well', flush=True); sys.exit('no more')"
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
READY = "print('ready', flush=True); await asyncio.Event"
LONG_LINE = "import sys; sys.stdin.readline(); print('x' * 1_000_000, flush=True)"


@asynccontextmanager
async def running(script, **fields):
    command = [sys.executable, "-I", "-c", script]
    companion = Program(command=command, **{"stop_s": 0.1, **fields})
    async with asyncio.timeout(LONGEST_S):
        try:
            yield companion
        finally:
            await companion.close()


async def answer(companion, said=SAID):
    pieces = [piece async for piece in companion.reply(said)]
    text = "".join(piece for piece in pieces if isinstance(piece, str)).strip()
    companion.heard(said, text)
    return text


async def ended(pid):
    """Returns once there is no such process."""
    with suppress(ProcessLookupError):
        while True:
            os.kill(pid, 0)
            await asyncio.sleep(SOON_S)


async def test_lines_of_text_are_an_answer_and_an_empty_one_its_end():
    async with running(PLAIN) as companion:
        for _ in range(2):
            assert await answer(companion) == "I heard Good morning. en (A tap.)"


async def test_a_program_that_speaks_json_is_called_off_and_keeps_running():
    async with running(JSON, stop_s=5.0) as companion:
        assert await answer(companion) == "Turn 1."
        reply = companion.reply(Said("stay", "en"))
        assert await anext(reply) == "Turn 2."
        await reply.aclose()

        assert await answer(companion) == "Turn 3."


async def test_a_program_that_does_not_stop_is_started_again():
    async with running(TALKS_ON) as companion:
        for _ in range(2):
            reply = companion.reply(SAID)
            assert await anext(reply) == "Sheep 0 "
            await reply.aclose()


async def test_a_program_that_ends_in_mid_answer_costs_one_turn(caplog):
    caplog.set_level(logging.DEBUG, "mynah")
    async with running(DIES) as companion:
        for _ in range(2):
            with pytest.raises(CompanionError, match=r"^the companion python\S* ended in mid-ans"):
                await answer(companion)

    assert "program: no more" in caplog.text


async def test_a_line_without_end_is_refused():
    async with running(LONG_LINE) as companion:
        with pytest.raises(CompanionError, match="was stopped"):
            await answer(companion)


async def test_what_a_program_started_ends_with_it():
    child = "import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'input()'], "
    script = f"{child}stdin=subprocess.PIPE); print(c.pid); print(flush=True); sys.stdin.read()"
    async with running(f"import sys; sys.stdin.readline(); {script}") as companion:
        pid = int(await answer(companion))
        await companion.close()

        await ended(pid)


def open_files():
    return set(Path("/dev/fd").iterdir())


@pytest.mark.skipif(not hasattr(os, "setsid"), reason="no groups of processes")
async def test_a_child_that_left_the_group_keeps_nothing_of_ours_open(monkeypatch):
    monkeypatch.setattr(program_pipe, "END_S", 0.1)
    child = "import os, time; os.fork() or (os.setsid(), time.sleep(5), os._exit(0))"
    before = open_files()
    async with running(f"{child}; import sys; sys.stdin.readline(); print('Hi'); print()") as it:
        await answer(it)
        await it.close()
        await asyncio.sleep(0)  # what is closed is closed in the next round

        assert open_files() <= before


def shown(word):
    """The example of the page that has this word in it."""
    page = (REPOSITORY / "bridge" / "mynah" / "companions" / "agents" / "README.md").read_text(
        "utf-8"
    )
    (found,) = (each for each in EXAMPLE.findall(page) if word in each)
    return found


async def test_the_program_that_the_page_shows_is_a_companion():
    async with running(shown("sys.stdin")) as companion:
        for _ in range(2):
            assert await answer(companion) == "You said Good morning."


async def test_the_websocket_that_the_page_shows_is_a_companion():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = shown("serve").replace("8800", str(port)).replace("await asyncio.Event", READY)
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    companion = WebSocketCompanion(url=f"ws://127.0.0.1:{port}")
    try:
        assert await server.stdout.readline()
        for _ in range(2):
            assert await answer(companion) == "You said Good morning."
    finally:
        await companion.close()
        server.kill()
        await server.communicate()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("no-such-program-anywhere", "the companion no-such-program-anywhere can't be started: No"),
        ([sys.executable, "\0"], r"can't be started: .*; look at companions\.program\.command"),
    ],
)
async def test_a_program_that_can_not_be_started_is_named(command, told):
    companion = Program(command=command)

    with pytest.raises(CompanionError, match=told) as caught:
        await companion.start()
    await companion.close()
    assert not caught.value.retryable


async def test_no_shell_reads_the_command():
    companion = Program(command=f"{sys.executable} -I -c 'print(1)' $HOME;ls")

    assert companion._command[1:] == ["-I", "-c", "print(1)", "$HOME;ls"]
    await companion.close()
