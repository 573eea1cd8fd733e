"""The ring's tools over MCP: what a program's model may do, how often, and how hard."""

import asyncio
import json

import pytest

from mynah.companions.base import Act
from mynah.serving.lent_ring import MOST_GAIN, VIBRATIONS_A_MINUTE, FakeRing, Often
from mynah.serving.mcp import VERSIONS, Mcp
from mynah.serving.mcp_stdio import PassedOn, Stdio
from mynah.serving.ring_tools import TOOLS, RingTools
from tests.bridge.serving_scene import TOKEN, body, served, services, until


def request(method, number=1, **parameters):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}


def tools(ring):
    return Mcp(RingTools(lambda: ring).call, "1.0")


async def called(mcp, name, **arguments):
    reply = await mcp.answer(request("tools/call", name=name, arguments=arguments))
    if "error" in reply:
        return reply["error"]["message"]
    (content,) = reply["result"]["content"]
    return content["text"]


async def test_it_introduces_itself_in_the_version_that_is_asked_for():
    mcp = tools(FakeRing())
    for asked, given in [(VERSIONS[-1], VERSIONS[-1]), ("1999-01-01", VERSIONS[0])]:
        reply = await mcp.answer(request("initialize", protocolVersion=asked))
        assert reply["result"]["protocolVersion"] == given
        assert reply["result"]["serverInfo"]["name"] == "mynah"
    assert await mcp.answer(request("ping")) == {"jsonrpc": "2.0", "id": 1, "result": {}}
    listed = await mcp.answer(request("tools/list"))
    assert [each["name"] for each in listed["result"]["tools"]] == [
        "ring_vibrate",
        "ring_light",
        "ring_state",
        "ring_battery",
        "ring_wait_for_touch",
    ]


async def test_the_ring_is_felt_and_lit():
    ring = FakeRing()
    mcp = tools(ring)

    assert await called(mcp, "ring_vibrate", pattern="hug", repeat=2) == "hug is felt"
    assert await called(mcp, "ring_light", feeling="joy") == "joy is shown"
    assert await called(mcp, "ring_battery") == "80 %"
    assert "connected: True" in await called(mcp, "ring_state")
    assert ring.done == [Act("hug", 160, 2), Act("joy")]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("ring_vibrate", {}, "pattern is none of"),
        ("ring_vibrate", {"pattern": "explode"}, "pattern is none of"),
        ("ring_vibrate", {"pattern": "hug", "gain": 255}, f"gain has to be from 1 to {MOST_GAIN}"),
        ("ring_vibrate", {"pattern": "hug", "gain": "1"}, "gain has to be a number"),
        ("ring_vibrate", {"pattern": "hug", "repeat": 1e9}, "repeat has to be from 1 to 4"),
        ("ring_light", {"feeling": "hug"}, "feeling is none of"),
        ("ring_wait_for_touch", {"timeout_s": 1e9}, "timeout_s has to be from 0 to 120"),
        ("ring_explode", {}, "there is no tool"),
    ],
)
async def test_what_is_too_much_is_refused(name, arguments, told):
    ring = FakeRing()

    assert told in await called(tools(ring), name, **arguments)
    assert ring.done == []


async def test_a_ring_that_can_not_says_so():
    assert "can't do that" in await called(tools(FakeRing(can=False)), "ring_light", feeling="joy")


async def test_what_is_too_often_has_to_wait():
    ring = FakeRing()
    mcp = tools(ring)
    told = [
        await called(mcp, "ring_vibrate", pattern="tap") for _ in range(VIBRATIONS_A_MINUTE + 1)
    ]

    assert len(ring.done) == VIBRATIONS_A_MINUTE
    assert "often enough for now; wait" in told[-1]


def test_after_a_minute_it_may_be_done_again():
    now = [0.0]
    often = Often(2, lambda: now[0])

    assert (often.wait_s(), often.wait_s(), often.wait_s()) == (0.0, 0.0, 60.0)
    now[0] = 61.0
    assert often.wait_s() == 0.0


async def test_a_touch_is_waited_for():
    ring = FakeRing()
    ring.touches.put_nowait("double_tap")

    assert await called(tools(ring), "ring_wait_for_touch") == "double_tap"
    assert (
        await called(tools(ring), "ring_wait_for_touch", timeout_s=0) == "nobody touched it in 0 s"
    )


async def test_without_a_ring_each_tool_says_so():
    for tool in TOOLS:
        reply = await tools(None).answer(request("tools/call", name=tool["name"], arguments={}))
        assert reply["result"]["isError"]
        assert "no ring is in a conversation" in reply["result"]["content"][0]["text"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": [], "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "resources/list"}, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 5}}, -32602),
    ],
)
async def test_what_is_no_request_is_refused(message, code):
    assert (await tools(FakeRing()).answer(message))["error"]["code"] == code


async def test_a_notification_and_an_answer_want_none():
    mcp = tools(FakeRing())
    assert await mcp.answer({"jsonrpc": "2.0", "method": "notifications/initialized"}) is None
    assert await mcp.answer({"jsonrpc": "2.0", "id": 1, "result": {}}) is None


class Pipe:
    """Both ends of a process's stdio."""

    def __init__(self, mcp):
        self.told = []
        self._lines = asyncio.Queue()
        stdio = Stdio(mcp, lambda line: self.told.append(json.loads(line)))
        self.running = asyncio.create_task(stdio.run(self._read()))

    async def _read(self):
        while line := await self._lines.get():
            yield line

    def say(self, message):
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._lines.put_nowait(line + b"\n")

    async def close(self):
        self._lines.put_nowait(b"")
        async with asyncio.timeout(10):
            await self.running


async def test_over_stdio_a_long_wait_holds_nobody_up_and_can_be_cancelled():
    ring = FakeRing()
    pipe = Pipe(tools(ring))
    pipe.say(request("tools/call", 1, name="ring_wait_for_touch", arguments={}))
    pipe.say(request("ping", 2))
    pipe.say(b"rubbish")
    pipe.say(b"")
    await until(lambda: len(pipe.told) == 2)
    assert {each["id"] for each in pipe.told} == {2, None}
    await until(lambda: ring.waiting == 1)
    pipe.say({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})
    await until(lambda: ring.waiting == 0)
    pipe.say(request("tools/call", 3, name="ring_wait_for_touch", arguments={}))
    await pipe.close()

    assert len(pipe.told) == 2
    assert ring.waiting == 0


async def test_over_stdio_a_call_is_passed_on_to_the_bridge_that_runs():
    ring = FakeRing()
    async with served(services(ring=lambda: ring)) as (_, server, _):
        bridge = PassedOn(f"http://127.0.0.1:{server.port}", TOKEN)
        felt = await bridge.call("ring_vibrate", {"pattern": "purr"})
        refused = await bridge.call("ring_vibrate", {"pattern": "explode"})
        unknown = await bridge.call("ring_explode", {})
        waiting = asyncio.create_task(bridge.call("ring_wait_for_touch", {}))
        await until(lambda: ring.waiting == 1)
        waiting.cancel()
        await until(lambda: ring.waiting == 0)
        stranger = PassedOn(f"http://127.0.0.1:{server.port}", "wrong")
        nobody = await stranger.call("ring_state", {})
        await bridge.close()
        await stranger.close()

    assert (felt.text, felt.failed) == ("purr is felt", False)
    assert refused.failed
    assert "there is no tool" in unknown.text
    assert "token is missing or wrong" in nobody.text
    assert [act.name for act in ring.done] == ["purr"]


async def test_without_a_bridge_it_says_how_to_start_one():
    async with served() as (_, server, _):
        port = server.port
    bridge = PassedOn(f"http://127.0.0.1:{port}", TOKEN)
    told = await bridge.call("ring_state", {})
    await bridge.close()

    assert told.failed
    assert "start `mynah run` with serving.port set" in told.text


async def test_over_http_a_notification_is_taken_and_rubbish_is_not():
    async with served() as (_, _, client):
        taken = await client.post(
            "/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"}
        )
        listed = await client.post("/mcp", json=request("tools/list"))
        rubbish = await client.post("/mcp", content=b"[")
        batch = await client.post("/mcp", json=[request("ping")])
        stream = await client.get("/mcp")

    assert (taken.status_code, taken.content) == (202, b"")
    assert len(body(listed)["result"]["tools"]) == len(TOOLS)
    assert (rubbish.status_code, batch.status_code, stream.status_code) == (400, 400, 405)
