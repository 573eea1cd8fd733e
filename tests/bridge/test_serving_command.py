"""`mynah serve`, as a process of its own and beside a conversation."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import AsyncExitStack

import httpx
import pytest

from mynah.cli import invoke, run
from mynah.companions.base import Touch
from mynah.config import parse
from mynah.seeing import log
from mynah.seeing.seen import seen
from mynah.seeing.server import known_token
from mynah.serving.running import served_beside, token_file
from mynah.serving.worn import Worn
from mynah.stages import Stages
from mynah.view import View
from tests.bridge.serving_scene import Talker, body, services, until
from tests.bridge.test_serving_parts import free_port

MYNAH = [sys.executable, "-c", "from mynah.cli import main; main()"]


def test_the_extension_is_installed_by_a_command(tmp_path, capsys):
    (tmp_path / "third-party").mkdir()

    assert invoke(["serve", "--install-sillytavern", str(tmp_path)]) == 0
    assert "reload SillyTavern" in capsys.readouterr().out
    assert invoke(["serve", "--install-sillytavern", str(tmp_path / "no")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_a_companion_that_nobody_has_is_told_of(capsys):
    assert invoke(["serve", "--companion", "nobody"]) == 2
    assert "no companion is called 'nobody'" in capsys.readouterr().err


def test_mcp_is_spoken_on_standard_input_and_output_and_nothing_else():
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "ring_state"}},
        "rubbish",
    ]
    lines = [each if isinstance(each, str) else json.dumps(each) for each in messages]
    with subprocess.Popen(
        [*MYNAH, "serve", "--mcp", "--port", str(free_port())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write("\n".join([*lines, ""]))
        process.stdin.flush()
        told = [json.loads(process.stdout.readline()) for _ in lines]
        process.stdin.close()
        rest = process.stdout.read()

    by_id = {each["id"]: each for each in told}
    assert by_id[1]["result"]["serverInfo"]["name"] == "mynah"
    assert "start `mynah run`" in by_id[2]["result"]["content"][0]["text"]
    assert by_id[None]["error"]["code"] == -32700
    assert (rest, process.returncode) == ("", 0)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise")
def test_mcp_ends_at_control_c_while_its_input_is_open():
    with subprocess.Popen(
        [*MYNAH, "serve", "--mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["result"] == {}
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == b""


def stages_of(offered):
    return Stages(offered.transcriber, offered.companion, offered.synthesizer)


def ignored(_reply):
    """Nobody speaks it."""


class Program:
    """Another one on this computer."""

    def __init__(self, client, port):
        self._client = client
        self._port = port

    async def ask(self, path, **asked):
        known = {"Authorization": f"Bearer {known_token(token_file())}"}
        url = f"http://127.0.0.1:{self._port}{path}"
        return await self._client.post(url, headers=known, json=asked)

    async def tool(self, name, **arguments):
        call = {"name": name, "arguments": arguments}
        reply = await self.ask("/mcp", jsonrpc="2.0", id=1, method="tools/call", params=call)
        return body(reply)["result"]["content"][0]["text"]


async def test_beside_a_conversation_its_ears_voice_and_ring_are_lent():
    port = free_port()
    offered, companion, worn, felt = services(), Talker(), Worn(), []
    closed = []
    companion.close = lambda: asyncio.sleep(0, closed.append(True))
    stages = stages_of(offered)
    stages.open_acts = lambda ring: lambda act: ring.append(act.name) or True
    settings = parse({"serving": {"port": port}}, "here")
    beside = served_beside(settings, stages, lambda: companion, ignored, worn)

    async with beside as lines, httpx.AsyncClient(trust_env=False) as client:
        assert lines
        program = Program(client, port)
        tool = program.tool
        said = await program.ask(
            "/v1/chat/completions", messages=[{"role": "user", "content": "Hello?"}]
        )
        before = await tool("ring_state")
        with log.linked("a ring"):
            stages.open_acts(felt)
            worn.charged(70, charging=True)
            told = await tool("ring_vibrate", pattern="hug")
            state = await tool("ring_state")
            waiting = asyncio.create_task(tool("ring_wait_for_touch"))
            await until(lambda: worn._waiting)
            worn.touched(Touch("tap", "tapped"))
            touched = await waiting
        after = await tool("ring_state")

    assert body(said)["choices"][0]["message"]["content"] == "Hello there."
    assert (companion.asked, offered.companion.asked) == (["Hello?"], [])
    assert (told, touched, felt) == ("hug is felt", "tap", ["hug"])
    assert state == "connected: True, battery_percent: 70, charging: True"
    assert "no ring is in a conversation" in before
    assert before == after
    assert closed == [True]


async def test_a_port_that_somebody_else_has_costs_no_conversation():
    """Any user of this computer can take it."""
    troubles = []
    view = View()
    view.trouble = troubles.append
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        settings = parse({"serving": {"port": port}, "metrics": {"port": port}}, "here")
        async with AsyncExitStack() as stack:
            watched = await stack.enter_async_context(seen(settings, view))
            await run._serve_beside(settings, stages_of(services()), watched, stack)

    assert [line.partition(": port")[0] for line in troubles] == [
        "no metrics",
        "other programs are not served",
    ]


async def test_beside_a_conversation_nothing_is_lent_unless_it_is_wished():
    stages = stages_of(services())
    before = stages.open_acts
    async with served_beside(parse({}, "here"), stages, Talker, ignored, Worn()) as lines:
        assert lines == []
    assert stages.open_acts is before
