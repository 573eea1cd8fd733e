"""The command that serves a fake chat server, as whoever writes a companion runs it."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from itertools import takewhile

import pytest

from mynah.cli import invoke
from mynah.companions.base import Said
from mynah.companions.fakes import SERVERS, named
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.companions.models.openai import OpenAICompanion
from mynah.config import load
from mynah.errors import CompanionError

SCRIPT = "from mynah.cli import main; main()"
ENDS_S = 20.0


@contextmanager
def serving(tmp_path, *options):
    """The command in a process of its own: what it invites to, as settings, and the process."""
    command = [sys.executable, "-c", SCRIPT, "fake", "--port", "0", *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            lines = []
            while not lines or "mynah talk" not in lines[-1]:
                lines.append(process.stdout.readline())
                assert lines[-1], "it ended before it said how to try it"
            toml = "".join(line for line in lines if re.match(r"\s+(\[|base_url)", line))
            path = tmp_path / "fake.toml"
            path.write_text("\n".join(line.strip() for line in toml.splitlines()))
            yield process, OpenAICompanion(load(path).openai)
        finally:
            process.kill()


async def answer(companion, text="Hello"):
    pieces = [piece async for piece in companion.reply(Said(text, "en"))]
    return "".join(piece for piece in pieces if isinstance(piece, str))


async def test_it_answers_where_it_says_and_ends_well_on_ctrl_c(tmp_path):
    with serving(tmp_path) as (process, companion):
        assert await answer(companion) == "You said: Hello "
        await companion.close()
        told = list(takewhile(lambda line: line != "answered\n", process.stdout))
        process.send_signal(signal.SIGINT)

        assert process.wait(ENDS_S) == 0
        assert told[-1] == "asked: 'Hello'\n"


async def test_its_answers_are_given_in_order_over_and_over(tmp_path):
    with serving(tmp_path, "--answer", "One, two.", "--answer", "Three.") as (_, companion):
        said = [await answer(companion) for _ in range(3)]
        await companion.close()

    assert said == ["One, two. ", "Three. ", "One, two. "]


async def test_it_misbehaves_whatever_model_is_asked_for(tmp_path):
    with serving(tmp_path, "--misbehave", "cut") as (_, companion):
        with pytest.raises(CompanionError, match="broke off in mid-answer"):
            await answer(companion)
        await companion.close()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--misbehave", "stal"], "no way to misbehave is called 'stal'; did you mean stall?"),
        (["--misbehave", "xyzzy"], "no way to misbehave is called 'xyzzy'; there are: echo, "),
        (["--answer", "Yes.", "--misbehave", "cut"], "choose one"),
        (["olama"], "no fake server is called 'olama'; did you mean ollama?"),
    ],
)
def test_what_it_can_not_do_is_told_in_one_line(capsys, options, told):
    assert invoke(["fake", *options]) == 2
    assert told in capsys.readouterr().err


def test_a_port_that_is_taken_is_told_of(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert invoke(["fake", "--port", str(port)]) == 2
    assert f"port {port} can't be had" in capsys.readouterr().err


@pytest.mark.parametrize("name", SERVERS)
def test_every_server_can_be_had_and_says_how_it_misbehaves(name, capsys):
    assert invoke(["fake", name, "--misbehave", "help"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert [line.split()[0] for line in lines] == list(named(name).ways())


def test_every_server_is_listed(capsys):
    assert invoke(["fake", "help"]) == 0
    assert capsys.readouterr().out.split() == list(SERVERS)


def test_every_way_to_misbehave_can_be_listed(capsys):
    assert invoke(["fake", "--misbehave", "help"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert [line.split()[0] for line in lines] == list(FakeOpenAI.ways())
