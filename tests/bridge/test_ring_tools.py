"""What a model may have the ring do, and how a device of MCP answers."""

import json
import math

import pytest

from mynah.acts.vocabulary import VOCABULARY
from mynah.companions.base import Act
from mynah.companions.ring_tools import TOOLS, TOUCHES, RingTools
from mynah.companions.voices.mcp_device import McpDevice


def device(**state):
    return McpDevice(RingTools(lambda: state))


def asked(method, number=7, **parameters):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}


def called(name, arguments):
    return device(battery=80).answer(asked("tools/call", name=name, arguments=arguments))


def test_all_that_is_offered_can_be_done():
    assert set(TOUCHES) < set(VOCABULARY)
    assert "sos" not in TOUCHES


@pytest.mark.parametrize(
    ("given", "act"),
    [
        ({"act": "hug"}, Act("hug")),
        ({"act": "hug", "strength": 50, "times": 2}, Act("hug", 127, 2)),
        ({"act": "hug", "strength": 10_000, "times": 10_000}, Act("hug", 255, 5)),
        ({"act": "hug", "strength": -1, "times": 0}, Act("hug", 2, 1)),
        ({"act": "hug", "strength": math.inf, "times": 2.6}, Act("hug", 255, 3)),
        ({"act": "hug", "strength": "hard", "times": True}, Act("hug")),
        ({"act": "hug", "strength": math.nan}, Act("hug")),
        ({"act": "hug", "strength": 10**400, "times": -(10**400)}, Act("hug")),
    ],
)
def test_a_touch_is_bounded(given, act):
    assert RingTools().call("vibrate", given).act == act


def test_the_light_shows_a_feeling():
    assert RingTools().call("light", {"feeling": "joy"}).act == Act("joy")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("vibrate", {"act": "sos"}),
        ("vibrate", {"act": ["hug"]}),
        ("vibrate", {}),
        ("vibrate", "hug"),
        ("light", {"feeling": "hug"}),
        ("explode", {}),
    ],
)
def test_what_can_not_be_had_is_told_to_the_model(name, given):
    done = RingTools().call(name, given)

    assert done.failed
    assert done.act is None
    assert "can't do that" in done.text or "no such tool" in done.text


def test_a_server_may_initialize_list_and_call():
    ring = device()
    welcome = ring.answer(asked("initialize", 1)).payload
    listed = ring.answer(asked("tools/list", 2)).payload

    assert welcome["result"]["capabilities"] == {"tools": {}}
    assert welcome["id"] == 1
    assert [tool["name"] for tool in listed["result"]["tools"]] == [
        f"self.ring.{tool.name}" for tool in TOOLS
    ]
    answered = called("self.ring.vibrate", {"act": "purr"})
    assert answered.act == Act("purr")
    assert answered.payload["result"]["isError"] is False


def test_the_ring_tells_how_it_is():
    answered = called("self.ring.get_state", None)

    (content,) = answered.payload["result"]["content"]
    assert json.loads(content["text"]) == {"battery": 80}


def test_a_call_that_fails_says_why_where_the_server_looks():
    result = called("self.ring.vibrate", {"act": "explode"}).payload["result"]

    assert result["isError"] is True
    assert result["error"].startswith("the ring can't do that; it knows: tap")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (asked("resources/list"), -32601),
        (asked("tools/call", name="self.reboot"), -32601),
        (asked("tools/list", number=[1]), -32600),
        (asked("tools/list", number=True), -32600),
    ],
)
def test_what_a_device_does_not_have_is_an_error_of_the_protocol(payload, code):
    assert device().answer(payload).payload["error"]["code"] == code


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "tools/list",
        {},
        {"method": 5, "id": 1},
        {"id": 1, "result": {}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
    ],
)
def test_what_wants_no_answer_gets_none(payload):
    assert device().answer(payload).payload is None
